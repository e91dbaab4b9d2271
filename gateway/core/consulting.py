"""Who is consulted before a hand-over that the PBX conducts: they talk, but with a colleague."""

from datetime import datetime

from gateway.core.board import Board
from gateway.core.calls import Call, Move
from gateway.core.channels import Channel
from gateway.core.reach import reach, relays_through
from gateway.core.record import TransferType
from gateway.core.ringing import say_consulted


def meet_consulted(board: Board, channel: Channel, at: datetime) -> None:
    """Say that somebody consulted now talks with the colleague who has the customer on hold.

    Told once a consultation; nothing in the record changes until the hand-over.
    """
    call = channel.call
    if call is None or call.ended:
        return
    for move in call.moves:
        if move.type is TransferType.ATTENDED and move.relay and not move.completed:
            for one in _opposite(board, call, move):
                leg = one.leg
                if leg is None or not leg.open or one.uid in call.talked:
                    continue
                if move.relay in relays_through(board, one.uid):
                    say_consulted(board, call, leg, at)


def _opposite(board: Board, call: Call, move: Move) -> tuple[Channel, ...]:
    """Return whom the colleague who consults speaks with now, on whichever of their phones."""
    consulting = (board.channels.get(uid) for uid in call.channels)
    return tuple(
        other
        for one in consulting
        if one is not None and one.is_extension and one.party == move.from_party
        for other in reach(board, one)
    )
