"""`[[trunk.test]]`: a mystery call through a trunk, as the administrator writes it."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from gateway.core.errors import UsageError
from gateway.core.mystery import ScriptStep
from gateway.core.mystery_script import read_script
from gateway.runtime.settings_people import Section

_EVERY: Final = re.compile(r"(\d{1,4})\s*(min|h|d)")
_UNITS: Final = {"min": 60, "h": 3_600, "d": 86_400}
LEAST_S: Final = 600
MOST_S: Final = 31 * 86_400


def _steps(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        read_script(value)
    except UsageError as error:
        raise ValueError(f"{error.message} {error.remedy}") from error
    return value


def _every(value: str) -> str:
    if value and not LEAST_S <= seconds_of(value) <= MOST_S:
        raise ValueError('write a time between "10 min" and "31 d", like "1h"')
    return value


def seconds_of(text: str) -> int:
    """Return how long "30 min", "1h" or "1 d" is; 0 for what is none of these."""
    found = _EVERY.fullmatch(text.strip())
    return int(found[1]) * _UNITS[found[2]] if found else 0


class TrunkTestSettings(Section):
    """One script: which number of ours is called, as whom, and what must happen."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")] = "test"
    """What the script is called where a trunk has several."""
    number: str
    """Which of our numbers is called: one of `[[line]]` or `[directory] own_numbers`."""
    caller_id: str
    """Which of our numbers is shown as the caller, as the carrier brings it to us again."""
    steps: Annotated[tuple[str, ...], AfterValidator(_steps)]
    """What is to happen, line by line."""
    dial: Annotated[
        str, StringConstraints(pattern=r"^(?:[A-Za-z0-9]+/[^\s&,]*\{number\}[^\s&,]*)?$")
    ] = ""
    """How the PBX calls through this trunk; "": `PJSIP/{number}@{trunk}`."""
    ring_s: float = Field(default=60.0, ge=5, le=120)
    """How long it may ring."""
    longest_s: float = Field(default=180.0, ge=5, le=600)
    """How long the whole call may take."""
    every: Annotated[str, AfterValidator(_every)] = ""
    """How often it is made by itself; "": only when somebody asks for it."""
    calendar: str = ""
    """Which `[[calendar]]` says when it is open; "": the trunk's, else the gateway's."""
    only: Literal["always", "open", "closed"] = "always"
    """Whether it is made by itself only while it is open, or closed."""

    @property
    def script(self) -> tuple[ScriptStep, ...]:
        """The steps."""
        return read_script(self.steps)


def _several(value: object) -> object:
    """Take one table for a list of one: `[trunk.test]` is enough where there is one script."""
    return (value,) if isinstance(value, dict) else value


def _distinct(value: tuple[TrunkTestSettings, ...]) -> tuple[TrunkTestSettings, ...]:
    names = [test.name for test in value]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f'two tests of this trunk have name = "{name}": make them differ')
    return value


TrunkTests = Annotated[
    tuple[TrunkTestSettings, ...], BeforeValidator(_several), AfterValidator(_distinct)
]
