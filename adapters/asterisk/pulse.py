"""Notices that the process did not run: stopped, suspended, or its event loop blocked."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from gateway.core.ports import Clock

BEAT_S: Final = 0.5
# Later than this an event's arrival says nothing of when it happened.
STALL_S: Final = 2.0


class Behind:
    """Reading what waited since `since`; `told` once an event of it came."""

    __slots__ = ("since", "told")

    def __init__(self, *, since: datetime) -> None:
        self.since = since
        self.told = False

    def again(self) -> "Behind":
        """Return the same for a further stall, to be caught up with anew."""
        behind = Behind(since=self.since)
        behind.told = self.told
        return behind


class Pulse:
    """Beats as long as the event loop turns; `on_stall` gets the seconds that it stood still.

    After a stall timers and sockets are served in any order: whoever reads asks by `feel`.
    """

    def __init__(self, clock: Clock, *, on_stall: Callable[[float], None]) -> None:
        self._clock = clock
        self._on_stall = on_stall
        self.start()

    def start(self) -> None:
        """Begin to count anew."""
        self._last = self._clock.monotonic()

    def feel(self) -> float:
        """Note that the loop turns, tell if it stood still until now; return this moment."""
        now = self._clock.monotonic()
        stood, self._last = now - self._last, now
        if stood > STALL_S:
            self._on_stall(stood)
        return now

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await asyncio.sleep(BEAT_S)
            self.feel()
