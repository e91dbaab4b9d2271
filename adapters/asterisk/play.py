"""One recording while it is played: what it does next can still be changed."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from adapters.asterisk.recording import Recording

Send = Callable[[bytes], str]


class Play:
    """Sends a recording's events at their times; `send` returns the Uniqueid an event is about.

    `uniqueids` are the channels that belong to it. All times are divided by `speed`.
    """

    def __init__(self, recording: Recording, send: Send, *, speed: float) -> None:
        self.name = recording.name
        self.uniqueids: set[str] = set()
        self.may_be_hurried = False
        self._send = send
        self._speed = speed
        self._next = deque(recording.events)
        self._began = time.monotonic()
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Play to the end."""
        while self._next:
            at, raw = self._next[0]
            wait = self._began + at / self._speed - time.monotonic()
            if wait > 0:
                await self._wait(wait)
            else:
                self._next.popleft()
                self.uniqueids.add(self._send(raw))

    async def _wait(self, seconds: float) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def go_on_with(self, rest: Recording | None, *, may_be_hurried: bool = False) -> None:
        """Play something else from this moment on, None: no more of it."""
        self.may_be_hurried = may_be_hurried
        self._next = deque(rest.events if rest is not None else ())
        self._began = time.monotonic()
        self._changed.set()

    def hurry(self) -> None:
        """Do at once what comes next: somebody did not wait for it."""
        if self._next:
            self._began = time.monotonic() - self._next[0][0] / self._speed
            self.may_be_hurried = False
            self._changed.set()
