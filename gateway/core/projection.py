"""From the state of a call to its public record: a pure view, equal for equal states."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.core.calls import Call
from gateway.core.legs import Leg
from gateway.core.numbers import NumberPlan
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    Direction,
    EndedBy,
    Party,
    Presentation,
    Seconds,
    Transfer,
)
from gateway.core.text import clean_text
from gateway.core.verdict import ended_by, followed, never_came, outcome

if TYPE_CHECKING:
    from gateway.core.board import Board


def project(board: "Board", call: Call) -> CallRecord:
    """Return the record of a call as it stands."""
    merged = call.merged_into is not None
    caller, called = _parties(board, call)
    return CallRecord(
        id=call.id,
        pbx=board.pbx,
        linkedid=call.linkedid,
        direction=call.direction,
        state=CallState.ENDED if call.ended else CallState.LIVE,
        end=call.end,
        complete=call.complete and not any(leg.presumed for leg in legs_of(call)),
        revision=call.revision,
        merged_into=call.merged_into,
        caller=caller,
        called=called,
        trunk=call.trunk,
        queue=_queue(call),
        ivr=call.menus,
        rung=_rung(call),
        answered_by=call.answered_by,
        final_talker=call.final_talker,
        transfers=tuple(
            Transfer(
                type=move.type,
                from_party=move.from_party,
                to_party=move.to_party,
                completed=move.completed,
                at=move.at,
            )
            for move in call.moves
        ),
        outcome=None if merged else outcome(call),
        ended_by=None if merged else _ended_by(board, call),
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        seconds=_seconds(call),
        recordings=call.recordings,
    )


def legs_of(call: Call) -> Iterator[Leg]:
    """Yield whoever was dialled, in order."""
    return (leg for stage in call.stages for leg in stage)


def _parties(board: "Board", call: Call) -> tuple[Party, Called]:
    """Return who calls and what was dialled: made once, they are the same in nearly all records."""
    of = (
        call.direction,
        call.trunk,
        call.caller_number,
        call.caller_name,
        call.caller_party,
        call.withheld,
        call.called,
    )
    kept = call.parties
    if kept is None or kept[0] != of:
        kept = call.parties = (of, _caller(board, call), _called(board, call))
    return kept[1:]


def _caller(board: "Board", call: Call) -> Party:
    number = _plan(board, call).parse(call.caller_number or None)
    withheld = number.withheld or bool(call.withheld)
    return Party(
        number=number.raw,
        e164=None if call.caller_party else number.e164,
        name=clean_text(call.caller_name),
        presentation=Presentation.WITHHELD if withheld else Presentation.ALLOWED,
    )


def _called(board: "Board", call: Call) -> Called:
    dialled = call.direction is not Direction.INBOUND
    number = _plan(board, call).parse(call.called or None, dialled=dialled)
    return Called(number=number.raw, e164=number.e164)


def _plan(board: "Board", call: Call) -> NumberPlan:
    """Return how the call's numbers are read: as its trunk sends them, else as people dial."""
    inbound = call.direction is Direction.INBOUND
    return board.plan.of_trunk(call.trunk) if inbound else board.plan


def _queue(call: Call) -> str | None:
    return call.answer_queue or call.last_queue


def _rung(call: Call) -> tuple[tuple[str, ...], ...]:
    stages = []
    for stage in call.stages:
        # dict.fromkeys: the devices of one extension ring as one.
        labels = tuple(dict.fromkeys(leg.label for leg in stage if leg.rung and leg.label))
        if labels:
            stages.append(labels)
    return tuple(stages)


def _ended_by(board: "Board", call: Call) -> EndedBy | None:
    # A PBX that tells no requests tells nobody who hung up; that an agent never came it does tell.
    told = board.hangups_told or never_came(call)
    return ended_by(call) if told else None


def _seconds(call: Call) -> Seconds:
    if call.begin_seen and not call.menu_unseen:
        ivr: float | None = round(call.ivr_s, 3)
    else:
        ivr = None
    return Seconds(ring=_ring(call), wait=_wait(call), talk=_talk(call), hold=_hold(call), ivr=ivr)


def _between(begin: datetime | None, end: datetime | None) -> float | None:
    if begin is None or end is None:
        return None
    return max(0.0, round((end - begin).total_seconds(), 3))


def _ring(call: Call) -> float | None:
    if not call.begin_seen or call.ring_unknown:
        return None
    begin = call.agent_up_at if call.agent_up_at is not None else call.started_at
    if call.answered:
        return _between(begin, call.answered_at)
    if call.voicemail_at is None and not followed(call):
        return None  # somebody may have answered unseen
    return _between(begin, call.voicemail_at or call.ended_at)


def _wait(call: Call) -> float | None:
    return None if call.wait_unknown else _between(call.queue_since, call.queue_left_at)


def _talk(call: Call) -> float | None:
    return _between(call.answered_at, call.ended_at) if call.answered else None


def _hold(call: Call) -> float | None:
    if call.gap or (call.answered and call.answered_at is None):
        return None
    return round(call.hold_s, 3)
