"""What is said about the phones of our people: dialled, ringing, answered, no longer concerned."""

from collections.abc import Iterable
from datetime import datetime

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.channels import Channel
from gateway.core.events import (
    CloseReason,
    LegAlerting,
    LegAnswered,
    LegClosed,
    LegDialled,
)
from gateway.core.legs import ELSEWHERE_CAUSE, Leg, LegVerdict
from gateway.core.reach import relays_through
from gateway.core.record import CallRecord, EndedBy, TransferType


def say_dialled(board: Board, call: Call, leg: Leg, at: datetime) -> None:
    """Offer the pop; further devices of one extension in a stage ring as one."""
    if not leg.extension:
        return
    for other in call.stages[leg.stage]:
        if other is not leg and other.open and other.party == leg.party:
            leg.ring_no = other.ring_no
            leg.open = True
            return
    leg.ring_no = call.rings[leg.party] = call.rings.get(leg.party, 0) + 1
    leg.open = True
    if board.tells(call):
        board.out.append(
            LegDialled(at=at, record=board.project(call), extension=leg.party, ring_no=leg.ring_no)
        )
        if leg.alerted:
            _say_alerting(board, call, leg, at)


def say_again(board: Board, call: Call, legs: Iterable[Leg], at: datetime) -> None:
    """Offer the pops of phones that ring on for another call than the one that dialled them."""
    if not board.tells(call):
        return
    rings = {(leg.party, leg.ring_no): leg.alerted for leg in legs if leg.open and leg.extension}
    for (extension, ring_no), alerted in rings.items():
        record = board.project(call)
        board.out.append(LegDialled(at=at, record=record, extension=extension, ring_no=ring_no))
        if alerted:
            told = LegAlerting(at=at, record=record, extension=extension, ring_no=ring_no)
            board.out.append(told)


def alert(board: Board, channel: Channel, at: datetime) -> None:
    """Mark the leg; an outside number counts as rung from here on."""
    leg, call = channel.leg, channel.call
    if leg is None or call is None or leg.alerted or leg.relay:
        return
    if call.ended or leg.answered:
        return
    leg.alerted = True
    if leg.open and board.tells(call):
        _say_alerting(board, call, leg, at)


def _say_alerting(board: Board, call: Call, leg: Leg, at: datetime) -> None:
    for other in call.stages[leg.stage]:
        if other is not leg and other.alerted and other.open and other.party == leg.party:
            return
    board.out.append(
        LegAlerting(at=at, record=board.project(call), extension=leg.party, ring_no=leg.ring_no)
    )


def say_answered(
    board: Board, call: Call, channel: Channel, record: CallRecord | None, at: datetime
) -> None:
    """Say that an extension now talks; `ring_no` 0: it was never dialled (pick-up, retrieval).

    `record` is the call as it stands, None if nothing is told of it.
    """
    if not channel.is_extension or not call.born:
        return
    if record is not None:
        board.out.append(
            LegAnswered(
                at=at,
                record=record,
                extension=channel.party,
                ring_no=ring_no_of(call, channel),
            )
        )
    if channel.leg is not None:
        channel.leg.open = channel.leg.consulted = False


def ring_no_of(call: Call, channel: Channel) -> int:
    """Return which ring of its extension a channel answered; 0: it was never dialled."""
    return channel.leg.ring_no if channel.leg is not None else call.rings.get(channel.party, 0)


def say_consulted(board: Board, call: Call, leg: Leg, at: datetime) -> None:
    """Say that an extension talks with the colleague who consults it, not with the customer yet."""
    leg.open, leg.consulted = False, True
    if board.tells(call):
        board.out.append(
            LegAnswered(at=at, record=board.project(call), extension=leg.party, ring_no=leg.ring_no)
        )


def close_gone(board: Board, call: Call, leg: Leg, at: datetime) -> None:
    """Close the pop of a phone that is off the line and never had the customer."""
    if leg.consulted:
        _end_consultation(board, call, leg, CloseReason.ANSWERED_ELSEWHERE, at)
    elif leg.open and not leg.answered:
        close(board, call, leg, close_reason(board, call, leg), at)


