"""A PBX that plays one recorded call again and again, and notes when its bytes went out."""

import asyncio
import math
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.asterisk.playback import PlaybackServer
from adapters.asterisk.recording import Recording
from gateway.core.ids import call_id

PBX: Final = "pbx"
USERNAME: Final = "bench"
SECRET: Final = "bench-secret"  # noqa: S105 - of this PBX alone
FIRST_EXTENSION: Final = 20_000
_DIALLED: Final = b"Event: DialBegin"
_DEST: Final = re.compile(
    rb"\r\nDestChannel: PJSIP/([^\r-]+)-.*\r\nDestLinkedid: ([^\r]+)", re.DOTALL
)
_RINGING: Final = b"\r\nDialStatus: RINGING"


def pop_key(call: str, extension: str) -> str:
    """Return what tells one ring of one phone from all others."""
    return f"{call} {extension}"


@dataclass(slots=True)
class Sent:
    """When the bytes of one ring went to the socket, in ns of the machine's monotonic clock."""

    dialled: int
    ringing: int | None = None


class Plan:
    """Whom the next call rings, and who it is."""

    def __init__(self, agents: int, callers: list[str]) -> None:
        self._agents = agents
        self._callers = callers
        self._dice = random.Random(11)  # noqa: S311 - not for secrets
        self._next = 0

    def extension(self) -> bytes:
        """Return the extension in turn."""
        extension = FIRST_EXTENSION + self._next % self._agents
        self._next += 1
        return str(extension).encode()

    def caller(self) -> bytes:
        """Return somebody of the directory."""
        return self._dice.choice(self._callers).encode()


class Feed(PlaybackServer):
    """Plays a recording `calls` times, each from another number and for other phones.

    It begins at `go`; everything is made before, so that while it plays it only writes. `sent`
    holds what went out, `events` how many.
    """

    def __init__(self, recording: Recording, *, rate: float, calls: int, plan: Plan) -> None:
        super().__init__([recording], username=USERNAME, secret=SECRET)
        self.go = asyncio.Event()
        self.sent: dict[str, Sent] = {}
        self.events = 0
        self._plan = plan
        phones = {found[1] for _, raw in recording.events if (found := _DEST.search(raw))}
        self._phones = sorted(phones)
        first = next(raw for _, raw in recording.events if raw.startswith(b"Event: Newchannel"))
        caller = re.search(rb"\r\nCallerIDNum: ([^\r]+)", first)
        assert caller is not None
        self._caller = caller[1]
        self._lines: list[tuple[float, bytes, str]] = []
        for play in range(calls):
            self._lines += self._call(recording, play, play / rate)
        self._lines.sort(key=lambda line: line[0])

    def _call(
        self, recording: Recording, play: int, start: float
    ) -> Iterator[tuple[float, bytes, str]]:
        """Yield when, what, and which ring it begins or lets sound ("" for all else)."""
        fresh = recording.freshened(play=play + 1, epoch=math.floor(time.time()))
        caller = self._plan.caller()
        phones = {phone: self._plan.extension() for phone in self._phones}
        for at, recorded in fresh.events:
            raw = recorded.replace(self._caller, caller)
            for phone, extension in phones.items():
                raw = raw.replace(b"PJSIP/" + phone, b"PJSIP/" + extension)
                raw = raw.replace(b": " + phone + b"\r\n", b": " + extension + b"\r\n")
            key = ""
            if raw.startswith(_DIALLED) or _RINGING in raw:
                dest = _DEST.search(raw)
                assert dest is not None
                key = pop_key(str(call_id(PBX, dest[2].decode())), dest[1].decode())
            yield start + at, raw + b"\r\n\r\n", key

    async def _direct(self) -> None:
        await self.go.wait()
        began = time.monotonic()
        for at, raw, key in self._lines:
            wait = began + at - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            if key:
                self._note(key, time.monotonic_ns(), begun=raw.startswith(_DIALLED))
            self.events += 1
            self.publish(raw)
        self.finished.set()

    def _note(self, key: str, now: int, *, begun: bool) -> None:
        if begun:
            self.sent.setdefault(key, Sent(now))
        elif key in self.sent and self.sent[key].ringing is None:
            self.sent[key].ringing = now
