"""How the daemon is."""

from typing import Literal

from gateway.web.shapes.base import Shape, Stamp


class Alive(Shape):
    """The process answers."""

    status: Literal["alive"]
    version: str


class DegradedPart(Shape):
    """A part that works badly or not, while the rest goes on."""

    part: str
    cause: str
    remedy: str | None
    since: Stamp
    age_s: float


class Ready(Shape):
    """The daemon is of use."""

    status: Literal["ready", "degraded"]
    degraded: list[DegradedPart]
