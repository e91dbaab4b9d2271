"""Which column of a CSV file means what, and how a row becomes an entry of the directory."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.matching import Contact, ContactKind, ContactNumber
from gateway.core.numbers import NumberPlan
from gateway.core.text import clean_text
from gateway.store.contacts import contact_id

TEXTS: Final = ("name", "company", "email", "language", "formality", "owner", "url")
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("ref", "codice", "codice cliente", "id contatto", "contact id"),
    "name": ("nome", "nominativo", "nome e cognome", "nome completo", "full name", "first name"),
    "surname": ("cognome", "last name", "family name"),
    "company": (
        *("azienda", "società", "societa", "ditta", "impresa", "ragione sociale"),
        *("organizzazione", "organization", "company name"),
    ),
    "email": ("e-mail", "mail", "posta elettronica", "indirizzo email", "email address"),
    "language": ("lingua",),
    "formality": ("formalità", "formalita"),
    "owner": ("responsabile", "assegnato a", "commerciale", "account manager"),
    "tags": ("tag", "etichette", "categorie"),
    "vip": (),
    "at_risk": ("at risk", "a rischio"),
    "url": ("link", "scheda"),
}
_PHONES: Final = ("telefono", "tel", "tel.", "phone number", "numero", "numero di telefono")
_MOBILES: Final = ("cellulare", "cell", "cell.", "mobile phone", "telefono cellulare")
_KNOWN: Final = {alias: name for name, aliases in _NAMES.items() for alias in (name, *aliases)}
_NUMBERED: Final = re.compile(r"(.+?)[ _]?(\d{1,3})?", re.ASCII)
_TRUE: Final = frozenset({"1", "true", "yes", "y", "si", "sì", "s", "x", "vero", "on", "ja", "oui"})
_FALSE: Final = frozenset({"", "0", "false", "no", "n", "falso", "off", "nein", "non", "-"})
_FORMALITY: Final = {
    **dict.fromkeys(("formal", "formale", "lei", "sie", "vous"), "formal"),
    **dict.fromkeys(("informal", "informale", "tu", "du"), "informal"),
}
_LANGUAGES: Final = {
    **dict.fromkeys(("italiano", "italian"), "it"),
    **dict.fromkeys(("inglese", "english"), "en"),
    **dict.fromkeys(("tedesco", "german", "deutsch"), "de"),
    **dict.fromkeys(("francese", "french", "français"), "fr"),
    **dict.fromkeys(("spagnolo", "spanish", "español"), "es"),
}
_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_WEB: Final = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"\s*(?:[;|,\n]|/| - | e | o | or | and )\s*")
_LIMIT: Final = 200
_URL_LIMIT: Final = 1_000
_FIELD_LIMIT: Final = 2_000

NO_NUMBER: Final = "no usable telephone number"
NOT_YES_OR_NO: Final = "vip or at_risk is neither yes nor no; taken as no"
NO_WEB_ADDRESS: Final = "url is no http or https address; left out"
NOBODY: Final = "neither name nor company"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a row says: an entry with what is odd about it, or why there is none."""

    contact: Contact | None
    warnings: tuple[str, ...] = ()
    refused: str = ""


def known_names(cells: Sequence[str]) -> int:
    """Return how many cells of a header are names that we know."""
    return sum(_meaning(cell) is not None for cell in cells)


