"""What a phone does when it rings: the far ends' behaviour, decided before the call."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from support.asterisk_lab.leg import Leg


class Act(StrEnum):
    """What happens once a phone has rung for a while; the values are ARI's hang-up reasons."""

    NOTHING = "nothing"
    ANSWER = "answer"
    BUSY = "busy"
    REJECT = "rejected"
    DO_NOT_DISTURB = "no_answer"
    UNALLOCATED = "unallocated"
    CONGESTION = "congestion"
    FORWARD = "forward"


SILENT = frozenset({Act.BUSY, Act.DO_NOT_DISTURB, Act.UNALLOCATED, Act.CONGESTION})


@dataclass(slots=True, kw_only=True)
class Phone:
    """A desk phone, or a number in the world outside; by default it rings and nobody comes."""

    device: str
    act: Act = Act.NOTHING
    after_s: float = 0.0
    to: str = ""
    early: bool = False

    def sounds_early(self) -> None:
        """Be heard before anybody answers (183), and never ring (180)."""
        self.early = True

    def only_rings(self) -> None:
        """Nobody comes."""
        self._will(Act.NOTHING)

    def answers(self, *, after_s: float = 0.5) -> None:
        """Answer after ringing this long."""
        self._will(Act.ANSWER, after_s)

    def is_busy(self, *, after_s: float = 0.0) -> None:
        """Refuse with 486 without ringing."""
        self._will(Act.BUSY, after_s)

    def rejects(self, *, after_s: float = 0.5) -> None:
        """Refuse with 403 after ringing this long."""
        self._will(Act.REJECT, after_s)

    def does_not_disturb(self) -> None:
        """Refuse with 480 at once, without ringing."""
        self._will(Act.DO_NOT_DISTURB)

    def does_not_exist(self) -> None:
        """Refuse with 404 at once."""
        self._will(Act.UNALLOCATED)

    def is_congested(self) -> None:
        """Refuse with 503 at once."""
        self._will(Act.CONGESTION)

    def forwards(self, to: str, *, after_s: float = 0.0) -> None:
        """Answer 302 with another number."""
        self._will(Act.FORWARD, after_s)
        self.to = to

    def _will(self, act: Act, after_s: float = 0.0) -> None:
        self.act, self.after_s = act, after_s

    async def receive(self, leg: Leg, address_of_pbx: str) -> None:
        """Do with an incoming leg what was decided."""
        act, after_s, to = self.act, self.after_s, self.to
        if self.early:
            await leg.progress()
        elif act not in SILENT:
            await leg.ring()
        if after_s:
            await asyncio.sleep(after_s)
        if leg.ended.is_set():
            return
        match act:
            case Act.NOTHING:
                return
            case Act.ANSWER:
                await leg.answer()
            case Act.FORWARD:
                await leg.forward(f"sip:{to}@{address_of_pbx}")
            case _:
                await leg.refuse(act.value)
