"""The call record, version 1, as REST, event stream and webhooks write it."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from gateway.core.record import (
    CallState,
    Direction,
    EndedBy,
    EndKind,
    MatchKind,
    Outcome,
    Presentation,
    TransferType,
)
from gateway.store.tombstones import Gone
from gateway.web.shapes.base import Body, Page, PageParams, Params, Shape, Stamp, Time, Whole

MAX_CHANGE = 2**62


class Caller(Shape):
    """The initiating party, as first presented; a withheld number is `anonymous`."""

    number: str | None
    e164: str | None
    name: str | None
    presentation: Presentation


class Called(Shape):
    """What was dialled, as first presented."""

    number: str | None
    e164: str | None


class Transfer(Shape):
    """One hand-over; `to` as dialled; `completed` only if the target took the call."""

    type: TransferType
    from_party: str | None = Field(alias="from")
    to: str | None
    completed: bool
    at: Stamp | None


class Seconds(Shape):
    """Durations; null is unknown or does not apply."""

    ring: float | None
    wait: float | None
    talk: float | None
    hold: float | None
    ivr: float | None


class ContactRef(Shape):
    """The directory entry that the outside party was matched to."""

    id: str
    ref: str | None
    name: str | None
    match: MatchKind
    crm: str | None
    url: str | None


class Recording(Shape):
    """A recording that the PBX made."""

    url: str
    from_at: Stamp | None = Field(alias="from")


class WrapUp(Shape):
    """What an agent says the call was."""

    agent: str
    disposition: str | None
    note: str | None
    at: Stamp | None


class CallRecord(Shape):
    """One conversation as the initiating party lives it."""

    version: Literal[1]
    id: UUID
    pbx: str
    linkedid: str
    direction: Direction
    state: CallState
    end: EndKind | None
    complete: bool
    revision: int
    merged_into: UUID | None
    sources: list[str]
    caller: Caller
    called: Called
    trunk: str | None
    line: str | None
    queue: str | None
    ivr: list[str]
    rung: list[list[str]]
    answered_by: str | None
    final_talker: str | None
    transfers: list[Transfer]
    outcome: Outcome | None
    ended_by: EndedBy | None
    started_at: Stamp | None
    answered_at: Stamp | None
    ended_at: Stamp | None
    seconds: Seconds
    contact: ContactRef | None
    recordings: list[Recording]
    wrap_ups: list[WrapUp]


class GoneCall(Shape):
    """A call that was deleted: kept long enough (`expired`), or `erased` on somebody's wish."""

    id: UUID
    reason: Gone
    at: Stamp


class CallPage(Page[CallRecord]):
    """Calls; of a list by `updated_after` also what to ask for next time, and what is gone."""

    updated_after: str | None
    gone: list[GoneCall]


class CallPath(Params):
    """Which call."""

    id: UUID = Field(description="The id of the call.")


class CallsQuery(PageParams):
    """Which calls."""

    since: Time | None = Field(default=None, alias="from", description="Begun then or later.")
    until: Time | None = Field(default=None, alias="to", description="Begun before then.")
    number: str | None = Field(
        default=None, min_length=1, max_length=80, description="Of a party, however written."
    )
    contact: str | None = Field(
        default=None, min_length=1, max_length=200, description="The id of a contact."
    )
    agent: str | None = Field(
        default=None, min_length=1, max_length=200, description="A login that took part."
    )
    queue: str | None = Field(default=None, min_length=1, max_length=200)
    outcome: Outcome | None = None
    direction: Direction | None = None
    state: CallState | None = None
    updated_after: Whole | None = Field(
        default=None,
        ge=0,
        le=MAX_CHANGE,
        description="For syncing: a change number (0 at first, then the answer's own "
        "`updated_after`). The list is then in the order of changes, and calls that were merged "
        "into others are in it, with `merged_into`; deleted ones are in `gone`.",
    )


class DialBody(Body):
    """Whom to call; `pbx` and `extension` choose among several of one's own."""

    to: str = Field(min_length=1, max_length=80, examples=["+390612345678"])
    pbx: str | None = Field(default=None, min_length=1, max_length=120)
    extension: str | None = Field(default=None, min_length=1, max_length=120)
