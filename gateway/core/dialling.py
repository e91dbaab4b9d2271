"""Dialling: legs, the stages they ring in, and forwards (DESIGN: rung)."""

from gateway.core.board import Board
from gateway.core.calls import Call, Move
from gateway.core.channels import NOWHERE, Channel, prefixed
from gateway.core.clicked import take_called
from gateway.core.forwarding import note_forward
from gateway.core.inputs import (
    ChannelKind,
    ChannelState,
    DialAlerted,
    DialBegan,
    DialEnded,
    DialFailed,
)
from gateway.core.legs import Leg
from gateway.core.reach import relays_through
from gateway.core.record import Direction, TransferType
from gateway.core.ringing import alert, say_dialled
from gateway.core.waiting import close_menu


def on_dial_began(board: Board, event: DialBegan) -> None:
    """Note a leg, or a relay on the way to one."""
    dest = board.channel(event.dest)
    if dest is None:
        if not board.is_buried(event.dest):
            board.anomaly(event.at, "dial.unknown_channel", event.dest)
        return
    if dest.leg is not None:
        _know_better(board, dest, dest.leg, event)
        return
    dialler = board.channel(event.channel) if event.channel else None
    call = dialler.call if dialler is not None and dialler.call is not None else dest.call
    if call is None or not _belongs(board, call, dest):
        return
    if dialler is not None:
        _note_dialler(board, call, dialler, event)
    leg = dial(board, call, dest, event, dialler)
    if dest.hung_up or (dest.asked and not leg.answered):
        leg.cause, leg.tech_cause, leg.self_ended = dest.cause, dest.tech_cause, dest.asked
    if dest.hung_up:
        leg.open = False
        settle(board, call, leg)
        board.amended(call, event.at)


def _know_better(board: Board, dest: Channel, leg: Leg, event: DialBegan) -> None:
    """Take who dialled a leg that was met while it rang, or talked."""
    if not leg.via and (leg.pending or leg.presumed) and not leg.own:
        leg.via = event.channel
    if leg.presumed:
        leg.presumed = False
        leg.number = leg.number if leg.extension else _number(dest, event)
        if dest.call is not None:
            _settle_direction(dest.call, dest, leg)
            board.amended(dest.call, event.at)


def _belongs(board: Board, call: Call, dest: Channel) -> bool:
    """Make what is dialled part of the call; Asterisk 13 "dials" a picker, who is up already."""
    if dest.call is not call:
        if dest.call is not None and dest.state is ChannelState.UP:
            return False
        board.attach(dest, call)
    return True


def _note_dialler(board: Board, call: Call, dialler: Channel, event: DialBegan) -> None:
    if call.originated and dialler.uid == call.root and dialler.is_party:
        _hear_agent(board, call, dialler, event)
    if call.ivr_since is not None and dialler.uid in {call.root, call.anchor}:
        close_menu(call, event.at)
    if call.originated and dialler.uid == call.initiator and not call.called:
        take_called(board, call, event.exten)


def _hear_agent(board: Board, call: Call, agent: Channel, event: DialBegan) -> None:
    """Know that the agent of a click-to-call has answered, because their channel dials."""
    if call.agent_up_at is not None or call.ended:
        return
    call.agent_up_at = event.at
    if agent.leg is not None:
        agent.leg.answered = True
        settle(board, call, agent.leg)


def dial(board: Board, call: Call, dest: Channel, event: DialBegan, dialler: Channel | None) -> Leg:
    """Add the leg to its stage and say so if a phone of ours rings."""
    leg = dest.leg = Leg(
        dest.uid,
        party=dest.party,
        number=_number(dest, event),
        extension=dest.is_extension,
        relay=dest.relay,
        via=event.channel,
    )
    leg.alerted = dest.state is ChannelState.RINGING
    if dest.is_party and dest.state is ChannelState.UP:
        leg.answered = True
    leg.queue = call.in_queue
    if not call.in_queue:
        call.queue_gave_up = False
    call.dial_failed = False
    if dialler is not None:
        note_forward(board, call, leg, event, dialler)
    if dest.kind is ChannelKind.RELAY:
        # a round begins with its first relay: its legs belong together, and to no earlier stage
        call.stage_is_over = call.stage_is_over or not call.pending
        call.pending[dest.uid] = leg
        if dest.uid == call.root:
            leg.own = True
        return leg
    leg.own = call.originated and call.agent_up_at is None
    _put_into_stage(board, call, leg)
    if not leg.answered:
        call.pending[dest.uid] = leg
    _settle_direction(call, dest, leg)
    if leg.own and not call.born:
        _announce_originated(board, call, dest, event)
    if not call.ended and not dest.hung_up:
        say_dialled(board, call, leg, event.at)
    return leg


