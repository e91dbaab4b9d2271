"""What the call table is fed with; every input carries `at` (aware UTC), set by the reader."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Anything the table can be told."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxEvent(Input):
    """A vendor-neutral event; `seq` counts the events of one link, from 1, without holes."""

    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDown(Input):
    """The link to the PBX is gone; nothing is known until the next Snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxRestarted(Input):
    """The PBX lost all its calls (another boot than the one we knew)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAnswer(Input):
    """The answer to a Query; None if the PBX had none in time."""

    query_id: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Input):
    """The deadline that `next_deadline()` asked for has come."""
