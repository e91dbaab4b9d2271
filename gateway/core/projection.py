"""From the state of a call to its public record: a pure view, equal for equal states."""

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gateway.core.calls import Call, Move
from gateway.core.numbers import NumberPlan
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    Direction,
    Draft,
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

_SOURCES: Final = ("ami",)


def project(board: "Board", call: Call) -> CallRecord:
    """Return the record of a call as it stands."""
    merged = call.merged_into is not None
    draft = Draft()
    draft.id = call.id
    draft.pbx = board.pbx
    draft.linkedid = call.linkedid
    draft.direction = call.direction
    draft.state = CallState.ENDED if call.ended else CallState.LIVE
    draft.end = call.end
    draft.complete = call.complete and not (call.stages and _presumes(call))
    draft.revision = call.revision
    draft.merged_into = call.merged_into
    draft.sources = _SOURCES
    draft.caller, draft.called = _parties(board, call)
    draft.trunk = call.trunk
    draft.line = None
    draft.queue = call.answer_queue or call.last_queue
    draft.ivr = call.menus
    draft.rung = _rung(call) if call.stages else ()
    draft.answered_by = call.answered_by
    draft.final_talker = call.final_talker
    draft.transfers = tuple(map(_transfer, call.moves)) if call.moves else ()
    draft.outcome = None if merged else outcome(call)
    draft.ended_by = None if merged or call.end is None else _ended_by(board, call)
    draft.started_at = call.started_at
    draft.answered_at = call.answered_at
    draft.ended_at = call.ended_at
    draft.seconds = _seconds(call)
    draft.contact = None
    draft.recordings = call.recordings
    draft.wrap_ups = ()
    return draft.closed()


def _presumes(call: Call) -> bool:
    """Whether it has legs that nobody saw dialled."""
    for stage in call.stages:
        for leg in stage:
            if leg.presumed:
                return True
    return False


def _transfer(move: Move) -> Transfer:
    return Transfer(
        type=move.type,
        from_party=move.from_party,
        to_party=move.to_party,
        completed=move.completed,
        at=move.at,
    )


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
        kept = call.parties = of, (_caller(board, call), _called(board, call))
    return kept[1]


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


def _rung(call: Call) -> tuple[tuple[str, ...], ...]:
    stages = []
    for stage in call.stages:
        labels: list[str] = []
        for leg in stage:
            label = leg.party if leg.extension else leg.rung_as
            # The devices of one extension ring as one.
            if label and label not in labels:
                labels.append(label)
        if labels:
            stages.append(tuple(labels))
    return tuple(stages)


def _ended_by(board: "Board", call: Call) -> EndedBy | None:
    # A PBX that tells no requests tells nobody who hung up; that an agent never came it does tell.
    told = board.hangups_told or never_came(call)
    return ended_by(call) if told else None


def _seconds(call: Call) -> Seconds:
    began, answered, hold_s, ivr_s = call.begin_seen, call.answered, call.hold_s, call.ivr_s
    # Most calls are held for no time and hear no menu: to round that takes longer than the rest.
    return _seconds_of(
        None if call.ring_unknown or not began else _ring(call),
        None if call.wait_unknown else _between(call.queue_since, call.queue_left_at),
        _between(call.answered_at, call.ended_at) if answered else None,
        None
        if call.gap or (answered and call.answered_at is None)
        else hold_s and round(hold_s, 3),
        (ivr_s and round(ivr_s, 3)) if began and not call.menu_unseen else None,
    )


@lru_cache(maxsize=1_024)  # nearly all of a call's records have the same ones, and so have others
def _seconds_of(
    ring: float | None,
    wait: float | None,
    talk: float | None,
    hold: float | None,
    ivr: float | None,
) -> Seconds:
    return Seconds(ring=ring, wait=wait, talk=talk, hold=hold, ivr=ivr)


def _between(begin: datetime | None, end: datetime | None) -> float | None:
    if begin is None or end is None:
        return None
    return max(0.0, round((end - begin).total_seconds(), 3))


def _ring(call: Call) -> float | None:
    begin = call.agent_up_at or call.started_at
    if call.answered:
        return _between(begin, call.answered_at)
    end = call.voicemail_at or call.ended_at
    if end is None or (call.voicemail_at is None and not followed(call)):
        return None  # it goes on, or somebody may have answered unseen
    return _between(begin, end)
