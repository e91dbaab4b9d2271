"""What `filodiretto check` finds out about CDR and CEL: are they there, do they make sense."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Final

from adapters.asterisk.backfill.cel_table import CelTable, Habits
from adapters.asterisk.backfill.reading import CdrPlace, open_cdr, open_cel, zone_of
from adapters.asterisk.backfill.times import offset_text
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import FilodirettoError
from gateway.core.findings import Finding, Verdict
from gateway.core.ports import Clock

# A company that telephones at all has newer rows than this.
STALE: Final = timedelta(days=7)
FUTURE: Final = timedelta(minutes=5)
CEL_CONF: Final = (
    "cel.conf: enable = yes, events = ALL,"
    " apps = dial,queue,voicemail,background,waitexten,read,park"
)

Open = Callable[[AsteriskSettings], AbstractContextManager[CelTable | CdrPlace]]


async def probe_history(settings: AsteriskSettings, clock: Clock) -> tuple[Finding, ...]:
    """Look at the tables that are configured; every trouble is a finding, not an error."""
    places: list[tuple[str, Open]] = []
    if settings.cel is not None:
        places.append(("cel", open_cel))
    if settings.cdr is not None:
        places.append(("cdr", open_cdr))
    found: list[Finding] = []
    for kind, open_place in places:
        found += await asyncio.to_thread(_look, settings, kind, open_place, clock.now())
    return tuple(found)


def _look(
    settings: AsteriskSettings, kind: str, open_place: Open, now: datetime
) -> Sequence[Finding]:
    try:
        with open_place(settings) as table:
            habits = table.habits
    except FilodirettoError as error:
        detail = getattr(error, "detail", "")
        remedy = f"{error.remedy} ({detail})" if detail else error.remedy
        return (_finding(settings, kind, Verdict.FAILED, error.message, remedy),)
    if habits is None:
        cause = "It can be read, but holds no rows yet."
        remedy = "Make a call and look again; if it stays empty see Asterisk's module that writes."
        return (_finding(settings, kind, Verdict.WARNING, cause, remedy),)
    warnings = [*_of_times(settings, kind, habits, now)]
    if kind == "cel":
        warnings += _of_events(settings, habits)
    fine = _finding(
        settings,
        kind,
        Verdict.OK,
        f"It can be read; the newest row is {_age(now - habits.newest)}.",
    )
    return (*warnings, fine)


def _of_times(
    settings: AsteriskSettings, kind: str, habits: Habits, now: datetime
) -> Sequence[Finding]:
    found = []
    if habits.off:
        found.append(
            _finding(
                settings,
                kind,
                Verdict.WARNING,
                f"Its times are {offset_text(habits.off)} h off {zone_of(settings)}, as the epochs"
                " in the Uniqueids show; they are corrected.",
                "Set timezone in this [[pbx]] to the zone Asterisk runs in (or usegmtime = no).",
            )
        )
    age = now - habits.newest
    if age > STALE:
        found.append(
            _finding(
                settings,
                kind,
                Verdict.WARNING,
                f"Its newest row is {_age(age)}: Asterisk may not write here any more.",
                "See cel.conf and cdr.conf and their modules (asterisk -rx 'cel show status').",
            )
        )
    elif age < -FUTURE:
        found.append(
            _finding(
                settings,
                kind,
                Verdict.WARNING,
                "Its newest row lies in the future.",
                "Let both machines synchronise their clocks (chrony, systemd-timesyncd).",
            )
        )
    return found


def _of_events(settings: AsteriskSettings, habits: Habits) -> Sequence[Finding]:
    found = []
    if not habits.bridges:
        cause = "CEL does not log bridges: nobody can tell who talked with whom."
        found.append(_finding(settings, "cel", Verdict.WARNING, cause, CEL_CONF))
    elif not habits.apps:
        cause = "CEL does not log applications: refused queues and some menus stay unseen."
        found.append(_finding(settings, "cel", Verdict.WARNING, cause, CEL_CONF))
    if not habits.hold_told:
        cause = "This Asterisk does not log music, so hold is unknown in back-filled calls."
        found.append(_finding(settings, "cel", Verdict.OK, cause))
    return found


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute old"
    if minutes < 120:  # noqa: PLR2004 - two hours
        return f"{minutes} min old"
    hours = minutes // 60
    return f"{hours} h old" if hours < 48 else f"{hours // 24} days old"  # noqa: PLR2004


def _finding(
    settings: AsteriskSettings, kind: str, verdict: Verdict, cause: str, remedy: str = ""
) -> Finding:
    subject = f"pbx {settings.name} {kind}"
    return Finding(subject=subject, verdict=verdict, cause=cause, remedy=remedy)
