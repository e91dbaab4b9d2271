"""Calls: saved at every event, restored after a restart, listed for the desk and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, literal, select, tuple_

from gateway.core.ids import CallId
from gateway.core.record import CallRecord, CallState, Direction, Outcome
from gateway.store.counters import next_change
from gateway.store.cursors import bad_cursor, read_cursor, write_cursor
from gateway.store.prepared import Prepared
from gateway.store.records import decode, encode
from gateway.store.saving import CHANGES, NUMBER, Row, Saving, save_call, save_calls
from gateway.store.schema import (
    Instant,
    call_channels,
    call_parties,
    calls,
    from_micros,
    to_micros,
)
from gateway.store.sight import Sight, calls_seen
from gateway.store.tombstones import Tombstone, tombstones_after

__all__ = [
    "CHANGES",
    "NUMBER",
    "CallFilter",
    "CallPage",
    "Row",
    "Saving",
    "call_for_channel",
    "get_call",
    "list_calls",
    "live_calls",
    "live_states",
    "put_record",
    "put_records",
    "recent_callers",
    "save_call",
    "save_calls",
]

MAX_PAGE = 500
_PUT: Final = Prepared(
    "UPDATE calls SET record = :record, revision = :revision, contact_id = :contact, "
    "change = :change WHERE id = :id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What `list_calls` is asked for; None does not restrict.

    `number` is E.164, or as seen for one that has none; `contact` the id of ours,
    `agent` a login. `visible_to` is the access rule: only the calls that this login or sight may
    see. With `updated_after` (a change number, 0 for all) the page is in the order of changes and
    holds merged calls too.
    """

    since: datetime | None = None
    until: datetime | None = None
    number: str | None = None
    contact: str | None = None
    agent: str | None = None
    visible_to: Sight | str | None = None
    queue: str | None = None
    outcome: Outcome | None = None
    direction: Direction | None = None
    state: CallState | None = None
    updated_after: int | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """One page of records; `next` is the cursor of the following one, None if this is the last.

    `last_change` is what to ask `updated_after` for next; `gone` are the calls that were deleted
    in between, only with `updated_after`.
    """

    items: tuple[CallRecord, ...]
    next: str | None
    last_change: int = 0
    gone: tuple[Tombstone, ...] = ()


def put_record(conn: Connection, record: CallRecord) -> None:
    """Store what people changed of a call that is there; its state and parties stay."""
    put_records(conn, (record,))


def put_records(conn: Connection, records: Sequence[CallRecord]) -> None:
    """Do so for several calls, in one statement for all of them."""
    if not records:
        return
    first = next_change(conn, CHANGES, count=len(records)) - len(records) + 1
    _PUT.many(
        conn,
        [
            {
                "id": str(record.id),
                "record": encode(record),
                "revision": record.revision,
                "contact": record.contact.id if record.contact else None,
                "change": change,
            }
            for change, record in enumerate(records, first)
        ],
    )


def live_states(conn: Connection, pbx: str) -> list[tuple[CallId, bytes]]:
    """Return the table's dumps of the calls that were live, for restoring it after a restart."""
    query = select(calls.c.id, calls.c.table_state).where(
        calls.c.pbx == pbx,
        calls.c.state == CallState.LIVE.value,
        calls.c.table_state.is_not(None),
    )
    return [(CallId(UUID(row.id)), row.table_state) for row in conn.execute(query)]


def live_calls(conn: Connection, pbx: str) -> tuple[CallRecord, ...]:
    """Return the records of all calls that are stored as live, restorable or not."""
    query = select(calls.c.record).where(calls.c.pbx == pbx, calls.c.state == CallState.LIVE.value)
    return tuple(decode(row.record) for row in conn.execute(query))


def recent_callers(conn: Connection, pbx: str, *, limit: int = 4096) -> list[tuple[str, str]]:
    """Return root and caller's number of the calls last stored, for telling later ones apart."""
    query = (
        select(calls.c.linkedid, calls.c.record)
        .where(calls.c.pbx == pbx)
        .order_by(calls.c.no.desc())
        .limit(limit)
    )
    found = ((row.linkedid, decode(row.record).caller.number) for row in conn.execute(query))
    return [(linkedid, number) for linkedid, number in found if number is not None]


