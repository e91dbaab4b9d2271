"""Calls whose events came late, followed a second time in the order in which they happened.

What an event means is told at once, in whatever order events come: a pop waits for nothing. Where
the PBX says when its events happened (Asterisk: timestampevents) a late one shows. From then on
every input also goes to a second board, two seconds later and in order, and where a call ends
otherwise there its record is amended. No line delivers so by nature: as a rule there is no second
board, only a list of the last inputs.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Final

from gateway.core.board import LATE, Board
from gateway.core.ending import end_call
from gateway.core.events import (
    CallAmended,
    CallEnded,
    CallEvent,
    CallMerged,
    CallStarted,
    Output,
)
from gateway.core.following import follow
from gateway.core.ids import CallId
from gateway.core.inputs import ClockTold, Input, PbxEvent, Tick
from gateway.core.projection import project
from gateway.core.record import CallRecord, CallState, EndKind, Outcome

_KEPT: Final = LATE + timedelta(milliseconds=100)
# By so little threads of the PBX overtake each other, and the rules expect it.
_BY_NATURE: Final = timedelta(milliseconds=1)
# A call is followed again only from its first event on: so long they are kept, and so many.
_REMEMBERED: Final = timedelta(minutes=1)
_MOST: Final = 4_096
# How long after the last late event calls that begin are still followed twice.
_DISTRUST: Final = timedelta(minutes=1)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_ALWAYS: Final = datetime.max.replace(tzinfo=UTC)
_LAST_WORDS: Final = (CallEnded, CallAmended, CallMerged)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Something that is no event of the PBX: it stands where it came in the stream."""

    at: datetime
    item: Input


class Hindsight:
    """Hears every input of a table after it was applied; `board` makes another empty board.

    Idle until a `ClockTold` says that the time of an event does not depend on when it comes.
    """

    __slots__ = ("_again", "_board", "_newest", "_recent", "_whole", "told")

    def __init__(self, board: Callable[[], Board]) -> None:
        self._board = board
        self.told = False
        # Whether everything is kept that was ever heard.
        self._whole = False
        self._recent: deque[PbxEvent | _Placed] = deque()
        self._newest = _NEVER
        self._again: _Again | None = None

    def hear(self, item: Input, board: Board) -> None:
        """Take an input that `board` has followed; what is known better goes to its `out`."""
        if not isinstance(item, PbxEvent):
            self._hear_other(item, board)
            return
        at = item.at
        if self._again is not None:
            self._newest = max(at, self._newest)
            self._follow_again(item, board)
            return
        if at >= self._newest:
            self._newest = at
        elif at < self._newest - _BY_NATURE:
            self._again = _Again(self._board(), board, self._recent, whole=self._whole)
            self._recent.clear()
            self._follow_again(item, board)
            return
        recent = self._recent
        recent.append(item)
        until = self._newest - _REMEMBERED
        while recent[0].at < until or len(recent) > _MOST:
            recent.popleft()
            self._whole = False

    def _hear_other(self, item: Input, board: Board) -> None:
        """Take what the PBX did not tell: its time is of another clock."""
        if isinstance(item, ClockTold):
            self.told = True
            self._whole = not (board.channels or board.calls)
        elif isinstance(item, Tick):
            if self._again is not None:
                self._again.catch_up(item.at - _KEPT, board)
        elif self._again is not None:
            self._follow_again(_Placed(self._newest, item), board)
        elif self._recent:
            self._recent.append(_Placed(self._newest, item))

    def _follow_again(self, placed: "PbxEvent | _Placed", board: Board) -> None:
        again = self._again
        if again is not None and not again.hear(placed, self._newest, board):
            self._again = None

    def deadline(self) -> datetime | None:
        """Return when the next input is due on the second board, None if nothing waits."""
        return self._again.deadline() if self._again is not None else None

    def channels(self, call_id: CallId) -> frozenset[str]:
        """Return the unique ids of a call's channels on the second board."""
        call = self._again.board.calls.get(call_id) if self._again is not None else None
        return frozenset() if call is None else frozenset((call.root, *call.channels))


