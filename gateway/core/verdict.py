"""What a call came to and who ended it (DESIGN section 3: outcome, ended_by)."""

from typing import Final

from gateway.core.calls import Call
from gateway.core.legs import LegVerdict, joint_verdict
from gateway.core.record import Direction, EndedBy, EndKind, Outcome

_BY_LEGS: Final = {
    LegVerdict.MISSED: Outcome.MISSED,
    LegVerdict.REJECTED: Outcome.REJECTED,
    LegVerdict.BUSY: Outcome.BUSY,
    LegVerdict.FAILED: Outcome.FAILED,
}


def outcome(call: Call) -> Outcome | None:
    """Return what the network did; None while it is open, or if nobody saw how it ended."""
    if call.answered:
        return Outcome.ANSWERED
    if call.voicemail_at is not None:
        return Outcome.VOICEMAIL
    if call.end is not EndKind.SEEN:
        return None
    if never_came(call):
        return Outcome.FAILED
    return _unanswered(call) if followed(call) else None


def followed(call: Call) -> bool:
    """Whether we saw enough of an unanswered call: it may have been answered before we came."""
    if call.taken_unseen or (call.cut_short and call.verdict is None):
        return False
    return call.begin_seen or call.queued or bool(call.stages or call.menus) or not call.root_up


def never_came(call: Call) -> bool:
    """Whether the agent who asked for a click-to-call never answered."""
    return call.originated and call.agent_up_at is None


def _unanswered(call: Call) -> Outcome:
    """Judge the legs dialled last; a queue that gives up is missed whatever its members did."""
    left = call.verdict is EndedBy.CALLER
    if left and call.direction is Direction.INBOUND:
        return Outcome.ABANDONED
    if call.queue_gave_up or call.in_queue is not None:
        return Outcome.MISSED
    legs = call.last_stage
    if legs:
        return _BY_LEGS[joint_verdict(legs)]
    if call.dial_failed:
        return Outcome.FAILED
    gave_up = call.queued or bool(call.menus) or call.root_up
    return Outcome.MISSED if left or (gave_up and not call.originated) else Outcome.FAILED


def ended_by(call: Call) -> EndedBy | None:
    """Return who hung up; None while the call is up, or if nobody saw how it ended."""
    if call.end is not EndKind.SEEN:
        return None
    if never_came(call):
        return EndedBy.PBX
    if call.verdict is not None or call.cut_short:
        return call.verdict
    legs = call.last_stage
    refused = bool(legs) and all(leg.self_ended for leg in legs)
    if refused and not call.answered and call.voicemail_at is None:
        return EndedBy.CALLEE
    return EndedBy.PBX
