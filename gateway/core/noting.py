"""What the dialplan tells about a call: a note for whoever answers it."""

from gateway.core.board import Board
from gateway.core.events import CallNoted
from gateway.core.handoff import Handoff
from gateway.core.inputs import PbxEvent
from gateway.core.values import value


@value
class NoteLeft(PbxEvent):
    """The dialplan leaves a note with a channel's call (Asterisk: `UserEvent(Filodiretto,…)`)."""

    channel: str
    handoff: Handoff


def on_note(board: Board, event: NoteLeft) -> None:
    """Hand the note on with the call it belongs to; one about no call we know is an anomaly."""
    channel = board.channel(event.channel)
    call = channel.call if channel is not None else None
    if call is None or not call.born:
        board.anomaly(event.at, "note.no_call", event.channel)
        return
    board.out.append(CallNoted(at=event.at, record=board.project(call), handoff=event.handoff))
