"""What every source of contacts yields: a row that is an entry, or why it is none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from gateway.core.errors import UsageError
from gateway.core.numbers import NumberPlan
from gateway.store.contact_merge import Told
from gateway.store.csv_columns import Columns, known_names
from gateway.store.csv_source import CsvSource
from gateway.store.drafts import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """One row or card: the line it begins on, what it says, and how it was written."""

    line: int
    entry: Entry
    cells: tuple[str, ...] = ()


class Source(Protocol):
    """A file of contacts, read row by row in a thread."""

    @property
    def encoding(self) -> str:
        """How its text is encoded."""

    @property
    def delimiter(self) -> str:
        """What is between cells, "" for cards."""

    @property
    def total_bytes(self) -> int:
        """How large it is."""

    @property
    def bytes_read(self) -> int:
        """How far it has been read."""

    @property
    def told(self) -> Told:
        """What it tells of an entry at all."""

    def rows(self) -> Iterator[ReadRow]:
        """Yield what it holds."""

    def close(self) -> None:
        """Close the file."""


# an object, or a list of them: its keys would be taken for the names of columns
_JSON: Final = re.compile(r'\ufeff?\s*\[?\s*\{\s*"')
_AS_CSV: Final = (
    "Save the contacts as CSV, with the names of the columns in the first line, or as vCard."
)


class CsvRows:
    """A CSV file; raises UsageError if it is none, or has no column that we know."""

    def __init__(self, source: Path | bytes, plan: NumberPlan, crm: str) -> None:
        self._file: Final = CsvSource(source)
        try:
            header = self._file.header(known_names)
            self._columns: Final = Columns(header.cells, plan, crm=crm)
            _check(header.cells, self._columns)
        except BaseException:
            self._file.close()
            raise

    @property
    def encoding(self) -> str:
        """How its text is encoded."""
        return self._file.encoding

    @property
    def delimiter(self) -> str:
        """What is between cells."""
        return self._file.delimiter

    @property
    def total_bytes(self) -> int:
        """How large it is."""
        return self._file.total_bytes

    @property
    def bytes_read(self) -> int:
        """How far it has been read."""
        return self._file.bytes_read

    @property
    def told(self) -> Told:
        """What its columns tell."""
        return self._columns.told

    def rows(self) -> Iterator[ReadRow]:
        """Yield its rows."""
        for row in self._file.rows(self._columns.width):
            if row.refused:
                entry = Entry(contact=None, refused=row.refused)
            else:
                entry = self._columns.entry(row.cells)
            yield ReadRow(line=row.line, entry=entry, cells=tuple(row.cells))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _check(header: Sequence[str], columns: Columns) -> None:
    if _JSON.match("".join(header[:1])):
        raise UsageError("The file is JSON, not CSV.", remedy=_AS_CSV)
    if columns.known == 0:
        raise UsageError(
            "The first line of the file names no column that is known.",
            remedy="Write the names of the columns in the first line, for example "
            "id;name;company;phone;mobile;email.",
        )
    if not columns.has_number:
        raise UsageError(
            "The file has no column of telephone numbers.",
            remedy="Name at least one column phone, phone2 or mobile (or telefono, cellulare) "
            "in the first line.",
        )
