"""Asks the directory anew about the calls that are up after it has changed, never all at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from gateway.core.errors import StoreError
from gateway.core.ids import CallId
from gateway.core.matching import MatchResult
from gateway.core.numbers import PhoneNumber
from gateway.core.ports import Clock
from gateway.core.record import CallRecord
from gateway.desk.matcher import Late

# An import changes the directory all the time: once a second is often enough for its news.
PERIOD_S: Final = 1.0
# Calls that ring share the thread: 50 look-ups, then a rest for whatever else has come.
SLICE_S: Final = 0.002
BREATH_S: Final = 0.01


class Asked(Protocol):
    """What asks: the desk."""

    def live_calls(self) -> tuple[CallRecord, ...]:
        """Return the calls that are up, oldest first."""
        ...

    def look_again(self, call: CallId, late: Late | None = None) -> PhoneNumber | None:
        """Ask the directory anew about one call, and tell whom it concerns what is news."""
        ...


class Rematching:
    """Goes through the calls that are up, the newest first: those still ring.

    However often it is woken, it does so once in `period_s`, in slices of 2 ms. What the mirror
    cannot say at once is asked of `find`. `then` is woken with it, by whoever wakes it.
    """

    def __init__(
        self,
        desk: Asked,
        clock: Clock,
        find: Callable[[PhoneNumber], Awaitable[MatchResult]],
        *,
        then: Callable[[], None] = lambda: None,
        period_s: float = PERIOD_S,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._find = find
        self._then = then
        self._period_s = period_s
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """Note that the directory has changed; returns at once."""
        self._wanted.set()
        self._then()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._pass()
            await asyncio.sleep(self._period_s)

    async def _pass(self) -> None:
        began = self._clock.monotonic()
        for record in reversed(self._desk.live_calls()):
            number = self._desk.look_again(record.id)
            if number is not None:
                await self._patiently(record.id, number)
            if self._clock.monotonic() - began >= SLICE_S:
                await asyncio.sleep(BREATH_S)
                began = self._clock.monotonic()

    async def _patiently(self, call: CallId, number: PhoneNumber) -> None:
        try:
            result = await self._find(number)
        except StoreError:  # what was known stays
            return
        self._desk.look_again(call, (number, result))
