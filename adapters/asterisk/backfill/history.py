"""The PBX's own history as the runtime sees it: CEL first, CDR for what CEL does not hold."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from threading import Event, Lock
from typing import Final, TypeVar

import structlog

from adapters.asterisk.backfill import cdr, recall
from adapters.asterisk.backfill.breath import BREATH_S
from adapters.asterisk.backfill.cdr_table import CdrTable
from adapters.asterisk.backfill.cel_table import CelTable
from adapters.asterisk.backfill.master import SCHEME, MasterFile
from adapters.asterisk.backfill.source import Source, url_of
from adapters.asterisk.backfill.times import offset_text
from adapters.asterisk.naming import Naming
from adapters.asterisk.settings import AsteriskSettings, DatabaseTable
from gateway.core.numbers import NumberPlan
from gateway.core.ports import Recalled
from gateway.core.record import Recording

PAGE_CALLS: Final = 50

T = TypeVar("T")
log = structlog.get_logger(__name__)

CdrPlace = CdrTable | MasterFile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    mark: datetime
    open_calls: frozenset[str]


class AsteriskHistory:
    """Implements `CallHistory` over the `cel` and `cdr` tables of one `[[pbx]]`.

    CEL tells calls in full. CDR adds the calls that CEL does not hold, and recordings to those it
    does. The zone that rows are found to be written in is logged once when it is not the
    configured one.
    """

    def __init__(self, settings: AsteriskSettings, plan: NumberPlan) -> None:
        self._settings = settings
        self._plan = plan
        self._naming = Naming(settings)
        self._told: set[str] = set()

    @property
    def source(self) -> str:
        """Return `cel` if CEL is configured, else `cdr`."""
        return recall.SOURCE if self._settings.cel is not None else cdr.SOURCE

    async def since(
        self, mark: datetime, *, open_calls: Collection[str] = ()
    ) -> AsyncIterator[Sequence[Recalled]]:
        """Yield the calls that ended after `mark`, and those of `open_calls`, page by page."""
        wanted = _Wanted(mark=mark, open_calls=frozenset(open_calls))
        known: set[str] = set()
        if self._settings.cel is not None:
            async for page in _in_thread(lambda halt: self._from_cel(wanted, known, halt)):
                yield page
        if self._settings.cdr is not None:
            async for page in _in_thread(lambda halt: self._from_cdr(wanted, known, halt)):
                yield page

    def _from_cel(
        self, wanted: _Wanted, known: set[str], halt: Event
    ) -> Iterator[Sequence[Recalled]]:
        settings = self._settings
        with open_cel(settings) as table, self._recordings() as recordings:
            if table.habits is None:
                return
            self._tell_zone("cel", table)
            for batch in _batches(_ordered(table.calls_since(wanted.mark), wanted)):
                fresh = [linkedid for linkedid in batch if linkedid not in known]
                page: list[Recalled] = []
                for rows in table.related(fresh):
                    if halt.is_set():
                        return
                    linkedids = {row.linkedid for row in rows}
                    known |= linkedids | {row.uniqueid for row in rows}
                    if rows[-1].at < wanted.mark and not linkedids & wanted.open_calls:
                        continue
                    found = recall.recall(
                        settings,
                        self._naming,
                        self._plan,
                        rows,
                        hold_told=table.habits.hold_told,
                    )
                    page += [cdr.with_recordings(one, recordings(one)) for one in found]
                    time.sleep(BREATH_S)
                yield page

    def _from_cdr(
        self, wanted: _Wanted, known: set[str], halt: Event
    ) -> Iterator[Sequence[Recalled]]:
        reader = cdr.CdrReader(settings=self._settings, naming=self._naming, plan=self._plan)
        with open_cdr(self._settings) as table:
            self._tell_zone("cdr", table)
            for batch in _batches(_ordered(table.calls_since(wanted.mark), wanted)):
                if halt.is_set():
                    return
                fresh = [linkedid for linkedid in batch if linkedid not in known]
                page = [
                    one
                    for rows in table.rows_of(fresh).values()
                    if (one := reader.recall(rows)) is not None
                ]
                time.sleep(BREATH_S)
                yield page

    @contextmanager
    def _recordings(self) -> Iterator[Callable[[Recalled], tuple[Recording, ...]]]:
        """Give a look-up of recordings in CDR; it finds nothing where none are kept."""
        settings = self._settings
        if settings.cdr is None or settings.recording_url is None:
            yield lambda _one: ()
            return
        with open_cdr(settings) as table:
            yield lambda one: cdr.recordings(
                settings,
                [
                    row
                    for rows in table.rows_of([one.record.linkedid]).values()
                    for row in sorted(rows, key=lambda row: row.start)
                ],
            )

    def _tell_zone(self, kind: str, table: CelTable | CdrPlace) -> None:
        if table.habits is not None and table.habits.off and kind not in self._told:
            self._told.add(kind)
            log.warning(
                "backfill.zone_corrected",
                pbx=self._settings.name,
                table=kind,
                timezone=zone_of(self._settings),
                off=offset_text(table.habits.off),
            )


def zone_of(settings: AsteriskSettings) -> str:
    """Return the time zone in which rows are said to be written."""
    return settings.timezone or "UTC"


@contextmanager
def open_cel(settings: AsteriskSettings) -> Iterator[CelTable]:
    """Open the CEL table; for use in a thread. Raises TransientError, ConfigError."""
    place = settings.cel or DatabaseTable(url_file=Path("/"))
    with _source(settings, place, "cel").connect() as (conn, described):
        yield CelTable(conn, described, zone_of(settings))


def open_cdr(settings: AsteriskSettings) -> AbstractContextManager[CdrPlace]:
    """Open the CDR table or Master.csv; for use in a thread. Raises the same errors."""
    return _open_cdr(settings, settings.cdr or DatabaseTable(url_file=Path("/")))


@contextmanager
def _open_cdr(settings: AsteriskSettings, place: DatabaseTable) -> Iterator[CdrPlace]:
    where = f"pbx.{settings.name}.cdr"
    url = url_of(place, where=where)
    if url.startswith(SCHEME):
        yield MasterFile(Path(url.removeprefix(SCHEME)), zone_of(settings), where=where)
        return
    with _source(settings, place, "cdr").connect() as (conn, described):
        yield CdrTable(conn, described, zone_of(settings))


def _source(settings: AsteriskSettings, place: DatabaseTable, kind: str) -> Source:
    where = f"pbx.{settings.name}.{kind}"
    return Source(url_of(place, where=where), place.table, kind=kind, where=where)


def _ordered(found: Sequence[str], wanted: _Wanted) -> list[str]:
    """Put the calls that are open in our store first: somebody may be waiting for their end."""
    return [*sorted(wanted.open_calls), *(one for one in found if one not in wanted.open_calls)]


def _batches(linkedids: Sequence[str]) -> Iterator[list[str]]:
    left = iter(linkedids)
    while batch := list(islice(left, PAGE_CALLS)):
        yield batch


async def _in_thread(begin: Callable[[Event], Iterator[T]]) -> AsyncIterator[T]:
    """Run a generator step by step in threads; it is closed whatever happens.

    Whoever is cancelled while a step runs raises `halt` and closes when the step has ended: a
    generator can be closed by nobody while it executes.
    """
    halt, turn = Event(), Lock()
    steps = begin(halt)
    try:
        while True:
            step = await asyncio.to_thread(_next, steps, turn)
            if step is None:
                return
            yield step[0]
    finally:
        halt.set()
        await asyncio.to_thread(_close, steps, turn)


def _next(steps: Iterator[T], turn: Lock) -> tuple[T] | None:
    with turn:
        for item in steps:
            return (item,)
        return None


def _close(steps: Iterator[T], turn: Lock) -> None:
    close = getattr(steps, "close", None)
    if close is not None:
        with turn:
            close()
