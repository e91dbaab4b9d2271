"""Who hangs up, and what that means for the call (DESIGN: ended_by, Incomplete)."""

from datetime import datetime, timedelta
from typing import Final

from gateway.core.board import LATE, Board
from gateway.core.calls import Call
from gateway.core.channels import Channel
from gateway.core.conversation import end_hold, refresh_around
from gateway.core.dialling import settle
from gateway.core.events import CallEnded, CloseReason, LegClosed
from gateway.core.inputs import BridgeKind, ChannelHungUp, ChannelKind, HangupRequested
from gateway.core.joining import hand_over
from gateway.core.outage import doubt_unlisted
from gateway.core.record import EndedBy, EndKind
from gateway.core.ringing import close_all, close_gone, ring_no_of
from gateway.core.stall import leave_out
from gateway.core.unseen import conclude_headless
from gateway.core.waiting import close_menu

# A BridgeLeave that overtakes the HangupRequest behind it, from another thread of the PBX.
OVERTAKEN: Final = timedelta(milliseconds=100)
MAX_REQUESTS: Final = 8
# Busy() and Congestion() in the dialplan: the PBX refuses the caller, who then only acknowledges.
_SIGNALLED: Final = frozenset({17, 34})
# How long the events of one hang-up take at most, from the request to the last channel.
_TEARDOWN: Final = timedelta(milliseconds=500)


def on_hangup_requested(board: Board, event: HangupRequested) -> None:
    """Note who ends a channel: a far end or (`soft`) the PBX; the first who talks decides."""
    if not board.hangups_told:
        board.hangups_told = True
        for call in list(board.calls.values()):
            board.amended(call, event.at)
    channel = board.channel(event.channel)
    if event.soft:
        if channel is not None and channel.kind is ChannelKind.RELAY:
            channel.asked = True
        return
    if channel is None or channel.call is None or not channel.is_party:
        return
    call = channel.call
    _note_end(channel, event)
    if call.ended:
        if call.verdict is None:
            call.verdict = _late_verdict(call, channel)
        if channel.uid == call.anchor and call.ended_at is not None:
            call.ended_at = max(min(call.ended_at, event.at), call.answered_at or call.started_at)
        board.amended(call, event.at)
        return
    _note_request(call, channel, event.at)


def _note_request(call: Call, channel: Channel, at: datetime) -> None:
    if channel.uid == call.anchor and call.parting != channel.uid:
        call.parting, call.parted_at = channel.uid, at
    if channel.uid not in call.requests and len(call.requests) < MAX_REQUESTS:
        call.requests = (*call.requests, channel.uid)
    if call.verdict is None:
        call.verdict = _verdict(call, channel, at)


def _note_end(channel: Channel, event: HangupRequested) -> None:
    """Note that a far end refused or gave up itself, and why; its leg may be told later."""
    leg = channel.leg
    channel.asked = True
    if leg is None:
        channel.cause = event.cause if channel.cause is None else channel.cause
    elif not leg.answered:
        leg.self_ended = True
        leg.cause = event.cause if leg.cause is None else leg.cause
        leg.tech_cause = leg.tech_cause or event.tech_cause


def _verdict(call: Call, channel: Channel, at: datetime) -> EndedBy | None:
    near, far = EndedBy.CALLER, EndedBy.CALLEE
    if call.swapped:
        near, far = far, near
    if channel.uid == call.anchor:
        return near
    if not call.answered or _in_room(channel):
        return None
    if _has_transferred(call, channel):
        return None
    if channel.uid in call.talking or _just_left(call, channel, at):
        return far
    return None


def _late_verdict(call: Call, channel: Channel) -> EndedBy | None:
    """Judge a request that the end of its call overtook."""
    near, far = EndedBy.CALLER, EndedBy.CALLEE
    if call.swapped:
        near, far = far, near
    if channel.uid == call.anchor:
        return near
    if not call.answered or call.conference or _has_transferred(call, channel):
        return None
    return far if channel.uid in (call.talking or call.last_talking) else None


def _in_room(channel: Channel) -> bool:
    return channel.bridge is not None and channel.bridge.kind is BridgeKind.CONFERENCE


def _has_transferred(call: Call, channel: Channel) -> bool:
    """Whether a channel is only leaving because it sent the caller on."""
    return any(move.key == channel.uid and move.open for move in call.moves)


def _just_left(call: Call, channel: Channel, at: datetime) -> bool:
    """Whether a channel talked until this very moment: its leaving overtook its request.

    One that was joined with others meanwhile, or that parked the caller, left on purpose.
    """
    if call.talking or channel.uid not in call.last_talking or call.left_at is None:
        return False
    if channel.bridge is not None or any(move.open for move in call.moves) or call.parked_by:
        return at - call.left_at <= OVERTAKEN
    return at - call.left_at <= LATE


