"""Who talks with the initiator, since when, and who is kept waiting (DESIGN: speaking, hold)."""

from datetime import datetime

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.channels import Bridge, Channel
from gateway.core.consulting import meet_consulted
from gateway.core.dialling import presume_dialled
from gateway.core.inputs import (
    BridgeEntered,
    BridgeKind,
    BridgeLeft,
    ChannelKind,
    ConferenceJoined,
    HoldChanged,
    RelayJoined,
)
from gateway.core.joining import absorb
from gateway.core.originating import take_agent
from gateway.core.reach import reach
from gateway.core.record import TransferType
from gateway.core.ringing import close_others, say_answered
from gateway.core.transfers import close_returned, complete_moves, note_consultation
from gateway.core.unseen import on_entered_late, on_left_unseen
from gateway.core.waiting import close_menu

# Asterisk moves channels between bridges within a few milliseconds: nobody was on hold then.
BLINK_S = 0.05


def on_bridge_entered(board: Board, event: BridgeEntered) -> None:
    """Let a channel join others: somebody may talk from now on."""
    channel = board.channels.get(event.channel)
    if event.channel in board.unseen.get(event.bridge, ()):
        on_entered_late(board, event)
        return
    if channel is None:
        return
    before = channel.bridge
    if before is not None and before.id == event.bridge:
        return
    bridge = board.enter(channel, event.bridge, event.kind)
    channel.bridge_seq = event.seq
    channel.entered_at = event.at
    if before is not None:
        refresh_around(board, before, None, event.at)
    if bridge.kind is BridgeKind.ORDINARY:
        take_agent(board, bridge, channel, event.at)
        note_consultation(board, bridge, event.at)
    refresh_around(board, bridge, channel, event.at)
    meet_consulted(board, channel, event.at)


def on_bridge_left(board: Board, event: BridgeLeft) -> None:
    """Let a channel leave: those who stay may be alone now."""
    channel = board.channel(event.channel)
    if channel is None:
        return
    bridge = channel.bridge
    if bridge is None or bridge.id != event.bridge:
        if channel.past_bridge != event.bridge and event.kind is BridgeKind.ORDINARY:
            on_left_unseen(board, channel, event.bridge, event.at)
        return
    channel.bridge_seq = event.seq
    board.leave(channel)
    refresh_around(board, bridge, channel, event.at)


def on_hold(board: Board, event: HoldChanged) -> None:
    """Note that a phone holds its other side, or takes it back."""
    channel = board.channels.get(event.channel)
    if channel is None:
        return
    call = channel.call
    if channel.held is event.held:
        if call is not None and call.stale and not (event.held or call.ended):
            # Taken back, but never seen to be put on hold: that was while nobody looked.
            call.gap, call.complete = True, False
        return
    channel.held = event.held
    if call is not None and not call.ended:
        was = call.hold_since is not None
        refresh(board, call, event.at)
        if (call.hold_since is not None) is not was:
            board.updated(call, event.at)


def refresh_around(board: Board, bridge: Bridge, channel: Channel | None, at: datetime) -> None:
    """Look again at every call that touches a bridge."""
    calls: list[Call] = []
    if channel is not None and channel.call is not None:
        calls.append(channel.call)
    for member in bridge.members.values():
        if member.call is not None and member.call not in calls:
            calls.append(member.call)
    for call in calls:
        if not call.ended:
            refresh(board, call, at)


def refresh(board: Board, call: Call, at: datetime, *, seen: bool = True) -> None:
    """Compute anew whom a call reaches, and draw the conclusions.

    `seen` is False where the moment is unknown: then the answer's time stays unknown too.
    """
    anchor = board.channels.get(call.anchor)
    if anchor is None or call.ended:
        return
    reached = reach(board, anchor)
    for other in reached:
        if other.call is not call and not _in_room(anchor):
            survivor = absorb(board, call, other, at)
            if survivor is not None:
                refresh(board, survivor, at, seen=seen)
                return
    came_back = call.swapped and not call.handed_over
    if came_back and any(one.uid == call.initiator for one in reached):
        _swap_back(board, call, at, seen=seen)
        return
    if tuple(one.uid for one in reached) != call.talking:
        _change(board, call, reached, at, seen=seen)
    elif _in_room(anchor) and not call.answered:
        _meet_room(board, call, anchor, at, seen=seen)
    _measure_hold(board, call, anchor, reached, at)


def _swap_back(board: Board, call: Call, at: datetime, *, seen: bool) -> None:
    """Look from the initiator again: it is back after a consultation of its own."""
    far = call.anchor
    call.anchor, call.swapped = call.initiator, False
    if far not in call.talked:
        call.talked = (*call.talked, far)
    refresh(board, call, at, seen=seen)
    close_returned(call, [call.caller_number])


def _change(
    board: Board, call: Call, reached: tuple[Channel, ...], at: datetime, *, seen: bool
) -> None:
    if call.talking:
        call.last_talking, call.left_at = call.talking, at
    returned = [one.label for one in reached if one.uid not in call.talking]
    call.talking = tuple(one.uid for one in reached)
    newcomers = [one for one in reached if one.uid not in call.talked]
    if newcomers:
        _welcome(board, call, newcomers, at, seen=seen)
    elif returned:
        close_returned(call, returned)


