"""Import of a file into the directory, in batches so short that a running daemon never waits.

Rows are read and parsed in a thread, so that the event loop stays free. A CSV file or vCards, told
apart by what the file holds; memory does not grow with its size.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from gateway.core.contact import Contact
from gateway.core.numbers import NumberPlan
from gateway.store.contact_merge import Told
from gateway.store.contacts import Saved, preview_contacts, save_contacts
from gateway.store.csv_encoding import is_vcard
from gateway.store.csv_source import opened
from gateway.store.database import Database
from gateway.store.drafts import AWAY, REMEDIES, TWICE
from gateway.store.import_rows import CsvRows, Source
from gateway.store.import_tally import ImportReport, Note, Progress, Tally
from gateway.store.interpreter import short_turns
from gateway.store.kept_away import Away, nobody_away
from gateway.store.seen_ids import SeenIds
from gateway.store.vcard_source import VcardSource

__all__ = ["ImportReport", "Note", "Progress", "import_csv", "import_file"]

# DESIGN allows a batch 50 ms; the aim leaves room for a slow disk.
BATCH_S: Final = 0.03
_CACHE_KB: Final = 65_536
_SMALLEST: Final = 100
# On a machine with other work a batch mostly waits: smaller ones would only wait more often.
_WAITING: Final = 3
_LARGEST: Final = 500
OnRefused = Callable[[Note], None]
OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The next rows of a file, parsed; no rows at its end."""

    rows: int
    bytes_done: int
    entries: tuple[Contact, ...]
    refusals: tuple[Note, ...]
    warnings: tuple[Note, ...]


class Reader:
    """The file, read and parsed in a thread batch by batch."""

    def __init__(self, source: Path | bytes, plan: NumberPlan, wishes: "Wishes") -> None:
        with closing(opened(source)) as binary:
            kind = VcardSource if is_vcard(binary) else CsvRows
        self.file: Final[Source] = kind(source, plan, wishes.crm)
        self._away: Final = wishes.away
        self._rows: Final = self.file.rows()
        self._seen: Final = SeenIds()

    def batch(self, size: int) -> Batch:
        """Return the next rows."""
        entries: list[Contact] = []
        refusals: list[Note] = []
        warnings: list[Note] = []
        count = 0
        for row in islice(self._rows, size):
            count += 1
            entry = row.entry
            if entry.contact is None:
                refusals.append(_note(row.line, entry.refused, row.cells))
                continue
            if self._away(entry.contact):
                refusals.append(_note(row.line, AWAY, row.cells))
                continue
            if not self._seen.add(entry.contact.id):
                refusals.append(_note(row.line, TWICE, row.cells))
                continue
            entries.append(entry.contact)
            warnings.extend(_note(row.line, reason) for reason in entry.warnings)
        return Batch(
            rows=count,
            bytes_done=self.file.bytes_read if count else self.file.total_bytes,
            entries=tuple(entries),
            refusals=tuple(refusals),
            warnings=tuple(warnings),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How an import is to be done, and who is told what of it.

    `preview`: nothing is written. `refused` gets every refused row, the report only the first ones.
    `away` tells who was erased and is to stay away.
    """

    crm: str = ""
    preview: bool = False
    progress: OnProgress = field(default=lambda _progress: None)
    refused: OnRefused = field(default=lambda _note: None)
    away: Away = nobody_away


NO_WISHES: Final = Wishes()


async def import_file(
    store: Database, source: Path | bytes, *, plan: NumberPlan, wishes: Wishes = NO_WISHES
) -> ImportReport:
    """Import a file of contacts (DESIGN section 4); the same file again changes nothing.

    A row is recognised by its `id`, without one by name, company and first number; a second row of
    the same entry is refused, whatever it says. An entry that is there keeps what the file does not
    tell. Raises UsageError
    if the file holds no contacts (nothing is stored) and StoreError if the store fails (what was
    reported as progress is stored).
    """
    started = time.monotonic()
    reader = await asyncio.to_thread(Reader, source, plan, wishes)
    tally = Tally(preview=wishes.preview)
    try:
        await _run(store, reader, tally, wishes)
    finally:
        await asyncio.to_thread(reader.file.close)
    return tally.report(reader.file, seconds=time.monotonic() - started)


async def import_csv(
    store: Database,
    source: Path | bytes,
    *,
    plan: NumberPlan,
    crm: str = "",
    progress: OnProgress = lambda _progress: None,
) -> ImportReport:
    """Import a file of contacts without further wishes."""
    return await import_file(store, source, plan=plan, wishes=Wishes(crm=crm, progress=progress))


async def _run(store: Database, reader: Reader, tally: Tally, wishes: Wishes) -> None:
    size = _SMALLEST
    told = reader.file.told
    while True:
        # reading and writing take turns: side by side they would only make each other hold the
        # interpreter, and a batch the database, for longer
        with short_turns():
            batch = await asyncio.to_thread(reader.batch, size)
        if not batch.rows:
            return
        if wishes.preview:
            work = partial(preview_contacts, entries=batch.entries, told=told)
            planned = await store.read(work)
            size = _LARGEST
            tally.add(batch.rows, batch.refusals, batch.warnings, [one.saved for one in planned])
            tally.show(planned)
        else:
            save = partial(_save, entries=batch.entries, told=told)
            saved, took_s = await store.write(save)
            tally.add(batch.rows, batch.refusals, batch.warnings, saved)
            size = _next_size(size, max(took_s, store.health().last_group_s / _WAITING))
        for note in batch.refusals:
            wishes.refused(note)
        done, total = batch.bytes_done, reader.file.total_bytes
        wishes.progress(Progress(rows=tally.rows, bytes_done=done, bytes_total=total))


def _save(
    conn: Connection, *, entries: tuple[Contact, ...], told: Told
) -> tuple[list[Saved], float]:
    started = time.thread_time()
    if conn.dialect.name == "sqlite":
        # ids are scattered over the indexes: with the default 2 MB each batch reads them anew
        conn.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KB}")
    return save_contacts(conn, entries, told=told), time.thread_time() - started


def _next_size(size: int, took_s: float) -> int:
    """Grow or shrink so that a batch holds the writer for about `BATCH_S`."""
    wanted = int(size * BATCH_S / max(took_s, 0.001))
    return max(_SMALLEST, min(_LARGEST, wanted, size * 2))


def _note(line: int, reason: str, cells: tuple[str, ...] = ()) -> Note:
    return Note(line=line, reason=reason, remedy=REMEDIES.get(reason, ""), cells=cells)
