"""Reads the history of one PBX from beginning to end: CEL first, CDR for what CEL does not hold."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from adapters.asterisk.backfill import cdr, recall
from adapters.asterisk.backfill.cdr_table import CdrTable
from adapters.asterisk.backfill.cel_table import CelTable
from adapters.asterisk.backfill.master import SCHEME, MasterFile
from adapters.asterisk.backfill.messages import Page, Wanted, ZoneOff
from adapters.asterisk.backfill.source import Source, url_of
from adapters.asterisk.backfill.times import offset_text
from adapters.asterisk.naming import Naming
from adapters.asterisk.settings import AsteriskSettings, DatabaseTable
from gateway.core.ports import Recalled
from gateway.core.record import Recording

PAGE_CALLS: Final = 50

CdrPlace = CdrTable | MasterFile


def read(wanted: Wanted) -> Iterator[Page | ZoneOff]:
    """Yield what is wanted, page by page; raises TransientError, ConfigError."""
    return _Reading(wanted).run()


class _Reading:
    """One pass; `known` are the calls that CEL told."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._settings = wanted.settings
        self._plan = wanted.plan
        self._naming = Naming(wanted.settings)
        self._known: set[str] = set()

    def run(self) -> Iterator[Page | ZoneOff]:
        """Read CEL, then CDR."""
        if self._settings.cel is not None:
            yield from self._from_cel()
        if self._settings.cdr is not None:
            yield from self._from_cdr()

    def _from_cel(self) -> Iterator[Page | ZoneOff]:
        settings, wanted, known = self._settings, self._wanted, self._known
        with open_cel(settings) as table, self._recordings() as recordings:
            if table.habits is None:
                return
            yield from _zone("cel", table)
            for batch in _batches(_ordered(table.calls_since(wanted.mark), wanted)):
                fresh = [linkedid for linkedid in batch if linkedid not in known]
                page: list[Recalled] = []
                for rows in table.related(fresh):
                    linkedids = {row.linkedid for row in rows}
                    known.update(linkedids, (row.uniqueid for row in rows))
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
                yield Page(calls=tuple(page))

    def _from_cdr(self) -> Iterator[Page | ZoneOff]:
        wanted, known = self._wanted, self._known
        reader = cdr.CdrReader(settings=self._settings, naming=self._naming, plan=self._plan)
        with open_cdr(self._settings) as table:
            yield from _zone("cdr", table)
            for batch in _batches(_ordered(table.calls_since(wanted.mark), wanted)):
                fresh = [linkedid for linkedid in batch if linkedid not in known]
                page = [
                    one
                    for rows in table.rows_of(fresh).values()
                    if (one := reader.recall(rows)) is not None
                ]
                yield Page(calls=tuple(page))

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


def zone_of(settings: AsteriskSettings) -> str:
    """Return the time zone in which rows are said to be written."""
    return settings.timezone or "UTC"


@contextmanager
def open_cel(settings: AsteriskSettings) -> Iterator[CelTable]:
    """Open the CEL table; blocks. Raises TransientError, ConfigError."""
    place = settings.cel or DatabaseTable(url_file=Path("/"))
    with _source(settings, place, "cel").connect() as (conn, described):
        yield CelTable(conn, described, zone_of(settings))


def open_cdr(settings: AsteriskSettings) -> AbstractContextManager[CdrPlace]:
    """Open the CDR table or Master.csv; blocks. Raises the same errors."""
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


def _ordered(found: Sequence[str], wanted: Wanted) -> list[str]:
    """Put the calls that are open in our store first: somebody may be waiting for their end."""
    return [*sorted(wanted.open_calls), *(one for one in found if one not in wanted.open_calls)]


def _batches(linkedids: Sequence[str]) -> Iterator[list[str]]:
    left = iter(linkedids)
    while batch := list(islice(left, PAGE_CALLS)):
        yield batch


def _zone(name: str, table: CelTable | CdrPlace) -> Iterator[ZoneOff]:
    if table.habits is not None and table.habits.off:
        yield ZoneOff(table=name, off=offset_text(table.habits.off))
