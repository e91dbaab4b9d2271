"""Channels that appear: new calls, new members of calls, and calls met in mid-call."""

from datetime import datetime
from sys import intern
from zlib import crc32

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.channels import NOWHERE, Channel
from gateway.core.dialling import dial, settle
from gateway.core.events import Query
from gateway.core.inputs import (
    ChannelCreated,
    ChannelKind,
    ChannelRenamed,
    ChannelState,
    DialBegan,
    PresentationTold,
    QueryAnswer,
)
from gateway.core.record import Direction, TransferType


def on_created(board: Board, event: ChannelCreated) -> None:
    """Note a channel; the first one of a linkedid begins a call."""
    uid = event.channel
    if uid in board.channels or board.is_buried(uid):
        return
    channel = Channel(uid, event.linkedid, event.identity, event.state)
    introduce(channel, event)
    channel.seq = channel.bridge_seq = event.seq
    board.add(channel)
    if channel.kind is ChannelKind.NOBODY:
        return
    if event.begin:
        _begin(board, channel, event)
    else:
        since = min(event.since or event.at, event.at)  # the PBX's clock may be ahead of ours
        meet(board, channel, since=since, at=event.at, withheld=event.withheld)


def introduce(channel: Channel, event: ChannelCreated) -> None:
    """Take what a channel shows of itself when it is told."""
    if channel.is_extension:
        # There are as many of these as phones, and calls hold them for long.
        channel.number, channel.exten = intern(event.number), intern(event.exten)
        channel.caller_name = intern(event.caller_name)
    else:
        channel.number, channel.exten = event.number, event.exten
        channel.caller_name = event.caller_name
    channel.introduced = event.begin
    channel.mark = mark_of(event) if event.begin else 0


def mark_of(event: ChannelCreated) -> int:
    """Return by what two first events of one unique id are told apart."""
    return crc32(shown(event).encode()) or 1


def shown(event: ChannelCreated) -> str:
    """Return what a channel shows of itself when it appears."""
    return f"{event.identity.name}\n{event.number}\n{event.exten}"


def _begin(board: Board, channel: Channel, event: ChannelCreated) -> None:
    call = board.call_of(event.linkedid)
    if channel.uid != event.linkedid:
        if call is None:
            if board.is_buried(event.linkedid):
                board.anomaly(event.at, "call.over", channel.uid)
                return
            call = _headless(board, event.linkedid, event.at, event.at)
        channel.called = True
        board.attach(channel, call)
        return
    if call is not None:
        if call.ended and not call.born and call.merged_into is None:
            call = _again(board, call, event.at)
        if is_placed(event) or not channel.is_party:
            meet(board, channel, since=event.at, at=event.at, withheld=event.withheld)
        else:
            board.attach(channel, call)
        return
    if _is_recall(board, channel):
        return
    call = board.new_call(channel.uid, event.at)
    board.attach(channel, call)
    take_root(board, call, channel, event.state)
    if channel.is_party:
        announce(board, call, channel, event)


def announce(board: Board, call: Call, root: Channel, event: ChannelCreated) -> None:
    """Announce a call by its first channel, masked until its presentation is known."""
    if root.is_trunk:
        call.trunk = root.party
    doubtful = mask(board, call, event.withheld)
    board.started(call, event.at)
    if doubtful:
        ask_presentation(board, root)


def _is_recall(board: Board, channel: Channel) -> bool:
    """Take a channel into the call that the PBX gives back to who wanted to hand it over."""
    call = _recalled_for(board, channel)
    if call is None:
        return False
    board.attach(channel, call)
    board.by_linkedid[channel.uid] = call
    call.linkedids = (*call.linkedids, channel.uid)
    return True


def _recalled_for(board: Board, channel: Channel) -> Call | None:
    """Return the call whose blonde transfer failed, if the PBX calls its transferer back here.

    Such a recall has a linkedid of its own and looks like an originated call.
    """
    if channel.exten not in NOWHERE or channel.state is not ChannelState.DOWN:
        return None
    if not channel.is_extension:
        return None
    for call in board.live():
        for move in call.moves:
            if (
                move.open
                and move.relay
                and move.type is TransferType.BLONDE
                and move.from_party == channel.party
                and not _half_waits(board, move.relay)
            ):
                _stop_dialling(board, call, move.relay)
                return call
    return None


def _stop_dialling(board: Board, call: Call, relay: str) -> None:
    """Note that whoever was dialled behind a relay is called no more."""
    for leg in list(call.pending.values()):
        dialler = board.channel(leg.via)
        if dialler is not None and dialler.relay == relay:
            settle(board, call, leg)


def _half_waits(board: Board, relay: str) -> bool:
    """Whether the half of a relay that was asked for still stands beside the customer."""
    halves = [board.channels.get(uid) for uid in board.relays.get(relay, ())]
    return any(
        half is not None and half.half == 1 and half.bridge is not None and not half.asked
        for half in halves
    )


def take_root(board: Board, call: Call, channel: Channel, state: ChannelState) -> None:
    """Take the first values of a call's first channel: they never change (DESIGN: caller)."""
    call.initiator = channel.uid
    # A phone that calls us stands at what it dialled; one that we call stands nowhere yet.
    call.originated = _stands_nowhere(channel.exten, state)
    if not channel.is_party:
        call.originated = True
        return
    call.anchor = channel.uid
    call.caller_name = channel.caller_name
    call.caller_number = channel.label or ""
    call.caller_party = _is_ours(channel)
    call.called = "" if call.originated else channel.exten
    call.direction = first_direction(board, call, channel)


def _stands_nowhere(exten: str, state: ChannelState) -> bool:
    return exten in NOWHERE and state not in {ChannelState.RING, ChannelState.UP}


