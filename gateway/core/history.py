"""What was between us and a customer: contacts on any channel, promises, calls never returned.

The values that go between store, desk and API; the rules over them are in `missed` and
`promising`. A customer is an entry of the directory, else a number (E.164): what is known of one
is never shown under another.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.core.record import (
    CallRecord,
    CallState,
    Direction,
    MatchKind,
    Outcome,
    Presentation,
    WrapUp,
)

__all__ = [
    "Background",
    "Channel",
    "Customer",
    "Interaction",
    "MissedCustomer",
    "MissedReason",
    "Promise",
    "PromiseState",
    "TimelineItem",
    "TimelineKind",
    "WrapUp",
]

UNANSWERED: Final = frozenset(
    {
        Outcome.ABANDONED,
        Outcome.MISSED,
        Outcome.BUSY,
        Outcome.REJECTED,
        Outcome.FAILED,
        Outcome.VOICEMAIL,
    }
)


class Channel(StrEnum):
    """How we and a customer were in touch."""

    CALL = "call"
    MAIL = "mail"
    CHAT = "chat"
    FORM = "form"
    SOCIAL = "social"
    SMS = "sms"
    LETTER = "letter"
    VISIT = "visit"
    OTHER = "other"


class TimelineKind(StrEnum):
    """What an entry of a timeline stands for."""

    CALL = "call"
    INTERACTION = "interaction"
    PROMISE = "promise"


class PromiseState(StrEnum):
    """Where a promise stands; `broken` from the time promised on, if nobody had been in touch."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class MissedReason(StrEnum):
    """Why a customer is to be called back before others, most severe first."""

    AT_RISK = "at_risk"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_DUE = "promise_due"
    VIP = "vip"
    SEVERAL_CALLS = "several_calls"
    MESSAGE = "message"
    WAITED = "waited"
    CLOSED_HOURS = "closed_hours"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who it is about: an entry of the directory (`contact_id`), else a number; never neither."""

    contact_id: str | None = None
    e164: str | None = None

    @property
    def key(self) -> str:
        """The text that stands for this customer in the store."""
        return f"contact:{self.contact_id}" if self.contact_id else f"number:{self.e164}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One contact by another channel than the telephone, as the system that saw it tells us.

    `external_id` is its id there, within `source`; `agent` whoever had it, as written by the
    source (a login of ours where it knows one).
    """

    id: str
    channel: Channel
    direction: Direction
    at: datetime
    source: str = ""
    external_id: str | None = None
    contact_id: str | None = None
    e164: str | None = None
    email: str | None = None
    subject: str | None = None
    summary: str | None = None
    agent: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A call-back that somebody was promised by `due_at`.

    `made_in` is the call during which it was made, `settled_by` the one that settled it.
    `settled_at` None: still to be done, also when it is broken already.
    """

    id: str
    contact_id: str | None
    e164: str | None
    text: str
    due_at: datetime
    made_by: str
    made_at: datetime
    assignee: str | None = None
    state: PromiseState = PromiseState.OPEN
    made_in: str | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None

    @property
    def customer(self) -> Customer:
        """Whom it was made to."""
        return Customer(contact_id=self.contact_id, e164=self.e164)

    @property
    def is_to_do(self) -> bool:
        """Whether somebody still has to call."""
        return self.settled_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineItem:
    """One entry of a customer's timeline; what does not apply to its kind is None or empty.

    `extensions` (on `pbx`) talked in a call, in that order; `agents` are the logins that wrote
    something of it, had the interaction or owe the promise. `wait_s` and `talk_s` are seconds.
    `missed`: an inbound call that no person of ours answered. `text` is the summary or the
    promise's words, `wrap_ups` what agents said of the call.
    """

    kind: TimelineKind
    id: str
    at: datetime
    channel: Channel
    direction: Direction | None = None
    pbx: str | None = None
    extensions: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    live: bool = False
    missed: bool = False
    outcome: Outcome | None = None
    queue: str | None = None
    line: str | None = None
    wait_s: float | None = None
    talk_s: float | None = None
    subject: str | None = None
    text: str | None = None
    url: str | None = None
    wrap_ups: tuple[WrapUp, ...] = ()
    promise: Promise | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCustomer:
    """Somebody who called, was not answered and has not been reached since.

    `attempts` are their calls since the last time we talked, `tried` our calls that did not reach
    them, `messages` the voicemails among the attempts. Waits are in seconds. `e164` is the number
    they last called from. `closed_by` is the call that closed it.

    `closed_attempts` of the attempts came while nobody was there, by `calendar`, that of the last
    attempt (None: nobody said when it is open); they count as no waits. `open_s` is for how long
    somebody has been there since the first attempt: the time in which they could be called back.
    """

    id: str
    contact_id: str | None
    e164: str
    attempts: int
    first_at: datetime
    last_at: datetime
    tried: int = 0
    messages: int = 0
    waited_s: float = 0.0
    longest_wait_s: float = 0.0
    queues: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    last_call: str | None = None
    last_outcome: Outcome | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    closed_attempts: int = 0
    calendar: str | None = None
    open_s: float = 0.0
    name: str | None = None
    company: str | None = None
    owner: str | None = None
    vip: bool = False
    at_risk: bool = False
    promise: Promise | None = None

    @property
    def is_open(self) -> bool:
        """Whether they still are to be called back."""
        return self.closed_at is None

    @property
    def only_closed(self) -> bool:
        """Whether they called only while nobody could have answered: nobody let them wait."""
        return self.closed_attempts >= self.attempts

    @property
    def reasons(self) -> tuple[MissedReason, ...]:
        """Why they come before others, most severe first; never empty."""
        promise = self.promise
        broken = promise is not None and promise.state is PromiseState.BROKEN
        holds = {
            MissedReason.AT_RISK: self.at_risk,
            MissedReason.PROMISE_BROKEN: broken,
            MissedReason.PROMISE_DUE: promise is not None and not broken,
            MissedReason.VIP: self.vip,
            MissedReason.SEVERAL_CALLS: self.attempts > 1,
            MissedReason.MESSAGE: self.messages > 0,
            MissedReason.WAITED: self.waited_s > 0,
            MissedReason.CLOSED_HOURS: self.only_closed,
        }
        return tuple(reason for reason, held in holds.items() if held) or (MissedReason.MISSED,)

    @property
    def order(self) -> tuple[bool, int, bool, float, float, datetime, str]:
        """The key to sort by: risk, promise, value, wait; then who has been waiting longest.

        That is counted in time in which somebody was there, where it is known when that is.
        """
        reasons = self.reasons
        if MissedReason.PROMISE_BROKEN in reasons:
            promised = 0
        else:
            promised = 1 if MissedReason.PROMISE_DUE in reasons else 2
        waited = (-self.waited_s, -self.open_s, self.first_at)
        return (not self.at_risk, promised, not self.vip, *waited, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What a pop tells of a customer's past, newest first; empty for somebody new.

    `promises` are those still to be done, the first due first. `inbound` are the times of their
    calls of the last seven days, newest first: what "third call in three days" counts.
    """

    items: tuple[TimelineItem, ...] = ()
    promises: tuple[Promise, ...] = ()
    missed: MissedCustomer | None = None
    inbound: tuple[datetime, ...] = ()

    @property
    def notes(self) -> tuple[WrapUp, ...]:
        """What agents wrote of the last calls, newest first."""
        return tuple(said for item in self.items for said in item.wrap_ups if said.note)

    def before(self, call: str, started_at: datetime | None) -> "Background":
        """Leave a call itself out: the store may know it already when it is asked."""
        items = tuple(item for item in self.items if item.id != call)
        since = self.inbound
        if started_at is not None:
            since = tuple(at for at in since if at < started_at)
        if len(items) == len(self.items) and len(since) == len(self.inbound):
            return self
        return replace(self, items=items, inbound=since)


