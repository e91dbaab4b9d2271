"""Asks the directory anew about the calls that are up after it has changed, never all at once."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from gateway.core.ids import CallId
from gateway.core.ports import Clock
from gateway.core.record import CallRecord

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

    def look_again(self, call: CallId) -> None:
        """Ask the directory anew about one call, and tell whom it concerns what is news."""
        ...


class Rematching:
    """Goes through the calls that are up, the newest first: those still ring.

    However often it is woken, it does so once in `period_s`, in slices of 2 ms. `then` is woken
    with it, by whoever wakes it.
    """

    def __init__(
        self,
        desk: Asked,
        clock: Clock,
        *,
        then: Callable[[], None] = lambda: None,
        period_s: float = PERIOD_S,
    ) -> None:
        self._desk = desk
        self._clock = clock
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
            self._desk.look_again(record.id)
            if self._clock.monotonic() - began >= SLICE_S:
                await asyncio.sleep(BREATH_S)
                began = self._clock.monotonic()
