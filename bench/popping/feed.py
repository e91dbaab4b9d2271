"""A PBX that plays one recorded call again and again, and notes when its bytes went out."""

import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from typing import Final

from adapters.asterisk.playback import PlaybackServer
from adapters.asterisk.recording import Recording
from gateway.core.ids import call_id

PBX: Final = "pbx"
USERNAME: Final = "bench"
SECRET: Final = "bench-secret"  # noqa: S105 - of this PBX alone
FIRST_EXTENSION: Final = 20_000
_LINKED: Final = re.compile(rb"\r\n(?:Dest)?Linkedid: ([^\r]+)")
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


@dataclass(slots=True)
class _Dress:
    """What one play says instead of what was recorded."""

    caller: bytes
    phones: dict[bytes, bytes] = field(default_factory=dict)


class Feed(PlaybackServer):
    """Plays a recording `calls` times, each from another number and for other phones.

    It begins at `go`. `sent` holds what went out, `events` how many, `begun` when the first did.
    """

    def __init__(self, recording: Recording, *, rate: float, calls: int, plan: Plan) -> None:
        super().__init__(
            [recording],
            username=USERNAME,
            secret=SECRET,
            every_s=1 / rate,
            rounds=calls,
            delay_s=0.0,
        )
        self.go = asyncio.Event()
        self.sent: dict[str, Sent] = {}
        self.events = 0
        self._plan = plan
        self._dressed: dict[bytes, _Dress] = {}
        self._phones = sorted({one[1] for _, raw in recording.events if (one := _DEST.search(raw))})
        first = next(raw for _, raw in recording.events if raw.startswith(b"Event: Newchannel"))
        found = re.search(rb"\r\nCallerIDNum: ([^\r]+)", first)
        assert found is not None
        self._caller = found[1]

    async def _direct(self) -> None:
        await self.go.wait()
        await super()._direct()

    def _send(self, raw: bytes) -> str:
        linked = _LINKED.search(raw)
        if linked is not None:
            raw = self._dress(raw, linked[1])
        dest = None
        if raw.startswith(b"Event: Dial"):
            dest = _DEST.search(raw)
        if dest is not None:
            key = pop_key(str(call_id(PBX, dest[2].decode())), dest[1].decode())
            now = time.monotonic_ns()
            if raw.startswith(b"Event: DialBegin"):
                self.sent.setdefault(key, Sent(now))
            elif _RINGING in raw and key in self.sent and self.sent[key].ringing is None:
                self.sent[key].ringing = now
        self.events += 1
        return super()._send(raw)

    def _dress(self, raw: bytes, call: bytes) -> bytes:
        dress = self._dressed.get(call)
        if dress is None:
            dress = self._dressed[call] = _Dress(self._plan.caller())
            dress.phones = {phone: self._plan.extension() for phone in self._phones}
        for phone, extension in dress.phones.items():
            raw = raw.replace(b"PJSIP/" + phone, b"PJSIP/" + extension)
            raw = raw.replace(b": " + phone + b"\r\n", b": " + extension + b"\r\n")
        return raw.replace(self._caller, dress.caller)
