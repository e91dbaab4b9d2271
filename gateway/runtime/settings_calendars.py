"""`[[calendar]]`: when the house, a line, a queue or a trunk is open."""

from collections.abc import Callable, Iterator
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator

from gateway.core.errors import ConfigError
from gateway.core.opening_hours import DayOff, Region, read_holiday, read_week
from gateway.runtime.settings_people import Section


def known_timezone(value: str) -> str:
    """Return the name of a time zone as it is written; ValueError with the remedy."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('not a time zone; write one like "Europe/Rome"') from error
    return value


def _in_words(read: Callable[..., object], written: object) -> None:
    try:
        read(written)
    except ConfigError as error:
        raise ValueError(f"{error.message}: {error.remedy}") from error


def _week(value: tuple[str, ...]) -> tuple[str, ...]:
    _in_words(read_week, value)
    return value


def _holiday(value: str) -> str:
    _in_words(read_holiday, value)
    return value


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class CalendarSettings(Section):
    """`[[calendar]]`: opening hours of a week, days off, and the zone of these clock times.

    `timezone` "" is that of `[gateway]`.
    """

    name: str
    open: Annotated[tuple[str, ...], BeforeValidator(_several), AfterValidator(_week)]
    holidays: tuple[Annotated[str, AfterValidator(_holiday)], ...] = ()
    timezone: Annotated[str, AfterValidator(lambda zone: zone and known_timezone(zone))] = ""

    def days_off(self) -> Iterator[DayOff]:
        """Yield the dates that are written out."""
        for text in self.holidays:
            found = read_holiday(text)
            if isinstance(found, DayOff):
                yield found

    def regions(self) -> Iterator[Region]:
        """Yield whose public holidays count."""
        for text in self.holidays:
            found = read_holiday(text)
            if isinstance(found, Region):
                yield found
