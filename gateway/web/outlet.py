"""The way of frames to one page: straight to its socket, and through a task once that is full.

A pop is written in the same turn of the event loop that heard the phone, and a page that keeps up
costs no task of its own.
"""

import asyncio
from typing import Final

from aiohttp import ClientConnectionResetError, WSMsgType, web

from gateway.core.cutting import cut
from gateway.desk.frames import Frame
from gateway.desk.subscription import CloseCode, Subscription

CLOSE_TIMEOUT_S: Final = 5.0
# What the transport holds for a page that does not read is bounded by this and one frame more.
ROOM: Final = 64 * 1024
# RFC 6455, section 5.2: a whole text message in one frame, not masked, without extensions.
WHOLE_TEXT: Final = 0x81
SHORT: Final = 126
MEDIUM: Final = 1 << 16


def framed(frame: Frame) -> bytes:
    """Return the WebSocket frame of a text message from the server (RFC 6455, section 5.2)."""
    text = frame.body
    size = len(text)
    if size < SHORT:
        lead = bytes((WHOLE_TEXT, size))
    elif size < MEDIUM:
        lead = b"\x81\x7e" + size.to_bytes(2, "big")
    else:
        lead = b"\x81\x7f" + size.to_bytes(8, "big")
    return lead + text


class SocketOutlet:
    """Writes what a subscription offers to a WebSocket that is open without compression.

    `group` holds the tasks that a slow page and the end need. Owned by the event loop.
    """

    __slots__ = (
        "_closing",
        "_gone",
        "_group",
        "_socket",
        "_subscription",
        "_transport",
        "_writer",
    )

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        subscription: Subscription,
        group: asyncio.TaskGroup,
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._subscription = subscription
        self._group = group
        self._writer: asyncio.Task[None] | None = None
        self._closing = False
        self._gone = False

    def write(self, frame: Frame) -> bool:
        """Write a frame now; False if the page is behind and it must wait its turn."""
        transport = self._transport
        if self._writer is not None or transport.get_write_buffer_size() > ROOM:
            return False
        if not (self._gone or self._socket.closed or transport.is_closing()):
            transport.write(framed(frame))
        return True

    def wake(self) -> None:
        """Send what waits, or say good-bye."""
        if self._gone:
            return
        if self._subscription.code is not None:
            if not self._closing:
                self._closing = True
                self._group.create_task(self._close(self._subscription.code))
        elif self._writer is None:
            self._writer = self._group.create_task(self._catch_up())

    def stop(self) -> None:
        """Write nothing any more: the page is gone."""
        self._gone = True
        if self._writer is not None:
            self._writer.cancel()

    async def _catch_up(self) -> None:
        """Write at the page's pace until nothing waits."""
        try:
            while frames := self._subscription.pull():
                for frame in frames:
                    await self._socket.send_frame(frame.body, WSMsgType.TEXT)
        except ClientConnectionResetError:
            return  # whoever listens learns of it
        finally:
            self._writer = None

    async def _close(self, code: CloseCode) -> None:
        """End the socket, also if nobody reads it any more."""
        if self._writer is not None:
            self._writer.cancel()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._socket.close(code=code, message=code.name.lower().encode())
        except TimeoutError:
            return  # told as well as could be
        finally:
            if self._transport.get_write_buffer_size():
                cut(self._transport)
