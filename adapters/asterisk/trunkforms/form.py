"""A filled form: template and fields put together, each value checked before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from adapters.asterisk.trunkforms.fields import Described, described
from adapters.asterisk.trunkforms.rules import RULES, hostile
from gateway.core.trunkforms import (
    Admission,
    FieldKind,
    FieldValue,
    Filled,
    FormError,
    FormMistake,
    Words,
)

MAX_TEXT: Final = 253
MAX_ITEMS: Final = 200
SECRETS: Final = frozenset({"secret", "password", "secret_file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkForm:
    """What a trunk's configuration is rendered from; `fields/*.toml` says what each field means."""

    name: str
    admission: Admission
    registrar: str
    port: int
    transport: str
    outbound_proxy: str
    transport_section: str
    username: str
    auth_user: str
    contact_user: str
    expiration: int
    retry_interval: int
    dids: tuple[str, ...]
    did_source: str
    target: str
    caller_id: str
    dial_prefix: str
    from_user: str
    from_domain: str
    trust_inbound: bool
    send_pai: bool
    send_rpid: bool
    match: tuple[str, ...]
    codecs: tuple[str, ...]
    dtmf_mode: str
    t38: bool
    media_encryption: str
    timers: str
    timers_expires: int
    language: str
    qualify_frequency: int
    max_channels: int
    behind_nat: bool
    own_transport: bool
    bind: str
    ca_file: str
    local_net: tuple[str, ...]
    external_address: str
    context: str
    outbound_context: str

    @property
    def registers(self) -> bool:
        """Whether the PBX signs in at the provider."""
        return self.admission is Admission.REGISTRATION

    @property
    def transport_name(self) -> str:
        """Return the section of the transport that is used."""
        return self.transport_section or f"transport-{self.transport}"

    @property
    def called_as(self) -> str:
        """Return what the provider calls us by: the user of our contact."""
        return self.contact_user or self.username

    @property
    def matches(self) -> tuple[str, ...]:
        """Return from where calls of this trunk come."""
        places = (self.outbound_proxy, self.registrar)
        return self.match or tuple(dict.fromkeys(host_of(one) for one in places if one))


def host_of(place: str) -> str:
    """Return the host of `host:port`; an IPv6 address stays whole."""
    return place if place.count(":") > 1 else place.partition(":")[0]


def read_form(values: Filled) -> TrunkForm:
    """Return the form; FormError names every field that cannot be used, with its reason."""
    known = described()
    mistakes = [
        FormMistake(field=name, cause=_SECRET if name in SECRETS else _UNKNOWN)
        for name in values
        if name not in known
    ]
    read: dict[str, FieldValue] = {}
    for name, one in known.items():
        value = values.get(name, one.field.default)
        cause = _wrong(one, value)
        if cause is not None:
            mistakes.append(FormMistake(field=name, cause=cause))
        read[name] = value
    mistakes += _together(read) if not mistakes else []
    if mistakes:
        raise FormError(tuple(mistakes))
    read["admission"] = Admission(str(read["admission"]))
    return TrunkForm(**{one.name: read[one.name] for one in fields(TrunkForm)})  # type: ignore[arg-type]


def _wrong(one: Described, value: FieldValue) -> Words | None:
    match one.field.kind:
        case FieldKind.FLAG:
            return None if isinstance(value, bool) else _FLAG
        case FieldKind.NUMBER:
            return _wrong_number(value, one.field.least or 0, one.field.most or 0)
        case FieldKind.LIST:
            return _wrong_list(one, value)
    if not isinstance(value, str):
        return _TEXT
    return _wrong_text(one, value) if value else _needed(one)


def _needed(one: Described) -> Words | None:
    return _MISSING if one.field.required else None


def _wrong_list(one: Described, value: FieldValue) -> Words | None:
    if not isinstance(value, tuple) or len(value) > MAX_ITEMS:
        return _LIST
    causes = (_wrong_text(one, item) if item else _EMPTY for item in value)
    return next((cause for cause in causes if cause is not None), None if value else _needed(one))


def _wrong_number(value: FieldValue, least: int, most: int) -> Words | None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        return Words(
            en=f"must be a whole number from {least} to {most}",
            it=f"deve essere un numero intero da {least} a {most}",
        )
    return None


def _wrong_text(one: Described, text: str) -> Words | None:
    cause = hostile(text)
    if cause is not None:
        return cause
    if one.field.choices:
        offered = ", ".join(one.field.choices)
        choose = Words(en=f"must be one of: {offered}", it=f"può essere: {offered}")
        return None if text in one.field.choices else choose
    test, words = RULES[one.rule]
    return None if len(text) <= MAX_TEXT and test(text) else words


def _together(read: Mapping[str, FieldValue]) -> list[FormMistake]:
    """Return what only shows when fields are seen side by side."""
    found: list[tuple[str, Words]] = []
    if read["admission"] == Admission.REGISTRATION and not read["username"]:
        found.append(("username", _MISSING))
    if read["did_source"] == "to" and not (read["contact_user"] or read["username"]):
        found.append(("contact_user", _MISSING))
    if read["context"] == read["outbound_context"]:
        found.append(("outbound_context", _SAME_CONTEXT))
    if len(set(_texts(read["codecs"]))) != len(_texts(read["codecs"])):
        found.append(("codecs", _TWICE))
    if len(set(_texts(read["dids"]))) != len(_texts(read["dids"])):
        found.append(("dids", _TWICE))
    return [FormMistake(field=field, cause=cause) for field, cause in found]


def _texts(value: FieldValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


_MISSING: Final = Words(en="is missing", it="manca")
_EMPTY: Final = Words(en="holds an empty item", it="contiene una voce vuota")
_TEXT: Final = Words(en="must be a text", it="deve essere un testo")
_FLAG: Final = Words(en="must be true or false", it="deve essere vero o falso")
_LIST: Final = Words(
    en=f"must be a list of at most {MAX_ITEMS} items",
    it=f"deve essere un elenco di al più {MAX_ITEMS} voci",
)
_TWICE: Final = Words(en="holds the same item twice", it="contiene due volte la stessa voce")
_UNKNOWN: Final = Words(en="is no field of this form", it="non è un campo di questo modulo")
_SECRET: Final = Words(
    en="is not taken here: the text has a placeholder, and the password is put in on the PBX",
    it="qui non si accetta: il testo ha un segnaposto, e la password si scrive sul centralino",
)
_SAME_CONTEXT: Final = Words(
    en="must differ from context: callers from outside could place calls at your cost",
    it="deve essere diverso da context: chi chiama da fuori potrebbe telefonare a vostre spese",
)
