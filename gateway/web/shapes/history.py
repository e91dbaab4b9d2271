"""What was between us and a customer: timeline, contacts by other channels, what agents say."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from gateway.core.history import Channel, TimelineKind
from gateway.core.record import Direction, Outcome
from gateway.web.shapes.base import (
    Body,
    Page,
    PageParams,
    Shape,
    Stamp,
    Time,
    WholePageParams,
)
from gateway.web.shapes.call import WrapUp
from gateway.web.shapes.promise import Promise

MAX_NOTE = 4_000
OtherChannel = Literal[
    Channel.MAIL,
    Channel.CHAT,
    Channel.FORM,
    Channel.SOCIAL,
    Channel.SMS,
    Channel.LETTER,
    Channel.VISIT,
    Channel.OTHER,
]
WithOutside = Literal[Direction.INBOUND, Direction.OUTBOUND]


class Who(Shape):
    """Who had it: a phone with its users, or just the login that is known."""

    extension: str | None
    logins: list[str]


class TimelineItem(Shape):
    """One entry; what does not apply to its kind is null or empty.

    `missed`: they called and no person answered. `text` is a summary or the promise's words,
    `wrap_ups` what agents said of a call. Seconds for `wait_s` and `talk_s`. `readable`: whether
    GET /api/v1/calls/{id} shows the asker the whole record. `closed_hours`: missed while nobody was
    there, as the calendars say today.
    """

    kind: TimelineKind
    id: UUID
    at: Stamp
    channel: Channel
    direction: Direction | None
    who: list[Who]
    live: bool
    missed: bool
    outcome: Outcome | None
    queue: str | None
    line: str | None
    wait_s: float | None
    talk_s: float | None
    subject: str | None
    text: str | None
    url: str | None
    wrap_ups: list[WrapUp]
    promise: Promise | None
    readable: bool
    closed_hours: bool


class TimelinePage(Page[TimelineItem]):
    """Entries of a customer's timeline, newest first."""


class TimelineQuery(PageParams):
    """Which page."""


class Interaction(Shape):
    """A contact by another channel than the telephone."""

    id: UUID
    source: str
    external_id: str | None
    channel: Channel
    direction: Direction
    at: Stamp
    contact_id: str | None
    number: str | None
    email: str | None
    subject: str | None
    summary: str | None
    agent: str | None
    url: str | None


class InteractionBody(Body):
    """What happened. It is put on the timeline of `contact_id`, else of whom number or e-mail name.

    Told again with the same `source` and `external_id` it replaces what was told before.
    """

    channel: OtherChannel
    direction: WithOutside
    at: Time | None = Field(default=None, description="When; now if left out.")
    source: str | None = Field(
        default=None,
        min_length=1,
        max_length=120,
        description="The system it happened in; the login of the asker if left out.",
    )
    external_id: str | None = Field(
        default=None, min_length=1, max_length=200, description="Its id in that system."
    )
    contact_id: str | None = Field(default=None, min_length=1, max_length=200)
    number: str | None = Field(default=None, min_length=1, max_length=80)
    email: str | None = Field(default=None, min_length=3, max_length=254)
    subject: str | None = Field(default=None, max_length=300)
    summary: str | None = Field(default=None, max_length=MAX_NOTE)
    agent: str | None = Field(default=None, min_length=1, max_length=200)
    url: str | None = Field(default=None, max_length=2_000, pattern=r"^https?://\S+$")


class WrapUpBody(Body):
    """What the asker says of the call, in place of what they said before."""

    disposition: str | None = Field(
        default=None,
        min_length=1,
        max_length=120,
        description="One of GET /api/v1/dispositions. Never the outcome: that is the network's.",
    )
    note: str | None = Field(default=None, max_length=MAX_NOTE)


class Dispositions(Page[str]):
    """The words an agent may choose from, in their order."""


class DispositionsQuery(WholePageParams):
    """A page of the words."""