def is_placed(event: ChannelCreated) -> bool:
    """Whether the PBX placed the call of this first channel for somebody."""
    return _stands_nowhere(event.exten, event.state)


def _is_ours(channel: Channel) -> bool:
    """Whether one of our people is at its end, on this PBX or on another one of ours."""
    if channel.is_extension or not channel.prefix:
        return channel.is_extension
    return (channel.label or "").startswith(channel.prefix + ":")


def first_direction(board: Board, call: Call, root: Channel) -> Direction:
    """Return the direction while nothing was dialled yet."""
    if call.originated:
        return Direction.OUTBOUND
    if root.kind is ChannelKind.TRUNK and not call.caller_party:
        return Direction.INBOUND
    outside = board.plan.parse(call.called or None, dialled=True).e164 is not None
    return Direction.OUTBOUND if outside else Direction.INTERNAL


def _headless(board: Board, linkedid: str, since: datetime, at: datetime) -> Call:
    """Begin a call whose first channel nobody saw; it is announced once we know a party."""
    call = board.new_call(linkedid, since)
    call.begin_seen = False
    call.complete = False
    call.stale = True
    call.met_at = at
    return call


def _again(board: Board, call: Call, at: datetime) -> Call:
    """Take up a call that nobody heard of because all its channels but the first came and went."""
    renewed = _headless(board, call.root, call.started_at, call.met_at or at)
    for uid in tuple(call.channels):
        channel = board.channel(uid)
        if channel is not None:
            board.attach(channel, renewed)
    renewed.stages, renewed.pending, renewed.rings = call.stages, call.pending, call.rings
    call.linkedids = ()
    return renewed


def meet(
    board: Board,
    channel: Channel,
    *,
    since: datetime,
    at: datetime,
    withheld: bool | None = None,
) -> None:
    """Take up a channel met in mid-call; what was before is unknown (DESIGN: Incomplete)."""
    call = board.call_of(channel.linkedid)
    if call is not None and call.ended and not call.born and call.merged_into is None:
        call = _again(board, call, at)
    if call is None:
        if board.is_buried(channel.linkedid):
            # A straggler of a call that is over: that one has had its start and its end.
            board.anomaly(at, "call.over", channel.uid)
            return
        if channel.uid == channel.linkedid and _is_recall(board, channel):
            return
        call = _headless(board, channel.linkedid, since, at)
    board.attach(channel, call)
    if channel.uid == channel.linkedid and channel.is_party and not call.born and not call.ended:
        if not _stands_nowhere(channel.exten, channel.state):
            adopt_root(board, call, channel, at, withheld=withheld)
            return
        # The PBX is calling it for somebody who clicked.
        take_root(board, call, channel, channel.state)
        board.started(call, at)
    elif channel.uid == channel.linkedid and not (channel.is_party or call.born or call.ended):
        # The same through a relay: whoever answers there will be the agent.
        take_root(board, call, channel, channel.state)
    if channel.state is ChannelState.RINGING and channel.is_party and not call.ended:
        began = DialBegan(at=at, seq=channel.seq, channel="", dest=channel.uid)
        dial(board, call, channel, began, None)


def adopt_root(
    board: Board, call: Call, channel: Channel, at: datetime, *, withheld: bool | None = None
) -> None:
    """Make `channel` the initiator of a call whose beginning nobody saw, and announce it."""
    call.anchor = call.initiator = channel.uid
    call.caller_party = _is_ours(channel)
    call.caller_number = channel.label or ""
    call.caller_name = channel.caller_name
    # The dialplan has moved on; what is a whole number may still be what was dialled.
    plan = board.plan.of_trunk(None if channel.is_extension else channel.party)
    if plan.parse(channel.exten or None, dialled=channel.is_extension).e164 is not None:
        call.called = channel.exten
    call.direction = first_direction(board, call, channel)
    if channel.kind is ChannelKind.TRUNK:
        call.trunk = channel.party
    call.root_up = channel.state is ChannelState.UP
    doubtful = mask(board, call, withheld)
    board.started(call, at)
    if doubtful:
        ask_presentation(board, channel)


def mask(board: Board, call: Call, told: bool | None) -> bool:  # noqa: FBT001
    """Note what the PBX told of a caller's presentation; return whether it must be asked.

    Masked until it says that the number may be shown.
    """
    call.withheld = told
    if told is not None or not board.presentation_query:
        return False
    if call.direction is not Direction.INBOUND:
        return False
    call.withheld = True
    return True


def ask_presentation(board: Board, root: Channel) -> None:
    """Ask the PBX whether the number of `root` may be shown."""
    board.out.append(Query(id=root.uid, channel=root.name, variable=board.presentation_query))


def on_presentation(board: Board, event: PresentationTold) -> None:
    """Note that the caller withholds the number, or does not."""
    channel = board.channel(event.channel)
    call = channel.call if channel is not None else None
    if call is None or event.channel not in {call.root, call.initiator}:
        return
    if call.withheld is event.withheld:
        return
    call.withheld = event.withheld
    if call.ended:
        board.amended(call, event.at)
    else:
        board.updated(call, event.at)


def on_renamed(board: Board, event: ChannelRenamed) -> None:
    """Let a channel stand for something else from now on (a masquerade)."""
    channel = board.channels.get(event.channel)
    if channel is None or channel.name == event.identity.name:
        return
    board.forget_relay(channel)
    channel.become(event.identity)
    board.rename(channel)


def on_query_answer(board: Board, event: QueryAnswer) -> None:
    """Unmask the caller if the PBX says so; no answer leaves the number masked."""
    if not event.value:
        return
    withheld = not event.value.startswith("allowed")
    on_presentation(
        board, PresentationTold(at=event.at, seq=0, channel=event.query_id, withheld=withheld)
    )