class Columns:
    """The columns of one file, by their names in the first line."""

    def __init__(self, header: Sequence[str], plan: NumberPlan, *, crm: str = "") -> None:
        self._plan: Final = plan
        self._crm: Final = crm
        self._texts: Final[dict[str, int]] = {}
        self._fields: Final[list[tuple[str, int]]] = []
        self.width: Final = len(header)
        numbers: list[tuple[int, str, int]] = []
        # a column named exactly as documented wins over one that only means the same
        order = sorted(range(len(header)), key=lambda place: _normal(header[place]) not in _NAMES)
        for place in order:
            meaning = _meaning(header[place])
            if meaning is not None and meaning.startswith(("phone", "mobile")):
                numbers.append((_rank(meaning), meaning, place))
            elif meaning is not None and meaning not in self._texts:
                self._texts[meaning] = place
            else:
                title = clean_text(header[place].lstrip("\ufeff"), limit=_LIMIT)
                if title is not None:
                    self._fields.append((title, place))
        self._fields.sort(key=lambda field: field[1])
        self._numbers: Final = [(label, place) for _, label, place in sorted(numbers)]

    @property
    def has_number(self) -> bool:
        """Whether any column holds telephone numbers."""
        return bool(self._numbers)

    @property
    def known(self) -> int:
        """How many columns we know."""
        return len(self._texts) + len(self._numbers)

    def entry(self, cells: Sequence[str]) -> Entry:
        """Return what a row says."""
        texts = {name: _cell(cells, place) for name, place in self._texts.items()}
        name = _full_name(texts.get("name", ""), texts.get("surname", ""))
        company = clean_text(texts.get("company", ""), limit=_LIMIT)
        if name is None and company is None:
            return Entry(contact=None, refused=NOBODY)
        warnings: list[str] = []
        numbers = self._read_numbers(cells)
        first = next((number.e164 for number in numbers if number.e164 is not None), None)
        if first is None:
            warnings.append(NO_NUMBER)
        vip, at_risk = _flag(texts.get("vip", "")), _flag(texts.get("at_risk", ""))
        if vip is None or at_risk is None:
            warnings.append(NOT_YES_OR_NO)
        url = clean_text(texts.get("url", ""), limit=_URL_LIMIT)
        if url is not None and not _WEB.fullmatch(url):
            # a page offers it as a link: `javascript:` must never get so far
            warnings.append(NO_WEB_ADDRESS)
            url = None
        ref = clean_text(texts.get("id", ""), limit=_LIMIT)
        raw = numbers[0].raw if numbers else None
        contact = Contact(
            id=contact_id(crm=self._crm, ref=ref, name=name, company=company, number=first or raw),
            ref=ref,
            kind=ContactKind.PERSON if name is not None else ContactKind.COMPANY,
            name=name,
            company=company,
            email=clean_text(texts.get("email", ""), limit=_LIMIT),
            language=_language(texts.get("language", "")),
            formality=_formality(texts.get("formality", "")),
            owner=clean_text(texts.get("owner", ""), limit=_LIMIT),
            tags=_tags(texts.get("tags", "")),
            vip=bool(vip),
            at_risk=bool(at_risk),
            url=url,
            fields=self._read_fields(cells),
            crm=self._crm or None,
            numbers=numbers,
        )
        return Entry(contact=contact, warnings=tuple(warnings))

    def _read_numbers(self, cells: Sequence[str]) -> tuple[ContactNumber, ...]:
        found: dict[str, ContactNumber] = {}
        for label, place in self._numbers:
            written = _cell(cells, place)
            if written:
                for number in _numbers(written, label, self._plan):
                    found.setdefault(number.e164 or number.raw, number)
        return tuple(found.values())

    def _read_fields(self, cells: Sequence[str]) -> dict[str, str]:
        read = (
            (name, clean_text(_cell(cells, at), limit=_FIELD_LIMIT)) for name, at in self._fields
        )
        return {name: text for name, text in read if text is not None}


def _normal(title: str) -> str:
    return " ".join(title.replace("\ufeff", "").replace("_", " ").split()).casefold()


def _meaning(title: str) -> str | None:
    """Return `name`, `phone2`, `mobile`, …; None for a free field."""
    normal = _normal(title)
    known = _KNOWN.get(normal)
    if known is not None:
        return known
    found = _NUMBERED.fullmatch(normal)
    if found is None:
        return None
    word, number = found.group(1), found.group(2) or ""
    suffix = "" if number in {"", "1"} else str(int(number))
    if word == "phone" or word in _PHONES:
        return f"phone{suffix}"
    return f"mobile{suffix}" if word == "mobile" or word in _MOBILES else None


def _rank(label: str) -> int:
    """Order as in the documentation: phone, phone2 …, then the mobiles."""
    digits = re.sub(r"[^0-9]", "", label)
    return int(digits or 1) + (0 if label.startswith("phone") else 1_000)


def _full_name(name: str, surname: str) -> str | None:
    whole = name if surname.casefold() in name.casefold() else f"{name} {surname}"
    return clean_text(whole, limit=_LIMIT)


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _numbers(written: str, label: str, plan: NumberPlan) -> list[ContactNumber]:
    """Return the number of a cell, or the numbers if it holds several (`06… / 333…`)."""
    whole = plan.parse(written)
    if whole.e164 is None:
        pieces = [plan.parse(piece) for piece in _SEVERAL.split(written) if piece]
        if len(pieces) > 1 and all(piece.e164 is not None for piece in pieces):
            return [
                ContactNumber(raw=piece.raw or "", e164=piece.e164, label=label) for piece in pieces
            ]
    if whole.raw is None or whole.withheld:
        return []
    return [ContactNumber(raw=whole.raw, e164=whole.e164, label=label)]


def _flag(text: str) -> bool | None:
    word = text.casefold()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def _tags(text: str) -> tuple[str, ...]:
    cleaned = (clean_text(tag, limit=_LIMIT) for tag in re.split(r"[,;|]", text))
    return tuple(dict.fromkeys(tag for tag in cleaned if tag is not None))


def _language(text: str) -> str | None:
    word = text.casefold()
    code = _LANGUAGE.fullmatch(word)
    return _LANGUAGES.get(word) or (code.group(1) if code else clean_text(text))


def _formality(text: str) -> str | None:
    return _FORMALITY.get(text.casefold()) or clean_text(text)
