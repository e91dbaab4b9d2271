"""One channel of a far end: what a phone, or the world outside, saw of a call with its own eyes."""

import asyncio
from typing import Protocol

from support.asterisk_lab.settings import PEOPLE

WAIT_S = 15.0
DTMF_PAUSE_MS = 120


class Line(Protocol):
    """What a leg needs of its far end: to send one ARI request about a channel."""

    media: bool

    async def variable(self, channel: str, name: str) -> str:
        """Return what a dialplan function says about a channel."""
        ...

    async def post(self, path: str, **query: str) -> None:
        """Send a POST below /ari."""

    async def delete(self, path: str, **query: str) -> None:
        """Send a DELETE below /ari."""


class Leg:
    """A channel between a far end and the PBX. All times are the event loop's, in seconds.

    `device` is the phone (or outside number) at this end; `caller` the number the PBX showed it.
    `ended_here` says that this end hung up, refused or gave up, not the PBX.
    """

    def __init__(
        self, line: Line, *, channel: str, device: str, caller: str, started_at: float
    ) -> None:
        self.channel = channel
        self.device = device
        self.caller = caller
        self.started_at = started_at
        self.alerted = False
        self.up_at: float | None = None
        self.ended_at: float | None = None
        self.forwarded_at: float | None = None
        self.ended_here = False
        self.refusal: str | None = None
        self.up = asyncio.Event()
        self.ended = asyncio.Event()
        self.pressed_at = started_at
        self.held: list[tuple[float, float | None]] = []
        self._line = line

    @property
    def is_phone(self) -> bool:
        """Whether this is a desk phone of the company, not a number in the world outside."""
        return self.device in PEOPLE

    @property
    def pending_until(self) -> float:
        """When it stopped being dialled: answered, refused, sent on; infinity until then."""
        ends = [at for at in (self.up_at, self.ended_at, self.forwarded_at) if at is not None]
        return min(ends, default=float("inf"))

    async def ring(self) -> None:
        """Answer 180: the phone rings."""
        self.alerted = True
        await self._line.post(f"channels/{self.channel}/ring")

    async def progress(self) -> None:
        """Answer 183: something is heard, but no phone rings yet."""
        await self._line.post(f"channels/{self.channel}/progress")

    async def answer(self) -> None:
        """Lift the receiver and let media flow."""
        await self._line.post(f"channels/{self.channel}/answer")
        if self._line.media:
            await self._line.post(f"channels/{self.channel}/moh")

    async def refuse(self, reason: str) -> None:
        """Refuse to take the call: `busy` is 486, `rejected` 403, `no_answer` 480 (do not disturb).

        `unallocated` is 404, `congestion` 503.
        """
        self.refusal = reason
        await self.hang_up(reason=reason)

    async def hang_up(self, *, reason: str = "normal") -> None:
        """Hang up at this end; harmless if the call is over already."""
        if not self.ended.is_set():
            self.ended_here = True
            await self._line.delete(f"channels/{self.channel}", reason=reason)

    async def hold(self) -> None:
        """Put the other side on hold (re-INVITE, sendonly)."""
        self.held.append((asyncio.get_running_loop().time(), None))
        await self._line.post(f"channels/{self.channel}/hold")

    async def unhold(self) -> None:
        """Take the other side back."""
        since, _ = self.held[-1]
        self.held[-1] = (since, asyncio.get_running_loop().time())
        await self._line.delete(f"channels/{self.channel}/hold")

    async def press(self, digits: str) -> None:
        """Send digits as telephone events (RFC 4733); returns while they are still being sent."""
        self.pressed_at = asyncio.get_running_loop().time() + self._digits_s(digits)
        await self._line.post(
            f"channels/{self.channel}/dtmf",
            dtmf=digits,
            between=str(DTMF_PAUSE_MS),
            duration=str(DTMF_PAUSE_MS),
        )

    async def forward(self, uri: str) -> None:
        """Answer 302 Moved Temporarily: from now on this phone is not being dialled any more."""
        self.forwarded_at = asyncio.get_running_loop().time()
        await self.redirect(uri)

    async def redirect(self, uri: str) -> None:
        """Before the answer: 302 Moved Temporarily. After it: REFER, a blind transfer."""
        await self._line.post(f"channels/{self.channel}/redirect", endpoint=f"PJSIP/{uri}")

    async def replaces(self) -> str:
        """Return what a Refer-To says so that its target takes this dialog over (RFC 3891)."""
        call_id, local, remote = [
            await self._line.variable(self.channel, f"CHANNEL(pjsip,{name})")
            for name in ("call-id", "local_tag", "remote_tag")
        ]
        return f"{call_id}%3Bto-tag%3D{remote}%3Bfrom-tag%3D{local}"

    @staticmethod
    def _digits_s(digits: str) -> float:
        return len(digits) * 2 * DTMF_PAUSE_MS / 1000

    async def hand_over(self) -> None:
        """Hang up to complete a consultation: the line is let go, nobody hangs up on anybody."""
        await self.release()

    async def release(self) -> None:
        """Let the line go after handing the call over: nobody has hung up on anybody."""
        await self._line.delete(f"channels/{self.channel}", reason="normal")

    async def wait_up(self, timeout_s: float = WAIT_S) -> "Leg":
        """Wait until it is answered."""
        async with asyncio.timeout(timeout_s):
            await self.up.wait()
        return self

    async def wait_ended(self, timeout_s: float = WAIT_S) -> None:
        """Wait until it is over."""
        async with asyncio.timeout(timeout_s):
            await self.ended.wait()
