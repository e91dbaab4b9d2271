"""Calls answered where we cannot look: that they were is known, what came of them is not."""

from gateway.core.board import Board
from gateway.core.ending import end_call
from gateway.core.events import LegAnswered
from gateway.core.inputs import PbxEvent
from gateway.core.record import EndKind
from gateway.core.ringing import close_others
from gateway.core.values import value


@value
class TakenElsewhere(PbxEvent):
    """Somebody answered the call of `channel` where nothing more can be seen (RFC 3326).

    `party` is the extension that must have been it, "" if there are several.
    """

    channel: str
    party: str = ""


def on_taken_elsewhere(board: Board, event: TakenElsewhere) -> None:
    """End a call as answered at this moment: who speaks with them, how long, nobody tells."""
    channel = board.channel(event.channel)
    call = channel.call if channel is not None else None
    if call is None or call.ended or call.answered:
        return
    call.answered, call.answered_at = True, event.at
    for leg in call.pending.values():
        if leg.extension and event.party and leg.party == event.party and leg.open:
            leg.answered, leg.open = True, False
            call.answered_by = call.final_talker = leg.party
            told = LegAnswered(
                at=event.at,
                record=board.project(call),
                extension=leg.party,
                ring_no=leg.ring_no,
            )
            board.out.append(told)
            break
    close_others(board, call, None, event.at)
    gone = [board.channels[uid] for uid in call.channels if uid in board.channels]
    end_call(board, call, event.at, EndKind.UNSEEN)
    for one in gone:
        board.remove(one, event.at)
