"""What is wrong with the calendars of a configuration beyond one table: names and countries."""

from collections.abc import Iterator, Mapping

from gateway.runtime.mistakes import suggestion
from gateway.runtime.public_holidays import unknown_in
from gateway.runtime.settings import Settings
from gateway.runtime.settings_trunks import TrunkKeys


def calendar_mistakes(settings: Settings, sip_trunks: Mapping[str, TrunkKeys]) -> Iterator[str]:
    """Yield a line for each calendar that is named and not there, and each unknown country."""
    known = [one.name for one in settings.calendar]
    for where, name in _named(settings, sip_trunks):
        if name and name not in known:
            remedy = suggestion(name, known) if known else "there is no [[calendar]] at all"
            yield f'{where}: there is no [[calendar]] with name = "{name}": {remedy}'
    for index, one in enumerate(settings.calendar):
        for region in one.regions():
            wrong = unknown_in(region)
            if wrong is not None:
                yield f"calendar[{index}].holidays: {wrong}"


def _named(settings: Settings, sip_trunks: Mapping[str, TrunkKeys]) -> Iterator[tuple[str, str]]:
    yield "gateway.calendar", settings.gateway.calendar
    for index, line in enumerate(settings.line):
        yield f"line[{index}].calendar", line.calendar
    for index, team in enumerate(settings.team):
        yield f"team[{index}].calendar", team.calendar
    for index, trunk in enumerate(settings.trunk):
        yield f"trunk[{index}].calendar", trunk.calendar
    for name, keys in sip_trunks.items():
        yield f"trunk {name}: calendar", keys.calendar
