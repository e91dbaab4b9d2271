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
    if not followed(call):
        return None
    if call.verdict is EndedBy.CALLER and call.direction is Direction.INBOUND:
        return Outcome.ABANDONED
    return _unanswered(call)


def followed(call: Call) -> bool:
    """Whether we saw enough of an unanswered call: it may have been answered before we came."""
    if call.cut_short and call.verdict is None:
        return False
    return call.begin_seen or call.queued or bool(call.stages or call.menus) or not call.root_up


def never_came(call: Call) -> bool:
    """Whether the agent who asked for a click-to-call never answered."""
    return call.originated and call.agent_up_at is None


def _unanswered(call: Call) -> Outcome:
    """Judge the legs dialled last; a queue or menu that gave up is missed whatever they did."""
    legs = call.last_stage
    if call.queue_gave_up or call.in_queue is not None:
        return Outcome.MISSED
    if legs:
        return _BY_LEGS[joint_verdict(legs)]
    if call.dial_failed:
        return Outcome.FAILED
    if call.verdict is EndedBy.CALLER:
        return Outcome.MISSED
    if call.originated:
        return Outcome.FAILED
    gave_up = call.queued or bool(call.menus) or call.root_up
    return Outcome.MISSED if gave_up else Outcome.FAILED


def ended_by(call: Call) -> EndedBy | None:
    """Return who hung up; None while the call is up, or if nobody saw how it ended."""
    if call.end is not EndKind.SEEN:
        return None
    if never_came(call):
        return EndedBy.PBX
    if call.verdict is not None:
        return call.verdict
    if call.cut_short:
        return None
    if call.answered:
        return EndedBy.PBX
    if call.voicemail_at is not None:
        return EndedBy.PBX
    legs = call.last_stage
    if legs and all(leg.self_ended for leg in legs):
        return EndedBy.CALLEE
    return EndedBy.PBX
