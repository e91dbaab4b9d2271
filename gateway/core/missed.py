"""Customers who called, were not answered and wait to be called back: one item for each.

Pure: the calls of one customer in, the item out, so that it can be made anew at any time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid5

from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.history import UNANSWERED, Customer, MissedCustomer, is_missed, talked_at
from gateway.core.ids import NAMESPACE
from gateway.core.record import CallRecord, CallState, Direction, Outcome

# Who has not called again for so long is no longer listed as waiting.
MISSED_WINDOW: Final = timedelta(days=30)
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def missed_customer(
    customer: Customer,
    records: Iterable[CallRecord],
    *,
    since: datetime,
    calendars: CalendarBook = NO_CALENDARS,
) -> MissedCustomer | None:
    """Return how one customer's calls since `since` leave us; None if they miss nothing of us.

    Independent of the order of `records`: a call found later, or given to another customer, gives
    what it would have given at once. Closed if they were talked with after the last attempt: the
    attempts are then those that this contact answered.
    """
    calls = sorted(
        ((began(record), str(record.id), record) for record in records if _counts(record)),
        key=lambda call: call[:2],
    )
    missed = [(at, record) for at, _id, record in calls if at > since and is_missed(record)]
    if not missed:
        return None
    last, _record = missed[-1]
    talks = sorted((at, name) for _at, name, record in calls if (at := talked_at(record)))
    begun = max((at for at, _name in talks if at < last), default=since)
    attempts = [(at, record) for at, record in missed if at > begun]
    found = replace(
        _of_attempts(customer, attempts, calendars),
        tried=sum(at > begun and _is_try(record) for at, _id, record in calls),
    )
    closing = next((talk for talk in talks if talk[0] >= last), None)
    if closing is None:
        return found
    return replace(found, closed_at=closing[0], closed_by=closing[1])


def missed_id(customer: Customer) -> str:
    """Return the id of the one item that a customer can have."""
    return str(uuid5(NAMESPACE, f"missed\n{customer.key}"))


def began(record: CallRecord) -> datetime:
    """Return when a call began, as far as it is known at all."""
    return record.started_at or record.answered_at or record.ended_at or _EVER


def _counts(record: CallRecord) -> bool:
    return record.merged_into is None and began(record) is not _EVER


def _is_try(record: CallRecord) -> bool:
    return (
        record.direction is Direction.OUTBOUND
        and record.state is CallState.ENDED
        and record.outcome in UNANSWERED
    )


def came_while_closed(record: CallRecord, calendars: CalendarBook) -> bool:
    """Tell whether nobody was there to answer a call; a call without a calendar is never so."""
    calendar = calendars.of_call(record)
    return calendar is not None and not calendar.is_open(began(record))


def _of_attempts(
    customer: Customer, attempts: Sequence[tuple[datetime, CallRecord]], calendars: CalendarBook
) -> MissedCustomer:
    records = [record for _at, record in attempts]
    answerable = [record for record in records if not came_while_closed(record, calendars)]
    waits = [record.seconds.wait or record.seconds.ring or 0.0 for record in answerable]
    calendar = calendars.of_call(records[-1])
    numbers = [number for record in records if (number := record.outside_number) is not None]
    return MissedCustomer(
        id=missed_id(customer),
        contact_id=customer.contact_id,
        e164=numbers[-1] if numbers else customer.e164 or "",
        attempts=len(records),
        first_at=attempts[0][0],
        last_at=attempts[-1][0],
        messages=sum(record.outcome is Outcome.VOICEMAIL for record in records),
        waited_s=sum(waits),
        longest_wait_s=max(waits, default=0.0),
        queues=tuple(dict.fromkeys(record.queue for record in records if record.queue)),
        lines=tuple(dict.fromkeys(record.line for record in records if record.line)),
        last_call=str(records[-1].id),
        last_outcome=records[-1].outcome,
        closed_attempts=len(records) - len(answerable),
        calendar=calendar.name if calendar is not None else None,
    )


def open_since(item: MissedCustomer, calendars: CalendarBook, now: datetime) -> float:
    """Return for how many seconds somebody has been there since they first called."""
    calendar = calendars.named.get(item.calendar or "")
    return 0.0 if calendar is None else calendar.open_seconds(item.first_at, now)
