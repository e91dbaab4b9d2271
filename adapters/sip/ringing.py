"""Calls that ring at us: what to answer and what to tell, without sockets or time of its own.

We never answer a call. An INVITE rings until its CANCEL (RFC 3261 section 9), or until we say that
nobody came; retransmissions, forks and strangers' CANCELs change nothing.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from adapters.sip.message import SipMessage, header_parameters
from adapters.sip.objecting import Objection, objection

Source = tuple[str, int]
# RFC 3261 17.1.1.1: T1, T2, T4 and the life of a transaction, in seconds.
T1_S: Final = 0.5
T2_S: Final = 4.0
T4_S: Final = 5.0
LIFE_S: Final = 64 * T1_S
MOST_CALLS: Final = 500
# So much shorter than the telephone system's own time the ringing may seem to us; longer is late.
GIVING_UP_S: Final = 1.0
_CAUSE: Final = re.compile(r"cause\s*=\s*(\d{1,4})", re.IGNORECASE)
# Q.850 26 "non-selected user clearing", and SIP 200 with RFC 3326's words.
_ELSEWHERE: Final = frozenset({("SIP", 200), ("Q.850", 26)})
# Q.850 0 is what Asterisk's Dial sends when it has rung long enough; 16 that the caller hung up.
_NOBODY_CAME: Final = frozenset(
    {("SIP", 408), ("SIP", 480), ("Q.850", 0), ("Q.850", 18), ("Q.850", 19), ("Q.850", 102)}
)
_ENDS: Final = frozenset({"CANCEL", "BYE"})
_REASONS: Final = {
    180: "Ringing",
    200: "OK",
    405: "Method Not Allowed",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    487: "Request Terminated",
    500: "Invitation Is Still Ringing",
    503: "Service Unavailable",
}
_KEPT_ALIVE: Final = frozenset({"OPTIONS", "NOTIFY", "UPDATE", "INFO", "MESSAGE"})


class End(StrEnum):
    """How a call stopped ringing here."""

    ELSEWHERE = "elsewhere"
    LEFT = "left"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Send a response to `request`, where it came from; `headers` beside those of every one."""

    request: SipMessage
    source: Source
    status: int
    reason: str
    tag: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """A call began to ring; `call` names this ringing: one Call-ID may ring again later."""

    call: str
    invite: SipMessage
    source: Source
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A call stopped ringing here."""

    call: str
    end: End


Action = Answer | Rings | Stopped


@dataclass(slots=True)
class _Call:
    """One INVITE; `over` once it was answered finally, `again_at` when the 487 is sent again.

    `turn` counts the times that one Call-ID rang here: a PBX that hunts comes back with it.
    """

    invite: SipMessage
    source: Source
    tag: str
    began: float
    until: float
    turn: int = 1
    over: bool = False
    answer: Answer | None = None
    again_at: float = 0.0
    pause_s: float = T1_S

    @property
    def name(self) -> str:
        """Return what this ringing is called: its Call-ID, with a number from the second on."""
        call_id = self.invite.call_id
        return call_id if self.turn == 1 else f"{call_id} #{self.turn}"


@dataclass(slots=True)
class Calls:
    """Every call that rings here now.

    `new_tag` makes the tags of our answers, `alone` tells whether no other phone rings: then we
    say that nobody is there, so that the PBX goes on to its voicemail (SIP.md, decision 6).
    `unexplained` is what a CANCEL without a reason means, unless it comes when the PBX gives up,
    after `gives_up_s` of ringing: then nobody came. `refused` counts INVITEs by status.
    """

    new_tag: Callable[[], str]
    ring_limit_s: float = 180.0
    alone: bool = False
    unexplained: End = End.LEFT
    gives_up_s: float | None = None
    refused: Counter[int] = field(default_factory=Counter)
    _calls: dict[str, _Call] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the calls that ring now."""
        return sum(not call.over for call in self._calls.values())

    def take_over(self, rings: Rings, now: float) -> None:
        """Know a call that an earlier process let ring."""
        invite = rings.invite
        _, _, turn = rings.call.removeprefix(invite.call_id).partition(" #")
        call = _Call(invite, rings.source, rings.tag, now, now + self.ring_limit_s, int(turn or 1))
        self._calls[invite.call_id] = call

    def request(self, message: SipMessage, source: Source, now: float) -> list[Action]:
        """Return what a request means; ACK is never answered."""
        call = self._calls.get(message.call_id)
        method = message.method
        if method == "ACK":
            if call is not None and call.over:
                call.answer, call.until = None, min(call.until, now + T4_S)
            return []
        if method in _ENDS:
            return self._end(message, source, call, now)
        found = objection(message)
        if found is not None:
            return [self._objected(message, source, found)]
        if method == "INVITE":
            return self._invite(message, source, call, now)
        if method in _KEPT_ALIVE:
            tag = call.tag if call is not None else self.new_tag()
            return [_answer(message, source, 200, "OK", tag)]
        return [self._refusal(message, source, 405)]

    def tick(self, now: float) -> list[Action]:
        """Return what is due: final answers nobody acknowledged, calls that rang long enough."""
        actions: list[Action] = []
        for call_id, call in list(self._calls.items()):
            if call.over and call.until <= now:
                del self._calls[call_id]
            elif call.over and call.answer is not None and call.again_at <= now:
                call.pause_s = min(2 * call.pause_s, T2_S)
                call.again_at = now + call.pause_s
                actions.append(call.answer)
            elif not call.over and call.until <= now:
                actions += self._finish(call, 480, now)
                actions.append(Stopped(call=call.name, end=End.NOBODY))
        return actions

    def _invite(
        self, message: SipMessage, source: Source, call: _Call | None, now: float
    ) -> list[Action]:
        to = _tag(message, "To")
        if to:
            return [self._invited_within(message, source, call, to)]
        if call is not None and (
            not call.over or _transaction(message) == _transaction(call.invite)
        ):
            return self._invited_again(message, source, call)
        if len(self._calls) >= MOST_CALLS:
            return [self._refusal(message, source, 503)]
        turn = 1 if call is None else call.turn + 1
        call = _Call(message, source, self.new_tag(), now, now + self._limit_of(message), turn)
        self._calls[message.call_id] = call
        if self.alone:
            return self._finish(call, 480, now)
        ringing = _answer(message, source, 180, _REASONS[180], call.tag)
        return [ringing, Rings(call=call.name, invite=message, source=source, tag=call.tag)]

    def _invited_within(
        self, message: SipMessage, source: Source, call: _Call | None, to: str
    ) -> Answer:
        """Refuse a change of what was never agreed: no dialog, or one that only rings."""
        if call is None or call.over or to != call.tag:
            return self._refusal(message, source, 481)
        # RFC 3261 14.2: a second INVITE before the first has its final answer.
        later = (("Retry-After", "5"),)
        return Answer(
            request=message,
            source=source,
            status=500,
            reason=_REASONS[500],
            tag=to,
            headers=later,
        )

    def _invited_again(self, message: SipMessage, source: Source, call: _Call) -> list[Action]:
        if _is_another(message, call):
            # RFC 3261 8.2.2.2: the same call came by another way, or somebody pretends so.
            return [self._refusal(message, source, 482)]
        if call.over:
            return [call.answer] if call.answer is not None else []
        return [_answer(message, source, 180, _REASONS[180], call.tag)]

    def _objected(self, message: SipMessage, source: Source, found: Objection) -> Answer:
        if message.method == "INVITE":
            self.refused[found.status] += 1
        return Answer(
            request=message,
            source=source,
            status=found.status,
            reason=found.reason,
            tag=self.new_tag(),
            headers=found.headers,
        )

    def _refusal(self, message: SipMessage, source: Source, status: int) -> Answer:
        return _answer(message, source, status, _REASONS[status], self.new_tag())

    def _limit_of(self, invite: SipMessage) -> float:
        expires = invite.get("Expires").strip()
        if expires.isascii() and expires.isdigit() and len(expires) < len("100000"):
            return min(float(expires), self.ring_limit_s) or self.ring_limit_s
        return self.ring_limit_s

    def _end(
        self, message: SipMessage, source: Source, call: _Call | None, now: float
    ) -> list[Action]:
        """Let a CANCEL, or a BYE in an early dialog, end the ringing; a stranger's does nothing."""
        if call is None or not _ends_it(message, call):
            return [self._refusal(message, source, 481)]
        done = _answer(message, source, 200, _REASONS[200], call.tag)
        if call.over:
            return [done]
        ended = Stopped(call=call.name, end=_end_of(message) or self._unexplained(call, now))
        return [done, *self._finish(call, 487, now), ended]

    def _unexplained(self, call: _Call, now: float) -> End:
        limit = self.gives_up_s
        rang_out = limit is not None and now - call.began >= limit - GIVING_UP_S
        return End.NOBODY if rang_out else self.unexplained

    def _finish(self, call: _Call, status: int, now: float) -> list[Action]:
        call.over, call.until = True, now + LIFE_S
        call.answer = _answer(call.invite, call.source, status, _REASONS[status], call.tag)
        call.again_at = now + call.pause_s
        return [call.answer]


