"""What `check` says of the calendars: today's hours, the next day that differs, who uses them."""

from collections.abc import Iterator
from datetime import datetime

from gateway.core.calendars import Calendar, CalendarBook
from gateway.core.findings import Finding, Verdict
from gateway.runtime.calendars import calendars_of
from gateway.runtime.loading import Loaded


def calendar_findings(loaded: Loaded, now: datetime) -> Iterator[Finding]:
    """Yield what each calendar means at this moment; a warning for one that counts nowhere."""
    book = calendars_of(loaded, now)
    tested = set(_of_tests(loaded))
    for name, calendar in book.named.items():
        if not (_counts(book, calendar) or name in tested):
            yield Finding(
                subject=f"calendar {name}",
                verdict=Verdict.WARNING,
                cause="it counts nowhere",
                remedy=f'Write calendar = "{name}" in [gateway], or in a [[line]], [[team]] or'
                " [[trunk]], or in a [trunk.test].",
            )
            continue
        yield Finding(
            subject=f"calendar {name}", verdict=Verdict.OK, cause=_described(calendar, now)
        )


def _counts(book: CalendarBook, calendar: Calendar) -> bool:
    used = (*book.lines.values(), *book.queues.values(), *book.people.values())
    return calendar in (book.default, *used, *book.trunks.values())


def _of_tests(loaded: Loaded) -> Iterator[str]:
    """Yield the calendars that say when mystery calls are made."""
    for keys in (*loaded.settings.trunk, *loaded.sip_trunks.values()):
        for test in keys.test:
            if test.only != "always":
                yield test.calendar


def _described(calendar: Calendar, now: datetime) -> str:
    today = calendar.date_at(now)
    differs = calendar.special_day(today)
    hours = ", ".join(
        f"{start.astimezone(calendar.zone):%H:%M}-{_end(calendar, end)}"
        for start, end in calendar.openings(today)
    )
    why = f" ({differs.name})" if differs is not None and differs.name else ""
    said = f"today {hours or 'closed'}{why}, {'open' if calendar.is_open(now) else 'closed'} now"
    opening = None if calendar.is_open(now) else calendar.next_opening(now)
    if opening is not None:
        said += f", next open {opening.astimezone(calendar.zone):%a %Y-%m-%d %H:%M}"
    following = calendar.next_special_day(today)
    if following is None:
        return f"{said}; no holiday is known"
    day, special = following
    kind = "other hours" if special.hours else "closed"
    return f"{said}; next {kind} on {day:%a %Y-%m-%d}{special.name and f' ({special.name})'}"


def _end(calendar: Calendar, end: datetime) -> str:
    shown = f"{end.astimezone(calendar.zone):%H:%M}"
    return "24:00" if shown == "00:00" else shown
