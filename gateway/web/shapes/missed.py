"""Customers who wait to be called back."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from gateway.core.history import MissedReason
from gateway.core.record import Outcome
from gateway.web.shapes.base import Flag, Page, PageParams, Params, Shape, Stamp
from gateway.web.shapes.promise import Promise


class MissedContact(Shape):
    """Who they are, as the directory has it now."""

    id: str
    name: str | None
    company: str | None
    owner: str | None
    vip: bool
    at_risk: bool


class MissedHours(Shape):
    """What opening hours say of a customer's waiting, by the calendar of their last call.

    `closed_attempts` of their calls came while nobody was there. Since their last call somebody was
    there for `open_s` seconds until `at`; it is open or closed then, until `changes_at` (null: for
    good).
    """

    calendar: str
    closed_attempts: int
    at: Stamp
    open: bool
    changes_at: Stamp | None
    open_s: float


class MissedCustomer(Shape):
    """Somebody who called, was not answered and has not been reached since.

    One for each customer, whatever they called. `attempts` are their calls, `tried` ours that did
    not reach them, `messages` the voicemails they left. `reasons` say why they come before others,
    most severe first. It closes by itself when they are talked with; `closed_by` is that call.
    `hours` is null where no calendar counts.
    """

    id: UUID
    state: Literal["open", "closed"]
    contact: MissedContact | None
    number: str
    reasons: list[MissedReason]
    attempts: int
    tried: int
    messages: int
    first_at: Stamp
    last_at: Stamp
    waited_s: float
    longest_wait_s: float
    queues: list[str]
    lines: list[str]
    last_call: UUID | None
    last_outcome: Outcome | None
    promise: Promise | None
    claimed_by: str | None
    claimed_at: Stamp | None
    closed_at: Stamp | None
    closed_by: UUID | None
    hours: MissedHours | None


class MissedGone(Shape):
    """An item that is no more: its calls turned out to be another's, or not to be missed."""

    id: UUID
    state: Literal["gone"]


class Withheld(Shape):
    """Calls that were missed and cannot be called back, because the number was withheld."""

    count: int
    since: Stamp


class MissedPage(Page[MissedCustomer]):
    """Customers to call back: at risk first, then promises, value and wait."""

    total: int
    withheld: Withheld


class MissedPath(Params):
    """Which customer."""

    id: UUID = Field(description="The id of the item in the list.")


class MissedQuery(PageParams):
    """Which customers."""

    state: Literal["open", "closed"] = "open"
    queue: str | None = Field(default=None, min_length=1, max_length=200)
    claimed: Flag | None = Field(default=None, description="Taken by somebody, or by nobody.")
    claimed_by: str | None = Field(default=None, min_length=1, max_length=200)
