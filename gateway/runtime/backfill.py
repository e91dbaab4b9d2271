"""Calls that nobody saw, fetched from the PBX's own history once a gap is over."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from gateway.core.errors import FilodirettoError
from gateway.core.events import CallEnded, CallEvent
from gateway.core.ports import CallHistory, Clock
from gateway.core.record import CallRecord
from gateway.runtime.keeping import Followed, Keeper
from gateway.runtime.pipeline import GapLog
from gateway.store import calls, gaps
from gateway.store.database import Connection, Database
from gateway.store.gaps import Gap
from gateway.web.services import Degraded

# Rows are looked for from this long before the gap (RELIABILITY rule 8).
MARGIN: Final = timedelta(minutes=10)
# Asterisk writes CEL at once, and CDR at the end of a call or, in batch mode, 5 minutes later.
PASSES_S: Final = (0.3, 15.0, 330.0)
RETRY_FIRST_S: Final = 1.0
RETRY_LAST_S: Final = 60.0
MAX_CALLS: Final = 10_000
_FAR: Final = timedelta(days=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    """Looking for the calls of gaps, at `due` (monotonic); without gaps yet: of those not done."""

    due: float
    number: int = 0
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """Looking for one call of which something may be unknown, at `due` (monotonic)."""

    due: float
    at: datetime
    number: int = 0


class BackFill:
    """One PBX's; `run` is a supervised part, the rest is synchronous and never waits."""

    def __init__(
        self,
        pbx: str,
        history: CallHistory,
        db: Database,
        clock: Clock,
        *,
        keeper: Keeper,
        gap_log: GapLog,
        flush_gaps: Callable[[], Awaitable[None]],
    ) -> None:
        self._pbx = pbx
        self._history = history
        self._db = db
        self._clock = clock
        self._keeper = keeper
        self._gap_log = gap_log
        self._flush_gaps = flush_gaps
        self._passes: list[_Pass] = []
        self._calls: dict[str, _Call] = {}
        self._heard_again: datetime | None = None
        self._wanted = asyncio.Event()
        self._pause = RETRY_FIRST_S
        self.trouble: Degraded | None = None

    def follow(self, pipeline: Followed) -> None:
        """Say whose calls are to be left alone because they are up; call before `run`."""
        self._keeper.followed = pipeline

    def opened(self, pbx: str, at: datetime) -> None:
        """Note that a gap begins (GapLog)."""
        self._gap_log.opened(pbx, at)

    def closed(self, pbx: str, at: datetime) -> None:
        """Note that a gap is over, and look for its calls soon (GapLog)."""
        self._gap_log.closed(pbx, at)
        self._heard_again = at
        if not any(one.number == 0 for one in self._passes):
            self._passes.append(_Pass(due=self._in(PASSES_S[0])))
        self._wanted.set()

    def observe(self, event: CallEvent) -> None:
        """Look for a call that ended with something unknown: its rows tell the whole of it.

        Also for one that was up when nobody looked, although nothing seemed to be missing.
        """
        record = event.record
        if not isinstance(event, CallEnded) or record.merged_into is not None:
            return
        if record.complete and not self._is_doubted(record):
            return
        if len(self._calls) < MAX_CALLS:
            self._calls[record.linkedid] = _Call(due=self._in(PASSES_S[0]), at=event.at)
            self._wanted.set()

    def _is_doubted(self, record: CallRecord) -> bool:
        begun, again = record.started_at, self._heard_again
        return begun is not None and again is not None and begun <= again

    async def run(self) -> None:
        """Look whenever something is due, until cancelled; trouble is logged once, and its end."""
        while True:
            await self._wait()
            try:
                await self._look()
            except FilodirettoError as error:
                self._report(error)
                await asyncio.sleep(self._pause)
                self._pause = min(self._pause * 2, RETRY_LAST_S)
            else:
                self._recovered()

    async def _wait(self) -> None:
        while True:
            self._wanted.clear()
            due = min((one.due for one in self._due_items()), default=None)
            pause = None if due is None else due - self._clock.monotonic()
            if pause is not None and pause <= 0:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wanted.wait()

    def _due_items(self) -> Iterable[_Pass | _Call]:
        return (*self._passes, *self._calls.values())

    async def _look(self) -> None:
        """Do what is due; on an error everything stays due."""
        now = self._clock.monotonic()
        for one in [one for one in self._passes if one.due <= now]:
            if one not in self._passes:
                continue  # taken in by another one meanwhile
            # Out of the list first: a gap that ends from now on needs a look of its own.
            self._passes.remove(one)
            try:
                following = await self._gaps(one)
            except BaseException:
                self._passes.append(one)
                raise
            if following is not None:
                self._passes.append(self._merged(following))
        due = {linkedid: one for linkedid, one in self._calls.items() if one.due <= now}
        if due:
            await self._single(due)

    def _merged(self, later: _Pass) -> _Pass:
        """Take in the pass that waits at the same stage: a link that flaps makes one, not many.

        Nothing is lost by the delay: each new gap's first pass reads back past the earlier ones.
        """
        same = [one for one in self._passes if one.number == later.number]
        for one in same:
            self._passes.remove(one)
        found = {gap.id: gap for one in (*same, later) for gap in one.gaps}
        return replace(later, gaps=tuple(found.values()))

    async def _gaps(self, one: _Pass) -> _Pass | None:
        """Look for the calls of gaps; return when to look again for rows written late."""
        found = one.gaps
        if not found:
            await self._flush_gaps()
            found = await self._db.read(partial(gaps.unresolved_gaps, pbx=self._pbx))
            if not found:
                return None
        until = max(gap.to_at for gap in found if gap.to_at is not None)
        known = await self._db.read(partial(calls.live_calls, pbx=self._pbx))
        kept: list[CallRecord] = []
        pages = self._history.since(
            min(gap.from_at for gap in found) - MARGIN,
            open_calls={record.linkedid for record in known} | self._calls.keys(),
        )
        async for page in pages:
            # One that ends while this is read has a look of its own: its last rows are not here.
            told = [one.record.linkedid for one in page if one.record.ended_at is not None]
            waiting = [linkedid for linkedid in told if linkedid in self._calls]
            kept += await self._keeper.keep(page, until=until, doubted=waiting)
            self._done(waiting)
        await self._db.write(partial(_note, found=found, kept=kept, source=self._history.source))
        log.info("backfill.done", pbx=self._pbx, source=self._history.source, calls=len(kept))
        number = one.number + 1
        if number >= len(PASSES_S):
            return None
        return replace(one, due=self._in(PASSES_S[number]), number=number, gaps=found)

    async def _single(self, due: dict[str, _Call]) -> None:
        """Look for single calls; those without rows yet are looked for again later."""
        until = max(one.at for one in due.values())
        pages = self._history.since(self._clock.now() + _FAR, open_calls=due.keys())
        async for page in pages:
            await self._keeper.keep(page, until=until, doubted=due.keys())
            self._done(one.record.linkedid for one in page if one.record.ended_at is not None)
        for linkedid, one in due.items():
            if self._calls.get(linkedid) is not one:
                continue
            number = one.number + 1
            del self._calls[linkedid]
            if number < len(PASSES_S):
                again = replace(one, due=self._in(PASSES_S[number]), number=number)
                self._calls[linkedid] = again

    def _done(self, linkedids: Iterable[str]) -> None:
        for linkedid in linkedids:
            self._calls.pop(linkedid, None)

    def _in(self, seconds: float) -> float:
        return self._clock.monotonic() + seconds

    def _report(self, error: FilodirettoError) -> None:
        if self.trouble is None:
            log.error(
                "backfill.refused",
                pbx=self._pbx,
                cause=error.message,
                remedy=error.remedy,
                detail=getattr(error, "detail", ""),
            )
            since = self._clock.now()
        else:
            since = self.trouble.since
        part = f"history of pbx {self._pbx}"
        self.trouble = Degraded(part=part, cause=error.message, since=since, remedy=error.remedy)

    def _recovered(self) -> None:
        self._pause = RETRY_FIRST_S
        if self.trouble is not None:
            log.info("backfill.recovered", pbx=self._pbx)
            self.trouble = None


def _note(conn: Connection, found: Sequence[Gap], kept: Sequence[CallRecord], source: str) -> None:
    """Credit each gap with the calls found in it, the last one with what belongs to none."""
    counts = dict.fromkeys((gap.id for gap in found), 0)
    for record in kept:
        if record.merged_into is None:
            counts[_gap_of(found, record.ended_at or record.started_at)] += 1
    for gap in found:
        gaps.add_recovered(conn, gap.id, source=source, recovered=counts[gap.id], unknown=False)


def _gap_of(found: Sequence[Gap], at: datetime | None) -> int:
    for gap in found:
        if at is not None and gap.to_at is not None and gap.from_at - MARGIN <= at <= gap.to_at:
            return gap.id
    return found[-1].id
