"""What the call table says: the only language that desk, store and CRM side understand.

Every `CallEvent` carries the whole record as it stands after the event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from gateway.core.handoff import Handoff
from gateway.core.ids import CallId
from gateway.core.record import CallRecord


class CloseReason(StrEnum):
    """Why a pop goes away (`pop.closed`)."""

    ANSWERED_ELSEWHERE = "answered_elsewhere"
    CALLER_LEFT = "caller_left"
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    TRANSFERRED = "transferred"
    TEST = "test"
    """It was a mystery call and is over; nothing is asked about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """Something happened to a call at `at` (aware UTC)."""

    at: datetime
    record: CallRecord

    def with_record(self, record: CallRecord) -> Self:
        """Return the event with more in its record, for every event: in a third of the time."""
        kind = type(self)
        fresh = object.__new__(kind)
        _set_at(fresh, self.at)
        _set_record(fresh, record)
        own = _OWN.get(kind)
        if own is None:
            own = _OWN[kind] = _own_slots(kind)
        for take, give in own:
            give(fresh, take(self))
        return fresh


# What a kind of event has beside `at` and `record`: the slots themselves are read and written, for
# a frozen dataclass assigns its fields by name, at five times the cost.
_OWN: Final[dict[type[CallEvent], tuple[tuple[Callable[..., Any], Callable[..., None]], ...]]] = {}
_set_at: Final = CallEvent.__dict__["at"].__set__
_set_record: Final = CallEvent.__dict__["record"].__set__


def _own_slots(kind: type[CallEvent]) -> tuple[tuple[Callable[..., Any], Callable[..., None]], ...]:
    names = (name for name in kind.__dataclass_fields__ if name not in {"at", "record"})
    slots = [getattr(kind, name) for name in names]
    return tuple((slot.__get__, slot.__set__) for slot in slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted(CallEvent):
    """The call's first channel appeared, or the call was adopted from a snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUpdated(CallEvent):
    """The record changed in a way worth showing: queue entered, hold, transfer, new talker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegDialled(CallEvent):
    """The PBX dials an extension (Asterisk DialBegin): offer the pop.

    `ring_no` counts from 1 how often this extension has been dialled within this call.
    """

    extension: str
    ring_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAlerting(CallEvent):
    """The extension's phone rings (180)."""

    extension: str
    ring_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnswered(CallEvent):
    """The extension now speaks with the initiator (real channels in one bridge).

    Whoever is consulted before a hand-over speaks with the colleague first: told then, and once
    more when the customer is theirs.
    """

    extension: str
    ring_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegClosed(CallEvent):
    """The extension is not, or no longer, concerned, while its pop may still be open.

    After LegAnswered: TRANSFERRED if it had the customer and handed them over; any other reason if
    it was only consulted (ANSWERED_ELSEWHERE: the colleague has the customer again).
    """

    extension: str
    ring_no: int
    reason: CloseReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEvent):
    """The call is over; facts that arrive within 2 s amend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAmended(CallEvent):
    """A late fact changed an ended record; its `revision` has grown by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMerged(CallEvent):
    """This call turned out to be part of `into`; `record.merged_into` says so and it has ended."""

    into: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNoted(CallEvent):
    """The dialplan left something for whoever answers; the record is as it was."""

    handoff: Handoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question to the PBX that may enrich a record; it never delays a CallEvent."""

    id: str
    channel: str
    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """The stream contradicted itself; `kind` is a static dotted name, never personal data."""

    at: datetime
    kind: str
    channel: str = ""


Output = CallEvent | Query | Anomaly
