"""The call table: the PBX's events in, what happened to calls out (DESIGN section 3)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from gateway.core import (
    arrival,
    conversation,
    dialling,
    dumping,
    ending,
    inputs,
    noting,
    originating,
    recordings,
    renewal,
    resync,
    stall,
    transfers,
    waiting,
)
from gateway.core.board import Board
from gateway.core.events import Output
from gateway.core.ids import CallId
from gateway.core.lines import Line, lines_of
from gateway.core.numbers import NumberPlan
from gateway.core.record import CallRecord

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
    inputs.ApplicationStarted: waiting.on_application,
    inputs.QueueJoined: waiting.on_queue_joined,
    inputs.QueueLeft: waiting.on_queue_left,
    inputs.QueueRefused: waiting.on_queue_refused,
    inputs.QueueAnswered: waiting.on_queue_answered,
    inputs.RecordingStarted: recordings.on_recording,
    noting.NoteLeft: noting.on_note,
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
_NOTHING: Final[tuple[Output, ...]] = ()


class CallTable:
    """Follows the calls of one PBX; equal inputs give equal outputs, and no input raises.

    `presentation_query` is the variable to ask the PBX for when a call comes in ("": believe what
    is shown); only an answer that begins with `allowed` unmasks the number.
    """

    def __init__(self, pbx: str, plan: NumberPlan, *, presentation_query: str = "") -> None:
        self.pbx = pbx
        self._board = Board(pbx, plan, presentation_query=presentation_query)

    def apply(self, item: inputs.Input) -> tuple[Output, ...]:
        """Return what `item` means for the calls that are up; an unknown input means nothing."""
        board = self._board
        due = board.deadline()
        if due is not None and item.at >= due:
            board.sweep(item.at)
        rule = _RULES.get(type(item))
        if rule is None:
            return _NOTHING
        if board.resuming:
            board.resuming = False
            board.resumed_at = item.at
        rule(board, item)
        while board.todo:
            conversation.refresh(board, board.todo.pop(), item.at)
        if board.stall is not None:
            stall.touch(board, item)
        if not board.out:
            return _NOTHING
        out = tuple(board.out)
        board.out.clear()
        return out

    def next_deadline(self) -> datetime | None:
        """Return when the next Tick is due, None if nothing waits for time to pass."""
        return self._board.deadline()

    def live(self) -> tuple[CallRecord, ...]:
        """Return the records of all calls that are up, in the order they were met."""
        return tuple(self._board.project(call) for call in self._board.live())

    def live_ids(self) -> frozenset[CallId]:
        """Return the calls that are up, without building their records."""
        return frozenset(call.id for call in self._board.live())

    def record(self, call_id: CallId) -> CallRecord | None:
        """Return a call's record while the table knows it (up to 2 s after its end)."""
        call = self._board.calls.get(call_id)
        return self._board.project(call) if call is not None and call.born else None

    def lines(self, call_id: CallId) -> tuple[Line, ...]:
        """Return the channels of a live call that control can act upon, () for any other call."""
        return lines_of(self._board, self._board.calls.get(call_id))

    def channels(self, call_id: CallId) -> frozenset[str]:
        """Return the unique ids of a call's channels, those of its last two seconds included."""
        call = self._board.calls.get(call_id)
        return frozenset() if call is None else frozenset((call.root, *call.channels))

    def remember(self, callers: Iterable[tuple[str, str]]) -> None:
        """Know whose calls an earlier run stored, as (root, caller's number).

        A PBX whose clock was set back gives their roots to other callers' calls.
        """
        self._board.former.update(callers)

    def lost(self, at: datetime) -> None:
        """Note that nobody has followed the PBX since `at`; the next Snapshot ends that."""
        self._board.lost_at = at

    def dump(self, call_id: CallId) -> bytes:
        """Return a call's state for `restore`; b"" if the call is unknown or part of another."""
        call = self._board.calls.get(call_id)
        if call is None or call.merged_into is not None:
            return b""
        return dumping.dump(self._board, call)

    def restore(self, states: Iterable[bytes]) -> None:
        """Take over the calls of an earlier run; the next Snapshot says which are still up.

        A state that cannot be read (b"", or written by another version) is passed over.
        """
        dumping.restore(self._board, states)
        if self._board.lost_at is not None:
            resync.doubt_holds(self._board)
