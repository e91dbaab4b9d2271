"""Sending again what was sent: the outbox rows of calls that somebody wants once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from gateway.core.ports import Effect
from gateway.core.record import CallRecord, CallState
from gateway.store.payloads import row_of
from gateway.store.prepared import Prepared
from gateway.store.records import decode
from gateway.store.schema import calls

# What waits or is being sent goes out anyway.
_AGAIN: Final = Prepared(
    "INSERT INTO outbox (key, call_id, connector, kind, ordinal, state, due_at, occurred_at, "
    "complete, revision, record, attempts, ambiguous) VALUES (:key, :call_id, :connector, :kind, "
    ":ordinal, 'pending', :due_at, :occurred_at, :complete, :revision, :record, 0, :ambiguous) "
    "ON CONFLICT (key) DO UPDATE SET state = 'pending', due_at = excluded.due_at, "
    "complete = excluded.complete, revision = excluded.revision, record = excluded.record, "
    "attempts = 0, ambiguous = excluded.ambiguous, first_attempt_at = NULL, cause = NULL, "
    "external_id = NULL, url = NULL, settled_at = NULL "
    "WHERE outbox.state NOT IN ('pending', 'leased')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedPage:
    """Some calls that ended after a time; `after` is where the next page begins."""

    records: tuple[CallRecord, ...]
    after: int


def send_again(conn: Connection, effect: Effect) -> bool:
    """Put an effect in line as if for the first time, under its own key; False if it waits."""
    return _AGAIN.run(conn, row_of(effect)) > 0


def ended_since(conn: Connection, since: datetime, *, after: int, limit: int) -> EndedPage:
    """Return calls that ended then or later, in the order they began; merged ones are none."""
    column = calls.c
    query = (
        select(column.no, column.record)
        .where(column.no > after, column.ended_at >= since, column.merged_into.is_(None))
        .where(column.state == CallState.ENDED.value)
        .order_by(column.no)
        .limit(limit)
    )
    rows = conn.execute(query).all()
    last = rows[-1].no if rows else after
    return EndedPage(records=tuple(decode(row.record) for row in rows), after=last)
