"""The lines of vCards as programs really write them: versions 2.1, 3.0 and 4.0 (RFC 6350).

The libraries for vCard keep a whole document in memory and refuse a card for one odd line; an
address book of a million cards is read here card by card, and an odd line costs only itself.
"""

import binascii
import quopri
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_LINE: Final = re.compile(
    r"(?:[\w.-]+\.)?(?P<name>[A-Za-z0-9-]+)(?P<params>(?:;(?:\"[^\"]*\"|[^\":;])*)*):(?P<value>.*)",
    re.DOTALL,
)
_PARAM: Final = re.compile(r";((?:\"[^\"]*\"|[^\";])*)")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_LONGEST: Final = 8_192
_LINES_LIMIT: Final = 2_000
_ENCODINGS: Final = frozenset({"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One line of a card: `TEL;TYPE=CELL:+39…`; names are upper case, `types` lower case."""

    name: str
    value: str
    types: frozenset[str] = frozenset()
    language: str = ""

    def parts(self) -> list[str]:
        """Return the parts of a structured value (`N`, `ORG`), without escapes."""
        pieces: list[str] = []
        piece: list[str] = []
        escaped = False
        for one in self.value:
            if escaped:
                piece.append("\n" if one in "nN" else one)
                escaped = False
            elif one == "\\":
                escaped = True
            elif one == ";":
                pieces.append("".join(piece))
                piece = []
            else:
                piece.append(one)
        return [*pieces, "".join(piece)]

    def text(self) -> str:
        """Return a plain value without escapes."""
        return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card, by the line on which it begins; `closed` is False if its end is missing."""

    line: int
    properties: tuple[Property, ...]
    closed: bool = True


def cards(lines: Iterable[bytes], *, encoding: str = "utf-8") -> Iterator[Card]:
    """Yield the cards of a file; `encoding` is that of lines which name none."""
    begin, folded = 0, list[bytes]()
    for number, line in enumerate(lines, start=1):
        bare = line.removeprefix(BOM_UTF8).strip().upper()
        if bare == b"BEGIN:VCARD":
            if begin:
                yield Card(line=begin, properties=_read(folded, encoding), closed=False)
            begin, folded = number, []
        elif bare == b"END:VCARD" and begin:
            yield Card(line=begin, properties=_read(folded, encoding))
            begin, folded = 0, []
        elif begin and len(folded) < _LINES_LIMIT:
            folded.append(line.rstrip(b"\r\n"))
    if begin:
        yield Card(line=begin, properties=_read(folded, encoding), closed=False)


def _read(folded: list[bytes], encoding: str) -> tuple[Property, ...]:
    found = (_property(line, encoding) for line in _unfolded(folded))
    return tuple(one for one in found if one is not None)


def _unfolded(lines: list[bytes]) -> Iterator[bytes]:
    """Join lines that go on: a space at the next one's begin, or `=` at the end (version 2.1)."""
    whole = b""
    soft = False
    for line in lines:
        if soft:
            whole = whole[:-1] + line
        elif line[:1] in {b" ", b"\t"}:
            whole += line[1:]
        else:
            if whole:
                yield whole
            whole = line
        head = whole.partition(b":")[0].upper()
        soft = b"QUOTED-PRINTABLE" in head and whole.endswith(b"=") and len(whole) < _LONGEST
    if whole:
        yield whole


def _property(line: bytes, encoding: str) -> Property | None:
    if len(line) > _LONGEST:  # a photo
        return None
    found = _LINE.fullmatch(line.decode("latin-1"))
    if found is None:
        return None
    params = _params(found["params"])
    value = found["value"].encode("latin-1")
    kind = params.get("ENCODING", [""])[0].upper()
    if kind in {"BASE64", "B"}:
        return None
    if kind == "QUOTED-PRINTABLE":
        value = _unquoted(value)
    return Property(
        name=found["name"].upper(),
        value=_decoded(value, params.get("CHARSET", ["utf-8"])[0], encoding),
        types=frozenset(one.lower() for one in params.get("TYPE", ())),
        language=params.get("LANGUAGE", [""])[0],
    )


def _params(written: str) -> Mapping[str, list[str]]:
    """Return the parameters; version 2.1 writes types and encodings without their name."""
    found: dict[str, list[str]] = {}
    for piece in _PARAM.findall(written):
        name, equals, value = piece.partition("=")
        if not equals:
            name, value = ("ENCODING" if piece.upper() in _ENCODINGS else "TYPE"), piece
        for one in value.replace('"', "").split(","):
            found.setdefault(name.strip().upper(), []).append(one.strip())
    return found


def _unquoted(value: bytes) -> bytes:
    try:
        return quopri.decodestring(value)
    except (ValueError, binascii.Error):
        return value


def _decoded(value: bytes, charset: str, fallback: str) -> str:
    for name in (charset, "utf-8", fallback):
        try:
            return value.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return value.decode("cp1252", "replace")