def presume_dialled(call: Call, channel: Channel) -> None:
    """List somebody who talks and must have been called, although nobody saw them dialled."""
    if channel.leg is None and channel.called and channel.is_party:
        channel.leg = leg = Leg(
            channel.uid,
            party=channel.party,
            number="" if channel.is_extension else channel.label or "",
            extension=channel.is_extension,
            relay="",
            via="",
        )
        leg.answered, leg.pending, leg.presumed = True, False, True
        leg.stage = len(call.stages)
        call.stages.append([leg])
        if leg.extension:
            leg.ring_no = call.rings[leg.party] = call.rings.get(leg.party, 0) + 1


def _number(dest: Channel, event: DialBegan) -> str:
    if dest.kind is not ChannelKind.TRUNK:
        return dest.party if event.number == dest.party else event.number
    number = event.number or (event.exten if event.exten not in NOWHERE else "") or dest.number
    return prefixed(dest.prefix, number)


def _put_into_stage(board: Board, call: Call, leg: Leg) -> None:
    """Open a new stage iff nothing was being dialled but the relays this leg comes through."""
    if not _rings_beside(board, call, leg) or not call.stages or call.stage_is_over:
        call.stages.append([])
        call.stage_is_over = False
    leg.stage = len(call.stages) - 1
    call.stages[-1].append(leg)


def _rings_beside(board: Board, call: Call, leg: Leg) -> bool:
    """Whether anything is being dialled but the relays that a leg comes through."""
    if not call.pending:
        return False
    through = set(relays_through(board, leg.uid))
    return any(
        pending is not leg and (not pending.relay or pending.relay not in through)
        for pending in call.pending.values()
    )


def _settle_direction(call: Call, dest: Channel, leg: Leg) -> None:
    """Let the first leg decide where an extension's call goes.

    Relays dial in threads of their own: an outside leg behind one may be told before the phone
    that was dialled with it.
    """
    if leg.own:
        return
    colleague = bool(dest.prefix) and leg.number.startswith(dest.prefix + ":")
    outside = dest.kind is ChannelKind.TRUNK and not colleague
    if not call.direction_fixed and leg.stage <= 0:
        call.direction_fixed = not (outside and leg.via != call.anchor)
        if call.direction is not Direction.INBOUND and not call.originated and call.begin_seen:
            call.direction = Direction.OUTBOUND if outside else Direction.INTERNAL
    if dest.kind is ChannelKind.TRUNK and call.direction is not Direction.INBOUND:
        call.trunk = dest.party


def _announce_originated(board: Board, call: Call, dest: Channel, event: DialBegan) -> None:
    """Announce a call that was originated to a relay once a real phone is tried for it."""
    call.caller_party = dest.is_extension
    call.caller_number = dest.label or ""
    call.caller_name = dest.caller_name
    call.direction = Direction.OUTBOUND
    board.started(call, event.at)


def on_alerted(board: Board, event: DialAlerted) -> None:
    """Note that a phone rings; told by the dialling side and by the phone's own channel."""
    channel = board.channels.get(event.dest)
    if channel is not None:
        alert(board, channel, event.at)


def on_dial_ended(board: Board, event: DialEnded) -> None:
    """Dialling is over: the stage may end; a phone may have sent the caller elsewhere."""
    dest = board.channel(event.dest)
    if dest is None or dest.leg is None or dest.call is None:
        return
    leg, call = dest.leg, dest.call
    settle(board, call, leg)
    if event.answered:
        leg.answered = True
    if event.forward and call.find_move(leg.uid, TransferType.FORWARD) is None and not call.ended:
        leg.forwarded = True
        call.add_move(
            Move(
                TransferType.FORWARD,
                key=leg.uid,
                from_party=dest.label,
                to_party=event.forward,
                at=event.at,
            )
        )
        _part_stage(board, call, leg, event.forward)
        board.updated(call, event.at)


def _part_stage(board: Board, call: Call, sender: Leg, target: str) -> None:
    """Begin a stage with whom a phone sent the caller to, if they were dialled before that is told.

    The relay to them dials in a thread of its own (AMI.md, pitfall 17).
    """
    stage = call.stages[sender.stage] if 0 <= sender.stage == len(call.stages) - 1 else []
    later = [leg for leg in stage if _comes_through(board, leg, target)]
    if not later or any(leg.pending for leg in stage if leg not in later):
        return
    stage[:] = [leg for leg in stage if leg not in later]
    call.stages.append(later)
    for leg in later:
        leg.stage += 1


def _comes_through(board: Board, leg: Leg, target: str) -> bool:
    dialler = board.channel(leg.via)
    return dialler is not None and bool(dialler.relay) and dialler.target == target


def on_dial_failed(board: Board, event: DialFailed) -> None:
    """Note that nothing could be dialled at all."""
    channel = board.channel(event.channel)
    if channel is not None and channel.call is not None and not channel.call.ended:
        channel.call.dial_failed = True


def settle(board: Board, call: Call, leg: Leg) -> None:
    """Take a leg, and what was dialled through it, off what is being dialled."""
    leg.pending = False
    call.pending.pop(leg.uid, None)
    if leg.relay and call.pending:
        for other in list(call.pending.values()):
            dialler = board.channel(other.via)
            if dialler is not None and dialler.relay == leg.relay:
                settle(board, call, other)
