"""Import of a CSV file into the directory, in batches so short that a running daemon never waits.

Rows are read and parsed in a thread, so that the event loop stays free.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from gateway.core.errors import UsageError
from gateway.core.matching import Contact
from gateway.core.numbers import NumberPlan
from gateway.store.contacts import Saved, save_contacts
from gateway.store.csv_columns import Columns, known_names
from gateway.store.csv_source import CsvSource
from gateway.store.database import Database

NOTES_KEPT: Final = 1_000
# DESIGN allows a batch 50 ms; the aim leaves room for a slow disk.
BATCH_S: Final = 0.03
_CACHE_KB: Final = 65_536
_SMALLEST: Final = 20
_LARGEST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something about one row: the line it begins on and what is wrong with it."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is, told after each batch."""

    rows: int
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. Of the notes only the first 1 000 are kept, the counts are whole."""

    rows: int
    imported: int
    updated: int
    unchanged: int
    refused: int
    warned: int
    refusals: tuple[Note, ...]
    warnings: tuple[Note, ...]
    encoding: str
    delimiter: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    rows: int
    bytes_done: int
    entries: tuple[Contact, ...]
    refusals: tuple[Note, ...]
    warnings: tuple[Note, ...]


class _Reader:
    """The file, read and parsed in a thread batch by batch."""

    def __init__(self, source: Path | bytes, plan: NumberPlan, crm: str) -> None:
        self.file: Final = CsvSource(source)
        try:
            header = self.file.header(known_names)
            self._columns: Final = Columns(header.cells, plan, crm=crm)
            _check(self._columns)
            self._rows: Final = self.file.rows(self._columns.width)
        except BaseException:
            self.file.close()
            raise

    def batch(self, size: int) -> _Batch:
        """Return the next rows, parsed; no rows at the end of the file."""
        entries: list[Contact] = []
        refusals: list[Note] = []
        warnings: list[Note] = []
        count = 0
        for row in islice(self._rows, size):
            count += 1
            entry = None if row.refused else self._columns.entry(row.cells)
            if entry is None or entry.contact is None:
                reason = row.refused if entry is None else entry.refused
                refusals.append(Note(line=row.line, reason=reason))
                continue
            entries.append(entry.contact)
            warnings.extend(Note(line=row.line, reason=reason) for reason in entry.warnings)
        return _Batch(
            rows=count,
            bytes_done=self.file.bytes_read,
            entries=tuple(entries),
            refusals=tuple(refusals),
            warnings=tuple(warnings),
        )


class _Tally:
    """What has been done so far."""

    def __init__(self) -> None:
        self.rows = 0
        self.saved: Counter[Saved] = Counter()
        self.refused = 0
        self.warned = 0
        self.refusals: list[Note] = []
        self.warnings: list[Note] = []

    def add(self, batch: _Batch, saved: list[Saved]) -> None:
        """Count one batch that is stored."""
        self.rows += batch.rows
        self.saved.update(saved)
        self.refused += len(batch.refusals)
        self.warned += len({note.line for note in batch.warnings})
        self.refusals.extend(batch.refusals[: NOTES_KEPT - len(self.refusals)])
        self.warnings.extend(batch.warnings[: NOTES_KEPT - len(self.warnings)])


async def import_csv(
    store: Database,
    source: Path | bytes,
    *,
    plan: NumberPlan,
    crm: str = "",
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import a CSV file (DESIGN section 4); the same file again changes nothing.

    Rows with the same `id` update each other; without `id` a row is recognised by name, company
    and first number. Raises UsageError if the file is no such CSV (nothing is stored) and
    StoreError if the store fails (what was reported as progress is stored).
    """
    started = time.monotonic()
    reader = await asyncio.to_thread(_Reader, source, plan, crm)
    tally = _Tally()
    try:
        await _run(store, reader, tally, progress)
    finally:
        await asyncio.to_thread(reader.file.close)
    return ImportReport(
        rows=tally.rows,
        imported=tally.saved[Saved.IMPORTED],
        updated=tally.saved[Saved.UPDATED],
        unchanged=tally.saved[Saved.UNCHANGED],
        refused=tally.refused,
        warned=tally.warned,
        refusals=tuple(tally.refusals),
        warnings=tuple(tally.warnings),
        encoding=reader.file.encoding,
        delimiter=reader.file.delimiter,
        seconds=time.monotonic() - started,
    )


async def _run(
    store: Database,
    reader: _Reader,
    tally: _Tally,
    progress: Callable[[Progress], None] | None,
) -> None:
    size = _SMALLEST
    while True:
        # reading and writing take turns: side by side they would only make each other hold the
        # interpreter, and a batch the database, for longer
        batch = await asyncio.to_thread(reader.batch, size)
        if not batch.rows:
            return
        saved, took_s = await store.write(partial(_save, entries=batch.entries))
        tally.add(batch, saved)
        if progress is not None:
            done = batch.bytes_done
            progress(
                Progress(rows=tally.rows, bytes_done=done, bytes_total=reader.file.total_bytes)
            )
        size = _next_size(size, max(took_s, store.health().last_group_s))


def _save(conn: Connection, *, entries: tuple[Contact, ...]) -> tuple[list[Saved], float]:
    started = time.perf_counter()
    if conn.dialect.name == "sqlite":
        # ids are scattered over the indexes: with the default 2 MB each batch reads them anew
        conn.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KB}")
    return save_contacts(conn, entries), time.perf_counter() - started


def _next_size(size: int, took_s: float) -> int:
    """Grow or shrink so that a batch holds the writer for about `BATCH_S`."""
    wanted = int(size * BATCH_S / max(took_s, 0.001))
    return max(_SMALLEST, min(_LARGEST, wanted, size * 2))


def _check(columns: Columns) -> None:
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
