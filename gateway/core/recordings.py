"""What the PBX records of a call: it stays with the call, whoever talks."""

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.inputs import RecordingStarted
from gateway.core.record import Recording


def on_recording(board: Board, event: RecordingStarted) -> None:
    """Note where a recording can be heard; the same one started again is no other."""
    channel = board.channel(event.channel)
    call = channel.call if channel is not None else None
    if call is None or any(known.url == event.url for known in call.recordings):
        return
    call.recordings = (*call.recordings, Recording(url=event.url, from_at=event.at))
    if call.ended:
        board.amended(call, event.at)
    else:
        board.updated(call, event.at)


def join(survivor: Call, gone: Call) -> None:
    """Give the recordings of a call to the one that it became part of."""
    known = {one.url for one in survivor.recordings}
    added = [one for one in gone.recordings if one.url not in known]
    if added:
        both = (*survivor.recordings, *added)
        survivor.recordings = tuple(sorted(both, key=lambda one: str(one.from_at)))
