"""Systems that follow our calls, and those that ask us to place some."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from gateway.web.shapes.base import Body, Page, Params, Shape, Stamp, Time

EventType = Literal[
    "call.started",
    "call.answered",
    "call.ended",
    "call.updated",
    "call.merged",
    "missed.updated",
    "promise.due",
    "trunk.alarm",
]
EVENTS: tuple[EventType, ...] = ("call.ended", "call.updated", "call.merged")


class Webhook(Shape):
    """An address that events are posted to, and how that goes.

    `paused` says why nothing is sent just now. `dead` messages were refused for good: see
    `/api/v1/outbox?connector=…`.
    """

    id: UUID
    url: str
    label: str
    types: list[EventType]
    connector: str
    created_at: Stamp
    created_by: str
    former_secret_until: Stamp | None
    delivered_at: Stamp | None
    failed_at: Stamp | None
    cause: str | None
    paused: str | None
    pending: int
    dead: int


class WebhookPage(Page[Webhook]):
    """Webhooks, oldest first."""


class NewSecret(Shape):
    """A webhook's secret (Standard Webhooks); it is shown this once."""

    id: UUID
    secret: str


class WebhookBody(Body):
    """Where to post which events."""

    url: str = Field(min_length=1, max_length=2000, examples=["https://crm.example.com/calls"])
    types: Annotated[list[EventType], Field(min_length=1, max_length=8)] = Field(
        default=list(EVENTS),
        description="By default what concerns calls that are over, as a CRM wants them.",
    )
    label: str = Field(default="", max_length=120)


class WebhookPath(Params):
    """Which webhook."""

    id: UUID = Field(description="The id of the webhook.")


class ReplayBody(Body):
    """What to post once more: calls that ended since then, or one message."""

    since: Time | None = None
    message: UUID | None = Field(default=None, description="Its `webhook-id`.")


class Replayed(Shape):
    """How many messages are in line once more."""

    count: int


class WebhookTried(Shape):
    """What came of a test."""

    ok: bool
    detail: str


class InboundPath(Params):
    """Which system asks."""

    id: str = Field(min_length=1, max_length=32, description="The `name` of its `[[inbound]]`.")


class InboundQuery(Params):
    """Whatever the system sends; `[[inbound]]` says what it means."""

    model_config = ConfigDict(extra="allow", frozen=True)


class InboundTaken(Shape):
    """What became of the wish; `id` is the call to come."""

    id: UUID | None
    state: str
    detail: str
