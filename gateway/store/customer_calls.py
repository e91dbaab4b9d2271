"""The calls of one customer: under their entry, and under numbers that are theirs alone.

Two ways lead to them: the contact named in the record, and, for calls of before the directory knew
them, the number. Both are read by an index, a page at a time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from gateway.core.history import Customer
from gateway.core.record import CallRecord
from gateway.store.calls import NUMBER
from gateway.store.customers import numbers_of
from gateway.store.records import decode_if_readable
from gateway.store.schema import call_parties, calls

_COLUMNS: Final = (calls.c.no, calls.c.id, calls.c.started_at, calls.c.record)
_EXTERNAL: Final = (calls.c.direction != "internal", calls.c.merged_into.is_(None))

CallRow = Row[tuple[int, str, datetime, str]]


def newest_calls(
    conn: Connection,
    customer: Customer,
    *,
    limit: int,
    older: ColumnElement[bool] | None = None,
    since: datetime | None = None,
    depth: int | None = None,
) -> list[CallRow]:
    """Return rows (no, id, started_at, record) of outside calls, newest first, at most `limit`.

    `older` is a further condition on `calls`, which leads to the next page. With `depth` only so
    many calls of each number that were stored last are looked at: for whoever wants the newest and
    cannot wait until all of a number that calls all day are sorted.
    """
    bounds = [] if older is None else [older]
    if since is not None:
        bounds.append(calls.c.started_at >= since)
    rows: list[CallRow] = []
    for query in _ways(conn, customer, depth):
        newest = query.where(*_EXTERNAL, *bounds)
        newest = newest.order_by(calls.c.started_at.desc(), calls.c.no.desc()).limit(limit)
        rows += conn.execute(newest).all()
    rows.sort(key=lambda row: (row.started_at, row.no), reverse=True)
    return rows[:limit]


def call_records(
    conn: Connection, customer: Customer, *, since: datetime, limit: int
) -> tuple[CallRecord, ...]:
    """Return the newest records of a customer's outside calls since then."""
    rows = newest_calls(conn, customer, limit=limit, since=since, depth=limit)
    read = (decode_if_readable(row.record) for row in rows)
    return tuple(record for record in read if record is not None)


def _ways(
    conn: Connection, customer: Customer, depth: int | None
) -> Sequence[Select[tuple[int, str, datetime, str]]]:
    ways = []
    if customer.contact_id is not None:
        ways.append(select(*_COLUMNS).where(calls.c.contact_id == customer.contact_id))
    unnamed = calls.c.contact_id.is_(None)
    for number in numbers_of(conn, customer):
        # as a set first: few calls among all, found by who took part
        party = call_parties.c
        involved = select(party.call_no).where(party.party == number, party.kind == NUMBER)
        if depth is not None:
            last = involved.order_by(party.call_no.desc()).limit(depth).subquery()
            involved = select(last.c.call_no)
        ways.append(select(*_COLUMNS).where(calls.c.no.in_(involved), unnamed))
    return ways
