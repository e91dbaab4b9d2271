"""Calls that move from one person to another (DESIGN: transfers)."""

from collections.abc import Collection
from datetime import datetime

from gateway.core.board import Board
from gateway.core.calls import Call, Move
from gateway.core.channels import Bridge, Channel
from gateway.core.inputs import (
    AttendedTransferred,
    BlindTransferred,
    ChannelKind,
    Parked,
    PickedUp,
    Unparked,
)
from gateway.core.joining import hand_over, join
from gateway.core.reach import beyond_relay, relays_through
from gateway.core.record import TransferType


def on_blind(board: Board, event: BlindTransferred) -> None:
    """Somebody sent the other side on; what becomes of it is seen when somebody answers."""
    transferer = board.channel(event.transferer)
    call = transferer.call if transferer is not None else None
    if transferer is None or call is None or call.ended:
        if transferer is None:
            board.anomaly(event.at, "transfer.unknown_channel", event.transferer)
        return
    if call.find_move(transferer.uid, TransferType.BLIND) is not None:
        return
    if call.parked_by is not None and call.parked_by == transferer.label:
        return  # sent to the parking lot, which is told already and is no transfer
    call.add_move(
        Move(
            TransferType.BLIND,
            key=transferer.uid,
            from_party=transferer.label,
            to_party=event.exten or None,
            at=event.at,
        )
    )
    call.verdict = None
    if transferer.uid == call.anchor:
        hand_over(call, _far_party(board, call, event.transferee))
    board.updated(call, event.at)


def _far_party(board: Board, call: Call, transferee: str) -> str:
    """Return who is handed over by an initiator that leaves."""
    channel = board.channels.get(transferee)
    if channel is not None and channel.is_party:
        return transferee
    for uid in (*call.talking, *call.last_talking):
        if uid in board.channels:
            return uid
    return ""


def note_consultation(board: Board, bridge: Bridge, at: datetime) -> None:
    """Notice a consultation that the PBX conducts: a talker alone with a relay nobody dialled.

    Atxfer and feature codes make such a pair; the number is the relay's (AMI.md, pitfall 12).
    """
    if len(bridge.members) != 2:  # noqa: PLR2004 - the talker and the relay
        return
    talker, relay = bridge.members.values()
    if talker.kind is ChannelKind.RELAY:
        talker, relay = relay, talker
    call = talker.call
    if (
        not talker.is_extension
        or relay.kind is not ChannelKind.RELAY
        or relay.half != 1
        or relay.leg is not None
        or call is None
        or relay.call is not call
        or relay.uid == call.root
        or not call.answered
        or call.ended
        or not (talker.uid == call.anchor or talker.uid in call.talked)
        or call.find_move(relay.relay, TransferType.ATTENDED, TransferType.BLONDE) is not None
    ):
        return
    move = Move(
        TransferType.ATTENDED,
        key=relay.relay,
        from_party=talker.label,
        to_party=relay.target,
        at=at,
        relay=relay.relay,
    )
    call.add_move(move, _begins(call, relay.target))
    if talker.uid == call.anchor:
        hand_over(call, _far_party(board, call, ""), final=False)
    board.updated(call, at)


def _begins(call: Call, target: str) -> int:
    """Return where a consultation of `target` stands: before the forward it met, told first."""
    for index, move in enumerate(call.moves):
        if move.type is TransferType.FORWARD and move.open and move.from_party == target:
            return index
    return len(call.moves)


def close_returned(call: Call, parties: Collection[str | None]) -> None:
    """Give up hand-overs whose consulting party is back with the customer."""
    for move in call.moves:
        if (
            move.open
            and move.relay
            and move.type is TransferType.ATTENDED
            and move.from_party in parties
        ):
            move.open = False


def on_attended(board: Board, event: AttendedTransferred) -> None:
    """Let a transferer go: of one call the PBX conducted, or of two it placed itself."""
    first, second = board.channel(event.first), board.channel(event.second)
    if first is None or second is None or first.call is None or second.call is None:
        board.anomaly(event.at, "transfer.unknown_channel", event.first)
        return
    call = first.call
    if first is second:
        _let_go(board, call, first, event.at)
    elif second.call is not call:
        board.refresh_later(join(board, call, second.call, event.at))


