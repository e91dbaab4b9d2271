"""Addresses of SIP headers: `"Name" <sip:user@host;p=1>;tag=2`, `tel:+39…`, bare URIs."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

SCHEME: Final = re.compile(r"^\s*(sips?|tel)\s*:", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\(.)")
# RFC 3966: what people put between digits to read them.
_VISUAL: Final = str.maketrans("", "", "-.() ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address: `user` without its parameters, `uri` and `header` parameters apart.

    `scheme` is `sip`, `sips`, `tel` or "" for one that cannot be read.
    """

    display: str = ""
    scheme: str = ""
    user: str = ""
    host: str = ""
    uri: dict[str, str]
    header: dict[str, str]

    @property
    def tag(self) -> str:
        """Return the tag that tells dialogs apart."""
        return self.header.get("tag", "")


def read_address(value: str) -> Address:
    """Take one address apart; what cannot be read is empty, never an error (RFC 3261 25.1)."""
    display, inside, rest = _split(value)
    found = SCHEME.match(inside)
    header = parameters(rest)
    if found is None:
        return Address(display=display, uri={}, header=header)
    scheme = found[1].lower()
    whole = inside[found.end() :].strip().partition("?")[0]
    if scheme == "tel":
        user, _, params = whole.partition(";")
        uri = parameters(";" + params)
        return Address(
            display=display,
            scheme=scheme,
            user=user.translate(_VISUAL),
            host=uri.get("phone-context", ""),
            uri=uri,
            header=header,
        )
    before, at, after = whole.rpartition("@")
    host, _, params = after.partition(";")
    user, _, extra = before.partition(";") if at else ("", "", "")
    user = unquote(user.partition(":")[0])
    return Address(
        display=display,
        scheme=scheme,
        user=user.translate(_VISUAL) if _is_number(user) else user,
        host=host.strip(),
        uri=parameters(";" + params) | parameters(";" + extra),
        header=header,
    )


def _split(value: str) -> tuple[str, str, str]:
    """Return display name, URI and header parameters; brackets inside a quoted name are text."""
    value = value.strip()
    display = ""
    if value.startswith('"'):
        end = _end_of_quote(value)
        display, value = _ESCAPED.sub(r"\1", value[1:end]), value[end + 1 :].lstrip()
    before, bracket, after = value.partition("<")
    if bracket:
        inside, _, rest = after.partition(">")
        return display or before.strip(), inside, rest
    bare, semicolon, rest = value.partition(";")
    return display, bare, semicolon + rest


def _end_of_quote(value: str) -> int:
    at = 1
    while at < len(value) and value[at] != '"':
        at += 2 if value[at] == "\\" else 1
    return min(at, len(value))


def parameters(text: str) -> dict[str, str]:
    """Return `;name=value;…`, names in lower case, quotes taken off; the first of a name counts."""
    found: dict[str, str] = {}
    for part in text.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip():
            found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def _is_number(user: str) -> bool:
    digits = user.translate(_VISUAL).removeprefix("+")
    return digits.isascii() and digits.isdigit()
