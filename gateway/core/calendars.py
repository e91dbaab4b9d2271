"""When a company, a line or a team is open: opening hours, holidays, short days.

Pure: the moment comes with the question. Hours are clock times of the calendar's own zone; what
the clocks do when summer time begins or ends is decided here, once (docs/calendars.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

from gateway.core.record import CallRecord

# Whoever is closed for longer has no next opening.
HORIZON: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
# Days kept at hand: a month of missed calls and two years of promises fit in many times over.
_KEPT_DAYS: Final = 2_000


class Hours(NamedTuple):
    """Clock times between which it is open: minutes from the day's midnight; end up to 2 880.

    An end beyond 1 440 is on the day after: 22:00-06:00 is (1320, 1800) and belongs to the day on
    which it begins.
    """

    start: int
    end: int


class Opening(NamedTuple):
    """A time without interruption, in UTC: `start` belongs to it, `end` does not."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A date whose hours are not those of its weekday; no hours: closed. `name` may be ""."""

    hours: tuple[Hours, ...] = ()
    name: str = ""


class Calendar:
    """Opening hours of a week, and the dates that differ.

    An opening lasts from the first moment at which the clock shows its hour of opening or a later
    one to the last at which it shows less than that of closing. Where the clocks are put back in
    between, it lasts an hour longer; an hour that is skipped is not open.
    """

    __slots__ = ("_known", "_special", "_week", "name", "zone")

    def __init__(
        self,
        name: str,
        *,
        zone: tzinfo,
        week: Sequence[tuple[Hours, ...]],
        special: Mapping[date, SpecialDay] | None = None,
    ) -> None:
        """`week` has seven entries, Monday first."""
        self.name = name
        self.zone = zone
        self._week = tuple(week)
        self._special = dict(special or {})
        self._known: dict[date, tuple[Opening, ...]] = {}

    def is_open(self, at: datetime) -> bool:
        """Tell whether it is open at that moment."""
        at, today = at.astimezone(UTC), self.date_at(at)
        return any(
            start <= at < end
            for day in (today - _DAY, today)
            for start, end in self._openings_of(day)
        )

    def next_change(self, at: datetime) -> datetime | None:
        """Return when it next opens or closes after `at`, in UTC; None: not in a year."""
        at = at.astimezone(UTC)  # two moments of one zone would be compared by its clock
        for start, end in self._openings_from(at):
            if start > at:
                return start
            if end > at:
                return end if end < at + HORIZON else None
        return None

    def next_opening(self, at: datetime) -> datetime | None:
        """Return `at` itself if it is open then, else when it opens; None: not in a year."""
        at = at.astimezone(UTC)
        for start, end in self._openings_from(at):
            if end > at:
                return max(start, at)
        return None

    def open_seconds(self, since: datetime, until: datetime) -> float:
        """Return for how long it is open between two moments; 0 if they are in wrong order."""
        total, since, until = 0.0, since.astimezone(UTC), until.astimezone(UTC)
        for start, end in self._openings_from(since, until=until):
            if start >= until:
                break
            total += max(0.0, (min(end, until) - max(start, since)).total_seconds())
        return total

    def open_day(self, at: datetime, *, days: int = 0) -> date:
        """Return the day of the next opening and `days` later, or the next after it with one.

        Where there is no opening in a year, as if it never closed.
        """
        opening = self.next_opening(at)
        day = self.date_at(opening or at) + days * _DAY
        if opening is None:
            return day
        later = (day + number * _DAY for number in range(HORIZON.days))
        return next((one for one in later if self._openings_of(one)), day)

    def openings(self, day: date) -> tuple[Opening, ...]:
        """Return the openings that begin on a date of the calendar's zone."""
        return self._openings_of(day)

    def date_at(self, at: datetime) -> date:
        """Return which day it is there."""
        return at.astimezone(self.zone).date()

    def special_day(self, day: date) -> SpecialDay | None:
        """Return what differs on a date; None: it is as its weekday."""
        return self._special.get(day)

    def next_special_day(self, after: date) -> tuple[date, SpecialDay] | None:
        """Return the next date after `after` that differs from its weekday."""
        following = min((day for day in self._special if day > after), default=None)
        return None if following is None else (following, self._special[following])

    def _hours_of(self, day: date) -> tuple[Hours, ...]:
        special = self._special.get(day)
        return self._week[day.weekday()] if special is None else special.hours

    def _openings_of(self, day: date) -> tuple[Opening, ...]:
        found = self._known.get(day)
        if found is None:
            if len(self._known) >= _KEPT_DAYS:
                self._known.clear()
            every = (self._opening(day, hours) for hours in self._hours_of(day))
            found = self._known[day] = tuple(one for one in every if one.start < one.end)
        return found

    def _openings_from(self, at: datetime, until: datetime | None = None) -> Iterator[Opening]:
        """Yield openings without gap or overlap between them, beginning with the day before."""
        last = self.date_at(until or at + HORIZON)
        day = self.date_at(at) - _DAY
        open_now: Opening | None = None
        while day <= last:
            for following in self._openings_of(day):
                if open_now is None:
                    open_now = following
                elif following.start <= open_now.end:
                    open_now = Opening(open_now.start, max(open_now.end, following.end))
                else:
                    yield open_now
                    open_now = following
            day += _DAY
        if open_now is not None:
            yield open_now

    def _opening(self, day: date, hours: Hours) -> Opening:
        midnight = datetime.combine(day, time())
        last = midnight + timedelta(minutes=hours.end - 1)
        end = _moment(last.replace(fold=1), self.zone)
        return Opening(
            start=_moment(midnight + timedelta(minutes=hours.start), self.zone),
            end=end + _MINUTE if _exists(last, end, self.zone) else end,
        )


