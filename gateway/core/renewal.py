"""First events of a unique id that is known: told again, told late, or given a second time.

A PBX makes unique ids of its clock and a counter that begins anew with it. If the clock was set
back before a restart, a new call may get the id of an old one. Nothing but what the channel shows
of itself tells the two apart: equal first events are one call, told again.
"""

from gateway.core import arrival
from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.channels import Channel
from gateway.core.ending import end_call
from gateway.core.inputs import ChannelCreated, ChannelKind
from gateway.core.record import Direction, EndKind
from gateway.core.resync import end_if_lost, lose


def on_created(board: Board, event: ChannelCreated) -> None:
    """Note a channel, also one that was met before its first event, or whose id is given anew."""
    if event.begin:
        known = board.channel(event.channel)
        if known is not None and not known.introduced:
            _come_late(board, known, event)
            return
        mark = board.mark_of(event.channel)
        if mark and mark != arrival.mark_of(event):
            _make_room(board, event)
        elif event.channel == event.linkedid and _was_another(board, event):
            board.renew(event.channel, arrival.shown(event))
    arrival.on_created(board, event)
    channel = board.channels.get(event.channel) if event.begin else None
    if channel is not None:
        _take_beginning(board, channel, event)


def _was_another(board: Board, event: ChannelCreated) -> bool:
    """Whether an earlier run stored a call of this root that somebody else had placed."""
    former = board.former.get(event.channel)
    if former is None or event.channel in board.renewed:
        return False
    channel = Channel(event.channel, event.linkedid, event.identity, event.state)
    channel.number = event.number
    return channel.is_party and board.plan.parse(channel.label).raw != former


def _make_room(board: Board, event: ChannelCreated) -> None:
    """Let go of whatever had this id before; its Hangup was lost, or it is long over."""
    old = board.channels.get(event.channel)
    if old is not None:
        lose(board, old, event.at)
        if old.call is not None and not old.call.ended:
            end_if_lost(board, old.call, event.at)
    if event.channel == event.linkedid:
        call = board.call_of(event.channel)
        if call is not None and not call.ended:
            for uid in tuple(call.channels):
                if uid in board.channels:
                    lose(board, board.channels[uid], event.at)
            end_call(board, call, event.at, EndKind.UNSEEN)
        board.renew(event.channel, arrival.shown(event))
    board.forget(event.channel)


def _come_late(board: Board, channel: Channel, event: ChannelCreated) -> None:
    """Take the first event of a channel that others overtook."""
    arrival.introduce(channel, event)
    _take_beginning(board, channel, event)


def _take_beginning(board: Board, channel: Channel, event: ChannelCreated) -> None:
    """Take the first channel of a call that others of it overtook: its beginning is known now."""
    call = channel.call
    if (
        call is None
        or call.begin_seen
        or call.root != channel.uid
        or call.merged_into is not None
        # A relay that comes first is always one that the PBX called.
        or (arrival.is_placed(event) or not channel.is_party) is not call.originated
    ):
        return
    if call.cut_short and not call.answered:
        call.gap = False
    call.begin_seen, call.stale, call.cut_short = True, False, False
    call.complete = not call.gap
    call.started_at = min(call.met_at or event.at, event.at)
    _begin_anew(board, call, channel, event)
    if call.ended:
        board.amended(call, event.at)
    elif call.born:
        board.updated(call, event.at)


def _begin_anew(board: Board, call: Call, channel: Channel, event: ChannelCreated) -> None:
    if call.originated:
        # Whose phone it is was clear; the number wanted comes later.
        if channel.is_party:
            call.caller_number, call.caller_name = channel.label or "", channel.caller_name
        return
    anchor, initiator = call.anchor, call.initiator
    arrival.take_root(board, call, channel, event.state)
    if anchor and anchor != initiator:
        call.anchor = anchor
    legs = [leg for stage in call.stages for leg in stage]
    for leg in legs:
        dest = board.channel(leg.uid)
        if dest is not None and dest.kind is ChannelKind.TRUNK and not channel.is_trunk:
            call.trunk = dest.party
    if legs and call.direction is not Direction.INBOUND:
        inside = legs[0].extension or ":" in legs[0].number
        call.direction = Direction.INTERNAL if inside else Direction.OUTBOUND
    if channel.is_trunk:
        call.trunk = channel.party
    if not call.born and not call.ended:
        arrival.announce(board, call, channel, event)
