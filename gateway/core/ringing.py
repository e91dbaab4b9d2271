"""What is said about the phones of our people: dialled, ringing, answered, no longer concerned."""

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
from gateway.core.record import EndedBy


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


def say_answered(board: Board, call: Call, channel: Channel, at: datetime) -> None:
    """Say that an extension now talks; `ring_no` 0: it was never dialled (pick-up, retrieval)."""
    if not channel.is_extension or not call.born:
        return
    ring_no = channel.leg.ring_no if channel.leg is not None else call.rings.get(channel.party, 0)
    if board.tells(call):
        board.out.append(
            LegAnswered(at=at, record=board.project(call), extension=channel.party, ring_no=ring_no)
        )
    if channel.leg is not None:
        channel.leg.open = False


def close_others(board: Board, call: Call, at: datetime) -> None:
    """Close the pops of all phones that still ring, because somebody answered."""
    for leg in list(call.pending.values()):
        if leg.open:
            close(board, call, leg, CloseReason.ANSWERED_ELSEWHERE, at)


def close(board: Board, call: Call, leg: Leg, reason: CloseReason, at: datetime) -> None:
    """Close the pop of a leg unless another device of the same extension still rings."""
    if not leg.open:
        return
    leg.open = False
    if not leg.extension or not board.tells(call):
        return
    for other in call.stages[leg.stage]:
        same_ring = other.party == leg.party and other.ring_no == leg.ring_no
        if same_ring and other is not leg and (other.open or other.answered):
            return  # another device of the extension rings on, or was answered
    board.out.append(
        LegClosed(
            at=at,
            record=board.project(call),
            extension=leg.party,
            ring_no=leg.ring_no,
            reason=reason,
        )
    )


def close_reason(call: Call, leg: Leg) -> CloseReason:
    """Return why a leg that did not answer is over."""
    if leg.forwarded:
        return CloseReason.TRANSFERRED
    if leg.cause == ELSEWHERE_CAUSE or call.answered:
        return CloseReason.ANSWERED_ELSEWHERE
    if leg.self_ended or leg.verdict() is not LegVerdict.MISSED:
        return CloseReason.REJECTED
    if call.verdict is EndedBy.CALLER:
        return CloseReason.CALLER_LEFT
    return CloseReason.TIMEOUT
