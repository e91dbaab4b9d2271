"""Calls that the PBX places for somebody: click-to-call (DESIGN: Click-to-call)."""

from datetime import datetime

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.channels import Bridge, Channel
from gateway.core.clicked import take_called
from gateway.core.dialling import dial, settle
from gateway.core.inputs import (
    ChannelKind,
    ChannelState,
    ChannelStateChanged,
    DialBegan,
    OriginateAnswered,
    OriginateFailed,
)
from gateway.core.record import Direction
from gateway.core.ringing import alert


def on_state(board: Board, event: ChannelStateChanged) -> None:
    """Note that a channel rings or is up; what that means depends on who called whom."""
    channel = board.channels.get(event.channel)
    if channel is None or channel.state is event.state:
        return
    channel.state = event.state
    call = channel.call
    if call is None or call.ended or not channel.is_party:
        return
    if channel.uid == call.root:
        _root_changed(board, call, channel, event)
    elif event.state is ChannelState.UP and channel.leg is not None:
        _leg_up(board, call, channel, event.at)
    if event.state is ChannelState.RINGING:
        alert(board, channel, event.at)


def _leg_up(board: Board, call: Call, channel: Channel, at: datetime) -> None:
    leg = channel.leg
    if leg is not None and leg.own and not call.anchor:
        name_agent(board, call, channel, at)


def _root_changed(board: Board, call: Call, root: Channel, event: ChannelStateChanged) -> None:
    if event.state is ChannelState.RING and call.originated and call.agent_up_at is None:
        # chan_sip shows an inbound call as down for a moment.
        call.originated = False
        call.called = root.exten
        call.direction = Direction.INBOUND if root.kind is ChannelKind.TRUNK else Direction.INTERNAL
        board.updated(call, event.at)
    elif event.state is ChannelState.RINGING and call.originated and root.leg is None:
        # Older versions send no DialBegin for what they originate.
        dial(
            board,
            call,
            root,
            DialBegan(at=event.at, seq=event.seq, channel="", dest=root.uid),
            None,
        )
    elif event.state is ChannelState.UP:
        if not call.originated:
            call.root_up = True
        else:
            agent_answered(board, call, root, event.at)


def agent_answered(board: Board, call: Call, root: Channel, at: datetime) -> None:
    """Note that the agent who asked for a call is on the line; told by several events."""
    if call.agent_up_at is not None or call.ended or not root.is_party:
        return
    call.agent_up_at = at
    if root.leg is not None:
        root.leg.answered = True
        settle(board, call, root.leg)


def on_originate_answered(board: Board, event: OriginateAnswered) -> None:
    """Take the number wanted: the agent has answered, and now we are told it."""
    channel = board.channel(event.channel)
    call = channel.call if channel is not None else None
    if call is None or not call.originated or call.root != event.channel:
        return
    if channel is not None:
        agent_answered(board, call, channel, event.at)
    _set_called(board, call, event.exten, event.at)


def _set_called(board: Board, call: Call, exten: str, at: datetime) -> None:
    if not take_called(board, call, exten):
        return
    if call.ended:
        board.amended(call, at)
    else:
        board.updated(call, at)


def on_originate_failed(board: Board, event: OriginateFailed) -> None:
    """Take the number wanted of a call whose agent never came, told only by the phone's name.

    The oldest unanswered attempt for that phone is meant (AMI.md: a failed Originate).
    """
    for call in board.calls.values():
        if (
            call.originated
            and call.agent_up_at is None
            and not call.called
            and call.merged_into is None
            and _is_for(board, call, event)
        ):
            _set_called(board, call, event.exten, event.at)
            return


def _is_for(board: Board, call: Call, event: OriginateFailed) -> bool:
    root = board.channel(call.root)
    if root is not None:
        return root.kind is event.kind and event.party in {root.party, root.target}
    return call.caller_number == event.party


def take_agent(board: Board, bridge: Bridge, channel: Channel, at: datetime) -> None:
    """Find the agent of a call originated to a relay: the first phone that answers through it."""
    call = channel.call
    if call is None or not call.originated or call.anchor or call.ended:
        return
    for member in bridge.members.values():
        if member.leg is not None and member.leg.own and member.is_party:
            name_agent(board, call, member, at)
            return


def name_agent(board: Board, call: Call, agent: Channel, at: datetime) -> None:
    """Make a phone the initiator of the call that was originated for it."""
    call.anchor = call.initiator = agent.uid
    call.agent_up_at = at
    call.caller_party = agent.is_extension
    call.caller_number = agent.label or ""
    call.caller_name = agent.caller_name
    if agent.leg is not None:
        agent.leg.answered = True
        call.pending.pop(agent.uid, None)
    if agent.uid not in call.talked:
        call.talked = (*call.talked, agent.uid)
    board.updated(call, at)
