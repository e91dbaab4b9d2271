"""Opening hours as a company in Italy has them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.core.calendars import Calendar, CalendarBook, SpecialDay
from gateway.core.errors import ConfigError
from gateway.core.opening_hours import (
    DayOff,
    Region,
    read_holiday,
    read_week,
    special_days,
)

ROME = ZoneInfo("Europe/Rome")
OFFICE = ("Mon-Fri 09:00-13:00 14:30-18:00", "Sat 09:00-12:00")


def calendar(*lines: str, off: tuple[str, ...] = (), years: tuple[int, ...] = (2026,)) -> Calendar:
    """Return a calendar in Rome."""
    days = [one for text in off if isinstance(one := read_holiday(text), DayOff)]
    return Calendar(
        "office", zone=ROME, week=read_week(lines or OFFICE), special=special_days(days, years)
    )


def rome(text: str) -> datetime:
    """Return a moment by the clock in Rome."""
    return datetime.fromisoformat(text).replace(tzinfo=ROME)


def test_lunch_break_is_closed_and_ends_when_it_says() -> None:
    """Half of Italy is closed at two in the afternoon, and opens the same day."""
    office = calendar()
    assert office.is_open(rome("2026-11-23T12:59"))
    assert not office.is_open(rome("2026-11-23T13:00"))
    assert office.next_opening(rome("2026-11-23T13:00")) == rome("2026-11-23T14:30")


def test_call_on_friday_evening_waits_for_saturday_not_for_monday() -> None:
    """A due date must be the first moment at which somebody can keep it."""
    assert calendar().next_opening(rome("2026-11-20T18:00")) == rome("2026-11-21T09:00")
    assert calendar().next_opening(rome("2026-11-21T12:00")) == rome("2026-11-23T09:00")


def test_holiday_and_short_day_stand_for_their_weekday() -> None:
    """Christmas Eve until one, nobody on Christmas Day, and Saturday is Boxing Day."""
    office = calendar(off=("12-25/12-26", "2026-12-24 09:00-13:00"))
    assert office.next_change(rome("2026-12-24T10:00")) == rome("2026-12-24T13:00")
    assert office.next_opening(rome("2026-12-24T13:00")) == rome("2026-12-28T09:00")
    assert office.next_special_day(date(2026, 12, 1)) == (
        date(2026, 12, 24),
        office.special_day(date(2026, 12, 24)),
    )


def test_night_belongs_to_the_day_on_which_it_begins() -> None:
    """Who is on call on Friday night is there on Saturday morning, also if that is a holiday."""
    night = calendar("Fri 22:00-06:00", off=("2026-11-21",))
    assert night.is_open(rome("2026-11-21T05:59"))
    assert not night.is_open(rome("2026-11-21T22:30"))
    assert night.open_seconds(rome("2026-11-20T00:00"), rome("2026-11-23T00:00")) == 8 * 3600


def test_always_open_never_changes_and_counts_every_second() -> None:
    """A day of 25 hours is open for 25 of them."""
    always = calendar("24/7")
    assert always.next_change(rome("2026-11-20T18:00")) is None
    day = always.open_seconds(rome("2026-10-25T00:00"), rome("2026-10-26T00:00"))
    assert day == 25 * 3600


def test_closed_for_more_than_a_year_has_no_next_opening() -> None:
    """A line that was given up is not looked through for ever."""
    gone = calendar(off=("2026-01-01/2028-12-31",))
    assert gone.next_opening(rome("2026-11-20T18:00")) is None
    assert gone.next_change(rome("2026-11-20T18:00")) is None


def test_hour_that_is_skipped_is_not_open() -> None:
    """On the last Sunday of March there is no 02:30."""
    shop = calendar("Sun 02:15-02:45 02:50-04:00")
    assert shop.openings(date(2026, 3, 29)) == (
        (rome("2026-03-29T03:00"), rome("2026-03-29T04:00")),
    )


def test_calendar_of_the_line_wins_over_queue_trunk_and_house() -> None:
    """The number that a customer called is what hours were printed for."""
    line, queue, trunk, house = (calendar() for _ in range(4))
    book = CalendarBook(
        default=house,
        lines={"Assistenza": line},
        queues={("", "support"): queue},
        trunks={("hq", "carrier"): trunk},
    )
    assert book.of(pbx="hq", line="Assistenza", queue="support", trunk="carrier") is line
    assert book.of(pbx="hq", line="Vendite", queue="support", trunk="carrier") is queue
    assert book.of(pbx="hq", trunk="carrier") is trunk
    assert book.of(pbx="branch", trunk="carrier") is house
    assert CalendarBook().of(pbx="hq") is None


@pytest.mark.parametrize(
    "line", ["lun-ven: 9.00-18.00", "Monday-Friday 09:00-18:00", "Mo-Fr 09:00 - 18:00"]
)
def test_days_may_be_written_as_people_do(line: str) -> None:
    """Italian, English, OpenStreetMap's two letters: there is only one thing they can mean."""
    assert read_week((line,)) == read_week(("Mon,Tue,Wed,Thu,Fri 09:00-18:00",))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((), "it is never open"),
        (("Mon-Fri",), '"Mon-Fri" names no hours'),
        (("09:00-13:00",), '"09:00-13:00" names no days'),
        (("Foo 09:00-13:00",), '"Foo" is no day of the week'),
        (("Mon-Fri 09:00-18:00", "Fri 09:00-16:00"), '"Fri" stands in two lines'),
        (("Mon 9-13",), '"9-13" is no time between two hours'),
        (("Mon 25:00-26:00",), '"25:00-26:00" is no time of a day'),
        (("Mon 09:00-13:00 12:00-14:00",), 'the hours in "09:00-13:00 12:00-14:00" overlap'),
        (("Mon 09:00-09:00",), '"09:00-09:00" begins when it ends'),
    ],
)
def test_hours_that_cannot_be_are_refused_in_the_words_of_the_file(
    lines: tuple[str, ...], message: str
) -> None:
    """A guess would be found out on a holiday."""
    with pytest.raises(ConfigError) as caught:
        read_week(lines)
    assert caught.value.message == message
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text",
    ["", "x", "it-mi", "2026-02-29", "24/12", "2026-08-21/2026-08-10", "08-10/2026-08-21", "IT 9"],
)
def test_holiday_that_cannot_be_is_refused(text: str) -> None:
    """The mistake is named when the file is read, not in August."""
    with pytest.raises(ConfigError) as caught:
        read_holiday(text)
    assert caught.value.remedy


def test_dates_of_every_year_go_over_its_turn_and_know_leap_years() -> None:
    """The office is closed from Christmas to Epiphany, whichever year it is."""
    assert read_holiday("IT-MI") == Region(country="IT", subdivision="MI")
    turn = read_holiday("12-31/01-01")
    leap = read_holiday("02-29")
    assert isinstance(turn, DayOff)
    assert isinstance(leap, DayOff)
    assert list(turn.days([2027])) == [date(2027, 12, 31), date(2028, 1, 1)]
    assert special_days([leap], [2027, 2028]) == {date(2028, 2, 29): SpecialDay()}


def test_moments_are_compared_across_zones() -> None:
    """The store keeps UTC; the hours are Rome's."""
    assert calendar().is_open(datetime(2026, 7, 6, 7, 0, tzinfo=UTC))
    assert not calendar().is_open(datetime(2026, 12, 14, 7, 0, tzinfo=UTC))
