"""vCards as entries of the directory."""

from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final

from gateway.core.numbers import NumberPlan
from gateway.store.contact_merge import Told
from gateway.store.csv_encoding import encoding_of
from gateway.store.csv_source import opened, size_of
from gateway.store.drafts import GROUP, UNCLOSED, Entry, draft
from gateway.store.import_rows import ReadRow
from gateway.store.vcard_lines import Card, Property, cards

_LABELS: Final = {"cell": "mobile", "fax": "fax", "pager": "pager", "home": "home", "work": "phone"}
_LINE_LIMIT: Final = 1_000_000
_FIELDS: Final = {"TITLE": "title", "ROLE": "role", "NOTE": "note", "NICKNAME": "nickname"}
_UTF16: Final = "utf-16"
_TOLD: Final = Told(
    attributes=frozenset({"company", "email", "language", "url", "tags"}),
    labels=frozenset({"phone", *_LABELS.values()}),
    fields=frozenset(_FIELDS.values()),
)


class VcardSource:
    """Reads one file of cards; raises UsageError, with cause and remedy, if it is none at all."""

    delimiter: Final = ""

    def __init__(self, source: Path | bytes, plan: NumberPlan, crm: str) -> None:
        self._plan: Final = plan
        self._crm: Final = crm
        self._binary: Final = opened(source)
        try:
            self.total_bytes: Final = size_of(self._binary)
            self.encoding: Final = encoding_of(self._binary)
        except BaseException:
            self._binary.close()
            raise
        wide = self.encoding.startswith((_UTF16, "utf-32"))
        lines = _recoded(self._binary, self.encoding) if wide else _lines(self._binary)
        self._cards: Final = cards(lines, encoding="utf-8" if wide else self.encoding)

    @property
    def told(self) -> Told:
        """What cards tell of an entry; the rest stays as it was."""
        return _TOLD

    @property
    def bytes_read(self) -> int:
        """How far the file has been read."""
        return self._binary.tell()

    def rows(self) -> Iterator[ReadRow]:
        """Yield the cards as entries."""
        for card in self._cards:
            cells = tuple(f"{one.name}:{one.value}"[:500] for one in card.properties[:30])
            refused = _why_not(card)
            entry = Entry(contact=None, refused=refused) if refused else self._entry(card)
            yield ReadRow(line=card.line, entry=entry, cells=cells)

    def close(self) -> None:
        """Close the file."""
        self._binary.close()

    def _entry(self, card: Card) -> Entry:
        first: dict[str, Property] = {}
        for one in card.properties:
            if one.value.strip(" ;"):
                first.setdefault(one.name, one)
        texts = _texts(first)
        numbers = [(_label(one), one.text().strip()) for one in card.properties if _is_tel(one)]
        fields = [(title, first[name].text()) for name, title in _FIELDS.items() if name in first]
        return draft(texts, numbers, fields, plan=self._plan, crm=self._crm)


def _why_not(card: Card) -> str:
    if not card.closed:
        return UNCLOSED
    kinds = {
        one.value.strip().lower()
        for one in card.properties
        if one.name in {"KIND", "X-ADDRESSBOOKSERVER-KIND"}
    }
    return GROUP if "group" in kinds else ""


def _texts(first: dict[str, Property]) -> dict[str, str]:
    company = next(iter(first["ORG"].parts()), "") if "ORG" in first else ""
    name = first["FN"].text() if "FN" in first else ""
    if not name and "N" in first:
        family, given, middle, *_ = [*first["N"].parts(), "", "", ""]
        name = " ".join(piece for piece in (given, middle, family) if piece)
    shown_as = [first[key].value.strip().lower() for key in ("KIND", "X-ABSHOWAS") if key in first]
    if {"org", "company"} & set(shown_as) or (name.strip() == company.strip() and "N" not in first):
        name, company = "", company or name
    return {
        "id": first["UID"].text().removeprefix("urn:uuid:") if "UID" in first else "",
        "name": name,
        "company": company,
        "email": first["EMAIL"].text() if "EMAIL" in first else "",
        "language": first["LANG"].text() if "LANG" in first else "",
        "url": first["URL"].text() if "URL" in first else "",
        "tags": first["CATEGORIES"].text() if "CATEGORIES" in first else "",
    }


def _is_tel(one: Property) -> bool:
    return one.name == "TEL" and bool(one.value.strip())


def _label(tel: Property) -> str:
    return next((label for kind, label in _LABELS.items() if kind in tel.types), "phone")


def _lines(binary: BinaryIO) -> Iterator[bytes]:
    while line := binary.readline(_LINE_LIMIT):
        yield line


def _recoded(binary: BinaryIO, encoding: str) -> Iterator[bytes]:
    with TextIOWrapper(binary, encoding=encoding, errors="replace", newline=None) as text:
        while line := text.readline(_LINE_LIMIT):
            yield line.encode()
