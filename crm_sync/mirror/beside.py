"""Asks the CRMs for a caller whom the directory lacks: beside the pop, which never waits for it.

What is found goes into the directory as a sweep would bring it; the directory then tells the pops.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from crm_sync.bucket import TokenBucket
from crm_sync.mirror.absorber import Absorber
from gateway.core.crm import CrmDirectory, DirectoryEntry
from gateway.core.errors import AdapterError, StoreError
from gateway.core.ports import Clock
from gateway.store.mirrored import Mirrored

log = structlog.get_logger(__name__)

TIME_S: Final = 1.0
CACHE_S: Final = 60.0
CACHED: Final = 1_000
WAITING: Final = 50
AT_ONCE: Final = 4
# Requests that came too late and are still under way, at each CRM.
LATE_AT_ONCE: Final = 8
MOST_HITS: Final = 50
# After so many failures in a row a CRM is left alone for a while.
PATIENCE: Final = 3
REST_S: Final = 60.0


@dataclass(slots=True)
class Counters:
    """What became of the look-ups at one CRM since the start."""

    asked: int = 0
    found: int = 0
    left_out: int = 0
    late: int = 0
    failed: int = 0


@dataclass(slots=True, kw_only=True)
class Place:
    """One CRM that can be asked by number; `sweep` tells the number of its last sweep."""

    directory: CrmDirectory
    absorber: Absorber
    bucket: TokenBucket
    sweep: Callable[[], int]
    counters: Counters = field(default_factory=Counters)
    failures: int = 0
    rests_until: float = 0.0
    under_way: int = 0


class Beside:
    """A few look-ups at a time; what does not fit is left out, for the next call to try.

    A request that takes too long is not waited for, but not cut either: the sign-in that it may be
    renewing is used up once it was asked for.
    """

    def __init__(self, places: Sequence[Place], clock: Clock, *, time_s: float = TIME_S) -> None:
        self._places = tuple(places)
        self._clock = clock
        self._time_s = time_s
        self._queue: asyncio.Queue[str] = asyncio.Queue(WAITING)
        self._asked: OrderedDict[str, float] = OrderedDict()

    def ask(self, e164: str) -> None:
        """Have a number looked up; at once, never raises, and once a minute at most."""
        now = self._clock.monotonic()
        if not self._places or self._asked.get(e164, now) > now:
            return
        try:
            self._queue.put_nowait(e164)
        except asyncio.QueueFull:
            for place in self._places:
                place.counters.left_out += 1
            return
        self._asked[e164] = now + CACHE_S
        self._asked.move_to_end(e164)
        if len(self._asked) > CACHED:
            self._asked.popitem(last=False)

    def counters(self, crm: str) -> Counters | None:
        """Return what became of the look-ups at one CRM, None if it is not asked."""
        return next((one.counters for one in self._places if one.absorber.crm == crm), None)

    async def run(self) -> None:
        """Ask until cancelled."""
        async with asyncio.TaskGroup() as flights:
            for _ in range(AT_ONCE):
                flights.create_task(self._work(flights))

    async def _work(self, flights: asyncio.TaskGroup) -> None:
        while True:
            e164 = await self._queue.get()
            async with asyncio.TaskGroup() as group:
                for place in self._places:
                    group.create_task(self._look_up(place, e164, flights))

    async def _look_up(self, place: Place, e164: str, flights: asyncio.TaskGroup) -> None:
        resting = place.rests_until > self._clock.monotonic()
        if resting or place.under_way >= LATE_AT_ONCE or place.bucket.wait_s() > 0:
            place.counters.left_out += 1
            return
        place.counters.asked += 1
        flight = flights.create_task(self._find(place, e164))
        in_time, _late = await asyncio.wait({flight}, timeout=self._time_s)
        if not in_time:
            place.counters.late += 1
            self._failed(place, "it did not answer in time")
            return
        hits = flight.result()
        if hits is not None:
            place.failures = 0
            await self._take(place, hits[:MOST_HITS], e164)

    async def _find(self, place: Place, e164: str) -> tuple[DirectoryEntry, ...] | None:
        """Ask a CRM; None if it failed."""
        place.under_way += 1
        try:
            return await place.directory.find(e164)
        except AdapterError as error:
            place.counters.failed += 1
            self._failed(place, error.message)
            return None
        finally:
            place.under_way -= 1

    async def _take(self, place: Place, hits: Sequence[DirectoryEntry], e164: str) -> None:
        try:
            entries, _nobody = await place.absorber.read(hits)
            found = [one for one in entries if _has(one, e164)]
            if found:
                place.counters.found += 1
                await place.absorber.take(found, sweep=place.sweep())
        except StoreError as error:
            log.warning("crm.look_up_lost", connector=place.absorber.crm, cause=error.message)

    def _failed(self, place: Place, cause: str) -> None:
        place.failures += 1
        if place.failures >= PATIENCE:
            place.failures = 0
            place.rests_until = self._clock.monotonic() + REST_S
            log.warning("crm.look_ups_rest", connector=place.absorber.crm, cause=cause)


def _has(one: Mirrored, e164: str) -> bool:
    """Whether the hit really has the number: no CRM's telephone search is trusted."""
    return any(number.e164 == e164 for number in one.entry.numbers)
