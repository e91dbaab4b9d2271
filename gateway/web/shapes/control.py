"""What is asked of a PBX, and how far a request is."""

from uuid import UUID

from pydantic import Field

from gateway.desk.callcontrol import TransferKind
from gateway.store.requests import RequestState
from gateway.web.shapes.base import Body, Params, Shape
from gateway.web.shapes.handoff import HandoffBody

MAX_MESSAGES = 10_000


class Accepted(Shape):
    """How far a request is; `id` is the call it is about, `detail` says it in words."""

    id: UUID | None
    state: RequestState
    detail: str
    remedy: str | None


class OnCallBody(Body):
    """The phone that is meant, if one has several in the call."""

    extension: str | None = Field(default=None, min_length=1, max_length=120)


class TransferBody(OnCallBody):
    """Where to hand the call over; `to` is not needed to cancel a consultation.

    `handoff` is left with the call first, so that it is on the next agent's card when it rings.
    """

    type: TransferKind = TransferKind.BLIND
    to: str | None = Field(default=None, min_length=1, max_length=80)
    handoff: HandoffBody | None = None


class MemberBody(Body):
    """Whose phone, by default one's own; `reason` of a pause, `name` to show in the queue."""

    extension: str | None = Field(default=None, min_length=1, max_length=120)
    pbx: str | None = Field(default=None, min_length=1, max_length=120)
    reason: str | None = Field(default=None, min_length=1, max_length=120)
    name: str | None = Field(default=None, min_length=1, max_length=120)


class AgentBody(Body):
    """Why the phone is paused, and on which PBX."""

    pbx: str | None = Field(default=None, min_length=1, max_length=120)
    reason: str | None = Field(default=None, min_length=1, max_length=120)


class MessagesBody(Body):
    """How many messages wait."""

    new: int = Field(default=0, ge=0, le=MAX_MESSAGES)
    old: int = Field(default=0, ge=0, le=MAX_MESSAGES)
    pbx: str | None = Field(default=None, min_length=1, max_length=120)


class QueuePath(Params):
    """Which queue."""

    id: str = Field(min_length=1, max_length=120, description="The name of the queue.")


class ExtensionPath(Params):
    """Whose phone."""

    id: str = Field(min_length=1, max_length=120, description="The extension.")
