"""A calendar says what a slow and obvious model says, whatever the clocks do."""

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.calendars import Calendar, Hours, SpecialDay

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# Rome puts the clocks at 02:00 and 03:00, the Azores over midnight, Santiago at midnight itself.
ZONES = [ZoneInfo(name) for name in ("Europe/Rome", "Atlantic/Azores", "America/Santiago", "UTC")]
DAYS = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 4, 4),
    date(2026, 9, 6),
    date(2024, 2, 29),
    date(2026, 12, 31),
    date(2026, 6, 16),
]

quarters = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def hours(draw: st.DrawFn) -> tuple[Hours, ...]:
    """Draw up to three times of a day, one of which may go beyond midnight."""
    edges = sorted(draw(st.sets(quarters, max_size=6)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    found = [Hours(start, end) for start, end in pairs]
    if len(edges) % 2 and draw(st.booleans()):
        found.append(Hours(edges[-1], 1_440 + draw(quarters.filter(lambda end: end < edges[-1]))))
    return tuple(found)


weeks = st.lists(hours(), min_size=7, max_size=7)
moments = st.integers(-2 * 1_440, 2 * 1_440)


@cache
def clocks_of(zone: tzinfo, begin: datetime) -> list[datetime]:
    """Return what the clock shows in each minute of nine days."""
    return [
        (begin + number * MINUTE).astimezone(zone).replace(tzinfo=None, fold=0)
        for number in range(9 * 1_440)
    ]


class Model:
    """Looks at the clock in every minute of a week: slow, and plainly right.

    It is open from the first to the last minute at which the clock shows a time between.
    """

    def __init__(self, calendar: Calendar, middle: date, shifts: list[tuple[Hours, ...]]) -> None:
        self.begin = datetime.combine(middle, time(), UTC) - 4 * DAY
        clocks = clocks_of(calendar.zone, self.begin)
        self.open = [False] * len(clocks)
        for number in range(-4, 5):
            midnight = datetime.combine(middle + number * DAY, time())
            for start, end in shifts[number + 4]:
                first, last = midnight + start * MINUTE, midnight + end * MINUTE
                # a day and a half around it, whatever the zone
                around = range(max(0, (number + 3) * 1_440), min(len(clocks), (number + 7) * 1_440))
                shown = [at for at in around if first <= clocks[at] < last]
                if shown:
                    whole = range(min(shown), max(shown) + 1)
                    self.open[whole.start : whole.stop] = [True] * len(whole)
        self.changes = [at for at in range(1, len(clocks)) if self.open[at] != self.open[at - 1]]

    def next_change(self, at: int) -> int | None:
        """Return the minute of the next change."""
        place = bisect_right(self.changes, at)
        return self.changes[place] if place < len(self.changes) else None


@given(
    zone=st.sampled_from(ZONES),
    middle=st.sampled_from(DAYS),
    week=weeks,
    special=hours(),
    around=st.lists(moments, min_size=2, max_size=6),
)
def test_openings_are_those_of_the_clock_on_the_wall(
    *,
    zone: ZoneInfo,
    middle: date,
    week: list[tuple[Hours, ...]],
    special: tuple[Hours, ...],
    around: list[int],
) -> None:
    """Nobody is told that it is open, or for how long, by a clock that was put forward or back."""
    calendar = Calendar("x", zone=zone, week=week, special={middle: SpecialDay(hours=special)})
    shifts = [
        special if number == 0 else week[(middle + number * DAY).weekday()]
        for number in range(-4, 5)
    ]
    model = Model(calendar, middle, shifts)
    minutes = sorted(4 * 1_440 + offset for offset in around)
    for minute in minutes:
        at = model.begin + minute * MINUTE
        assert calendar.is_open(at) == model.open[minute]
        following = model.next_change(minute)
        if following is not None and following < 8 * 1_440:
            assert calendar.next_change(at) == model.begin + following * MINUTE
            opening = at if model.open[minute] else model.begin + following * MINUTE
            assert calendar.next_opening(at) == opening
    first, last = minutes[0], minutes[-1]
    since, until = model.begin + first * MINUTE, model.begin + last * MINUTE
    assert calendar.open_seconds(since, until) == 60 * sum(model.open[first:last])


@given(week=weeks, at=moments, seconds=st.integers(0, 59))
def test_next_change_is_a_change_and_nothing_changes_before(
    *, week: list[tuple[Hours, ...]], at: int, seconds: int
) -> None:
    """A page that asks again only at the next change is never wrong in between."""
    calendar = Calendar("x", zone=ZONES[0], week=week)
    now = datetime(2026, 10, 25, 12, tzinfo=UTC) + at * MINUTE + timedelta(seconds=seconds)
    change = calendar.next_change(now)
    if change is None:
        assert all(calendar.is_open(now + n * DAY) == calendar.is_open(now) for n in range(9))
        return
    assert change > now
    assert calendar.is_open(change) != calendar.is_open(now)
    assert calendar.is_open(change - timedelta(microseconds=1)) == calendar.is_open(now)
    assert calendar.open_seconds(now, change) in {0.0, (change - now).total_seconds()}
