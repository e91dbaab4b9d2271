"""panoramisk's protocol and manager, with framing on bytes and without its replay.

What is ours and why (RELIABILITY D1-D6, D12, D13): frames are cut from bytes by `Framer`; actions
go out only through `encode_action`; an event only reaches a callback that enqueues; whatever is
unanswered when a link closes fails as ambiguous and is never sent again; nothing reconnects or
pings behind our back. There is one manager per connection, so nothing it holds outlives the link.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from panoramisk.actions import Action as PanoramiskAction
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from adapters.asterisk import faults
from adapters.asterisk.actions import Action, encode_action
from adapters.asterisk.codec import Frame, FrameLimitError, Framer
from gateway.core.cutting import cut
from gateway.core.errors import FilodirettoError

MAX_LIST_FRAMES: Final = 100_000
KEEPALIVE_IDLE_S: Final = 10
KEEPALIVE_INTERVAL_S: Final = 5
KEEPALIVE_PROBES: Final = 3
USER_TIMEOUT_MS: Final = 10_000

# The library prints whole messages, with numbers and secrets in them, below WARNING.
_log = logging.getLogger("panoramisk")
_log.setLevel(logging.WARNING)

# Takes events; the error it returns, if any, ends the link. It must not raise.
OnFrames = Callable[[list[Frame]], FilodirettoError | None]


class Answered(PanoramiskAction):  # type: ignore[misc]  # the library has no types
    """An action of ours; its future gets the Response's frame and those of its list."""

    def __init__(self, action: Action, fields: Mapping[str, str]) -> None:
        super().__init__({**fields, "Action": action.value})
        self.kind = action
        self.frames: list[Frame] = []

    def wire(self) -> bytes:
        """Return the bytes to send."""
        return encode_action(
            self.kind, {key: value for key, value in self.items() if key != "Action"}
        )

    def add_message(self, frame: Frame) -> bool:
        """Take one frame; True when the answer is whole."""
        if self.future.done():
            return True
        self.frames.append(frame)
        if len(self.frames) > MAX_LIST_FRAMES:
            self.fail(faults.list_too_long())
            return True
        if frame.is_response:
            starts = frame.get("EventList").lower() == "start"
            complete = frame.get("Response") == "Error" or not starts
        else:
            complete = frame.get("EventList").lower() == "complete"
        if complete:
            self.future.set_result(self.frames)
        return complete

    def fail(self, error: FilodirettoError) -> None:
        """End the wait; the future counts as looked at, because its owner may be gone."""
        if not self.future.done():
            self.future.set_exception(error)
            self.future.exception()


class AmiProtocol(AMIProtocol):  # type: ignore[misc]  # the library has no types
    """One TCP connection: bytes in, frames to `on_frames`, answers to who asked."""

    transport: asyncio.Transport
    responses: dict[str, Answered]
    factory: "AmiManager | None"
    closed: bool

    def __init__(
        self,
        *,
        wanted: Mapping[bytes, tuple[bytes, ...]] | None,
        on_frames: OnFrames,
    ) -> None:
        super().__init__()
        self.framer = Framer(wanted)
        loop = asyncio.get_running_loop()
        # The banner; None if the connection ended before it came.
        self.greeted: asyncio.Future[str | None] = loop.create_future()
        self.ended: asyncio.Future[FilodirettoError] = loop.create_future()
        self._on_frames = on_frames

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Prepare the socket so that the kernel notices a dead peer too."""
        super().connection_made(transport)
        keep_alive(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        """Frame what arrived; nothing here waits or calls foreign code."""
        if self.closed:
            return
        try:
            frames = self.framer.feed(data)
        except FrameLimitError as error:
            self._hand_on(error.frames)
            self.drop(error)
            return
        if not self.greeted.done() and self.framer.banner is not None:
            self.greeted.set_result(self.framer.banner)
        self._hand_on(frames)

    def _hand_on(self, frames: list[Frame]) -> None:
        """Give answers to who asked for them, everything else to the listener, in order."""
        if self.responses or self.framer.nameless:
            frames = [frame for frame in frames if not self._is_answer(frame)]
        error = self._on_frames(frames) if frames else None
        if error is not None:
            self.drop(error)

    def _is_answer(self, frame: Frame) -> bool:
        """Whether the frame belongs to an action of ours (a Response always does)."""
        action = self.responses.get(frame.get("ActionID"))
        if action is None:
            return frame.is_response
        if not frame.is_response and not action.frames:
            return False
        if action.add_message(frame):
            del self.responses[action.id]
        return True

    def send(self, data: Answered, as_list: bool | None = None) -> "asyncio.Future[list[Frame]]":  # noqa: ARG002, FBT001  # panoramisk's signature
        """Send one action; its future ends with the answer, or with the link.

        Raises UsageError if a value must not go on the wire.
        """
        wire = data.wire()
        if self.closed or self.transport.is_closing():
            data.fail(faults.lost())
        else:
            self.responses[data.id] = data
            self.transport.write(wire)
        return cast("asyncio.Future[list[Frame]]", data.future)

    def drop(self, error: FilodirettoError) -> None:
        """Cut the link at once, for a reason of ours."""
        if not self.ended.done():
            self.ended.set_result(error)
        # before it is closed, which waits for the other side where there is TLS
        cut(self.transport)
        self.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Note the end; the owner decides what follows."""
        if not self.ended.done():
            self.ended.set_result(faults.lost())
        if not self.greeted.done():
            self.greeted.set_result(None)
        self.close()

    def close(self) -> None:
        """Close the socket and fail what is unanswered: the library would send it again."""
        unanswered = list(self.responses.values())
        self.responses.clear()
        for action in unanswered:
            action.fail(faults.unanswered())
        super().close()
        if self.factory is not None:
            self.factory.awaiting_actions.clear()


class AmiManager(Manager):  # type: ignore[misc]  # the library has no types
    """panoramisk's manager for the length of one connection."""

    protocol: AmiProtocol | None

    def __init__(self, *, on_frames: OnFrames, **config: Any) -> None:  # noqa: ANN401  # the library's own keywords
        wanted = config.pop("wanted", None)
        super().__init__(
            **config,
            log=_log,
            protocol_factory=lambda: AmiProtocol(wanted=wanted, on_frames=on_frames),
        )

    async def open(self, context: ssl.SSLContext | None, server_name: str | None) -> AmiProtocol:
        """Connect, without sending anything; OSError if that fails."""
        self.loop = asyncio.get_running_loop()
        made = self.loop.create_future()
        made.set_result(
            await self.loop.create_connection(
                self.config["protocol_factory"],
                self.config["host"],
                self.config["port"],
                ssl=context,
                server_hostname=server_name if context is not None else None,
            )
        )
        self.connection_made(made)
        protocol = self.protocol
        if protocol is None:  # pragma: no cover  # connection_made always sets it
            raise ConnectionError
        return protocol

    def ask(self, action: Action, fields: Mapping[str, str]) -> "asyncio.Future[list[Frame]]":
        """Send an action; the future gets the Response's frame, then those of its list."""
        return cast("asyncio.Future[list[Frame]]", self.send_action(Answered(action, fields)))

    def ping(self) -> None:
        """Do nothing: the library never looks at the answers; `Session.heartbeat` does."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Do nothing: the library would reconnect and send everything again."""


def keep_alive(sock: socket.socket | None) -> None:
    """Let the kernel find out about a dead peer within seconds, on a TCP socket."""
    if sock is None or sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_PROBES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
