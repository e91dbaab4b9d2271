"""The call table: the PBX's events in, what happened to calls out (DESIGN section 3)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from gateway.core import dumping, inputs, resync
from gateway.core.board import Board
from gateway.core.events import Output
from gateway.core.following import follow
from gateway.core.hindsight import Hindsight
from gateway.core.ids import CallId
from gateway.core.lines import Line, lines_of
from gateway.core.numbers import NumberPlan
from gateway.core.phones import SeenPhone, phones_of
from gateway.core.record import CallRecord

_NOTHING: Final[tuple[Output, ...]] = ()


class CallTable:
    """Follows the calls of one PBX; equal inputs give equal outputs, and no input raises.

    `presentation_query` is the variable to ask the PBX for when a call comes in ("": believe what
    is shown); only an answer that begins with `allowed` unmasks the number.
    """

    def __init__(self, pbx: str, plan: NumberPlan, *, presentation_query: str = "") -> None:
        self.pbx = pbx

        def board() -> Board:
            return Board(pbx, plan, presentation_query=presentation_query)

        self._board = board()
        self._hindsight = Hindsight(board)

    def apply(self, item: inputs.Input) -> tuple[Output, ...]:
        """Return what `item` means for the calls that are up; an unknown input means nothing."""
        board = self._board
        follow(board, item)
        if self._hindsight.told or type(item) is inputs.ClockTold:
            self._hindsight.hear(item, board)
        if not board.out:
            return _NOTHING
        out = tuple(board.out)
        board.out.clear()
        return out

    def next_deadline(self) -> datetime | None:
        """Return when the next Tick is due, None if nothing waits for time to pass."""
        mine = self._board.deadline()
        other = self._hindsight.deadline() if self._hindsight.told else None
        return min(mine, other) if mine is not None and other is not None else mine or other

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

    def phones(self, call_id: CallId) -> tuple[SeenPhone, ...]:
        """Return the phones of ours that ring or have the customer in a live call now."""
        return phones_of(self._board, self._board.calls.get(call_id))

    def channels(self, call_id: CallId) -> frozenset[str]:
        """Return the unique ids of a call's channels, those of its last two seconds included."""
        call = self._board.calls.get(call_id)
        if call is None:
            return self._hindsight.channels(call_id)
        return frozenset((call.root, *call.channels))

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
            resync.unfollowed(self._board)
