"""An office in Rome with a lunch break, as the tests' calendar."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from gateway.core.calendars import Calendar, CalendarBook
from gateway.core.opening_hours import DayOff, read_holiday, read_week, special_days

ROME = ZoneInfo("Europe/Rome")
LUNCH = ("Mon-Fri 09:00-13:00 15:30-18:00",)


def office(
    lines: Sequence[str] = LUNCH, off: Sequence[str] = (), years: Sequence[int] = (2026,)
) -> CalendarBook:
    """Return a book with one calendar for everything."""
    days = [one for text in off if isinstance(one := read_holiday(text), DayOff)]
    calendar = Calendar(
        "office", zone=ROME, week=read_week(lines), special=special_days(days, years)
    )
    return CalendarBook(default=calendar, named={"office": calendar})
