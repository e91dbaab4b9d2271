"""An embedded AMI server that plays recorded calls at their own pace, for demo and tests.

It answers what the link asks (Login, Ping, the lists, Getvar, Logoff), keeps what is up for who
signs in late, and gives every play fresh ids, so that no two plays are taken for one call.
"""

import asyncio
import itertools
import math
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self

from adapters.asterisk.codec import Frame, Framer
from adapters.asterisk.recording import Recording
from adapters.asterisk.stage import Stage
from gateway.core.errors import PeerProtocolError

BANNER: Final = b"Asterisk Call Manager/11.0.0\r\n"
MAX_UNSENT_BYTES: Final = 8 * 2**20
_PRESENTATION: Final = "CALLERID(pres)"

Headers = dict[str, str]


class PlaybackServer:
    """`async with PlaybackServer(recordings, username=…, secret=…) as server:` then `server.port`.

    Playing begins `delay_s` after the first sign-in. Recordings follow one another with `pause_s`
    in between or, with `every_s`, begin at that distance and overlap; `rounds` None plays for ever.
    `on_play` is told the name of each recording that begins. All times are divided by `speed`.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        *,
        username: str,
        secret: str,
        speed: float = 1.0,
        pause_s: float = 2.0,
        every_s: float | None = None,
        delay_s: float = 0.5,
        rounds: int | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        on_play: Callable[[str], None] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.account = (username, secret)
        self.stage = Stage()
        self.finished = asyncio.Event()
        self.started_at = time.time()
        self._recordings = tuple(recordings)
        self._speed = speed
        self._pause_s = pause_s
        self._every_s = every_s
        self._delay_s = delay_s
        self._rounds = rounds
        self._on_play = on_play
        self._audience: set[_Guest] = set()
        self._first = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._director: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Guest(self), self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._director = loop.create_task(self._direct(), name="playback")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._director is not None:
            self._director.cancel()
            await asyncio.gather(self._director, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()

    def cut(self) -> None:
        """Cut off everybody who is signed in, as a failing network does."""
        for guest in tuple(self._audience):
            guest.abort()

    async def _direct(self) -> None:
        """Start the plays in order, and end when all of them are over."""
        await self._first.wait()
        await asyncio.sleep(self._delay_s / self._speed)
        rounds = itertools.count() if self._rounds is None else range(self._rounds)
        number = itertools.count(1)
        async with asyncio.TaskGroup() as plays:
            for _ in rounds:
                for recording in self._recordings:
                    task = plays.create_task(self._play(recording, next(number)))
                    if self._every_s is None:
                        await task
                        await asyncio.sleep(self._pause_s / self._speed)
                    else:
                        await asyncio.sleep(self._every_s / self._speed)
                await asyncio.sleep(0)
        self.finished.set()

    async def _play(self, recording: Recording, number: int) -> None:
        if self._on_play is not None:
            self._on_play(recording.name)
        fresh = recording.freshened(play=number, epoch=math.floor(time.time()))
        began = time.monotonic()
        seen: set[str] = set()
        for at, raw in fresh.events:
            wait = began + at / self._speed - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            seen.add(self._send(raw))
        for raw in self.stage.left_over(seen):
            self._send(raw)

    def _send(self, raw: bytes) -> str:
        """Send one event to everybody; return the Uniqueid it is about."""
        name = raw[7:].partition(b"\r\n")[0].decode("latin-1")
        frame = Frame(name, raw, 0)
        self.stage.follow(frame, time.monotonic())
        for guest in tuple(self._audience):
            guest.write(raw + b"\r\n\r\n")
        return frame.get("Uniqueid")

    def admit(self, guest: "_Guest") -> None:
        """Let a client that signed in hear the events."""
        self._audience.add(guest)
        self._first.set()

    def dismiss(self, guest: "_Guest") -> None:
        """Forget a client that is gone."""
        self._audience.discard(guest)


class _Guest(asyncio.Protocol):
    """One client: its actions are framed as we frame a PBX's messages."""

    transport: asyncio.Transport

    def __init__(self, server: PlaybackServer) -> None:
        self._server = server
        self._framer = Framer()
        self._framer.feed(BANNER)
        self._admitted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.transport = transport
            self.write(BANNER)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self._server.dismiss(self)

    def data_received(self, data: bytes) -> None:
        try:
            frames = self._framer.feed(data)
        except PeerProtocolError:
            self.abort()
            return
        for frame in frames:
            self._answer(frame)

    def write(self, data: bytes) -> None:
        """Send bytes; a client that does not read is cut off, as Asterisk does."""
        if self.transport.is_closing():
            return
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            self.abort()

    def abort(self) -> None:
        """Cut the connection at once."""
        self._server.dismiss(self)
        self.transport.abort()

    def _answer(self, frame: Frame) -> None:
        action, action_id = frame.get("Action"), frame.get("ActionID")
        if action == "Login":
            self._login(frame, action_id)
        elif not self._admitted:
            self._message(action_id, "Response: Error", {"Message": "Authentication Required"})
        elif action == "Logoff":
            self._message(action_id, "Response: Goodbye", {"Message": "Thanks for all the fish."})
            self.transport.close()
        elif action in _LISTS:
            self._list(action, action_id)
        elif action in _FACTS:
            self._message(action_id, "Response: Success", self._facts(action, frame))
        else:
            self._message(action_id, "Response: Error", {"Message": "Invalid/unknown command"})

    def _login(self, frame: Frame, action_id: str) -> None:
        if (frame.get("Username"), frame.get("Secret")) != self._server.account:
            self._message(action_id, "Response: Error", {"Message": "Authentication failed"})
            self.transport.close()
            return
        self._message(action_id, "Response: Success", {"Message": "Authentication accepted"})
        uptime = str(int(time.time() - self._server.started_at))
        self._message(
            "",
            "Event: FullyBooted",
            {"Privilege": "system,all", "Uptime": uptime, "Status": "Fully Booted"},
        )
        self._admitted = True
        self._server.admit(self)

    def _facts(self, action: str, frame: Frame) -> Headers:
        if action == "Ping":
            return {"Ping": "Pong", "Timestamp": f"{time.time():.6f}"}
        if action == "CoreStatus":
            started = time.localtime(self._server.started_at)
            return {
                "CoreStartupDate": time.strftime("%Y-%m-%d", started),
                "CoreStartupTime": time.strftime("%H:%M:%S", started),
            }
        if action == "CoreSettings":
            return {"AMIversion": "11.0.0", "AsteriskVersion": "22 (recorded)"}
        if action == "Getvar":
            variable = frame.get("Variable")
            value = "allowed_not_screened" if variable == _PRESENTATION else ""
            return {"Variable": variable, "Value": value}
        return {}

    def _list(self, action: str, action_id: str) -> None:
        item, complete = _LISTS[action]
        start = {"EventList": "start", "Message": "A list will follow"}
        self._message(action_id, "Response: Success", start)
        stage = self._server.stage
        rows: list[Headers] = []
        if action == "CoreShowChannels":
            rows = list(stage.channels(time.monotonic()))
        elif action == "BridgeList":
            rows = list(stage.bridges())
        for row in rows:
            self._message(action_id, f"Event: {item}", row)
        end = {"EventList": "Complete", "ListItems": str(len(rows))}
        self._message(action_id, f"Event: {complete}", end)

    def _message(self, action_id: str, first: str, headers: Headers) -> None:
        lines = [first]
        if action_id:
            lines.append(f"ActionID: {action_id}")
        lines += [f"{key}: {value}" for key, value in headers.items()]
        self.write(("\r\n".join(lines) + "\r\n\r\n").encode())


_LISTS: Final = {
    "CoreShowChannels": ("CoreShowChannel", "CoreShowChannelsComplete"),
    "BridgeList": ("BridgeListItem", "BridgeListComplete"),
    "QueueStatus": ("QueueParams", "QueueStatusComplete"),
}
_FACTS: Final = frozenset(
    {"Ping", "CoreStatus", "CoreSettings", "Getvar", "Filter", "ListCommands", "Events"}
)
