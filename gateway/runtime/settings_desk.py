"""What the configuration says of the agents' page."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from gateway.runtime.settings_people import Section
from gateway.web.services import DeskOptions, LinkedCrm

LONGEST_S: Final = 3_600
PAUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "it": ("Pausa", "Pranzo", "Riunione", "Formazione"),
    "en": ("Break", "Lunch", "Meeting", "Training"),
}
AFTER_CALL: Final[Mapping[str, str]] = {"it": "Dopo chiamata", "en": "After call"}
Reason = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]


class DeskSettings(Section):
    """`[desk]`: why agents pause, and how long after a call they are asked what it was."""

    pause_reasons: tuple[Reason, ...] = Field(default=(), max_length=20)
    wrap_up_s: int = Field(default=60, ge=0, le=LONGEST_S)

    def options(self, *, language: str, crms: Iterable[LinkedCrm]) -> DeskOptions:
        """Return it as the web part wants it; words that are not configured in the language."""
        return DeskOptions(
            pause_reasons=self.pause_reasons or PAUSES[language],
            after_call=AFTER_CALL[language],
            wrap_up_s=self.wrap_up_s,
            crms=tuple(crms),
        )