def _answer(request: SipMessage, source: Source, status: int, reason: str, tag: str) -> Answer:
    return Answer(request=request, source=source, status=status, reason=reason, tag=tag)


def _tag(message: SipMessage, name: str) -> str:
    return header_parameters(message.get(name)).get("tag", "")


def _transaction(invite: SipMessage) -> tuple[str, str, int]:
    return invite.branch, _tag(invite, "From"), invite.cseq[0]


def _is_another(invite: SipMessage, call: _Call) -> bool:
    return _transaction(invite) != _transaction(call.invite)


def _ends_it(message: SipMessage, call: _Call) -> bool:
    """Whether a CANCEL is of the INVITE's transaction, or a BYE of the dialog that our 180 began.

    RFC 3261 9.2 and 15.1.2: who did not send the INVITE does not know these.
    """
    to = _tag(message, "To")
    if message.method == "BYE":
        known = _tag(message, "From") == _tag(call.invite, "From")
        return known and to == call.tag and not call.over
    return not _is_another(message, call) and to in {"", call.tag}


def _end_of(message: SipMessage) -> End | None:
    """Read why a call is taken back (RFC 3326); None where no reason is given."""
    for value in message.every("Reason"):
        protocol = value.partition(";")[0].strip().upper()
        found = _CAUSE.search(value)
        cause = (protocol, int(found[1]) if found else -1)
        if cause in _ELSEWHERE or "elsewhere" in value.lower():
            return End.ELSEWHERE
        if cause in _NOBODY_CAME:
            return End.NOBODY
    return End.LEFT if message.every("Reason") else None
