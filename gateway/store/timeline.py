"""A customer's timeline: calls, contacts by other channels and promises, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import ColumnElement, Connection, and_, or_, select
from sqlalchemy.sql.schema import Column

from gateway.core.history import (
    UNANSWERED,
    Channel,
    Customer,
    Interaction,
    Promise,
    TimelineItem,
    TimelineKind,
    is_missed,
)
from gateway.core.record import (
    CallRecord,
    CallState,
    Direction,
    Outcome,
    time_from_json,
)
from gateway.core.record_reading import wrap_ups_from_json
from gateway.store.cursors import read_cursor, write_cursor
from gateway.store.customer_calls import newest_calls
from gateway.store.customers import address_of, numbers_of
from gateway.store.interactions import interaction_of
from gateway.store.promises import belongs_to, promise_of
from gateway.store.records import decode
from gateway.store.schema import calls, from_micros, to_micros
from gateway.store.schema_history import interactions, promises
from gateway.store.sight import Sight, calls_seen

MAX_PAGE: Final = 500
# Of two things at the same moment the later in this list comes first.
_RANK: Final = (TimelineKind.CALL, TimelineKind.INTERACTION, TimelineKind.PROMISE)

_Key = tuple[datetime, int, int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """One page; `next` is the cursor of the following one, None on the last."""

    items: tuple[TimelineItem, ...]
    next: str | None


def timeline(
    conn: Connection,
    customer: Customer,
    *,
    cursor: str | None = None,
    limit: int = 50,
    depth: int | None = None,
) -> TimelinePage:
    """Return a page of a customer's timeline, newest first.

    `depth` as for `newest_calls`: only for a first page. Raises CursorError for a cursor that is
    not one of ours.
    """
    limit = max(1, min(limit, MAX_PAGE))
    after = None if cursor is None else _read(cursor)
    found = [
        *_calls(conn, customer, after, limit + 1, depth),
        *_interactions(conn, customer, after, limit + 1),
        *_promises(conn, customer, after, limit + 1),
    ]
    found.sort(key=lambda one: one[0], reverse=True)
    page = found[:limit]
    following = _write(page[-1][0]) if len(found) > limit else None
    return TimelinePage(items=tuple(item for _key, item in page), next=following)


def readable(
    conn: Connection, items: Iterable[TimelineItem], visible_to: Sight | str | None
) -> frozenset[str]:
    """Return the ids of the calls among these entries whose whole record somebody may see."""
    ids = [item.id for item in items if item.kind is TimelineKind.CALL]
    if visible_to is None or not ids:
        return frozenset(ids)
    query = select(calls.c.id).where(calls.c.id.in_(ids), calls.c.no.in_(calls_seen(visible_to)))
    return frozenset(conn.execute(query).scalars())


def call_item(record: CallRecord) -> TimelineItem:
    """Return a call as an entry of a timeline."""
    talkers = (record.answered_by, record.final_talker)
    extensions = tuple(dict.fromkeys(talker for talker in talkers if talker is not None))
    return TimelineItem(
        kind=TimelineKind.CALL,
        id=str(record.id),
        at=record.started_at or record.answered_at or record.ended_at or _NEVER,
        channel=Channel.CALL,
        direction=record.direction,
        pbx=record.pbx,
        extensions=extensions,
        agents=tuple(said.agent for said in record.wrap_ups),
        live=record.state is CallState.LIVE,
        missed=is_missed(record),
        outcome=record.outcome,
        queue=record.queue,
        line=record.line,
        wait_s=record.seconds.wait if record.seconds.wait is not None else record.seconds.ring,
        talk_s=record.seconds.talk,
        wrap_ups=record.wrap_ups,
    )


def written_call_item(written: str) -> TimelineItem | None:
    """Return what `call_item` does of a record as it is stored, None if it cannot be read.

    Without the record: to make that takes longer than all else that a pop needs of a past call.
    """
    try:
        told = orjson.loads(written)
        begun = told["started_at"] or told["answered_at"] or told["ended_at"]
        direction, state = Direction(told["direction"]), told["state"]
        outcome = Outcome(told["outcome"]) if told["outcome"] else None
        incoming = direction is Direction.INBOUND and told["merged_into"] is None
        seconds, talkers = told["seconds"], (told["answered_by"], told["final_talker"])
        wrap_ups = wrap_ups_from_json(told["wrap_ups"])
        return TimelineItem(
            kind=TimelineKind.CALL,
            id=told["id"],
            at=time_from_json(begun) or _NEVER,
            channel=Channel.CALL,
            direction=direction,
            pbx=told["pbx"],
            extensions=tuple(dict.fromkeys(one for one in talkers if one is not None)),
            agents=tuple(said.agent for said in wrap_ups),
            live=state == CallState.LIVE,
            missed=incoming and state == CallState.ENDED and outcome in UNANSWERED,
            outcome=outcome,
            queue=told["queue"],
            line=told["line"],
            wait_s=seconds["wait"] if seconds["wait"] is not None else seconds["ring"],
            talk_s=seconds["talk"],
            wrap_ups=wrap_ups,
        )
    except (ValueError, KeyError, TypeError):
        return None


def interaction_item(told: Interaction) -> TimelineItem:
    """Return a contact by another channel as an entry of a timeline."""
    return TimelineItem(
        kind=TimelineKind.INTERACTION,
        id=told.id,
        at=told.at,
        channel=told.channel,
        direction=told.direction,
        agents=(told.agent,) if told.agent else (),
        subject=told.subject,
        text=told.summary,
        url=told.url,
    )


def promise_item(promise: Promise) -> TimelineItem:
    """Return a promise as an entry of a timeline, at the time it was made."""
    return TimelineItem(
        kind=TimelineKind.PROMISE,
        id=promise.id,
        at=promise.made_at,
        channel=Channel.CALL,
        direction=Direction.OUTBOUND,
        agents=(promise.assignee,) if promise.assignee else (),
        text=promise.text,
        promise=promise,
    )


_NEVER: Final = from_micros(0)


def _calls(
    conn: Connection, customer: Customer, after: _Key | None, limit: int, depth: int | None
) -> list[tuple[_Key, TimelineItem]]:
    rank = _RANK.index(TimelineKind.CALL)
    older = _older(calls.c.started_at, calls.c.no, rank, after)
    rows = newest_calls(conn, customer, limit=limit, older=older, depth=depth)
    return [((row.started_at, rank, row.no), call_item(decode(row.record))) for row in rows]


def _interactions(
    conn: Connection, customer: Customer, after: _Key | None, limit: int
) -> list[tuple[_Key, TimelineItem]]:
    column, rank = interactions.c, _RANK.index(TimelineKind.INTERACTION)
    unnamed = column.contact_id.is_(None)
    ways: list[ColumnElement[bool]] = []
    if customer.contact_id is not None:
        ways.append(column.contact_id == customer.contact_id)
    numbers, address = numbers_of(conn, customer), address_of(conn, customer)
    by_number = column.e164.in_(numbers)
    if numbers:
        ways.append(and_(by_number, unnamed))
    if address is not None:
        known = column.e164.is_(None) | ~by_number
        ways.append(and_(column.email == address, unnamed, known))
    found: list[tuple[_Key, TimelineItem]] = []
    for way in ways:
        query = select(interactions).where(way).limit(limit)
        older = _older(column.at, column.id, rank, after)
        query = query if older is None else query.where(older)
        rows = conn.execute(query.order_by(column.at.desc(), column.id.desc()))
        found += [((row.at, rank, row.id), interaction_item(interaction_of(row))) for row in rows]
    return found


def _promises(
    conn: Connection, customer: Customer, after: _Key | None, limit: int
) -> list[tuple[_Key, TimelineItem]]:
    column, rank = promises.c, _RANK.index(TimelineKind.PROMISE)
    query = select(promises).where(belongs_to(conn, customer)).limit(limit)
    older = _older(column.made_at, column.id, rank, after)
    query = query if older is None else query.where(older)
    rows = conn.execute(query.order_by(column.made_at.desc(), column.id.desc()))
    return [((row.made_at, rank, row.id), promise_item(promise_of(row))) for row in rows]


def _older(
    at: Column[datetime], tie: Column[int] | Column[str], rank: int, after: _Key | None
) -> ColumnElement[bool] | None:
    """Return what leads past the last item of the page before, for rows of one kind."""
    if after is None:
        return None
    last_at, last_rank, last_tie = after
    if rank < last_rank:
        return at <= last_at
    if rank > last_rank:
        return at < last_at
    return or_(at < last_at, and_(at == last_at, tie < last_tie))


def _write(key: _Key) -> str:
    at, rank, tie = key
    return write_cursor(to_micros(at), rank, tie)


def _read(cursor: str) -> _Key:
    micros, rank, tie = read_cursor(cursor, int, int, str)
    at = from_micros(int(micros))
    if int(rank) == _RANK.index(TimelineKind.CALL):
        (number,) = read_cursor(write_cursor(tie), int)
        return at, int(rank), int(number)
    return at, int(rank), str(tie)
