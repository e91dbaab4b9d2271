"""The directory as the pop sees it: a local, read-only copy that answers in microseconds.

A ring never waits for the disk, the store, a CRM or another node. What the mirror cannot say at
once is not known *yet*: the pop goes out without it and is completed by `look_up`, or the store.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog

from gateway.core.contact import Contact
from gateway.core.errors import FilodirettoError, StoreCause
from gateway.core.matching import MatchResult, look_up_key, match
from gateway.core.numbers import PhoneNumber
from gateway.store.contacts import Change, changes, last_change
from gateway.store.database import Database
from gateway.store.failures import explain
from gateway.store.interpreter import short_turns
from gateway.store.marks import MarkChange, mark_changes
from gateway.store.mirror_file import MirrorFile, Rebuild, open_reader
from gateway.store.mirror_format import number_key
from gateway.store.mirror_reader import MirrorReader
from gateway.store.mirror_search import Found, Search, search
from gateway.store.mirror_warmth import AT_ONCE_BYTES, Warmth, read_through

log = structlog.get_logger(__name__)

T = TypeVar("T")

PATIENCE_S: Final = 0.005
_PAGE: Final = 1_000
# SQLite asks the handler after so many virtual machine steps; a look-up takes about 60.
_STEPS: Final = 1_000

Own = Callable[[str], str | None]


def no_own_numbers(_e164: str) -> str | None:
    """Say that no number is one of ours."""
    return None


class MirrorBusy(FilodirettoError):  # noqa: N818 (it is a state, and the name is part of the contract)
    """The mirror cannot say now; ask the store off the loop's thread (RELIABILITY rule 3)."""


