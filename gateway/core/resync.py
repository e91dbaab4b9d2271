"""After a lost link: what vanished, what is new, what moved while nobody looked."""

from datetime import datetime

from gateway.core.arrival import adopt_root, ask_presentation, meet, on_presentation
from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.channels import Channel
from gateway.core.conversation import refresh
from gateway.core.dialling import dial, settle
from gateway.core.ending import end_call
from gateway.core.inputs import (
    BridgeKind,
    ChannelKind,
    ChannelState,
    DialBegan,
    LinkDown,
    PbxRestarted,
    PresentationTold,
    Snapshot,
    SnapshotChannel,
)
from gateway.core.joining import hand_over
from gateway.core.outage import came_up_unseen, doubt, stood
from gateway.core.record import EndKind
from gateway.core.ringing import close_gone
from gateway.core.stall import clear as clear_stall


def on_link_down(board: Board, event: LinkDown) -> None:
    """Keep everything as it was; who was on hold may be taken back without our knowing."""
    board.resuming = True
    clear_stall(board, event.at)
    board.lost_at = board.lost_at or event.at
    unfollowed(board)


def unfollowed(board: Board) -> None:
    """Take no call for one that is as it was, and no hold for one that lasts: nobody looks.

    A call may end before a list tells what became of it meanwhile.
    """
    for call in board.live():
        call.stale = True
        if call.hold_since is not None:
            call.gap = True


def on_restarted(board: Board, event: PbxRestarted) -> None:
    """No call of an earlier boot is up any more."""
    for call in list(board.calls.values()):
        if not call.ended:
            end_call(board, call, event.at, EndKind.PBX_RESTART)
    for channel in list(board.channels.values()):
        board.remove(channel)
    board.bridges.clear()
    board.relays.clear()


def on_snapshot(board: Board, event: Snapshot) -> None:
    """Compare what we know with what is up; live events since the request are truer."""
    before = stood(board)
    listed = {entry.channel: entry for entry in event.channels}
    vanished = [
        channel
        for channel in board.channels.values()
        if channel.uid not in listed and channel.seq <= event.requested_seq
    ]
    for channel in vanished:
        lose(board, channel, event.at)
    for call in list(board.calls.values()):
        if not call.ended:
            end_if_lost(board, call, event.at)
    kinds = {bridge.bridge: bridge.kind for bridge in event.bridges}
    # First channels first, so that their members find a call that was announced.
    for entry in sorted(event.channels, key=lambda entry: entry.channel != entry.linkedid):
        known = entry.channel in board.channels
        _take(board, entry, kinds, event)
        if known:
            _learn_presentation(board, entry, event)
    _take_queues(board, event)
    for call in list(board.calls.values()):
        if not call.ended:
            _name_initiator(board, call, event.at)
            refresh(board, call, event.at, seen=False)
    doubt(board, before, event.at)


def lose(board: Board, channel: Channel, at: datetime) -> None:
    """Drop a channel that ended while nobody looked."""
    call, leg = channel.call, channel.leg
    board.remove(channel)
    if call is None or call.ended:
        return
    call.complete = False
    if leg is not None:
        settle(board, call, leg)
        close_gone(board, call, leg, at)


def end_if_lost(board: Board, call: Call, at: datetime) -> None:
    """End a call whose initiator is gone, unless somebody must have taken it over unseen."""
    if call.anchor:
        if call.anchor in board.channels:
            return
        far = _customer(board, call)
        if far:
            call.gap = True
            hand_over(call, far)
            return
    elif any(uid in board.channels for uid in call.channels):
        return
    end_call(board, call, at, EndKind.UNSEEN)


def _customer(board: Board, call: Call) -> str:
    """Return the outside party that an extension must have handed to somebody meanwhile."""
    if call.swapped or not call.caller_party:
        return ""
    for uid in call.talking:
        far = board.channels.get(uid)
        if far is not None and far.kind is ChannelKind.TRUNK:
            return uid
    return ""


def _take(
    board: Board, entry: SnapshotChannel, kinds: dict[str, BridgeKind], event: Snapshot
) -> None:
    channel = board.channels.get(entry.channel)
    if channel is None:
        if board.is_buried(entry.channel):
            return
        channel = _adopt(board, entry, event)
        if channel is None:
            return
    elif channel.bridge_seq > event.requested_seq:
        return
    came_up = entry.state is ChannelState.UP and channel.state is not ChannelState.UP
    channel.state = entry.state
    call = channel.call
    if came_up and call is not None and not call.ended and channel.uid == call.root:
        came_up_unseen(board, call, entry, event.at)
    if channel.leg is not None and entry.state is ChannelState.RINGING:
        channel.leg.alerted = True
    now_in = channel.bridge.id if channel.bridge is not None else ""
    if entry.bridge == now_in:
        return
    if channel.call is not None and not channel.call.ended:
        channel.call.complete = False
        channel.call.gap = True
    board.leave(channel)
    if entry.bridge:
        board.enter(channel, entry.bridge, kinds.get(entry.bridge, BridgeKind.ORDINARY))


def _learn_presentation(board: Board, entry: SnapshotChannel, event: Snapshot) -> None:
    """Unmask a caller by what is listed; an answer that the lost link swallowed is asked again."""
    channel = board.channels.get(entry.channel)
    call = channel.call if channel is not None else None
    if channel is None or call is None or call.ended or not call.withheld:
        return
    if entry.withheld is not None:
        told = PresentationTold(
            at=event.at,
            seq=event.requested_seq,
            channel=entry.channel,
            withheld=entry.withheld,
        )
        on_presentation(board, told)
    elif board.presentation_query and channel.uid == call.initiator:
        ask_presentation(board, channel)


def _adopt(board: Board, entry: SnapshotChannel, event: Snapshot) -> Channel | None:
    """Take up a channel that nobody saw begin."""
    channel = Channel(entry.channel, entry.linkedid, entry.identity, entry.state)
    channel.number = entry.number
    channel.caller_name = entry.caller_name
    channel.exten = entry.exten
    channel.seq = channel.bridge_seq = event.requested_seq
    board.add(channel)
    if channel.kind is ChannelKind.NOBODY:
        return None
    since = min(entry.since or event.at, event.at)
    meet(board, channel, since=since, at=event.at, withheld=entry.withheld)
    call = channel.call
    if (
        call is not None
        and not call.ended
        and channel.is_party
        and channel.uid not in {call.root, call.anchor}
        and channel.leg is None
        and channel.state is ChannelState.DOWN
    ):
        began = DialBegan(at=event.at, seq=event.requested_seq, channel="", dest=channel.uid)
        dial(board, call, channel, began, None)
    return channel


def _take_queues(board: Board, event: Snapshot) -> None:
    for entry in event.queues:
        channel = board.channels.get(entry.channel)
        call = channel.call if channel is not None else None
        if call is None or call.ended or call.answered or call.in_queue is not None:
            continue
        call.in_queue = call.last_queue = entry.queue
        call.queued = True
        call.queue_gave_up = False
        call.queue_left_at = None
        if call.queue_since is None and entry.since is not None:
            call.queue_since = entry.since


def _name_initiator(board: Board, call: Call, at: datetime) -> None:
    """Choose who initiated a call whose first channel is gone: the customer, else the oldest."""
    if call.anchor or call.originated:
        return
    parties = [
        board.channels[uid]
        for uid in sorted(call.channels)
        if uid in board.channels and board.channels[uid].is_party and not board.channels[uid].leg
    ]
    if parties:
        parties.sort(key=lambda one: one.kind is not ChannelKind.TRUNK)
        adopt_root(board, call, parties[0], at)
