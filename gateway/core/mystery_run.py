"""Plays the script of one mystery call: fed with what happens and with time, tells what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.core.mystery import (
    Mark,
    Place,
    Progress,
    RunState,
    ScriptStep,
    StepKind,
)
from gateway.core.mystery_track import HEARD, Track
from gateway.core.mystery_words import (
    ENDED_EARLY,
    NOT_FOLLOWED,
    TOO_LONG,
    ended_words,
    not_met,
    step_words,
)
from gateway.core.record import CallRecord
from gateway.core.trunks import NO_WORDS, Words

# So long a call that was hung up may take to say that it has ended.
END_S: Final = 5.0
_ANSWER: Final = ScriptStep(text="", kind=StepKind.EXPECT, place=Place.ANSWER)
_MARKS: Final = {
    StepKind.EXPECT: Mark.EXPECT,
    StepKind.WAIT: Mark.WAIT,
    StepKind.PRESS: Mark.PRESS,
    StepKind.HANG_UP: Mark.HANG_UP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Have these digits sent."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpNow:
    """Have the call ended."""


Deed = Press | HangUpNow


class MysteryCall:
    """One call in progress; every method takes the time and returns what is to be done now.

    `state` is running until the call is over, then passed or failed, with `words`.
    """

    def __init__(self, script: Sequence[ScriptStep], *, at: datetime, longest_s: float) -> None:
        self.track = Track(started_at=at)
        self.state = RunState.RUNNING
        self.words = NO_WORDS
        self.ended_at: datetime | None = None
        self._script = tuple(script)
        self._next = 0
        self._step_at: datetime | None = None
        self._limit = at + timedelta(seconds=longest_s)
        self._hung_up_at: datetime | None = None
        self._failed = False
        self._blind = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state is not RunState.RUNNING

    def told(self, progress: Progress) -> tuple[Deed, ...]:
        """Take what the caller's line tells."""
        if self.is_over:
            return ()
        self.track.told(progress)
        return self.tick(progress.at)

    def seen(self, record: CallRecord, at: datetime) -> tuple[Deed, ...]:
        """Take what became of the call that arrived at a PBX of ours."""
        if self.is_over:
            return ()
        self.track.seen(record, at)
        return self.tick(at)

    def broken(self, words: Words, at: datetime) -> tuple[Deed, ...]:
        """Give up: it could not be placed, a key not be pressed, or the gateway has restarted."""
        return () if self.is_over else self._fail(words, at)

    def closed(self, at: datetime) -> None:
        """End a run whose call is certainly not there (any more)."""
        if not self.is_over:
            self._close(at)

    def tick(self, at: datetime) -> tuple[Deed, ...]:
        """Take that time has passed."""
        if self.is_over:
            return ()
        deeds = () if self._hung_up_at is not None else self._play(at)
        if self.track.ended is not None:
            if not self._failed and self._next < len(self._script):
                self._cut_short(at)
            self._close(self.track.ended.at)
        elif self._hung_up_at is not None and at >= self._hung_up_at + timedelta(seconds=END_S):
            self._close(at)
        return deeds

    def next_deadline(self) -> datetime | None:
        """Return when the next tick is due; None once it is over."""
        if self.is_over:
            return None
        if self._hung_up_at is not None:
            return self._hung_up_at + timedelta(seconds=END_S)
        step_end = None
        if self._step_at is not None and self._next < len(self._script):
            step_end = self._step_at + timedelta(seconds=self._script[self._next].seconds)
        blind = None if self._blind else self.track.blind_from()
        moments = (self._limit, step_end, blind, self._announcement_due())
        return min(moment for moment in moments if moment is not None)

    def _announcement_due(self) -> datetime | None:
        """Return when the announcement that is waited for will be one."""
        waits = self._next < len(self._script) and (
            self._script[self._next].place is Place.ANNOUNCEMENT
        )
        return self.track.announcement_due() if waits else None

    def _play(self, at: datetime) -> tuple[Deed, ...]:
        """Do what can be done at this moment, one step after the other."""
        self._notice(at)
        if at >= self._limit:
            return self._fail(TOO_LONG, at)
        if self.track.dialled_at is None:
            return ()
        deeds: list[Deed] = []
        while self._next < len(self._script):
            step = self._script[self._next]
            self._step_at = self._step_at or at
            verdict = self._judge(step, at)
            if verdict is Waits:
                return tuple(deeds)
            if isinstance(verdict, Words):
                return (*deeds, *self._fail(verdict, at))
            deeds += self._do(step, at)
        return (*deeds, *self._hang_up(at))

    def _notice(self, at: datetime) -> None:
        due = self.track.blind_from()
        self._blind = due is not None and (at >= due or self._blind)

    def _judge(self, step: ScriptStep, at: datetime) -> "type[Waits] | Words | None":
        """Return: it is done (None), it waits, or it failed with these words."""
        if step.kind is StepKind.EXPECT:
            return self._met(step, at)
        if step.kind is StepKind.WAIT:
            return None if self._is_late(step, at) else Waits
        if step.kind is StepKind.PRESS and self.track.answered_at is None:
            return not_met(_ANSWER)
        return Waits if self.track.ended is not None else None

    def _met(self, step: ScriptStep, at: datetime) -> "type[Waits] | Words | None":
        if self.track.satisfied(step, at):
            self.track.note(at, Mark.EXPECT, step_words(step), ok=True)
            return None
        if self._blind and step.place not in HEARD:
            self.track.note(at, Mark.NOTE, NOT_FOLLOWED)
            self.track.note(at, Mark.EXPECT, step_words(step))
            return None
        if self.track.ended is None and self._is_late(step, at):
            self.track.note(at, Mark.EXPECT, step_words(step), ok=False)
            return not_met(step)
        return Waits

    def _is_late(self, step: ScriptStep, at: datetime) -> bool:
        return at >= (self._step_at or at) + timedelta(seconds=step.seconds)

    def _do(self, step: ScriptStep, at: datetime) -> tuple[Deed, ...]:
        if step.kind is not StepKind.EXPECT:
            self.track.note(at, _MARKS[step.kind], step_words(step))
        self._step_at = None
        self._next += 1
        if step.kind is StepKind.PRESS:
            return (Press(digits=step.digits),)
        if step.kind is StepKind.HANG_UP:
            self._next = len(self._script)
        return ()

    def _fail(self, words: Words, at: datetime) -> tuple[Deed, ...]:
        self._failed = True
        if not self.words.cause:
            self.words = words
        return self._hang_up(at)

    def _hang_up(self, at: datetime) -> tuple[Deed, ...]:
        if self._hung_up_at is not None or self.track.ended is not None:
            return ()
        self._hung_up_at = at
        return (HangUpNow(),)

    def _cut_short(self, at: datetime) -> None:
        """Judge a call that ended by itself: nothing may have been expected of it any more."""
        ended, left = self.track.ended, self._script[self._next :]
        wanted = [step for step in left if step.kind in {StepKind.EXPECT, StepKind.PRESS}]
        unanswered = self.track.answered_at is None
        if ended is None or not (wanted or unanswered):
            return
        if wanted and wanted[0].kind is StepKind.EXPECT:
            self.track.note(at, Mark.EXPECT, step_words(wanted[0]), ok=False)
        rang = self.track.ringing_at is not None
        self._fail(ended_words(ended, rang=rang) if unanswered else ENDED_EARLY, at)

    def _close(self, at: datetime) -> None:
        self.state = RunState.FAILED if self._failed else RunState.PASSED
        self.ended_at = at


class Waits:
    """A step that is neither done nor failed."""
