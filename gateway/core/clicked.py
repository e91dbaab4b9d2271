"""The number that somebody clicked on (DESIGN: Click-to-call)."""

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.record import Direction


def take_called(board: Board, call: Call, exten: str) -> bool:
    """Take the number wanted, whoever tells it first; False if it is none, or known already.

    An extension's number makes the call internal.
    """
    if not exten or call.called == exten:
        return False
    call.called = exten
    outside = board.plan.parse(exten, dialled=True).e164 is not None
    if not outside and board.is_extension_number(exten):
        call.direction = Direction.INTERNAL
    return True