class _Again:
    """A second board, behind the first one by as much as events may come late.

    `told` is what was said last of calls that are over, `settled` what this board said of calls
    that the first one still takes to be up; `doubted` are calls joined with one that was up before.
    """

    __slots__ = (
        "_corrected",
        "_count",
        "_doubted",
        "_judged",
        "_late",
        "_settles_at",
        "_since",
        "_told",
        "_until",
        "_waiting",
        "_whole",
        "board",
    )

    def __init__(
        self,
        board: Board,
        first: Board,
        recent: Iterable[PbxEvent | _Placed],
        *,
        whole: bool,
    ) -> None:
        self.board = board
        board.terse = True
        self._whole = whole
        board.hangups_told = first.hangups_told
        board.renewed, board.former = dict(first.renewed), first.former
        self._waiting: list[tuple[datetime, int, bool, PbxEvent | _Placed]] = []
        self._count = 0
        self._until = _NEVER
        self._told: dict[CallId, tuple[datetime, CallRecord]] = {}
        # Before this nothing is to be judged or forgotten; anything told anew makes it unknown.
        self._settles_at = _NEVER
        self._corrected: set[CallId] = set()
        self._doubted: set[CallId] = set()
        self._judged: set[CallId] = set()
        self._late: set[CallId] = set()
        for placed in recent:
            self._wait(placed)
        self._since = max(placed.at for placed in recent) - _KEPT
        for call in first.calls.values():
            if call.ended and call.born:
                self._told[call.id] = call.ended_at or self._since, project(first, call)

    def _wait(self, placed: "PbxEvent | _Placed", *, late: bool = False) -> None:
        self._count += 1
        heappush(self._waiting, (placed.at, self._count, late, placed))

    def deadline(self) -> datetime | None:
        return self._waiting[0][0] + _KEPT if self._waiting else None

    def hear(self, placed: "PbxEvent | _Placed", newest: datetime, first: Board) -> bool:
        """Take an input; False if nothing has come late for long and no call needs this board."""
        late = placed.at < newest - _BY_NATURE
        if late:
            self._until = newest + _DISTRUST
        self._note_told(first, newest)
        self._wait(placed, late=late)
        self.catch_up(newest - _KEPT, first)
        return newest < self._until or any(call in self.board.calls for call in self._late)

    def _note_told(self, first: Board, newest: datetime) -> None:
        """Keep what the first board says of calls that are over, unless it is known better."""
        kept: list[Output] = []
        for said in first.out:
            if isinstance(said, _LAST_WORDS):
                if said.record.id in self._corrected:
                    continue
                self._tell(said.record, newest)
            kept.append(said)
        first.out[:] = kept

    def catch_up(self, until: datetime, first: Board) -> None:
        """Follow what happened before `until`."""
        waiting, board = self._waiting, self.board
        while waiting and waiting[0][0] <= until:
            _, _, late, placed = heappop(waiting)
            follow(board, placed.item if isinstance(placed, _Placed) else placed)
            if late:
                self._note_late(placed)
            for said in board.out:
                if isinstance(said, _LAST_WORDS):
                    self._judge(said, first)
            board.out.clear()
        if until >= self._settles_at:
            self._settle(until, first)

    def _tell(self, record: CallRecord, at: datetime) -> None:
        self._told[record.id] = at, record
        self._settles_at = _NEVER

    def _note_late(self, placed: "PbxEvent | _Placed") -> None:
        """Keep whose event came late: the other calls are on both boards alike."""
        for name in ("channel", "dest", "transferer", "first"):
            channel = self.board.channel(getattr(placed, name, ""))
            if channel is not None and channel.call is not None:
                self._late.add(channel.call.id)
                return

    def _settle(self, until: datetime, first: Board) -> None:
        """Judge calls that never were one, and let go of those of which no more will be said."""
        self._settles_at = _ALWAYS
        for call_id, (at, told) in list(self._told.items()):
            if at > until:
                self._settles_at = min(self._settles_at, at)
                return
            if call_id not in self._judged:
                self._judged.add(call_id)
                self._deny(told, at, first)
            if at <= until - _KEPT:
                del self._told[call_id]
                self._judged.discard(call_id)
                self._corrected.discard(call_id)
                self._doubted.discard(call_id)
            else:
                self._settles_at = min(self._settles_at, at + _KEPT)

    def _deny(self, told: CallRecord, at: datetime, first: Board) -> None:
        """Say of a call that was none that it was part of the one its channel is in."""
        whole = self.board.call_of(told.linkedid)
        if whole is None or whole.id == told.id or not (whole.born and whole.begin_seen):
            return
        record = replace(
            told,
            revision=told.revision + 1,
            merged_into=whole.id,
            outcome=None,
            ended_by=None,
        )
        if told.merged_into is None:
            self._correct(CallMerged(at=at, record=record, into=whole.id), at, first)

    def _correct(self, said: CallEvent, at: datetime, first: Board) -> None:
        self._tell(said.record, at)
        self._corrected.add(said.record.id)
        first.out.append(said)

    def _judge(self, said: CallEvent, first: Board) -> None:
        """Amend what was said of a call, if this board saw it all and says otherwise."""
        record = said.record
        self._late.discard(record.id)
        if isinstance(said, CallMerged):
            self._late.add(said.into)
        if not self._saw(said):
            return
        self._judged.add(record.id)
        if record.id not in self._told and not self._end(said, first):
            return
        at, told = self._told[record.id]
        if replace(record, revision=told.revision) == told:
            return
        record = replace(record, revision=told.revision + 1)
        if isinstance(said, CallMerged) and told.merged_into is None:
            self._correct(CallMerged(at=said.at, record=record, into=said.into), at, first)
        else:
            self._correct(CallAmended(at=said.at, record=record), at, first)

    def _end(self, said: CallEvent, first: Board) -> bool:
        """End a call that is over, but not on the first board; False if that has let go of it."""
        call = first.calls.get(said.record.id)
        if call is not None and call.born:
            end_call(first, call, said.record.ended_at or said.at, EndKind.SEEN)
            self._tell(project(first, call), said.at)
            return True
        if said.at > self._since:
            # Too little of it came in time to know that it was a call.
            if call is not None:
                call.ended = True
            record = replace(said.record, revision=0)
            first.out.append(CallStarted(at=said.at, record=_at_first(record)))
            self._correct(replace(said, record=record), said.at, first)
        return False

    def _saw(self, said: CallEvent) -> bool:
        """Whether a call, and any it was joined with, began on this board."""
        calls = self.board.calls
        call = calls.get(said.record.id)
        if isinstance(said, CallMerged):
            into = calls.get(said.into)
            if call is None or into is None or not (call.begin_seen and into.begin_seen):
                self._doubted.update((said.record.id, said.into))
        return call is not None and call.begin_seen and call.id not in self._doubted


def _at_first(record: CallRecord) -> CallRecord:
    """Return the record of a call that is over as one that is up, to announce it by."""
    certain = record.outcome in {Outcome.ANSWERED, Outcome.VOICEMAIL}
    return replace(
        record,
        state=CallState.LIVE,
        end=None,
        ended_at=None,
        ended_by=None,
        merged_into=None,
        outcome=record.outcome if certain else None,
        seconds=replace(record.seconds, talk=None),
    )
