"""What is known at one moment about a call and its customer: cues and advice are read from it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.core.contact import Contact
from gateway.core.handoff import Handover
from gateway.core.history import Background, Promise, PromiseState
from gateway.core.provenance import Attestation
from gateway.core.record import CallRecord, Direction, MatchKind, Outcome, TransferType
from gateway.core.values import value

# "Third call in three days"; the present one counts.
SEVERAL: Final = 3
SEVERAL_WITHIN: Final = timedelta(days=3)
# Who gave up so short a time ago is still cross about it.
JUST_GAVE_UP: Final = timedelta(hours=2)
LONG_WAIT: Final = timedelta(seconds=120)
BOUNCED: Final = 2
PROMISE_NEAR: Final = timedelta(hours=8)
NO_PAST: Final = Background()
NO_TIME: Final = timedelta()
_MOVES: Final = frozenset({TransferType.BLIND, TransferType.ATTENDED, TransferType.BLONDE})


class Fault(StrEnum):
    """What we owe an apology for, the worst first."""

    PROMISE_BROKEN = "promise_broken"
    BOUNCED = "bounced"
    GAVE_UP = "gave_up"
    NOT_ANSWERED = "not_answered"
    SEVERAL_CALLS = "several_calls"
    LONG_WAIT = "long_wait"


@value
class Situation:
    """One call at `now`. `waiting_since` is when it entered a queue, None once it is answered.

    `background` is empty until the store has answered. `ignored` is why the number is on the list
    of those that nobody need answer, "" without a reason. `apologised_at`: when somebody last
    apologised to this customer. `attestation`: how the carrier vouches for the number. `language`
    is the house's, `line_language` that of the number called, "" if it has none.
    """

    record: CallRecord
    now: datetime
    contact: Contact | None = None
    match: MatchKind = MatchKind.NONE
    candidates: int = 0
    background: Background = NO_PAST
    handover: Handover | None = None
    ignored: str | None = None
    waiting_since: datetime | None = None
    apologised_at: datetime | None = None
    attestation: Attestation | None = None
    language: str = "it"
    line_language: str = ""

    @property
    def at_risk(self) -> bool:
        """Whether the directory marks the customer so."""
        return self.contact is not None and self.contact.at_risk

    @property
    def vip(self) -> bool:
        """Whether the directory marks the customer so."""
        return self.contact is not None and self.contact.vip

    @property
    def speaks(self) -> str:
        """The customer's language as a tag of two letters: theirs, the line's, the house's."""
        own = self.contact.language if self.contact is not None else None
        return (own or self.line_language or self.language)[:2].lower()

    @property
    def informal(self) -> bool:
        """Whether the customer is addressed informally; the formal form where nothing is known."""
        form = self.contact.formality if self.contact is not None else None
        return (form or "").lower() in {"informal", "tu"}

    @property
    def recent_calls(self) -> int:
        """How often they have called within three days, this call included."""
        if self.record.direction is not Direction.INBOUND:
            return 0
        if not self.background.inbound:
            return 1
        begun = self.record.started_at or self.now
        since = begun - SEVERAL_WITHIN
        return len({at for at in self.background.inbound if since <= at < begun}) + 1

    @property
    def moved(self) -> int:
        """How often this call was handed over by people."""
        return sum(move.completed and move.type in _MOVES for move in self.record.transfers)

    @property
    def waited(self) -> timedelta:
        """How long they waited in a queue of ours for this call's answer, so far."""
        return waited(self.record, self.waiting_since, self.now)

    @property
    def broken(self) -> Promise | None:
        """The promise that was not kept, the oldest first."""
        for promise in self.background.promises:
            if promise.state is PromiseState.BROKEN or promise.due_at < self.now:
                return promise
        return None

    @property
    def due(self) -> Promise | None:
        """The promise that falls due within this working day."""
        for promise in self.background.promises:
            if self.now <= promise.due_at < self.now + PROMISE_NEAR:
                return promise
        return None

    @property
    def gave_up_at(self) -> datetime | None:
        """When they last hung up while nobody answered, if it was a short time ago."""
        missed = self.background.missed
        if missed is None or missed.only_closed or missed.last_outcome is not Outcome.ABANDONED:
            return None
        return missed.last_at if self.now - missed.last_at < JUST_GAVE_UP else None

    def faults(self) -> tuple[Fault, ...]:
        """Return what we owe an apology for and have not apologised for since, worst first."""
        started = self.record.started_at or self.now
        missed, broken, gave_up = self.background.missed, self.broken, self.gave_up_at
        since: dict[Fault, datetime] = {}
        if broken is not None:
            since[Fault.PROMISE_BROKEN] = broken.due_at
        if self.moved >= BOUNCED:
            since[Fault.BOUNCED] = started
        if gave_up is not None:
            since[Fault.GAVE_UP] = gave_up
        elif missed is not None and not missed.only_closed:
            since[Fault.NOT_ANSWERED] = missed.last_at
        if self.recent_calls >= SEVERAL:
            since[Fault.SEVERAL_CALLS] = started
        if self.record.direction is Direction.INBOUND and self.waited >= LONG_WAIT:
            since[Fault.LONG_WAIT] = started
        if not since:
            return ()
        made = self.apologised_at
        return tuple(
            fault for fault in Fault if fault in since and (made is None or made < since[fault])
        )


def waited(record: CallRecord, since: datetime | None, now: datetime) -> timedelta:
    """Return how long a caller waited in a queue of ours; `since` None: until it was answered."""
    if since is not None:
        return max(now - since, NO_TIME)
    wait = record.seconds.wait
    return timedelta(seconds=wait) if wait else NO_TIME