def customer_of(record: CallRecord) -> Customer | None:
    """Return whom an outside call was with; None if internal, withheld or without a number.

    A number that several people share stands for itself: no person is chosen among them.
    """
    if record.direction is Direction.INTERNAL or record.merged_into is not None:
        return None
    hidden = record.caller.presentation is Presentation.WITHHELD
    if record.direction is Direction.INBOUND and hidden:
        return None
    contact, e164 = record.contact, record.outside_number
    if contact is not None and contact.match in {MatchKind.EXACT, MatchKind.COMPANY}:
        return Customer(contact_id=contact.id, e164=e164)
    return Customer(e164=e164) if e164 is not None else None


def is_missed(record: CallRecord) -> bool:
    """Tell whether somebody outside called and no person of ours answered; voicemail is none."""
    return (
        record.direction is Direction.INBOUND
        and record.state is CallState.ENDED
        and record.merged_into is None
        and record.outcome in UNANSWERED
    )


def talked_at(record: CallRecord) -> datetime | None:
    """Return when people of ours and of theirs began to talk, None if they did not.

    Where only the fact is known, the call's beginning.
    """
    outside = record.direction is not Direction.INTERNAL and record.merged_into is None
    if not outside or record.outcome is not Outcome.ANSWERED:
        return None
    return record.answered_at or record.started_at or record.ended_at
