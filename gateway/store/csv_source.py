"""CSV files as people really save them: any encoding, any delimiter, stray quotes, line numbers."""

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final

from gateway.core.errors import UsageError
from gateway.store.csv_encoding import encoding_of

DELIMITERS: Final = ";,\t|"
UNREADABLE: Final = "a cell is too long or its quotes are not closed"
STRAY_QUOTE: Final = "the quotes of this row are not closed"
TOO_MANY_CELLS: Final = "the row has more cells than the first line has names"
_MANY_LINES: Final = 200
_LINE_LIMIT: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: the line it begins on (from 1) and its cells, or why it cannot be read."""

    line: int
    cells: Sequence[str] = ()
    refused: str = ""


class CsvSource:
    """Reads one file; raises UsageError, with cause and remedy, if it is no CSV at all."""

    def __init__(self, source: Path | bytes) -> None:
        self._source: Final = source
        self._binary: Final = opened(source)
        try:
            self.total_bytes: Final = size_of(self._binary)
            self.encoding: Final = encoding_of(self._binary)
            self._lines: Final = _Lines(
                TextIOWrapper(self._binary, encoding=self.encoding, errors="replace", newline="")
            )
            self.delimiter: str = ";"
        except BaseException:
            self._binary.close()
            raise

    @property
    def bytes_read(self) -> int:
        """How far the file has been read."""
        return self.total_bytes if self._lines.exhausted else self._binary.tell()

    def header(self, rank: Callable[[Sequence[str]], int]) -> Row:
        """Return the first row, cut by the delimiter whose cells `rank` likes best."""
        line = next((line for line in self._lines if line.strip("\r\n ;,\t|\ufeff")), None)
        if line is None:
            raise UsageError("The file is empty.", remedy="Export it again and look at the file.")
        if line.lower().startswith("sep=") and len(line.strip()) == len("sep=;"):
            self.delimiter = line.strip()[-1]  # Excel's own way to say it
            line = next((line for line in self._lines if line.strip()), "")
            return Row(line=self._lines.number, cells=_cells(line, self.delimiter))
        self.delimiter = max(
            DELIMITERS, key=lambda mark: (rank(_cells(line, mark)), len(_cells(line, mark)))
        )
        return Row(line=self._lines.number, cells=_cells(line, self.delimiter))

    def rows(self, width: int) -> Iterator[Row]:
        """Yield the rows behind the header; blank lines are skipped.

        A row of several lines that has more cells than the header, or quotes that are not closed
        properly, began with a stray quote: only its first line is refused and the others are read
        again.
        """
        reader = csv.reader(self._lines, delimiter=self.delimiter)
        while True:
            begin = self._lines.begin_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                self._lines.reread()
                yield Row(line=begin, refused=UNREADABLE)
                continue
            if self._lines.row_lines > 1 and self._is_stray(cells, width):
                self._lines.reread()
                yield Row(line=begin, refused=STRAY_QUOTE)
            elif any(cell and not cell.isspace() for cell in cells[width:]):
                yield Row(line=begin, refused=TOO_MANY_CELLS)
            elif any(cell and not cell.isspace() for cell in cells):
                yield Row(line=begin, cells=cells)

    def close(self) -> None:
        """Close the file."""
        self._binary.close()

    def _is_stray(self, cells: Sequence[str], width: int) -> bool:
        if len(cells) > width or self._lines.row_lines > _MANY_LINES:
            return True
        return not _well_quoted(self._lines.row, self.delimiter)


class _Lines(Iterator[str]):
    """The lines of a text, with numbers, that can go back to the second line of a row."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.number = 0
        self.exhausted = False
        self.row: list[str] = []

    def __next__(self) -> str:
        if self._again:
            line = self._again.popleft()
        else:
            line = self._text.readline(_LINE_LIMIT)
            if not line:
                self.exhausted = True
                raise StopIteration
            # the reader must not stop at a NUL, and U+0000 has no place in a name
            line = line.replace("\x00", "")
        self.number += 1
        self.row.append(line)
        return line

    @property
    def row_lines(self) -> int:
        """How many lines the present row has taken."""
        return len(self.row)

    def begin_row(self) -> int:
        """Start a row and return the number of its first line."""
        self.row = []
        return self.number + 1

    def reread(self) -> None:
        """Give back all lines of the row but the first."""
        rest = self.row[1:]
        self._again.extendleft(reversed(rest))
        self.number -= len(rest)


def opened(source: Path | bytes) -> BinaryIO:
    """Open a file; raises UsageError if that is not possible."""
    if isinstance(source, bytes):
        return BytesIO(source)
    try:
        return source.open("rb")
    except IsADirectoryError as error:
        raise UsageError("This is a folder, not a file.", remedy="Name a CSV file.") from error
    except FileNotFoundError as error:
        raise UsageError("There is no such file.", remedy="Check the path of the file.") from error
    except OSError as error:
        raise UsageError(
            "The file cannot be read.", remedy="Let the user who imports read the file."
        ) from error


def size_of(binary: BinaryIO) -> int:
    """Return the size of a file that is at its beginning."""
    size = binary.seek(0, 2)
    binary.seek(0)
    return size


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _well_quoted(lines: Sequence[str], delimiter: str) -> bool:
    """Whether each quote of the row is closed before a delimiter; only a strict reader tells."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True
