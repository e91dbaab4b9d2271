"""Which of the calls that the PBXs tell of are our own mystery calls, and whose run they are."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from gateway.core.events import CallEvent
from gateway.core.ids import CallId
from gateway.core.mystery_mark import RunMark, is_placed, mark_of
from gateway.core.ports import Clock
from gateway.runtime.mystery_live import LiveTest
from gateway.store import mystery
from gateway.store.database import Database

# A call may go on behind the one that brought it: somebody was put on hold, or through.
KEPT: Final = timedelta(hours=24)
# The first event of a call that a run brought comes with it, or after a snapshot.
LATE: Final = timedelta(minutes=2)

log = structlog.get_logger(__name__)


class OurCalls:
    """The screen before store, CRM and observers; owned by the event loop, nothing here waits."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        # runs that may still bring a call: a handful, for they are asked of every event
        self._open: dict[UUID, RunMark] = {}
        self._arrived: dict[CallId, RunMark] = {}
        self._live: dict[UUID, LiveTest] = {}

    async def load(self) -> None:
        """Take over what an earlier process placed; its runs end now."""
        now = self._clock.now()
        for mark in await self._db.read(partial(mystery.marks_since, since=now - KEPT)):
            if mark.arrived is not None:
                self._arrived[mark.arrived] = mark
            elif mark.closes_at is None:
                self._open[mark.run] = replace(mark, closes_at=now, left=True)

    def expect(self, mark: RunMark) -> None:
        """Know the calls of a run from now on."""
        now = self._clock.now()
        self._open = {
            run: one
            for run, one in self._open.items()
            if one.closes_at is None or one.closes_at > now - LATE
        }
        self._arrived = {
            call: one for call, one in self._arrived.items() if one.opens_at > now - KEPT
        }
        self._open[mark.run] = mark

    def follow(self, run: UUID, live: LiveTest) -> None:
        """Let a run hear of the call that it brings."""
        self._live[run] = live

    def live(self) -> Iterator[LiveTest]:
        """Yield the runs that are in progress."""
        yield from self._live.values()

    def over(self, run: UUID) -> None:
        """Know that a run brings no further call."""
        self._live.pop(run, None)
        mark = self._open.get(run)
        if mark is not None and mark.closes_at is None:
            self._open[run] = replace(mark, closes_at=self._clock.now())

    def arrived(self, run: UUID) -> CallId | None:
        """Return the call that a run brought."""
        return next((call for call, one in self._arrived.items() if one.run == run), None)

    def takes(self, event: CallEvent) -> bool:
        """Whether an event is of one of our own calls; its run is told."""
        record = event.record
        if is_placed(record):
            return True
        if not (self._arrived or self._open):  # as nearly always
            return False
        mark = self._arrived.get(record.id)
        if mark is None:
            mark = mark_of(record, self._open.values()) if self._open else None
            if mark is None:
                return False
            self._take(mark, record.id)
        live = self._live.get(mark.run)
        if live is not None:
            live.seen(record)
        return True

    def _take(self, mark: RunMark, call: CallId) -> None:
        """Know a run's call from now on; after a crash in the next moment too."""
        del self._open[mark.run]
        self._arrived[call] = replace(mark, arrived=call)
        done = self._db.write_nowait(partial(mystery.put_arrived, run=mark.run, call=call))
        done.add_done_callback(_stored)


def _stored(done: "asyncio.Future[None]") -> None:
    if not done.cancelled() and done.exception() is not None:
        log.warning("mystery.arrival_not_stored")
