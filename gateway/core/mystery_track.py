"""What is known of a mystery call as it goes: the caller's line, and the call that arrived."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from gateway.core.mystery import (
    Mark,
    MysterySeconds,
    MysteryStep,
    Place,
    Progress,
    ProgressKind,
    ScriptStep,
)
from gateway.core.mystery_words import PLACES, Both
from gateway.core.record import CallRecord, CallState, Outcome

# So long after the answer nothing of the PBX's may have come for it to be an announcement.
ANNOUNCEMENT_S: Final = 3.0
# A carrier takes less to bring the call to us once it rings or is answered.
ARRIVES_S: Final = 5.0

_MARKS: Final = {
    Place.MENU: Mark.MENU,
    Place.QUEUE: Mark.QUEUE,
    Place.PERSON: Mark.PERSON,
    Place.VOICEMAIL: Mark.VOICEMAIL,
}
HEARD: Final = frozenset({Place.RINGING, Place.ANSWER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A place the caller got to on the called side."""

    place: Place
    name: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class Track:
    """The facts of one call; `report` is what people read of them, oldest first."""

    started_at: datetime
    report: list[MysteryStep] = field(default_factory=list)
    reached: list[Reached] = field(default_factory=list)
    dialled_at: datetime | None = None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    arrived_at: datetime | None = None
    phone_at: datetime | None = None
    person_at: datetime | None = None
    ended: Progress | None = None
    taken: int = 0

    def note(self, at: datetime, kind: Mark, text: Both, *, ok: bool | None = None) -> None:
        """Add a line to the report."""
        self.report.append(MysteryStep(at=at, kind=kind, text=text.en, italian=text.it, ok=ok))

    def told(self, progress: Progress) -> None:
        """Take what the caller's line tells; the same twice adds nothing."""
        at = progress.at
        match progress.kind:
            case ProgressKind.DIALLED if self.dialled_at is None:
                self.dialled_at = at
                self.note(at, Mark.DIALLED, Both("dialled", "composto"))
            case ProgressKind.RINGING if self.ringing_at is None and self.answered_at is None:
                self.ringing_at = at
                self.note(at, Mark.RINGING, self._after("ringing", "squilla", at))
            case ProgressKind.ANSWERED if self.answered_at is None:
                self.answered_at = at
                self.note(at, Mark.ANSWERED, self._after("answered", "risposto", at))
            case ProgressKind.ENDED if self.ended is None:
                self.ended = progress
                self.note(at, Mark.ENDED, self._after("ended", "terminata", at))

    def seen(self, record: CallRecord, at: datetime) -> None:
        """Take what became of the call that arrived."""
        if self.arrived_at is None:
            self.arrived_at = at
            where = record.line or record.called.number or record.pbx
            self.note(at, Mark.ARRIVED, Both(f"arrived at {where}", f"arrivata a {where}"))
        for menu in record.ivr[self._count(Place.MENU) :]:
            self._reach(Place.MENU, menu, at)
        if record.queue and record.queue not in self._names(Place.QUEUE):
            self._reach(Place.QUEUE, record.queue, at)
        if record.rung and self.phone_at is None:
            self.phone_at = at
            self.note(at, Mark.PHONE, self._after("a phone rings", "squilla un telefono", at))
        if record.outcome is Outcome.VOICEMAIL and not self._count(Place.VOICEMAIL):
            self._reach(Place.VOICEMAIL, "", at)
        if record.answered_by and self.person_at is None:
            self.person_at = at
            self._reach(Place.PERSON, record.answered_by, at)

    def is_over(self, record: CallRecord) -> bool:
        """Whether the call that arrived has ended."""
        return record.state is CallState.ENDED

    def satisfied(self, step: ScriptStep, at: datetime) -> bool:
        """Whether a place was met; what was met on the called side counts once."""
        if step.place is Place.RINGING:
            return self.ringing_at is not None or self.answered_at is not None
        if step.place is Place.ANSWER:
            return self.answered_at is not None
        if step.place is Place.ANNOUNCEMENT:
            return self._is_announcement(at)
        for index in range(self.taken, len(self.reached)):
            one = self.reached[index]
            if one.place is step.place and step.name in {"", one.name}:
                self.taken = index + 1
                return True
        return False

    def announcement_due(self) -> datetime | None:
        """Return from when on an answered call that met nothing has met an announcement."""
        if self.answered_at is None or self.arrived_at is None or self.met_anything():
            return None
        return self.answered_at + timedelta(seconds=ANNOUNCEMENT_S)

    def blind_from(self) -> datetime | None:
        """Return from when on a call that has not arrived counts as not followed here."""
        first = self.ringing_at or self.answered_at
        if self.arrived_at is not None or first is None:
            return None
        return first + timedelta(seconds=ARRIVES_S)

    def met_anything(self) -> bool:
        """Whether a menu, a queue, a phone or a mailbox was met."""
        return bool(self.reached) or self.phone_at is not None

    def path(self) -> tuple[str, ...]:
        """Return where the caller got to; who of the staff it was makes no difference."""
        if not self.reached:
            heard = self.answered_at is not None and self.arrived_at is not None
            return (Place.ANNOUNCEMENT.value,) if heard and self.phone_at is None else ()
        return tuple(
            one.place.value
            if one.place is Place.PERSON or not one.name
            else f"{one.place.value}:{one.name}"
            for one in self.reached
        )

    def seconds(self) -> MysterySeconds:
        """Return what was measured so far."""
        rings = self.ringing_at or self.answered_at
        end = self.ended.at if self.ended is not None else None
        return MysterySeconds(
            post_dial_delay=_between(self.dialled_at, rings),
            ring=_between(rings, self.answered_at),
            to_answer=_between(self.dialled_at, self.answered_at),
            to_person=_between(self.dialled_at, self.person_at),
            talk=_between(self.person_at, end),
        )

    def _is_announcement(self, at: datetime) -> bool:
        due = self.announcement_due()
        return due is not None and (at >= due or self.ended is not None)

    def _reach(self, place: Place, name: str, at: datetime) -> None:
        self.reached.append(Reached(place=place, name=name, at=at))
        words = PLACES[place]
        shown = f" {name}" if name else ""
        self.note(at, _MARKS[place], self._after(f"{words.en}{shown}", f"{words.it}{shown}", at))

    def _count(self, place: Place) -> int:
        return sum(one.place is place for one in self.reached)

    def _names(self, place: Place) -> frozenset[str]:
        return frozenset(one.name for one in self.reached if one.place is place)

    def _after(self, en: str, italian: str, at: datetime) -> Both:
        since = _between(self.dialled_at, at)
        if since is None:
            return Both(en, italian)
        return Both(f"{en} after {since:.1f} s", f"{italian} dopo {since:.1f} s")


def _between(since: datetime | None, until: datetime | None) -> float | None:
    if since is None or until is None:
        return None
    return round(max(0.0, (until - since).total_seconds()), 3)
