"""The CRMs: how writing, mirroring and looking up do."""

from enum import StrEnum

from pydantic import Field

from gateway.core.ports import Tier
from gateway.web.shapes.base import Body, Page, Params, Shape, Stamp


class WriterPhase(StrEnum):
    """Whether calls are written now."""

    CLOSED = "closed"
    OPEN = "open"
    TRYING = "trying"


class MirrorPhase(StrEnum):
    """What a mirror is at."""

    OFF = "off"
    STARTING = "starting"
    SWEEPING = "sweeping"
    FOLLOWING = "following"
    FAILING = "failing"
    ELSEWHERE = "elsewhere"


class CrmWriter(Shape):
    """How writing does: `closed` is well, `open` pauses until `next_at` for `cause`."""

    phase: WriterPhase
    cause: str | None
    since: Stamp | None
    next_at: Stamp | None


class CrmMirror(Shape):
    """How the CRM's people come into the directory.

    `people` are there, `seen` in the sweep under way or the last one, `per_s` how fast. `cause` and
    `remedy` say what is wrong. `elsewhere`: another node does it.
    """

    phase: MirrorPhase
    since: Stamp
    cause: str | None
    remedy: str | None
    people: int
    seen: int
    per_s: float | None
    sweep_began_at: Stamp | None
    swept_at: Stamp | None
    polled_at: Stamp | None
    next_at: Stamp | None


class LookUps(Shape):
    """Look-ups beside the pop since the start; `left_out` for want of budget or time."""

    asked: int
    found: int
    left_out: int
    late: int
    failed: int


class Crm(Shape):
    """One CRM; `mirror` and `look_ups` are null where it has none."""

    name: str
    kind: str
    tier: Tier
    writer: CrmWriter
    mirror: CrmMirror | None
    look_ups: LookUps | None


class CrmPage(Page[Crm]):
    """CRMs."""


class CrmPath(Params):
    """Which CRM."""

    id: str = Field(min_length=1, max_length=32, description="Its `name`.")


class SweepBody(Body):
    """`confirm`: take out whoever is gone, however many that are."""

    confirm: bool = False


class SweepOrdered(Shape):
    """What was ordered."""

    name: str
    confirm: bool


class HookQuery(Params):
    """The secret, for CRMs that can only call an address."""

    secret: str = Field(default="", max_length=256)


class HookHeard(Shape):
    """It was heard."""

    said: list[str]