def _welcome(
    board: Board, call: Call, newcomers: list[Channel], at: datetime, *, seen: bool
) -> None:
    """Take in people who speak with the initiator for the first time."""
    call.talked = (*call.talked, *(one.uid for one in newcomers))
    first = not call.answered
    if first:
        _answer(call, _joined_at(board, call, newcomers[0], at), seen=seen)
    if not call.swapped:
        if first:
            call.answered_by = newcomers[0].label
            call.answer_queue = call.answer_queue or _queue_of(newcomers[0])
            if call.queue_left_at is not None and _queue_of(newcomers[0]) is not None:
                # The agent heard an announcement, or pressed a key, outside the queue.
                call.queue_left_at = call.answered_at
        call.final_talker = newcomers[-1].label
        if call.answer_queue is None:
            call.answer_queue = _queue_of(newcomers[-1])
    call.verdict = None
    call.parked_by = None
    for one in newcomers:
        presume_dialled(call, one)
        if one.leg is not None:
            one.leg.answered = True
            one.leg.pending = False
            call.pending.pop(one.uid, None)
    complete_moves(board, call, newcomers)
    agent = board.channels.get(call.initiator) if first and call.originated else None
    # All that is told now is of one and the same moment.
    record = board.project(call) if board.tells(call) else None
    for one in newcomers if agent is None else (*newcomers, agent):
        say_answered(board, call, one, record, at)
    if first or not any(one.is_extension for one in newcomers):
        board.updated(call, at, record)
    close_others(board, call, record, at)
    call.pending.clear()


def _joined_at(board: Board, call: Call, newcomer: Channel, at: datetime) -> datetime:
    """Return when both were there: which of them came last may be told first."""
    anchor = board.channels.get(call.anchor)
    entered = (anchor.entered_at if anchor is not None else None, newcomer.entered_at)
    return max((at, *(moment for moment in entered if moment is not None)))


def _queue_of(channel: Channel) -> str | None:
    return channel.leg.queue if channel.leg is not None else None


def _answer(call: Call, at: datetime, *, seen: bool) -> None:
    call.answered = True
    close_menu(call, at)
    if seen:
        call.answered_at = at
        if call.in_queue is not None:
            call.queue_left_at = at
    else:
        call.complete = False
        if call.in_queue is not None:
            call.queue_since = None
    call.in_queue = None


def _in_room(anchor: Channel) -> bool:
    return anchor.bridge is not None and anchor.bridge.kind is BridgeKind.CONFERENCE


def _meet_room(board: Board, call: Call, anchor: Channel, at: datetime, *, seen: bool) -> None:
    """Answer an extension that dials into a conference at once, by nobody."""
    call.conference = True
    if anchor.is_extension:
        _answer(call, at, seen=seen)
        board.updated(call, at)


def _measure_hold(
    board: Board, call: Call, anchor: Channel, reached: tuple[Channel, ...], at: datetime
) -> None:
    held = call.answered and _is_held(call, anchor, reached)
    if held and call.hold_since is None:
        call.hold_since = at
        if anchor.bridge is not None and anchor.bridge.kind is BridgeKind.PARKING:
            # Nothing else may be told for minutes: a restart has to know since when.
            board.updated(call, at)
    elif not held and call.hold_since is not None:
        end_hold(call, at)


def _is_held(call: Call, anchor: Channel, reached: tuple[Channel, ...]) -> bool:
    bridge = anchor.bridge
    if bridge is None:
        # Out of every bridge the PBX dials or queues them, which is no hold; but whoever a phone
        # handed over before the target answered waits for that answer.
        return any(move.open and move.type is TransferType.BLONDE for move in call.moves)
    if bridge.kind is BridgeKind.CONFERENCE:
        return False
    if bridge.kind is BridgeKind.PARKING:
        return True
    if not reached:
        # Behind a relay the customer stays in its bridge while the PBX dials on after a blind one.
        return not call.blind_open()
    return (anchor.held and anchor.is_extension) or any(
        one.held and one.kind is ChannelKind.EXTENSION for one in reached
    )


def end_hold(call: Call, at: datetime) -> None:
    """Add the time since the customer was put on hold."""
    if call.hold_since is not None:
        seconds = (at - call.hold_since).total_seconds()
        if seconds > BLINK_S:
            call.hold_s += seconds
        call.hold_since = None


def on_conference_joined(board: Board, event: ConferenceJoined) -> None:
    """Make a bridge a conference; told before or after the channel entered it."""
    board.conferences[event.bridge] = None
    bridge = board.bridges.get(event.bridge)
    if bridge is not None and bridge.kind is not BridgeKind.CONFERENCE:
        bridge.kind = BridgeKind.CONFERENCE
        refresh_around(board, bridge, None, event.at)


def on_relay_joined(board: Board, event: RelayJoined) -> None:
    """Note a relay whose halves their names did not show to belong together."""
    one, two = board.channels.get(event.one), board.channels.get(event.two)
    if one is not None and two is not None and one.relay != two.relay:
        board.anomaly(event.at, "relay.names_differ", event.one)
