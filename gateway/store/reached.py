"""Whether somebody still has to call a customer back whose call was missed."""

from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from gateway.core.history import is_missed, talked_at
from gateway.core.missed import began
from gateway.core.record import CallRecord
from gateway.store.calls import get_call
from gateway.store.customer_calls import call_records
from gateway.store.customers import customer_of_call

# The newest calls of one customer among which one that was answered is looked for.
DEPTH: Final = 50


class Settled(StrEnum):
    """Why nobody has to."""

    MERGED = "merged"
    ANSWERED = "answered"
    TALKED = "talked"


def settled(conn: Connection, record: CallRecord) -> Settled | None:
    """Return why a missed call needs no call back any more, None if it does.

    It was answered elsewhere or is part of another call, or people of ours and the customer have
    talked since it began, whoever called whom.
    """
    now = get_call(conn, record.id) or record
    if now.merged_into is not None:
        return Settled.MERGED
    if not is_missed(now):
        return Settled.ANSWERED
    customer = customer_of_call(conn, now)
    if customer is None:
        return None
    since = began(now)
    for one in call_records(conn, customer, since=since, limit=DEPTH):
        talked = talked_at(one)
        if one.id != now.id and talked is not None and talked >= since:
            return Settled.TALKED
    return None
