"""One input on one board: each kind of input has its rule (DESIGN section 3)."""

from collections.abc import Callable
from typing import Any, Final

from gateway.core import (
    arrival,
    conversation,
    dialling,
    elsewhere,
    ending,
    inputs,
    noting,
    originating,
    provenance,
    recordings,
    renewal,
    resync,
    stall,
    transfers,
    waiting,
)
from gateway.core.board import Board

# One small rule per input; each takes exactly the input it stands beside.
_RULES: Final[dict[type[inputs.Input], Callable[[Board, Any], None]]] = {
    inputs.ChannelCreated: renewal.on_created,
    inputs.ChannelRenamed: arrival.on_renamed,
    inputs.ChannelStateChanged: originating.on_state,
    inputs.PresentationTold: arrival.on_presentation,
    inputs.DialBegan: dialling.on_dial_began,
    inputs.DialAlerted: dialling.on_alerted,
    inputs.DialEnded: dialling.on_dial_ended,
    inputs.DialFailed: dialling.on_dial_failed,
    inputs.BridgeEntered: conversation.on_bridge_entered,
    inputs.BridgeLeft: conversation.on_bridge_left,
    inputs.ConferenceJoined: conversation.on_conference_joined,
    inputs.RelayJoined: conversation.on_relay_joined,
    inputs.HoldChanged: conversation.on_hold,
    inputs.HangupRequested: ending.on_hangup_requested,
    inputs.ChannelHungUp: ending.on_hung_up,
    elsewhere.TakenElsewhere: elsewhere.on_taken_elsewhere,
    inputs.ApplicationStarted: waiting.on_application,
    inputs.QueueJoined: waiting.on_queue_joined,
    inputs.QueueLeft: waiting.on_queue_left,
    inputs.QueueRefused: waiting.on_queue_refused,
    inputs.QueueAnswered: waiting.on_queue_answered,
    inputs.RecordingStarted: recordings.on_recording,
    noting.NoteLeft: noting.on_note,
    provenance.ProvenanceTold: provenance.on_provenance,
    inputs.PickedUp: transfers.on_picked_up,
    inputs.Parked: transfers.on_parked,
    inputs.Unparked: transfers.on_unparked,
    inputs.BlindTransferred: transfers.on_blind,
    inputs.AttendedTransferred: transfers.on_attended,
    inputs.OriginateAnswered: originating.on_originate_answered,
    inputs.OriginateFailed: originating.on_originate_failed,
    inputs.Snapshot: resync.on_snapshot,
    inputs.LinkDown: resync.on_link_down,
    inputs.PbxRestarted: resync.on_restarted,
    stall.Stalled: stall.on_stalled,
    stall.CaughtUp: stall.on_caught_up,
    inputs.QueryAnswer: arrival.on_query_answer,
}


def follow(board: Board, item: inputs.Input) -> None:
    """Let a board take one input; what it has to say is in `board.out`."""
    due = board.due
    if due and item.at >= due[0][0]:
        board.sweep(item.at)
    rule = _RULES.get(type(item))
    if rule is None:
        return
    if board.resuming:
        board.resuming = False
        board.resumed_at = item.at
    rule(board, item)
    while board.todo:
        conversation.refresh(board, board.todo.pop(), item.at)
    if board.stall is not None:
        stall.touch(board, item)