def close_all(board: Board, call: Call, at: datetime) -> None:
    """Close the pops of all phones that ring or are consulted, because the call is over."""
    caller_left = call.verdict is EndedBy.CALLER
    ringing = [leg for leg in call.pending.values() if leg.open]
    record = board.project(call) if ringing and board.tells(call) else None
    for leg in ringing:
        reason = CloseReason.CALLER_LEFT if caller_left else close_reason(board, call, leg)
        close(board, call, leg, reason, at, record=record)
    if not call.moves:
        return  # nobody was consulted
    for leg in (leg for stage in call.stages for leg in stage if leg.consulted):
        reason = CloseReason.CALLER_LEFT if caller_left else CloseReason.ANSWERED_ELSEWHERE
        _end_consultation(board, call, leg, reason, at)


def _end_consultation(
    board: Board, call: Call, leg: Leg, reason: CloseReason, at: datetime
) -> None:
    leg.consulted = False
    if board.tells(call):
        _say_closed(board, call, leg, reason, at)


def close_others(board: Board, call: Call, record: CallRecord | None, at: datetime) -> None:
    """Close the pops of all phones that still ring, because somebody answered."""
    for leg in list(call.pending.values()):
        if leg.open:
            close(board, call, leg, CloseReason.ANSWERED_ELSEWHERE, at, record=record)


def close(
    board: Board,
    call: Call,
    leg: Leg,
    reason: CloseReason,
    at: datetime,
    *,
    record: CallRecord | None = None,
) -> None:
    """Close the pop of a leg unless another device of the same extension still rings.

    `record` is the call as it stands, where somebody has it.
    """
    if not leg.open:
        return
    leg.open = False
    if not leg.extension or not board.tells(call):
        return
    for other in call.stages[leg.stage]:
        same_ring = other.party == leg.party and other.ring_no == leg.ring_no
        if same_ring and other is not leg and (other.open or other.answered):
            return  # another device of the extension rings on, or was answered
    _say_closed(board, call, leg, reason, at, record=record)


def _say_closed(
    board: Board,
    call: Call,
    leg: Leg,
    reason: CloseReason,
    at: datetime,
    *,
    record: CallRecord | None = None,
) -> None:
    board.out.append(
        LegClosed(
            at=at,
            record=record or board.project(call),
            extension=leg.party,
            ring_no=leg.ring_no,
            reason=reason,
        )
    )


def close_reason(board: Board, call: Call, leg: Leg) -> CloseReason:
    """Return why a leg that did not answer is over."""
    if leg.forwarded:
        return CloseReason.TRANSFERRED
    if leg.cause == ELSEWHERE_CAUSE or _was_taken(board, call, leg):
        return CloseReason.ANSWERED_ELSEWHERE
    if leg.self_ended or leg.verdict() is not LegVerdict.MISSED:
        return CloseReason.REJECTED
    if call.verdict is EndedBy.CALLER:
        return CloseReason.CALLER_LEFT
    return CloseReason.TIMEOUT


def _was_taken(board: Board, call: Call, leg: Leg) -> bool:
    """Whether somebody else has what a phone rang for.

    That the customer was answered earlier says nothing of a transfer: while it rings they talk with
    nobody, and a consultation is about somebody whom a colleague has.
    """
    if not (call.answered and call.moves):
        return call.answered
    if any(other.answered for other in call.stages[leg.stage] if other.party != leg.party):
        return True
    return bool(call.talking) and not _asks(board, call, leg)


def _asks(board: Board, call: Call, leg: Leg) -> bool:
    """Whether a leg was dialled for a consultation."""
    return any(
        move.relay in relays_through(board, leg.uid)
        for move in call.moves
        if move.relay and move.type in {TransferType.ATTENDED, TransferType.BLONDE}
    )