def get_call(
    conn: Connection, call_id: CallId, *, visible_to: Sight | str | None = None
) -> CallRecord | None:
    """Return a record, None if there is none or `visible_to` may not see it."""
    query = select(calls.c.record).where(calls.c.id == str(call_id))
    if visible_to is not None:
        query = query.where(calls.c.no.in_(calls_seen(visible_to, call_id)))
    written = conn.execute(query).scalar()
    return None if written is None else decode(written)


def call_for_channel(conn: Connection, pbx: str, uniqueid: str) -> CallId | None:
    """Return the call that a channel belonged to."""
    query = (
        select(calls.c.id)
        .join(call_channels, call_channels.c.call_no == calls.c.no)
        .where(call_channels.c.pbx == pbx, call_channels.c.uniqueid == uniqueid)
    )
    found = conn.execute(query).scalar()
    return None if found is None else CallId(UUID(found))


def list_calls(conn: Connection, wanted: CallFilter) -> CallPage:
    """Return one page, newest first (with `updated_after`: in the order of changes).

    Raises CursorError for a cursor that is not one of ours.
    """
    limit = max(1, min(wanted.limit, MAX_PAGE))
    query = select(calls.c.no, calls.c.started_at, calls.c.change, calls.c.record)
    query = query.where(*_conditions(wanted)).limit(limit + 1)
    if wanted.updated_after is not None:
        return _changes(conn, query, wanted.updated_after, limit)
    rows = conn.execute(query.order_by(calls.c.started_at.desc(), calls.c.no.desc())).all()
    page = rows[:limit]
    following = _cursor(page[-1].started_at, page[-1].no) if len(rows) > limit else None
    return CallPage(items=tuple(decode(row.record) for row in page), next=following)


def _changes(
    conn: Connection, query: Select[tuple[int, datetime, int, str]], after: int, limit: int
) -> CallPage:
    """Return what changed after a change number: records and tombstones in one order.

    Numbers become visible in their order (`gateway.store.counters`), and both reads see the same
    state, so nothing below the last one can still come.
    """
    rows = conn.execute(query.order_by(calls.c.change)).all()
    buried = tombstones_after(conn, after, limit=limit + 1)
    numbers = sorted([*(row.change for row in rows), *(one.change for one in buried)])
    last = numbers[:limit][-1] if numbers else after
    return CallPage(
        items=tuple(decode(row.record) for row in rows if row.change <= last),
        next=str(last) if len(numbers) > limit else None,
        last_change=last,
        gone=tuple(one for one in buried if one.change <= last),
    )


def _conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    column = calls.c
    equal = {
        column.contact_id: wanted.contact,
        column.queue: wanted.queue,
        column.outcome: wanted.outcome,
        column.direction: wanted.direction,
        column.state: wanted.state,
    }
    found = [key == value for key, value in equal.items() if value is not None]
    if wanted.state is CallState.LIVE:
        # few among many: found by their own index, else the order by time walks through all
        live = calls.alias()
        found.append(column.no.in_(select(live.c.no).where(live.c.state == CallState.LIVE.value)))
    if wanted.since is not None:
        found.append(column.started_at >= wanted.since)
    if wanted.until is not None:
        found.append(column.started_at < wanted.until)
    if wanted.number is not None:
        found.append(_has_number(wanted.number))
    if wanted.agent is not None:
        found.append(column.no.in_(calls_seen(wanted.agent)))
    if wanted.visible_to is not None:
        found.append(column.no.in_(calls_seen(wanted.visible_to)))
    if wanted.updated_after is not None:
        found.append(column.change > wanted.updated_after)
    else:
        found.append(column.merged_into.is_(None))
    if wanted.cursor is not None:
        at, call_no = _read_cursor(wanted.cursor)
        last = tuple_(literal(at, Instant()), literal(call_no))
        found.append(tuple_(column.started_at, column.no) < last)
    return found


def _has_number(number: str) -> ColumnElement[bool]:
    involved = select(call_parties.c.call_no).where(
        call_parties.c.party == number, call_parties.c.kind == NUMBER
    )
    return calls.c.no.in_(involved)


def _cursor(started_at: datetime, call_no: int) -> str:
    return write_cursor(to_micros(started_at), call_no)


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    micros, call_no = read_cursor(cursor, int, int)
    try:
        return from_micros(int(micros)), int(call_no)
    except OverflowError as error:
        raise bad_cursor() from error
