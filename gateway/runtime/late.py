"""Matches that the mirror could not give at once: asked again off the loop, told when they come."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from gateway.core.errors import StoreError
from gateway.core.matching import MatchResult
from gateway.core.numbers import PhoneNumber
from gateway.store import look_up
from gateway.store.database import Database
from gateway.store.mirror import MirrorBusy, Own, no_own_numbers

LIMIT = 1_000

log = structlog.get_logger(__name__)
Tell = Callable[[MatchResult], None]
LookUp = Callable[[PhoneNumber], Awaitable[MatchResult]]


class LateMatches:
    """A bounded queue of look-ups beside the pop path; what does not fit is dropped and logged.

    `look_up` asks the mirror however cold its disk is; the store is asked if there is no mirror.
    """

    def __init__(self, db: Database, look_up: LookUp, own: Own = no_own_numbers) -> None:
        self._db = db
        self._look_up = look_up
        self._own = own
        self._queue: asyncio.Queue[tuple[PhoneNumber, Tell]] = asyncio.Queue(LIMIT)

    def ask(self, number: PhoneNumber, tell: Tell) -> None:
        """Look `number` up off the loop's thread and `tell` the answer."""
        try:
            self._queue.put_nowait((number, tell))
        except asyncio.QueueFull:
            log.warning("match.late_dropped")

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            number, tell = await self._queue.get()
            try:
                result = await self.find(number)
            except StoreError as error:
                log.warning("match.late_failed", cause=error.message)
            else:
                tell(result)

    async def find(self, number: PhoneNumber) -> MatchResult:
        """Say who a number is, whatever that takes; raises StoreError."""
        try:
            return await self._look_up(number)
        except MirrorBusy:
            return await self._db.read(partial(look_up.find, number=number, own=self._own))
