"""An embedded AMI server that plays recorded calls at their own pace, for demo and tests.

It answers what the link asks (Login, Ping, the lists, Getvar, Logoff), keeps what is up for who
signs in late, and gives every play fresh ids, so that no two plays are taken for one call.
"""

import asyncio
import itertools
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from adapters.asterisk import played_trunk
from adapters.asterisk.codec import Frame, Framer
from adapters.asterisk.play import Play
from adapters.asterisk.played_hands import COMMANDS, Pace, PlayedHands
from adapters.asterisk.played_queue import PlayedQueue
from adapters.asterisk.recording import Recording
from adapters.asterisk.stage import Stage
from gateway.core.errors import PeerProtocolError

BANNER: Final = b"Asterisk Call Manager/11.0.0\r\n"
MAX_UNSENT_BYTES: Final = 8 * 2**20
_PRIVILEGE: Final = b"\r\nPrivilege: "
_EVERYTHING: Final = frozenset({"", "on", "all", "yes", "true", "1"})
_PRESENTATION: Final = "CALLERID(pres)"

Headers = dict[str, str]


class PlaybackServer:
    """`async with PlaybackServer(recordings, username=…, secret=…) as server:` then `server.port`.

    Playing begins `delay_s` after the first sign-in, or when `begin_now` is called. Recordings
    follow one another with `pause_s` in between or, with `every_s`, begin at that distance and
    overlap; `rounds` None plays for ever. `on_play` is told the name of each recording that begins.
    All times are divided by `speed`. With `phones` (extension: name) there is a queue of them, and
    who signs in with `control_secret` may hand calls over, hang up, hold, dial and pause.
    """

    def __init__(
        self,
        recordings: Sequence[Recording],
        *,
        username: str,
        secret: str,
        control_secret: str = "",
        phones: Mapping[str, str] | None = None,
        queue: str = "support",
        pace: Pace | None = None,
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
        self.control_account = (username, control_secret) if control_secret else None
        self.stage = Stage()
        self.queue = PlayedQueue(queue, phones) if phones else None
        self.hands = PlayedHands(self, pace or Pace()) if control_secret else None
        self.finished = asyncio.Event()
        self.started_at = time.time()
        self._recordings = tuple(recordings)
        self._speed = speed
        self._pause_s = pause_s
        self._every_s = every_s
        self._delay_s = delay_s
        self._rounds = rounds
        self._on_play = on_play
        self._number = itertools.count(1)
        self._plays: set[Play] = set()
        self._beside: set[asyncio.Task[None]] = set()
        self._audience: set[_Guest] = set()
        self._first = asyncio.Event()
        self._begun = asyncio.Event()
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
        tasks = [*self._beside, *((self._director,) if self._director is not None else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()

    def cut(self) -> None:
        """Cut off everybody who is signed in, as a failing network does."""
        for guest in tuple(self._audience):
            guest.abort()

    def begin_now(self) -> None:
        """Wait no longer with the first call: somebody looks."""
        self._begun.set()

    async def _direct(self) -> None:
        """Start the plays in order, and end when all of them are over."""
        await self._first.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._delay_s / self._speed):
                await self._begun.wait()
        rounds = itertools.count() if self._rounds is None else range(self._rounds)
        async with asyncio.TaskGroup() as plays:
            for _ in rounds:
                for recording in self._recordings:
                    task = plays.create_task(self._play(self.fresh(recording)))
                    if self._every_s is None:
                        await task
                        await asyncio.sleep(self._pause_s / self._speed)
                    else:
                        await asyncio.sleep(self._every_s / self._speed)
                await asyncio.sleep(0)
        self.finished.set()

    async def _play(self, fresh: Recording) -> None:
        if self._on_play is not None:
            self._on_play(fresh.name)
        play = Play(fresh, self._send, speed=self._speed)
        self._plays.add(play)
        try:
            await play.run()
        finally:
            self._plays.discard(play)
        for raw in self.stage.left_over(play.uniqueids):
            self._send(raw)

    def fresh(self, recording: Recording) -> Recording:
        """Return a recording with ids that no other play has."""
        return recording.freshened(play=next(self._number), epoch=math.floor(time.time()))

    def begin(self, recording: Recording) -> None:
        """Play something beside what plays."""
        task = asyncio.get_running_loop().create_task(self._play(recording), name="playback.beside")
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    def play_of(self, uniqueid: str) -> Play | None:
        """Return the play that a channel belongs to."""
        return next((play for play in self._plays if uniqueid in play.uniqueids), None)

    def _send(self, raw: bytes) -> str:
        """Send one event to everybody; return the Uniqueid it is about."""
        name = raw[7:].partition(b"\r\n")[0].decode("latin-1")
        frame = Frame(name, raw, 0)
        self.stage.follow(frame, time.monotonic())
        self.publish(raw + b"\r\n\r\n")
        if self.queue is not None:
            for event, headers in self.queue.tell(self.stage.states()):
                self.tell(event, headers)
        return frame.get("Uniqueid")

    def tell(self, name: str, headers: Mapping[str, str]) -> None:
        """Send one event to everybody whom its class concerns."""
        classes = "agent,all" if name.startswith("Queue") else "call,all"
        self.publish(_message("", f"Event: {name}", {"Privilege": classes, **headers}))

    def publish(self, raw: bytes) -> None:
        """Send an event as it stands to everybody who asked for its class."""
        for guest in tuple(self._audience):
            if guest.hears(raw):
                guest.write(raw)

    def admit(self, guest: "_Guest", *, observes: bool) -> None:
        """Let a client that signed in hear the events."""
        self._audience.add(guest)
        if observes:
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
        # the classes of events asked for at the login; None for all of them
        self._classes: frozenset[bytes] | None = None
        self._hands: PlayedHands | None = None

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

    def hears(self, raw: bytes) -> bool:
        """Whether an event is of the classes that the client asked for, as Asterisk decides it."""
        if self._classes is None:
            return True
        classes = raw.partition(_PRIVILEGE)[2].partition(b"\r\n")[0].split(b",")
        return self._classes.issuperset(classes)

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
            self.message(action_id, "Response: Error", {"Message": "Authentication Required"})
        elif action == "Logoff":
            self.message(action_id, "Response: Goodbye", {"Message": "Thanks for all the fish."})
            self.transport.close()
        elif action in _LISTS:
            self._list(action, action_id)
        elif self._hands is not None and action in COMMANDS:
            self._do(self._hands, action, frame)
        elif action in _FACTS:
            self.message(action_id, "Response: Success", self._facts(action, frame))
        else:
            self.message(action_id, "Response: Error", {"Message": "Invalid/unknown command"})

    def _login(self, frame: Frame, action_id: str) -> None:
        given = (frame.get("Username"), frame.get("Secret"))
        controls = given == self._server.control_account
        if given != self._server.account and not controls:
            self.message(action_id, "Response: Error", {"Message": "Authentication failed"})
            self.transport.close()
            return
        self.message(action_id, "Response: Success", {"Message": "Authentication accepted"})
        uptime = str(int(time.time() - self._server.started_at))
        self.message(
            "",
            "Event: FullyBooted",
            {"Privilege": "system,all", "Uptime": uptime, "Status": "Fully Booted"},
        )
        self._admitted = True
        self._classes = _classes(frame.get("Events"))
        self._hands = self._server.hands if controls else None
        self._server.admit(self, observes=not controls)

    def _do(self, hands: PlayedHands, action: str, frame: Frame) -> None:
        trouble = hands.do(action, frame)
        kind = "Response: Error" if trouble else "Response: Success"
        self.message(frame.get("ActionID"), kind, {"Message": trouble or "Done"})

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
        if action == "ListCommands" and self._hands is not None:
            return dict.fromkeys(COMMANDS, "")
        if action == "Getvar":
            variable = frame.get("Variable")
            shown = "allowed_not_screened" if variable == _PRESENTATION else ""
            value = shown or played_trunk.value_of(variable)
            return {"Variable": variable, "Value": value}
        return {}

    def _list(self, action: str, action_id: str) -> None:
        item, complete = _LISTS[action]
        start = {"EventList": "start", "Message": "A list will follow"}
        self.message(action_id, "Response: Success", start)
        rows = list(self._rows(action, item))
        for name, row in rows:
            self.message(action_id, f"Event: {name}", row)
        end = {"EventList": "Complete", "ListItems": str(len(rows))}
        self.message(action_id, f"Event: {complete}", end)

    def _rows(self, action: str, item: str) -> Iterable[tuple[str, Headers]]:
        stage, queue = self._server.stage, self._server.queue
        if action == "CoreShowChannels":
            return ((item, row) for row in stage.channels(time.monotonic()))
        if action == "BridgeList":
            return ((item, row) for row in stage.bridges())
        if action == played_trunk.REGISTRATIONS:
            return ((item, row) for row in played_trunk.registrations())
        if queue is None:
            return ()
        if action == "QueueStatus":
            return queue.listed()
        return (*queue.devices(), *((item, row) for row in played_trunk.devices()))

    def message(self, action_id: str, first: str, headers: Mapping[str, str]) -> None:
        """Send one message: its first line, then its headers."""
        self.write(_message(action_id, first, headers))


def _message(action_id: str, first: str, headers: Mapping[str, str]) -> bytes:
    lines = [first]
    if action_id:
        lines.append(f"ActionID: {action_id}")
    lines += [f"{key}: {value}" for key, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _classes(events: str) -> frozenset[bytes] | None:
    """Read the Login header `Events`: `on`, `off`, or classes by name; "all" stands in each event.

    (Asterisk's `strings_to_mask`, main/manager.c.)
    """
    if events.lower() in _EVERYTHING:
        return None
    return frozenset((*events.encode().split(b","), b"all"))


_LISTS: Final = {
    "CoreShowChannels": ("CoreShowChannel", "CoreShowChannelsComplete"),
    "BridgeList": ("BridgeListItem", "BridgeListComplete"),
    "QueueStatus": ("QueueParams", "QueueStatusComplete"),
    "DeviceStateList": ("DeviceStateChange", "DeviceStateListComplete"),
    played_trunk.REGISTRATIONS: (
        "OutboundRegistrationDetail",
        "OutboundRegistrationDetailComplete",
    ),
}
_FACTS: Final = frozenset(
    {"Ping", "CoreStatus", "CoreSettings", "Getvar", "Filter", "ListCommands", "Events"}
)
