"""One socket's view of a user's events: a backlog, a bounded queue, and a reason to stop."""

import asyncio
from enum import IntEnum
from typing import Final, Protocol

from gateway.desk.frames import Frame

QUEUE_LIMIT: Final = 256


class CloseCode(IntEnum):
    """Why the server closes a socket (RFC 6455 section 7.4; 4000 to 4999 are the application's)."""

    GOING_AWAY = 1001
    TRY_AGAIN_LATER = 1013
    SIGNED_OUT = 4401


class Outlet(Protocol):
    """The way to a page that takes frames at once as long as the page keeps up."""

    def write(self, frame: Frame) -> bool:
        """Send a frame now; False if it has to wait behind others."""

    def wake(self) -> None:
        """Hear that frames wait to be taken, or that the subscription was closed."""


class Subscription:
    """Frames for one socket, in order and without holes until `code` is set.

    `credential` names the session or token that opened it, so that revoking one closes the other.
    What a socket does not read in time is not kept for it: with 256 frames waiting it is closed
    with 1013 and its page fetches the rest with `since`. The backlog (what a page missed, or the
    calls of this moment) is sent first and does not count.

    There are hundreds of these that wait for hours: what only wakes somebody is made on demand.
    """

    __slots__ = ("_backlog", "_outlet", "_queue", "_waiter", "code", "credential", "user")

    def __init__(self, *, user: str, credential: str, backlog: tuple[Frame, ...]) -> None:
        self.user = user
        self.credential = credential
        self.code: CloseCode | None = None
        self._backlog = backlog
        self._queue: list[Frame] | None = None
        self._outlet: Outlet | None = None
        self._waiter: asyncio.Event | None = None

    def attach(self, outlet: Outlet) -> None:
        """Hand frames to `outlet` from now on; what waits already is to be pulled."""
        self._outlet = outlet
        outlet.wake()

    def detach(self) -> None:
        """Forget the outlet: its page is gone."""
        self._outlet = None

    def offer(self, frame: Frame) -> None:
        """Send a frame, or queue it; called by the hub, never blocks."""
        if self.code is not None:
            return
        waiting = self._queue
        if waiting is None:
            outlet = self._outlet
            if outlet is not None and not self._backlog and outlet.write(frame):
                return
            waiting = self._queue = []
        if len(waiting) >= QUEUE_LIMIT:
            self.close(CloseCode.TRY_AGAIN_LATER)
            return
        waiting.append(frame)
        self._wake()

    def close(self, code: CloseCode) -> None:
        """Stop: nothing queued is sent any more; the first code given stays."""
        if self.code is None:
            self.code = code
            self._backlog, self._queue = (), None
            self._wake()

    def pull(self) -> tuple[Frame, ...]:
        """Take all frames that wait; none if there are none, or once it is closed."""
        frames = (*self._backlog, *(self._queue or ()))
        self._backlog, self._queue = (), None
        return frames

    async def closed(self) -> CloseCode:
        """Wait until the subscription is closed and return why."""
        while self.code is None:
            await self._news()
        return self.code

    async def take(self) -> tuple[Frame, ...]:
        """Wait for frames and take all of them; returns none once the subscription is closed."""
        while self.code is None and not self._backlog and self._queue is None:
            await self._news()
        return self.pull()

    async def _news(self) -> None:
        if self._waiter is None:
            self._waiter = asyncio.Event()
        await self._waiter.wait()

    def _wake(self) -> None:
        if self._outlet is not None:
            self._outlet.wake()
        if self._waiter is not None:
            self._waiter.set()
            self._waiter = None
