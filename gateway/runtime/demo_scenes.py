"""What the demonstration plays: recorded calls, who is in them and at what pace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from adapters.asterisk.casting import paced, recast
from adapters.asterisk.recording import SAMPLES, Recording

PHONES: Final[Mapping[str, str]] = {
    "1001": "Anna Rossi",
    "1002": "Bruno Conti",
    "1003": "Carla Neri",
}
HANDED_OVER: Final = "handed-over"
RECORDED_QUEUE: Final = "support"
# Anna's part is Carla's and the other way round.
_SWAPPED: Final[Mapping[str, str]] = {
    "1001": "1003",
    "1003": "1001",
    "Anna Rossi": "Carla Neri",
    "Carla Neri": "Anna Rossi",
    "+390299991001": "+390299991003",
}
_SHARED: Final[Mapping[str, str]] = {"+393475550199": "0287654321"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One call: a recording, other people in it if it says so, how long they talk (seconds)."""

    sample: str
    talks_s: tuple[float, ...] = (60.0,)
    ring_s: float = 8.0
    parts: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    def load(self, *, queue: str = RECORDED_QUEUE) -> Recording:
        """Read it; blocks. The queue gets another name."""
        parts = {RECORDED_QUEUE: queue, **self.parts}
        recording = recast(Recording.load(SAMPLES / f"{self.sample}.ami"), parts)
        spread = paced(recording, ring_s=self.ring_s, talks_s=self.talks_s)
        return replace(spread, name=self.name or self.sample)


SCENES: Final[Sequence[Scene]] = (
    # at risk, third call in three days, a promise broken yesterday: menu, queue, Anna
    Scene(sample="06-menu-then-queue", talks_s=(90.0,)),
    # Anna does not come, Bruno answers
    Scene(sample="02-queue-second-agent", talks_s=(20.0,)),
    # Carla answers, leaves a note and hands over to Anna
    Scene(
        sample="03-blind-transfer",
        talks_s=(8.0, 75.0),
        ring_s=6.0,
        parts=_SWAPPED,
        name=HANDED_OVER,
    ),
    # a switchboard that several contacts share
    Scene(sample="04-unknown-caller", parts=_SHARED, name="shared-number"),
    Scene(sample="05-abandoned-in-queue"),
    Scene(sample="04-unknown-caller"),
    # a promise is due today
    Scene(sample="01-known-customer"),
    Scene(sample="07-withheld-number", talks_s=(45.0,)),
    Scene(sample="08-shared-number-missed"),
)
