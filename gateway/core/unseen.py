"""Conversations that nobody saw begin: two who leave the same bridge were talking."""

from datetime import datetime

from gateway.core.arrival import adopt_root
from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.channels import Channel
from gateway.core.dialling import presume_dialled
from gateway.core.inputs import BridgeEntered, ChannelKind
from gateway.core.record import EndedBy
from gateway.core.transfers import complete_moves


def on_left_unseen(board: Board, channel: Channel, bridge_id: str, at: datetime) -> None:
    """Conclude what can be from a channel that leaves a bridge it was never seen to enter."""
    channel.unseen_bridge = bridge_id
    channel.past_bridge = bridge_id
    board.note_unseen(bridge_id, channel.uid, at)
    met = _met(board, channel)
    calls: list[Call] = []
    for one in (channel, *met):
        if one.call is not None and one.call not in calls:
            calls.append(one.call)
    for call in calls:
        sure = call.complete and not call.gap
        _look(board, call, (channel, *met), at)
        if sure and call.gap:
            call.unseen = channel.uid


def on_entered_late(board: Board, event: BridgeEntered) -> None:
    """Take the entry of a channel that has left already: nothing was unseen, it was overtaken."""
    board.unseen[event.bridge].remove(event.channel)
    channel = board.channel(event.channel)
    if channel is None:
        return
    channel.unseen_bridge = ""
    call = channel.call
    if call is None or call.unseen != channel.uid:
        return
    call.answered_at = call.answered_at or _came_together(board, call, event.bridge)
    if call.answered_at is not None:
        call.unseen, call.gap, call.complete = "", False, True
        board.amended(call, event.at)


def _came_together(board: Board, call: Call, bridge_id: str) -> datetime | None:
    """Return when the other one came, who was seen: two who talk come in the same breath."""
    for uid in (call.anchor, *call.talked):
        one = board.channel(uid)
        if one is None or one.entered_at is None:
            continue
        if one.past_bridge == bridge_id or (one.bridge is not None and one.bridge.id == bridge_id):
            return one.entered_at
    return None


def conclude_headless(board: Board, call: Call, last: Channel, at: datetime) -> None:
    """All channels of a call are gone and its first one was never met: say what is known."""
    met = (last, *_met(board, last))
    if len(met) > 1:
        _name_initiator(board, call, met, at)
        _look(board, call, met, at)


def _look(board: Board, call: Call, together: tuple[Channel, ...], at: datetime) -> None:
    anchor = next((one for one in together if one.uid == call.anchor), None)
    if anchor is not None:
        others = [
            one for one in together if one is not anchor and one.is_party and one.call is call
        ]
        if others:
            _conclude(board, call, others, at)


def _name_initiator(board: Board, call: Call, met: tuple[Channel, ...], at: datetime) -> None:
    """Choose who initiated a call whose first channel is gone: the customer, else the first."""
    parties = [one for one in met if one.call is call and one.is_party and one.leg is None]
    parties.sort(key=lambda one: one.kind is not ChannelKind.TRUNK)
    if parties:
        adopt_root(board, call, parties[0], at)


def _met(board: Board, channel: Channel) -> list[Channel]:
    """Return the parties that were joined with a channel, through relays, unseen or not."""
    found: list[Channel] = []
    seen = {channel.uid}
    todo = [channel]
    while todo:
        for other in _neighbours(board, todo.pop()):
            if other.uid not in seen:
                seen.add(other.uid)
                if other.kind is ChannelKind.RELAY:
                    todo.append(other)
                elif other.is_party:
                    found.append(other)
    return found


def _neighbours(board: Board, channel: Channel) -> list[Channel]:
    """Return who was in one bridge with a channel, as far as one knows, and a relay's halves."""
    near: list[Channel] = []
    known = channel.call.channels if channel.call is not None else ()
    for bridge_id in _bridges_of(channel):
        bridge = board.bridges.get(bridge_id)
        near.extend(bridge.members.values() if bridge is not None else ())
        for uid in sorted({*known, *board.unseen.get(bridge_id, ())}):
            one = board.channel(uid)
            if one is not None and bridge_id in {one.past_bridge, one.unseen_bridge}:
                near.append(one)
    if channel.kind is ChannelKind.RELAY:
        halves = [board.channels.get(uid) for uid in board.relays.get(channel.relay, ())]
        near.extend(half for half in halves if half is not None)
        near.extend(one for one in board.gone.values() if one.relay == channel.relay)
    return near


def _bridges_of(channel: Channel) -> list[str]:
    bridges = {channel.unseen_bridge, channel.past_bridge}
    if channel.bridge is not None:
        bridges.add(channel.bridge.id)
    bridges.discard("")
    return sorted(bridges)


def _conclude(board: Board, call: Call, others: list[Channel], at: datetime) -> None:
    """They talked: who is known, when is not."""
    newcomers = [one for one in others if one.uid not in call.talked]
    if not newcomers:
        return
    call.talked = (*call.talked, *(one.uid for one in newcomers))
    for one in newcomers:
        presume_dialled(call, one)
    call.complete = False
    call.gap = True
    if not call.answered:
        call.answered = True
        call.answered_by = newcomers[0].label
        leg = newcomers[0].leg
        call.answer_queue = call.answer_queue or (leg.queue if leg is not None else None)
        if call.in_queue is not None:
            call.queue_since = None
        call.in_queue = None
    if not call.swapped:
        call.final_talker = newcomers[-1].label
    complete_moves(board, call, newcomers)
    _judge_requests(call, newcomers)
    if call.ended:
        board.amended(call, at)
    else:
        board.updated(call, at)


def _judge_requests(call: Call, talkers: list[Channel]) -> None:
    """Find who hung up among those whose request came before we knew that they talked."""
    if call.verdict is not None:
        return
    talking = {one.uid for one in talkers}
    for uid in call.requests:
        if uid == call.anchor:
            call.verdict = EndedBy.CALLER
            return
        if uid in talking:
            call.verdict = EndedBy.CALLEE
            return
