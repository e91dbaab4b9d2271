"""Forwards that the PBX makes for an extension (DESIGN: transfers, forward)."""

from gateway.core.board import Board
from gateway.core.calls import Call, Move
from gateway.core.channels import Channel
from gateway.core.inputs import DialBegan
from gateway.core.legs import Leg
from gateway.core.record import TransferType


def note_forward(board: Board, call: Call, leg: Leg, event: DialBegan, dialler: Channel) -> None:
    """See whether this Dial forwards extension E: its only destination is a relay elsewhere.

    Called for every leg before it is pending. A second destination makes it a group or a twin.
    """
    if not (leg.relay or call.pending or call.moves):
        return
    siblings = [other for other in call.pending.values() if other.via == dialler.uid]
    for sibling in siblings:
        _withdraw(call, sibling.relay)
    if not leg.relay:
        for move in [move for move in call.moves if move.from_party == leg.party]:
            _withdraw(call, move.relay)  # the extension's own phone is dialled after all
        return
    relay = board.channel(leg.uid)
    target = relay.target if relay is not None else ""
    if _continues(call, leg, target) or siblings:
        return
    if _goes_round(call, event.exten, target):
        return
    if _is_forward(board, call, dialler, event.exten, target):
        move = Move(
            TransferType.FORWARD,
            key=leg.relay,
            from_party=event.exten,
            to_party=target,
            at=event.at,
            relay=leg.relay,
        )
        call.add_move(move, _place(call, target))


def withdraw_members(board: Board, call: Call, uid: str) -> None:
    """Take back the forwards that `uid` seemed to make: it is in a queue, which calls members."""
    legs = [one.leg for one in map(board.channel, call.channels) if one is not None]
    # What it dialled before the queue would be over, in vain.
    called = {
        leg.relay
        for leg in legs
        if leg is not None and leg.relay and leg.via == uid and (leg.pending or leg.answered)
    }
    if called:
        call.moves = tuple(
            move
            for move in call.moves
            if move.type is not TransferType.FORWARD or move.key not in called
        )


def _goes_round(call: Call, extension: str, target: str) -> bool:
    """Whether the same number was sent elsewhere before, in vain: a group that asks in turn."""
    before = [
        move
        for move in call.moves
        if move.type is TransferType.FORWARD
        and move.open
        and move.relay
        and move.from_party == extension
        and move.to_party != target
    ]
    for move in before:
        _withdraw(call, move.key)
        call.groups = (*call.groups, extension)
    return extension in call.groups


def _place(call: Call, target: str) -> int:
    """Return where a forward to `target` stands: before the one that goes on from there.

    The Dials of a chain run in threads of their own; the second may be told first.
    """
    for index, move in enumerate(call.moves):
        if move.type is TransferType.FORWARD and move.open and move.from_party == target:
            return index
    return len(call.moves)


def _continues(call: Call, leg: Leg, target: str) -> bool:
    """Whether the relay is the way that a phone's own forward (302) takes."""
    for move in call.moves:
        if (
            move.type is TransferType.FORWARD
            and move.open
            and not move.relay
            and move.to_party == target
        ):
            move.relay = leg.relay
            return True
    return False


def _is_forward(board: Board, call: Call, dialler: Channel, extension: str, target: str) -> bool:
    if dialler.uid == call.anchor and not call.begin_seen:
        return False  # perhaps a queue
    if call.in_queue is not None and dialler.uid in {call.anchor, call.queue_uid}:
        return False  # a queue calling its member
    if not target or target == extension or (call.originated and dialler.uid == call.root):
        return False
    return board.is_extension_number(extension) and not _rang_for(call, extension, dialler)


def _rang_for(call: Call, extension: str, dialler: Channel) -> bool:
    """Whether the same channel dialled the extension's own phone before, in vain."""
    return any(
        leg.party == extension and leg.via == dialler.uid and not leg.answered
        for stage in call.stages
        for leg in stage
    )


def _withdraw(call: Call, relay: str) -> None:
    if relay:
        call.moves = tuple(
            move
            for move in call.moves
            if not (move.type is TransferType.FORWARD and move.key == relay and move.open)
        )
