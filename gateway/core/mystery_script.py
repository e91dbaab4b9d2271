"""Reads the script of a mystery call: one line for each step, as an administrator writes it."""

import re
from collections.abc import Sequence
from typing import Final

from gateway.core.errors import UsageError
from gateway.core.mystery import Place, ScriptStep, StepKind

DEFAULT_PATIENCE_S: Final = 30.0
MOST_STEPS: Final = 30
MOST_SECONDS: Final = 600.0

_WITHIN: Final = r"(?:\s+within\s+(?P<seconds>\d+(?:\.\d+)?)\s*s)?"
_EXPECT: Final = re.compile(
    rf"expect\s+(?P<place>{'|'.join(Place)})(?:\s+(?P<name>(?!within\b)[\w.-]+))?{_WITHIN}",
    re.IGNORECASE,
)
_WAIT: Final = re.compile(r"wait\s+(?P<seconds>\d+(?:\.\d+)?)\s*s", re.IGNORECASE)
_PRESS: Final = re.compile(r"press\s+(?P<digits>[0-9*#]{1,20})", re.IGNORECASE)
_HANG_UP: Final = re.compile(r"hang\s?up", re.IGNORECASE)
_NAMED: Final = frozenset({Place.MENU, Place.QUEUE, Place.PERSON})
_REMEDY: Final = (
    'Write steps like "expect menu within 10 s", "wait 3 s", "press 1",'
    ' "expect person within 60 s", "hang up".'
)


def read_script(lines: Sequence[str]) -> tuple[ScriptStep, ...]:
    """Return the steps; raises UsageError for a line that is none, or for too many."""
    if not lines or len(lines) > MOST_STEPS:
        raise UsageError(
            "A mystery call has no steps, or more than thirty.",
            remedy=_REMEDY,
        )
    steps = tuple(_step(line.strip()) for line in lines)
    if any(step.seconds > MOST_SECONDS for step in steps):
        raise UsageError(
            "A step of a mystery call lasts longer than ten minutes.", remedy="Write less."
        )
    return steps


def _step(line: str) -> ScriptStep:
    if found := _EXPECT.fullmatch(line):
        place, name = Place(found["place"].lower()), found["name"] or ""
        if not name or place in _NAMED:
            seconds = float(found["seconds"] or DEFAULT_PATIENCE_S)
            return ScriptStep(
                text=line, kind=StepKind.EXPECT, place=place, name=name, seconds=seconds
            )
    if found := _WAIT.fullmatch(line):
        return ScriptStep(text=line, kind=StepKind.WAIT, seconds=float(found["seconds"]))
    if found := _PRESS.fullmatch(line):
        return ScriptStep(text=line, kind=StepKind.PRESS, digits=found["digits"])
    if _HANG_UP.fullmatch(line):
        return ScriptStep(text=line, kind=StepKind.HANG_UP)
    raise UsageError("This is no step of a mystery call.", remedy=_REMEDY)
