"""What stands still on its way to a CRM until a person does something."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from gateway.store.outbox import EffectState
from gateway.web.shapes.base import Body, Page, Shape, Stamp


class Trouble(Shape):
    """Effects that stand still for the same reason; `since` is when the first call happened."""

    connector: str
    state: EffectState
    cause: str
    count: int
    since: Stamp


class TroublePage(Page[Trouble]):
    """Why effects stand still, the most frequent reason first."""


class RetryAllBody(Body):
    """Which effects to try again: all that stand still in a state, or only some of them."""

    state: Literal["dead", "parked"] = Field(
        default="dead",
        description="`parked` only after somebody has looked into the CRM: they may be there.",
    )
    connector: str | None = Field(default=None, min_length=1, max_length=200)
    cause: str | None = Field(
        default=None, max_length=4000, description="As `GET /api/v1/outbox/troubles` says it."
    )


class RetriedAll(Shape):
    """How many effects are tried again."""

    count: int


class EffectDropped(Shape):
    """An effect that was given up."""

    id: UUID
    state: EffectState
