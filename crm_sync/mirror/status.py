"""How the mirror of a CRM does, for people: what it is at, how far, and what is wrong."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MirrorPhase(StrEnum):
    """What a mirror is at."""

    OFF = "off"
    STARTING = "starting"
    SWEEPING = "sweeping"
    FOLLOWING = "following"
    FAILING = "failing"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorStatus:
    """One mirror now; `cause` and `remedy` are "" while all is well.

    `people` are the records in the directory, `seen` those of the sweep under way or of the last
    one, `per_s` how fast that went.
    """

    phase: MirrorPhase
    since: datetime
    cause: str = ""
    remedy: str = ""
    people: int = 0
    seen: int = 0
    per_s: float | None = None
    sweep_began_at: datetime | None = None
    swept_at: datetime | None = None
    polled_at: datetime | None = None
    next_at: datetime | None = None
