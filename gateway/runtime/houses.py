"""What the configuration says of the house, for the pop."""

from gateway.desk.house import CalledLine, House
from gateway.runtime.settings import Settings


def house_of(settings: Settings) -> House:
    """Return what pops say of the house: its language, and its lines by their labels."""
    lines = {
        line.label: CalledLine(
            label=line.label,
            did=line.did,
            office=line.office,
            language=line.language,
            greeting=line.greeting,
        )
        for line in settings.line
    }
    return House(
        language=settings.gateway.language,
        lines=lines,
        suppress_ignored=settings.directory.ignored == "suppress",
    )
