"""One socket's view of a user's events: a backlog, a bounded queue, and a reason to stop."""

import asyncio
from enum import IntEnum
from typing import Final

from gateway.desk.frames import Frame

QUEUE_LIMIT: Final = 256


class CloseCode(IntEnum):
    """Why the server closes a socket (RFC 6455 section 7.4; 4000 to 4999 are the application's)."""

    GOING_AWAY = 1001
    TRY_AGAIN_LATER = 1013
    SIGNED_OUT = 4401


class Subscription:
    """Frames for one socket, in order and without holes until `code` is set.

    `credential` names the session or token that opened it, so that revoking one closes the other.
    What a socket does not read in time is not kept for it: with 256 frames waiting it is closed
    with 1013 and its page fetches the rest with `since`. The backlog (what a page missed, or the
    calls of this moment) is sent first and does not count.
    """

    __slots__ = ("_backlog", "_closed", "_queue", "_wake", "code", "credential", "user")

    def __init__(self, *, user: str, credential: str, backlog: tuple[Frame, ...]) -> None:
        self.user = user
        self.credential = credential
        self.code: CloseCode | None = None
        self._backlog = backlog
        self._queue: list[Frame] = []
        self._closed = asyncio.Event()
        self._wake = asyncio.Event()
        self._wake.set()

    def offer(self, frame: Frame) -> None:
        """Queue a frame; called by the hub, never blocks."""
        if self.code is not None:
            return
        if len(self._queue) >= QUEUE_LIMIT:
            self.close(CloseCode.TRY_AGAIN_LATER)
            return
        self._queue.append(frame)
        self._wake.set()

    def close(self, code: CloseCode) -> None:
        """Stop: nothing queued is sent any more; the first code given stays."""
        if self.code is None:
            self.code = code
            self._backlog, self._queue = (), []
            self._closed.set()
            self._wake.set()

    async def closed(self) -> CloseCode:
        """Wait until the subscription is closed and return why."""
        await self._closed.wait()
        return self.code or CloseCode.GOING_AWAY

    async def take(self) -> tuple[Frame, ...]:
        """Wait for frames and take all of them; returns none once the subscription is closed."""
        await self._wake.wait()
        if self.code is not None:
            return ()
        self._wake.clear()
        frames = (*self._backlog, *self._queue)
        self._backlog, self._queue = (), []
        return frames
