"""The calendars of the configuration, with the public holidays of their countries looked up."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.core.calendars import Calendar, CalendarBook, SpecialDay
from gateway.core.opening_hours import read_week, special_days
from gateway.runtime.loading import Loaded
from gateway.runtime.plans import plans_of
from gateway.runtime.public_holidays import public_holidays
from gateway.runtime.settings import GatewaySettings
from gateway.runtime.settings_calendars import CalendarSettings
from gateway.store.people import place_of

# From last year on: a daemon is restarted for updates long before they are over.
YEARS: Final = 12


def calendars_of(loaded: Loaded, now: datetime) -> CalendarBook:
    """Return which calendar counts for what; empty where none is configured.

    `now` says from which year on public holidays are looked up, some milliseconds for each
    calendar: once, at the start.
    """
    settings = loaded.settings
    named = {one.name: _calendar(one, settings.gateway, now.year - 1) for one in settings.calendar}
    lines: dict[str, Calendar] = {}
    plans = plans_of(loaded)
    for line in settings.line:
        if line.calendar:
            numbers = {e164 for plan in plans if (e164 := plan.parse(line.did).e164)}
            lines |= dict.fromkeys((line.label, line.did, *numbers), named[line.calendar])
    return CalendarBook(
        default=named.get(settings.gateway.calendar),
        named=named,
        lines=lines,
        queues={
            place_of(queue): named[team.calendar]
            for team in reversed(settings.team)
            if team.calendar
            for queue in team.queues
        },
        people={
            login: named[team.calendar]
            for team in reversed(settings.team)
            if team.calendar
            for login in team.members
        },
        trunks={place: named[name] for place, name in _trunks(loaded) if name},
    )


def _trunks(loaded: Loaded) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield (pbx, trunk) and the calendar's name; an account of a provider is both in one."""
    for trunk in loaded.settings.trunk:
        yield (trunk.pbx, trunk.name), trunk.calendar
    for name, keys in loaded.sip_trunks.items():
        yield (name, name), keys.calendar


def _calendar(written: CalendarSettings, home: GatewaySettings, first_year: int) -> Calendar:
    years = range(first_year, first_year + YEARS)
    special = {
        day: SpecialDay(name=name)
        for day, name in public_holidays(tuple(written.regions()), years, home.language)
    }
    # a date that is written out says more than the country's law
    for day, differs in special_days(written.days_off(), years).items():
        known = special.get(day)
        special[day] = SpecialDay(hours=differs.hours, name=known.name if known else "")
    return Calendar(
        written.name,
        zone=ZoneInfo(written.timezone or home.timezone),
        week=read_week(written.open),
        special=special,
    )
