"""Opening hours and days off as people write them: `Mon-Fri 09:00-13:00 14:30-18:00`, `12-24`.

Names of days in English or Italian, whole or their first letters. ADR 0018 says why this is
not the syntax of OpenStreetMap.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from gateway.core.calendars import Hours, SpecialDay
from gateway.core.errors import ConfigError

ALWAYS: Final = "24/7"
_MIDNIGHT: Final = 1_440
_WORDS: Final = (
    ("monday", "lunedì"),
    ("tuesday", "martedì"),
    ("wednesday", "mercoledì"),
    ("thursday", "giovedì"),
    ("friday", "venerdì"),
    ("saturday", "sabato"),
    ("sunday", "domenica"),
)
_SHORTEST: Final = 2
_HOURS: Final = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–]\s*(\d{1,2})[:.](\d{2})")  # noqa: RUF001
_REGION: Final = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,4}))?")
_DATE: Final = re.compile(r"(?:(\d{4})-)?(\d{2})-(\d{2})")
_LEAP: Final = 2_024
_WRITE_DAYS: Final = 'write days and hours, like "Mon-Fri 09:00-13:00 14:30-18:00"'
_WRITE_HOLIDAY: Final = (
    'write a country ("IT"), a region of it ("IT-MI"), a date ("2026-12-24", every year "12-24"), '
    'a span ("2026-08-10/2026-08-21") or a date with its hours ("12-24 09:00-13:00")'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Public holidays of a country (ISO 3166-1), or of a part of it (ISO 3166-2 without it)."""

    country: str
    subdivision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOff:
    """Dates, both included, on which it is closed or open at other hours.

    `year` None: every year; `first` and `last` are (month, day), and a span may lead over the
    turn of the year. With years `last_year` says which one `last` is in.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    year: int | None = None
    last_year: int | None = None
    hours: tuple[Hours, ...] = ()

    def days(self, years: Iterable[int]) -> Iterator[date]:
        """Yield the dates; of those that come each year, what begins in one of `years`."""
        for year in years if self.year is None else (self.year,):
            until = self.last_year or (year + 1 if self.last < self.first else year)
            first, last = _after(year, *self.first), _before(until, *self.last)
            for number in range((last - first).days + 1):
                yield first + timedelta(days=number)


def read_week(lines: Sequence[str]) -> tuple[tuple[Hours, ...], ...]:
    """Return the hours of each day, Monday first; raises ConfigError in the words of the file."""
    if tuple(line.strip() for line in lines) == (ALWAYS,):
        return ((Hours(0, _MIDNIGHT),),) * 7
    week: dict[int, tuple[Hours, ...]] = {}
    for line in lines:
        days, hours = _read_line(line)
        for day in days:
            if day in week:
                raise ConfigError(
                    f'"{_WORDS[day][0][:3].title()}" stands in two lines',
                    remedy="put all hours of a day into one line",
                )
            week[day] = hours
    if not week:
        raise ConfigError(
            "it is never open", remedy=f'{_WRITE_DAYS}, or "{ALWAYS}" if it never closes'
        )
    return tuple(week.get(day, ()) for day in range(7))


def read_holiday(text: str) -> Region | DayOff:
    """Read one entry of `holidays`; raises ConfigError in the words of the file."""
    words = text.split(maxsplit=1)
    region = _REGION.fullmatch(text.strip())
    if region is not None:
        return Region(country=region[1], subdivision=region[2])
    if not words:
        raise ConfigError("an empty text", remedy=_WRITE_HOLIDAY)
    begun, _, ended = words[0].partition("/")
    first, last = _read_date(begun), _read_date(ended or begun)
    if (first[0] is None) != (last[0] is None):
        raise ConfigError(
            f'"{words[0]}" has one date with its year and one without',
            remedy="write the year in both, or in none if it comes every year",
        )
    if first[0] is not None and _full(first) > _full(last):
        raise ConfigError(
            f'"{words[0]}" ends before it begins', remedy="write the earlier date first"
        )
    return DayOff(
        year=first[0],
        first=first[1:],
        last_year=last[0],
        last=last[1:],
        hours=_read_hours(words[1]) if len(words) > 1 else (),
    )


def special_days(entries: Iterable[DayOff], years: Sequence[int]) -> dict[date, SpecialDay]:
    """Return the dates that the entries mean; of two for one date the later counts."""
    return {day: SpecialDay(hours=entry.hours) for entry in entries for day in entry.days(years)}


def _read_line(line: str) -> tuple[list[int], tuple[Hours, ...]]:
    found = re.search(r"\d", line)
    named = (line if found is None else line[: found.start()]).strip().rstrip(":").strip()
    hours = "" if found is None else line[found.start() :]
    if not named or not hours:
        raise ConfigError(f'"{line}" names no {"hours" if named else "days"}', remedy=_WRITE_DAYS)
    return list(_read_days(named)), _read_hours(hours)


def _read_days(text: str) -> Iterator[int]:
    for part in re.split(r"[,\s]+", re.sub(r"\s*[-–]\s*", "-", text)):  # noqa: RUF001
        begun, _, ended = part.partition("-")
        first = _read_day(begun)
        last = _read_day(ended) if ended else first
        yield from ((first + step) % 7 for step in range((last - first) % 7 + 1))


def _read_day(word: str) -> int:
    wanted = word.lower().replace("i'", "ì").rstrip(".")
    for number, names in enumerate(_WORDS):
        plain = (*names, *(name.replace("ì", "i") for name in names))
        if len(wanted) >= _SHORTEST and any(name.startswith(wanted) for name in plain):
            return number
    raise ConfigError(
        f'"{word}" is no day of the week',
        remedy="write Mon Tue Wed Thu Fri Sat Sun or lun mar mer gio ven sab dom",
    )


def _read_hours(text: str) -> tuple[Hours, ...]:
    rest = _HOURS.sub("", text).replace(",", " ").strip()
    if rest:
        raise ConfigError(
            f'"{rest}" is no time between two hours', remedy='write hours like "09:00-13:00"'
        )
    found = sorted(_read_span(match) for match in _HOURS.finditer(text))
    for one, following in pairwise(found):
        if following.start < one.end:
            raise ConfigError(
                f'the hours in "{text}" overlap', remedy="write each time of the day once"
            )
    return tuple(found)


def _read_span(found: re.Match[str]) -> Hours:
    hour, minute, last_hour, last_minute = (int(part) for part in found.groups())
    start, end = hour * 60 + minute, last_hour * 60 + last_minute
    if max(minute, last_minute) > 59 or start >= _MIDNIGHT or end > _MIDNIGHT:  # noqa: PLR2004
        raise ConfigError(
            f'"{found[0]}" is no time of a day', remedy='hours go from "00:00" to "24:00"'
        )
    if start == end:
        raise ConfigError(
            f'"{found[0]}" begins when it ends', remedy='write "00:00-24:00" for the whole day'
        )
    return Hours(start, end if end > start else end + _MIDNIGHT)


def _read_date(text: str) -> tuple[int | None, int, int]:
    found = _DATE.fullmatch(text)
    if found is None:
        raise ConfigError(f'"{text}" is no date', remedy=_WRITE_HOLIDAY)
    year, month, day = int(found[1]) if found[1] else None, int(found[2]), int(found[3])
    try:
        date(year or _LEAP, month, day)
    except ValueError as error:
        raise ConfigError(
            f'there is no day "{text}"', remedy='write year, month and day, like "2026-12-24"'
        ) from error
    return year, month, day


def _full(day: tuple[int | None, int, int]) -> tuple[int, int, int]:
    return day[0] or 0, day[1], day[2]


def _after(year: int, month: int, day: int) -> date:
    """Return that date; February 29 is March 1 where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 3, 1)


def _before(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 2, 28)
