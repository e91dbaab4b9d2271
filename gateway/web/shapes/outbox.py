"""What was written to the CRM, what waits, what needs a person."""

from uuid import UUID

from pydantic import Field

from gateway.store.outbox import EffectState
from gateway.web.shapes.base import Page, PageParams, Params, Shape, Stamp


class Receipt(Shape):
    """What the CRM said it made of it."""

    external_id: str | None
    url: str | None


class Effect(Shape):
    """One thing to be done at a CRM; its content is the call's own record."""

    id: UUID
    call_id: UUID
    connector: str
    kind: str
    state: EffectState
    attempts: int
    ambiguous: bool
    cause: str | None
    occurred_at: Stamp
    due_at: Stamp | None
    last_attempt_at: Stamp | None
    settled_at: Stamp | None
    receipt: Receipt | None


class EffectPage(Page[Effect]):
    """Effects, newest first."""


class EffectTaken(Shape):
    """An effect that is tried again."""

    id: UUID
    state: EffectState


class EffectsQuery(PageParams):
    """Which effects."""

    state: EffectState | None = None
    connector: str | None = Field(default=None, min_length=1, max_length=200)
    call: UUID | None = Field(default=None, description="The id of a call.")


class EffectPath(Params):
    """Which effect."""

    id: UUID = Field(description="The id of the effect.")
