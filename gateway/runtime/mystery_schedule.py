"""When mystery calls are due that nobody has to ask for."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from gateway.core.errors import FilodirettoError
from gateway.core.ports import Clock
from gateway.runtime.mystery_plans import PlannedTest
from gateway.runtime.settings_mystery import seconds_of
from gateway.store.database import Database
from gateway.store.mystery import last_start

LOOK_S: Final = 15.0
# After a start the links come up first, and not all trunks are called in the same second.
FIRST_S: Final = (30.0, 120.0)
JITTER: Final = 0.1

log = structlog.get_logger(__name__)


class Schedule:
    """Starts each test every so often, with jitter, only while it is open or closed if so wanted.

    One that cannot be made at its hour is made at the next; none is made up for.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        tests: Sequence[PlannedTest],
        *,
        start: Callable[[PlannedTest], Awaitable[None]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._tests = [test for test in tests if test.settings.every]
        self._start = start
        self._rng = random.Random()  # noqa: S311  # jitter
        self._due: dict[int, datetime] = {}

    @property
    def has_any(self) -> bool:
        """Whether there is anything to be made by itself."""
        return bool(self._tests)

    async def run(self) -> None:
        """Start what is due, until cancelled."""
        await self.plan()
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def plan(self) -> None:
        """Say when each test is due first: as long after its last run as if nothing had been."""
        soonest = self._clock.now() + timedelta(seconds=self._rng.uniform(*FIRST_S))
        for index, test in enumerate(self._tests):
            last = await self._db.read(partial(last_start, ref=test.ref, test=test.settings.name))
            due = self._after(test, last) if last is not None else soonest
            self._due[index] = max(due, soonest)

    async def look(self) -> None:
        """Start what is due now."""
        for index, test in enumerate(self._tests):
            now = self._clock.now()
            if self._due[index] > now or not is_wanted(test, now):
                continue
            self._due[index] = self._after(test, now)
            try:
                await self._start(test)
            except FilodirettoError as error:
                log.warning("mystery.not_begun", trunk=str(test.ref), cause=error.message)

    def _after(self, test: PlannedTest, last: datetime) -> datetime:
        pause = seconds_of(test.settings.every) * self._rng.uniform(1 - JITTER, 1 + JITTER)
        return last + timedelta(seconds=pause)


def is_wanted(test: PlannedTest, at: datetime) -> bool:
    """Whether a test is to be made by itself at this hour."""
    if test.settings.only == "always" or test.calendar is None:
        return True
    return test.calendar.is_open(at) == (test.settings.only == "open")