class Mirror:
    """The local copy of the directory; `find` belongs to the event loop's thread alone.

    `await Mirror.open(path, store=database)` takes what is on disk and reads nothing from the
    store; `await refresh()` brings it up to date, or makes it anew if it is missing, damaged, of
    another version, or ahead of a store that was restored from a backup. Until the first complete
    copy `find` raises MirrorBusy, and while a large file is not in memory: it is read beside calls.
    """

    def __init__(self, path: Path, store: Database, own: Own = no_own_numbers) -> None:
        self._path: Final = path
        self._store: Final = store
        self._own: Final = own
        self._thread: Final = ThreadPoolExecutor(1, thread_name_prefix="mirror-writer")
        self._patient_thread: Final = ThreadPoolExecutor(1, thread_name_prefix="mirror-reader")
        self._turn: Final = asyncio.Lock()
        self._file: MirrorFile | None = None
        self._reader: MirrorReader | None = None
        self._patient: MirrorReader | None = None
        self._warmth = Warmth(path)
        self._deadline = 0.0
        self._damaged = False

    @classmethod
    async def open(cls, path: Path, *, store: Database, own: Own = no_own_numbers) -> "Mirror":
        """Open the copy at `path` if it is usable; one of up to 64 MB is in memory then.

        `own` names the line of a number of ours, None for a stranger's.
        """
        mirror = cls(path, store, own)
        await mirror._adopt()
        return mirror

    @property
    def ready(self) -> bool:
        """Whether there is a complete copy to answer from."""
        return self._reader is not None and not self._damaged

    @property
    def last_change(self) -> int:
        """Up to which change of the directory the copy goes."""
        return 0 if self._file is None else self._file.last_change

    def find(self, e164: str) -> tuple[Contact, ...]:
        """Return the entries with a number, at most 50, in about 20 µs.

        Raises MirrorBusy if there is no copy yet, it is locked, damaged or not in memory, or the
        answer would take more than 5 ms.
        """
        if number_key(e164) is None:
            self._ask(lambda _reader: None)
            return ()
        return self._ask(lambda reader: reader.hits(e164))

    def match(self, number: PhoneNumber) -> MatchResult:
        """Say who a number is, with the steps; raises MirrorBusy like `find`."""
        known = self._without_asking(number)
        return self._ask(partial(_decide, number)) if known is None else known

    async def look_up(self, number: PhoneNumber) -> MatchResult:
        """Say it off the loop's thread, however long the disk takes; MirrorBusy without a copy."""
        known, reader = self._without_asking(number), self._patient
        if known is not None:
            return known
        if reader is None or self._damaged:
            raise MirrorBusy("The local copy of the directory is being made.")
        loop = asyncio.get_running_loop()
        try:
            with short_turns():
                return await loop.run_in_executor(
                    self._patient_thread, partial(_decide, number, reader)
                )
        except sqlite3.DatabaseError as error:
            self._damaged = _is_damage(error)
            raise MirrorBusy("The local copy of the directory cannot be read now.") from error

    def _without_asking(self, number: PhoneNumber) -> MatchResult | None:
        """Return the answer about a number that is not looked up."""
        e164 = look_up_key(number)
        if e164 is None or number_key(e164) is None:
            return match(number, ())
        own = self._own(e164)
        return None if own is None else match(number, (), own=own)

    # the one place that may block the loop, for microseconds (RELIABILITY rule 3)
    def _ask(self, question: Callable[[MirrorReader], T]) -> T:
        reader = self._reader
        if reader is None or self._damaged:
            raise MirrorBusy("The local copy of the directory is being made.")
        if self._warmth.cold:
            raise MirrorBusy("The local copy of the directory is on the disk alone.")
        self._deadline = time.perf_counter() + PATIENCE_S
        try:
            return question(reader)
        except sqlite3.DatabaseError as error:
            self._damaged = _is_damage(error)
            raise MirrorBusy("The local copy of the directory cannot be read now.") from error

    async def search(self, wanted: Search) -> Found:
        """Return entries by words or the beginning of a number, off the loop's thread.

        Raises MirrorBusy, and UsageError if too many fit.
        """
        if not self.ready:
            raise MirrorBusy("The local copy of the directory is being made.")
        try:
            return await asyncio.to_thread(search, self._path, wanted)
        except sqlite3.DatabaseError as error:
            raise MirrorBusy("The local copy of the directory cannot be read now.") from error

    async def refresh(self) -> int:
        """Copy what changed in the store and return how many changes that were.

        Costs one small read if nothing did. Raises StoreError; the copy then stays as it is.
        """
        async with self._turn:
            until = await self._store.read(last_change)
            if self._file is not None:
                await self._run(self._warmth.look)
            if self._damaged or self._file is None or self._file.last_change > until:
                return await self._rebuild(until)
            try:
                return await self._follow(self._file, until)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise explain(error) from error
                log.warning("mirror.damaged", detail=type(error).__name__)
                return await self._rebuild(until)

    async def close(self) -> None:
        """Close both sides; the file stays for the next start."""
        async with self._turn:
            await self._shut()
        for thread in (self._thread, self._patient_thread):
            await asyncio.to_thread(thread.shutdown)

    async def _follow(self, file: MirrorFile, until: int) -> int:
        count = 0
        while file.last_change < until:
            page, reached = await self._page(file.last_change, until)
            marks = await self._marks(file.last_change, reached)
            await self._run(partial(file.apply, page, reached, marks=marks))
            count += len(page) + len(marks)
        if count and self._reader is not None and self._patient is not None:
            self._reader.inventory = self._patient.inventory = await self._run(file.inventory)
        return count

    async def _rebuild(self, until: int) -> int:
        """Make the file anew; the old one, if it is usable at all, answers until then."""
        started = time.monotonic()
        try:
            draft = await self._run(partial(Rebuild, self._path))
            try:
                count = await self._copy(draft, until)
                await self._shut()
                await self._run(draft.replace)
            except BaseException:
                await self._run(draft.abandon)
                raise
        except (sqlite3.Error, OSError) as error:
            raise explain(error) from error
        await self._adopt()
        log.info("mirror.made", entries=count, seconds=round(time.monotonic() - started, 3))
        return count

    async def _copy(self, draft: Rebuild, until: int) -> int:
        count, after = 0, 0
        while after < until:
            page, after = await self._page(after, until)
            alive = [change.contact for change in page if change.contact is not None]
            await self._run(partial(draft.add, alive))
            count += len(page)
        marks = await self._marks(0, until)
        alive_marks = [change.mark for change in marks if change.mark is not None]
        await self._run(partial(draft.add_marks, alive_marks))
        await self._run(partial(draft.seal, until))
        return count

    async def _marks(self, after: int, until: int) -> list[MarkChange]:
        """Return all changes of marks between two change numbers."""
        found: list[MarkChange] = []
        while True:
            page = await self._store.read(
                partial(mark_changes, after=after, until=until, limit=_PAGE)
            )
            found += page
            if len(page) < _PAGE:
                return found
            after = page[-1].number

    async def _page(self, after: int, until: int) -> tuple[list[Change], int]:
        """Return the next changes and up to which number they go."""
        page = await self._store.read(
            partial(changes, after=after, until=until, limit=_PAGE),
        )
        return page, page[-1].number if len(page) == _PAGE else until

    async def _adopt(self) -> None:
        file = MirrorFile(self._path)
        if not await self._run(file.open):
            return
        warmth = Warmth(self._path)
        try:
            reader = await self._run(partial(open_reader, self._path))
            patient = await self._run(partial(open_reader, self._path))
            await self._run(partial(_warm, self._path, warmth))
        except (sqlite3.DatabaseError, OSError) as error:
            log.warning("mirror.unusable", detail=type(error).__name__)
            await self._run(file.close)
            return
        inventory = await self._run(file.inventory)
        reader.set_progress_handler(self._too_late, _STEPS)
        self._file, self._warmth, self._damaged = file, warmth, False
        self._reader = MirrorReader(reader, inventory)
        self._patient = MirrorReader(patient, inventory)

    async def _shut(self) -> None:
        reader, self._reader = self._reader, None
        patient, self._patient = self._patient, None
        file, self._file = self._file, None
        if reader is not None:
            await self._run(reader.conn.close)
        if patient is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._patient_thread, patient.conn.close)
        if file is not None:
            await self._run(file.close)
        await self._run(self._warmth.stop)

    def _too_late(self) -> bool:
        return time.perf_counter() > self._deadline

    async def _run(self, work: Callable[[], T]) -> T:
        with short_turns():
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether only a new copy helps: a damaged file, or tables that are not ours."""
    return explain(error).cause in {StoreCause.CORRUPT, StoreCause.SCHEMA}


def _warm(path: Path, warmth: Warmth) -> None:
    """Read a small file at once; a large one is read beside the calls."""
    if path.stat().st_size <= AT_ONCE_BYTES:
        read_through(path)
    else:
        warmth.look()


def _decide(number: PhoneNumber, reader: MirrorReader) -> MatchResult:
    e164 = look_up_key(number) or ""
    marks = reader.marks(e164)
    if marks.choice is not None and marks.choice.contact_id is not None:
        chosen = reader.chosen(marks.choice.contact_id)
        if chosen is not None:
            return match(number, (), marks=marks, chosen=chosen)
    hits = reader.hits(e164)
    maybe = () if hits else reader.maybe(e164)
    return match(number, hits, maybe=maybe, marks=marks)