def _moment(clock: datetime, zone: tzinfo) -> datetime:
    """Return when the clocks of a zone show `clock`; where they skip it, when they jump."""
    at = clock.replace(tzinfo=zone).astimezone(UTC)
    if _exists(clock, at, zone):
        return at
    before, after = sorted(clock.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    before -= _MINUTE
    jumped = after.astimezone(zone).utcoffset()
    while after - before > _MINUTE:
        middle = before + (after - before) // _MINUTE // 2 * _MINUTE
        if middle.astimezone(zone).utcoffset() == jumped:
            after = middle
        else:
            before = middle
    return after


def _exists(clock: datetime, at: datetime, zone: tzinfo) -> bool:
    return at.astimezone(zone).replace(tzinfo=None, fold=0) == clock.replace(fold=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarBook:
    """Which calendar counts for what: that of the line, of the queue, of the trunk, of the house.

    `lines` by the line's label and by its number (E.164), `queues` and `trunks` by (pbx, name);
    a pbx of "" stands for any. `people` by login: the calendar of their team. Nothing named:
    `default`; None: nobody said when it is open.
    """

    default: Calendar | None = None
    named: Mapping[str, Calendar] = field(default_factory=dict)
    lines: Mapping[str, Calendar] = field(default_factory=dict)
    queues: Mapping[tuple[str, str], Calendar] = field(default_factory=dict)
    people: Mapping[str, Calendar] = field(default_factory=dict)
    trunks: Mapping[tuple[str, str], Calendar] = field(default_factory=dict)

    def of(
        self,
        *,
        pbx: str = "",
        line: str | None = None,
        queue: str | None = None,
        trunk: str | None = None,
    ) -> Calendar | None:
        """Return the calendar of a call, a trunk or a line; the closest to the customer wins."""
        return (
            self.lines.get(line or "")
            or self.queues.get((pbx, queue or ""))
            or self.queues.get(("", queue or ""))
            or self.trunks.get((pbx, trunk or ""))
            or self.default
        )

    def of_call(self, record: CallRecord) -> Calendar | None:
        """Return the calendar of a call."""
        return self.of(pbx=record.pbx, line=record.line, queue=record.queue, trunk=record.trunk)

    def of_person(self, login: str | None) -> Calendar | None:
        """Return when somebody of ours works; None: whoever it is."""
        return self.people.get(login or "") or self.default


NO_CALENDARS: Final = CalendarBook()
