"""Legs: what a call dialled, and what became of it."""

from enum import StrEnum
from typing import Final

# Q.850 causes as Asterisk maps SIP answers onto them (hangup_sip2cause in chan_pjsip).
BUSY_CAUSE: Final = 17
NO_ANSWER_CAUSE: Final = 19
REJECTED_CAUSE: Final = 21
REDIRECTED_CAUSE: Final = 23
ELSEWHERE_CAUSE: Final = 26
# Nothing is known against the phone: it rang until somebody gave up.
_RANG_OUT: Final = frozenset({0, 16, ELSEWHERE_CAUSE})
_REFUSALS: Final = frozenset({403, 603})
_BUSY_CODES: Final = frozenset({486, 600})
_UNAVAILABLE: Final = 480
_NO_RESPONSE_CAUSE: Final = 18


class LegVerdict(StrEnum):
    """What a leg that nobody answered tells about its far end."""

    MISSED = "missed"
    REJECTED = "rejected"
    BUSY = "busy"
    FAILED = "failed"


class Leg:
    """One channel that was dialled.

    `party` and `number` name its far end, `via` is the unique id of the dialling channel, `stage`
    the index of the stage it rang in (-1: a relay, which is no leg of anybody), `queue` the queue
    that dialled it; `pending` until dialling it is over, `open` while its pop may be open; `own`:
    dialled to find the agent who asked for a click-to-call; `presumed`: nobody saw it dialled;
    `consulted`: talks with the colleague who asks, not with the customer yet (forgotten at a
    restart, as their pop is).
    """

    __slots__ = (
        "alerted",
        "answered",
        "cause",
        "consulted",
        "extension",
        "forwarded",
        "number",
        "open",
        "own",
        "party",
        "pending",
        "presumed",
        "queue",
        "relay",
        "ring_no",
        "self_ended",
        "stage",
        "tech_cause",
        "uid",
        "via",
    )

    def __init__(
        self, uid: str, *, party: str, number: str, extension: bool, relay: str, via: str
    ) -> None:
        self.uid = uid
        self.party = party
        self.number = number
        self.extension = extension
        self.relay = relay
        self.via = via
        self.stage = -1
        self.ring_no = 0
        self.queue: str | None = None
        self.pending = True
        self.presumed = False
        self.open = False
        self.own = False
        self.alerted = False
        self.answered = False
        self.consulted = False
        self.forwarded = False
        self.self_ended = False
        self.cause: int | None = None
        self.tech_cause: int | None = None

    @property
    def label(self) -> str:
        """Return the extension, or the outside number as dialled."""
        return self.party if self.extension else self.number

    @property
    def rung(self) -> bool:
        """Whether the record lists it: an extension once invited, a number once it alerts."""
        return self.extension or self.alerted or self.answered

    @property
    def rung_as(self) -> str:
        """Return its label if the record lists it, else ""."""
        if self.extension:
            return self.party
        return self.number if self.alerted or self.answered else ""

    def verdict(self) -> LegVerdict:
        """Return what its end tells; the newer SIP code first, then the Q.850 cause."""
        cause, tech = self.cause, self.tech_cause
        if tech in _REFUSALS or cause == REJECTED_CAUSE:
            return LegVerdict.REJECTED
        if tech in _BUSY_CODES or cause == BUSY_CAUSE:
            return LegVerdict.BUSY
        if cause == NO_ANSWER_CAUSE or tech == _UNAVAILABLE:
            # 480 at once is do-not-disturb; after ringing it is nobody there.
            return LegVerdict.MISSED if self.alerted else LegVerdict.REJECTED
        if cause is None or cause in _RANG_OUT:
            return LegVerdict.MISSED
        if cause == _NO_RESPONSE_CAUSE and self.alerted:
            return LegVerdict.MISSED
        return LegVerdict.FAILED


def joint_verdict(legs: list[Leg]) -> LegVerdict:
    """Return what a stage that nobody answered tells (DESIGN: outcome)."""
    verdicts = {leg.verdict() for leg in legs}
    for verdict in (LegVerdict.MISSED, LegVerdict.REJECTED, LegVerdict.BUSY):
        if verdict in verdicts:
            return verdict
    return LegVerdict.FAILED