def on_hung_up(board: Board, event: ChannelHungUp) -> None:
    """Let a channel go; with the initiator's the call is over."""
    channel = board.channels.get(event.channel)
    if channel is None:
        return
    _close_channel(board, channel, event.at, cause=event.cause, tech_cause=event.tech_cause)


def _close_channel(
    board: Board, channel: Channel, at: datetime, *, cause: int | None, tech_cause: int | None
) -> None:
    bridge, call, leg = channel.bridge, channel.call, channel.leg
    channel.cause, channel.tech_cause = cause or channel.cause or cause, tech_cause
    if leg is not None:
        leg.cause = cause or leg.cause or cause
        leg.tech_cause = leg.tech_cause or tech_cause
    board.remove(channel, at)
    if call is None:
        return
    if leg is not None:
        settle(board, call, leg)
    if bridge is not None:
        refresh_around(board, bridge, channel, at)
    if call.ended:
        board.amended(call, at)
        return
    if channel.uid == call.anchor and not call.answered and cause in _SIGNALLED:
        call.verdict = None
    if leg is not None and (leg.consulted or not leg.answered):
        close_gone(board, call, leg, at)
    elif channel.is_extension and channel.uid in call.talked:
        _say_transferred(board, call, channel, at)
    _maybe_end(board, call, channel, at)


def _say_transferred(board: Board, call: Call, channel: Channel, at: datetime) -> None:
    """Close the pop of somebody who talked and handed the customer over."""
    if channel.uid == call.anchor or not call.born:
        return
    label = channel.label
    if not any(move.from_party == label for move in call.moves if move.open or move.completed):
        return
    board.out.append(
        LegClosed(
            at=at,
            record=board.project(call),
            extension=channel.party,
            ring_no=ring_no_of(call, channel),
            reason=CloseReason.TRANSFERRED,
        )
    )


def _maybe_end(board: Board, call: Call, channel: Channel, at: datetime) -> None:
    if channel.uid != call.anchor:
        if call.anchor:
            return
        if not call.begin_seen and not _has_channels(board, call):
            conclude_headless(board, call, channel, at)
        if channel.uid == call.root or not _has_channels(board, call):
            end_call(board, call, at, EndKind.SEEN)
        return
    heir = _heir(board, call, channel)
    if heir:
        hand_over(call, heir)
        board.refresh_later(call)
        return
    end_call(board, call, at, EndKind.SEEN)


def _has_channels(board: Board, call: Call) -> bool:
    return any(uid in board.channels for uid in call.channels)


def _heir(board: Board, call: Call, initiator: Channel) -> str:
    """Return the customer who goes on talking after an extension that called out has left.

    A hand-over that no event told: the customer still stands in a bridge with somebody.
    """
    if call.swapped or not initiator.is_extension:
        return ""
    for uid in (*call.talking, *call.last_talking):
        far = board.channels.get(uid)
        if far is None or far.kind is not ChannelKind.TRUNK or far.bridge is None:
            continue
        if far.bridge.kind is BridgeKind.ORDINARY and len(far.bridge.members) > 1:
            return uid
    return ""


def _left_at(call: Call, at: datetime) -> datetime:
    """Return when whoever the call was for hung up; the PBX may hear them out of an application."""
    if call.parted_at is None or call.parting != call.anchor:
        return at
    return min(at, call.parted_at)


def end_call(board: Board, call: Call, at: datetime, kind: EndKind) -> None:
    """Close a call; `kind` says how we know. Only an end that was seen has a time."""
    seen = kind is EndKind.SEEN
    if not call.born:
        call.ended = True
        board.bury_call(call, at)
        return
    close_menu(call, at)
    end_hold(call, at)
    if call.in_queue is not None and not call.answered:
        call.queue_left_at = at if seen else None
    close_all(board, call, at)
    call.pending.clear()
    call.ended, call.end = True, kind
    if seen:
        call.ended_at = max(_left_at(call, at), call.answered_at or call.started_at)
        if call.queue_left_at is not None and not call.answered:
            call.queue_left_at = min(call.queue_left_at, call.ended_at)
        doubt_unlisted(board, call)
        # Who hung up was told just before we began to look.
        call.cut_short = call.stale and at - board.resumed_at < _TEARDOWN
        if call.cut_short and call.verdict is None:
            call.complete = False
            call.gap = call.gap or not call.answered
    else:
        call.complete = False
        call.gap = True
        if call.in_queue is not None:
            call.queue_since = None
    if board.stall is not None:
        leave_out(call, board.stall)
    call.final = board.project(call)
    board.out.append(CallEnded(at=at, record=call.final))
    board.bury_call(call, at)