def _let_go(board: Board, call: Call, transferer: Channel, at: datetime) -> None:
    """Handed over before the target answered is a blonde transfer.

    Who joins all three instead of leaving holds nobody from now on; no Unhold says so.
    """
    if transferer.held:
        transferer.held = False
        board.refresh_later(call)
    for move in reversed(call.moves):
        if move.type is TransferType.ATTENDED and move.from_party == transferer.label and move.open:
            call.handed_over = call.swapped
            if not _target_answered(board, call, move):
                move.type = TransferType.BLONDE
                board.updated(call, at)
            return


def _target_answered(board: Board, call: Call, move: Move) -> bool:
    """Whether somebody stands at the far end of the consultation's relay, or will in a moment."""
    for leg in call.last_stage:
        if leg.answered and move.relay in relays_through(board, leg.uid):
            return True
    halves = [board.channels.get(uid) for uid in board.relays.get(move.relay, ())]
    if not halves:
        return True  # the relay was optimised away, which needs both ends
    for half in halves:
        if half is not None and half.half == 1:
            beyond = beyond_relay(board, half)
            return beyond is not None and any(one.is_party for one in beyond.members.values())
    return False


def on_picked_up(board: Board, event: PickedUp) -> None:
    """Let a phone take a call that rings elsewhere."""
    picker, target = board.channel(event.channel), board.channel(event.target)
    if picker is None or target is None or target.call is None:
        board.anomaly(event.at, "pickup.unknown_channel", event.target)
        return
    host = target.call
    if host.ended:
        return
    if host.find_move(picker.uid, TransferType.PICKUP) is None:
        rang = target.party if target.is_extension else target.target
        host.add_move(
            Move(
                TransferType.PICKUP,
                key=picker.uid,
                from_party=rang or None,
                to_party=picker.label,
                at=event.at,
            )
        )
    _take_over(board, host, picker, event.at)


def _take_over(board: Board, host: Call, taker: Channel, at: datetime) -> None:
    own = taker.call
    if own is None:
        board.attach(taker, host)
    elif own is not host and own.merged_into is None:
        join(board, host, own, at)
    board.refresh_later(host)


def on_parked(board: Board, event: Parked) -> None:
    """Somebody parked a party of the call; a blind transfer to the lot is no transfer."""
    parked = board.channel(event.channel)
    call = parked.call if parked is not None else None
    if parked is None or call is None or call.ended:
        return
    if parked.uid != call.anchor and parked.is_party:
        hand_over(call, parked.uid)
    call.parked_by = event.parker or call.final_talker
    call.moves = tuple(
        move
        for move in call.moves
        if not (move.type is TransferType.BLIND and move.open and move.from_party == call.parked_by)
    )
    board.updated(call, event.at)


def on_unparked(board: Board, event: Unparked) -> None:
    """Somebody retrieved a parked party."""
    parked, retriever = board.channel(event.channel), board.channel(event.retriever)
    if parked is None or parked.call is None or retriever is None or parked.call.ended:
        return
    host = parked.call
    if host.find_move(retriever.uid, TransferType.PARK) is None:
        host.add_move(
            Move(
                TransferType.PARK,
                key=retriever.uid,
                from_party=host.parked_by or host.final_talker,
                to_party=retriever.label,
                at=event.at,
            )
        )
        host.parked_by = None
    _take_over(board, host, retriever, event.at)


def complete_moves(board: Board, call: Call, newcomers: list[Channel]) -> None:
    """Complete the transfers whose target now talks with the caller."""
    for move in call.moves:
        if move.open and any(_fulfils(board, call, move, one) for one in newcomers):
            move.completed, move.open = True, False


def _fulfils(board: Board, call: Call, move: Move, one: Channel) -> bool:
    if move.type is TransferType.FORWARD:
        if one.label == move.to_party or move.relay in relays_through(board, one.uid):
            return True
        # Whoever picks the call up takes it from where it was sent.
        pickup = call.find_move(one.uid, TransferType.PICKUP)
        return pickup is not None and pickup.from_party == move.to_party
    if move.type in {TransferType.PICKUP, TransferType.PARK}:
        return one.uid == move.key
    return one.label != move.from_party
