"""Earlier calls and a CRM: dry runs, retroactive logging, contacts on demand."""

from datetime import date
from uuid import UUID

from pydantic import Field

from gateway.core.record import Direction, MatchKind, Outcome
from gateway.store.outbox import EffectState
from gateway.web.shapes.base import Body, Params, Shape, Stamp

_FIRST = "First day, local; default: yesterday."
_LAST = "Last day, whole; default: the first."


class DryRunBody(Body):
    """Which days; most calls to look at."""

    first: date | None = Field(default=None, alias="from", description=_FIRST)
    last: date | None = Field(default=None, alias="to", description=_LAST)
    limit: int = Field(default=200, ge=1, le=1_000)


class LogBody(Body):
    """Which days, both whole and local; how many calls a second."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    per_s: float = Field(default=2.0, ge=0.01, le=50)


class DaysQuery(Params):
    """Which days."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class DryCall(Shape):
    """One call as it would be written; `state` is that in the outbox, if it is there already.

    `assignee` is the user's name in the CRM, else our extension. `creates` is what would be made
    of an unknown caller, `task` the title of a task that is still needed.
    """

    call_id: UUID
    at: Stamp | None
    direction: Direction
    outcome: Outcome | None
    title: str
    match: MatchKind
    person: str | None
    assignee: str | None
    task: str | None
    creates: str | None
    state: EffectState | None


class MatchRate(Shape):
    """How many calls of one direction belong to whom."""

    direction: Direction
    exact: int
    company: int
    several: int
    none: int


class UnmatchedNumber(Shape):
    """A number that belongs to nobody, as the PBX showed it; null is withheld."""

    number: str | None
    calls: int


class DryRun(Shape):
    """What would be written; nothing was.

    `policy` says it in words. Without `asked_crm` the directory was asked instead, because of
    `cause`. `unwanted` calls are left out by the policy; with `more` there are others beyond.
    """

    name: str
    first: Stamp = Field(alias="from")
    until: Stamp = Field(alias="to")
    policy: list[str]
    asked_crm: bool
    cause: str | None
    remedy: str | None
    calls: list[DryCall]
    unwanted: int
    more: bool
    rates: list[MatchRate]
    unmatched: list[UnmatchedNumber]


class Relogged(Shape):
    """Calls put into the outbox, there already, and not wanted by the policy.

    The last one put is due at `ends_at`.
    """

    name: str
    first: Stamp = Field(alias="from")
    until: Stamp = Field(alias="to")
    put: int
    there: int
    unwanted: int
    ends_at: Stamp | None


class LogProgress(Shape):
    """How many calls of the range are in which state; the last that waits is due then."""

    name: str
    first: Stamp = Field(alias="from")
    until: Stamp = Field(alias="to")
    states: dict[EffectState, int]
    last_due_at: Stamp | None


class ContactBody(Body):
    """In which CRM."""

    crm: str = Field(min_length=1, max_length=32)


class ContactOrdered(Shape):
    """The effect that makes the contact; follow it in the outbox."""

    id: UUID
    call_id: UUID
    crm: str
