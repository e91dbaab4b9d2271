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
    begin, whole = 0, _Whole()
    for number, line in enumerate(lines, start=1):
        bare = line.removeprefix(BOM_UTF8).strip().upper()
        if bare == b"BEGIN:VCARD":
            if begin:
                yield Card(line=begin, properties=_read(whole, encoding), closed=False)
            begin, whole = number, _Whole()
        elif bare == b"END:VCARD" and begin:
            yield Card(line=begin, properties=_read(whole, encoding))
            begin = 0
        elif begin:
            whole.add(line.rstrip(b"\r\n"))
    if begin:
        yield Card(line=begin, properties=_read(whole, encoding), closed=False)


def _read(whole: "_Whole", encoding: str) -> tuple[Property, ...]:
    found = (_property(line, encoding) for line in whole.end())
    return tuple(one for one in found if one is not None)


class _Whole:
    """The lines of one card, put together again as they come.

    A line goes on with a space at the next one's begin, or with `=` at its own end (version 2.1).
    A photo is thousands of lines, and what stands behind it counts: of it only a start is held.
    """

    __slots__ = ("_line", "_lines", "_soft")

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._line = b""
        self._soft = False

    def add(self, line: bytes) -> None:
        """Take the next line, without its end."""
        if self._soft:
            self._go_on(self._line.removesuffix(b"="), line)
        elif line[:1] in {b" ", b"\t"}:
            self._go_on(self._line, line[1:])
        else:
            self._keep()
            self._line = line[: _LONGEST + 1]
        quoted = line.endswith(b"=") and b"QUOTED-PRINTABLE" in self._line.upper()
        self._soft = quoted and b"QUOTED-PRINTABLE" in self._line.partition(b":")[0].upper()

    def end(self) -> list[bytes]:
        """Return the lines of a card that is over."""
        self._keep()
        return self._lines

    def _go_on(self, begun: bytes, line: bytes) -> None:
        room = _LONGEST + 1 - len(begun)
        self._line = begun + line[:room] if room > 0 else begun

    def _keep(self) -> None:
        """Keep a property; photos and the lines of one that is not folded (2.1) are none."""
        usable = len(self._line) <= _LONGEST and b":" in self._line
        if usable and len(self._lines) < _LINES_LIMIT:
            self._lines.append(self._line)


def _property(line: bytes, encoding: str) -> Property | None:
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
