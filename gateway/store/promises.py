"""Promised call-backs: whom, until when, whose task; settled by what really happened."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    false,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from gateway.core.history import Customer, Promise, PromiseState
from gateway.core.promising import after_talk, fallen_due
from gateway.store.cursors import read_cursor, write_cursor
from gateway.store.customers import customer_for, numbers_of
from gateway.store.schema import Instant, from_micros, to_micros
from gateway.store.schema_history import promises

MAX_PAGE = 500
# So long a promise waits for its assignee to have a page open before only overseers are told.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFilter:
    """What `list_promises` is asked for; None does not restrict.

    `to_do` True: those that somebody still has to keep, broken ones included.
    """

    state: PromiseState | None = None
    to_do: bool | None = None
    customer: Customer | None = None
    assignee: str | None = None
    due_before: datetime | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What has fallen due: what is broken by that, and what people are to be told of now."""

    told: tuple[Promise, ...] = ()
    broken: tuple[Promise, ...] = ()


def add_promise(conn: Connection, promise: Promise) -> Promise:
    """Store a new promise under the customer that its contact or number stands for now."""
    customer = customer_for(conn, contact_id=promise.contact_id, e164=promise.e164)
    if customer is not None:
        promise = replace(promise, contact_id=customer.contact_id)
    conn.execute(insert(promises).values(id=promise.id, **_row(promise)))
    return promise


def get_promise(conn: Connection, identifier: str) -> Promise | None:
    """Return one promise."""
    row = conn.execute(select(promises).where(promises.c.id == identifier)).first()
    return None if row is None else promise_of(row)


def put_promise(conn: Connection, promise: Promise, *, tell_again: bool = False) -> None:
    """Store a promise as it is now; `tell_again`: its assignee is to be told when it falls due."""
    values = _row(promise) | ({"told_at": None} if tell_again else {})
    conn.execute(update(promises).where(promises.c.id == promise.id).values(values))


def list_promises(
    conn: Connection, wanted: PromiseFilter
) -> tuple[tuple[Promise, ...], str | None]:
    """Return a page, the first due first, and the cursor of the next page.

    Raises CursorError for a cursor that is not one of ours.
    """
    limit = max(1, min(wanted.limit, MAX_PAGE))
    query = select(promises).where(*_conditions(conn, wanted))
    query = query.order_by(promises.c.due_at, promises.c.id).limit(limit + 1)
    rows = conn.execute(query).all()
    page = tuple(promise_of(row) for row in rows[:limit])
    if len(rows) <= limit:
        return page, None
    return page, write_cursor(to_micros(page[-1].due_at), page[-1].id)


def promises_to_do(conn: Connection, customer: Customer) -> tuple[Promise, ...]:
    """Return what a customer was promised and nobody has done yet, the first due first."""
    query = select(promises).where(belongs_to(conn, customer), promises.c.settled_at.is_(None))
    query = query.order_by(promises.c.due_at, promises.c.id).limit(MAX_PAGE)
    return tuple(promise_of(row) for row in conn.execute(query))


def to_do_by_customer(conn: Connection, contact_ids: Collection[str]) -> dict[str, Promise]:
    """Return the promise that is due first of each of these contacts, of those not done yet."""
    column = promises.c
    query = (
        select(promises)
        .where(column.contact_id.in_(sorted(contact_ids)), column.settled_at.is_(None))
        .order_by(column.due_at.desc(), column.id)
    )
    return {row.contact_id: promise_of(row) for row in conn.execute(query)}


def to_do_by_number(conn: Connection, numbers: Collection[str]) -> dict[str, Promise]:
    """Return the promise that is due first to each of these numbers that are no contact's."""
    column = promises.c
    query = (
        select(promises)
        .where(column.e164.in_(sorted(numbers)), column.contact_id.is_(None))
        .where(column.settled_at.is_(None))
        .order_by(column.due_at.desc(), column.id)
    )
    return {row.e164: promise_of(row) for row in conn.execute(query)}


def settle_after_talk(
    conn: Connection, customer: Customer, *, at: datetime, call: str
) -> tuple[Promise, ...]:
    """Settle what a customer was promised before they were talked with; return what changed."""
    changed = []
    for promise in promises_to_do(conn, customer):
        settled = after_talk(promise, at=at, call=call)
        if settled != promise:
            put_promise(conn, settled)
            changed.append(settled)
    return tuple(changed)


def next_untold(conn: Connection) -> datetime | None:
    """Return when the next promise falls due of which its assignee has not been told."""
    query = select(promises.c.due_at).where(_UNTOLD).order_by(promises.c.due_at).limit(1)
    return conn.execute(query).scalar()


def take_due(
    conn: Connection,
    now: datetime,
    here: Collection[str] | None = None,
    *,
    told_from: Callable[[Promise], datetime] = attrgetter("due_at"),
) -> Due:
    """Break the promises that are due and nobody kept; return those, and which are to be told now.

    Told is what nobody's task is, what somebody's is who is `here` (None: everybody is), and what
    nobody came for in `PATIENCE`; none before `told_from`, which is when somebody is there to hear
    it. Whoever gets them has to tell: nobody gets the same one again.
    """
    query = select(promises).where(_UNTOLD, promises.c.due_at <= now)
    query = query.order_by(promises.c.due_at).limit(MAX_PAGE).with_for_update(skip_locked=True)
    told, all_broken = [], []
    for promise in [promise_of(row) for row in conn.execute(query)]:
        came = here is None or promise.assignee is None or promise.assignee in here
        since = max(promise.due_at, told_from(promise))
        tell = since <= now and (came or since <= now - PATIENCE)
        broken = fallen_due(promise, now)
        if tell or broken != promise:
            values = {"state": broken.state.value} | ({"told_at": now} if tell else {})
            conn.execute(update(promises).where(promises.c.id == promise.id).values(values))
        if tell:
            told.append(broken)
        if tell or broken != promise:
            all_broken.append(broken)
    return Due(told=tuple(told), broken=tuple(all_broken))


def belongs_to(conn: Connection, customer: Customer) -> ColumnElement[bool]:
    """Return the condition for what a customer was promised, as an entry or as a mere number."""
    column = promises.c
    numbers = numbers_of(conn, customer)
    unclaimed = and_(column.contact_id.is_(None), column.e164.in_(numbers))
    by_number = unclaimed if numbers else false()
    if customer.contact_id is None:
        return by_number
    return or_(column.contact_id == customer.contact_id, by_number)


_UNTOLD = and_(promises.c.told_at.is_(None), promises.c.settled_at.is_(None))


def _conditions(conn: Connection, wanted: PromiseFilter) -> list[ColumnElement[bool]]:
    column = promises.c
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(column.state == wanted.state.value)
    if wanted.to_do is not None:
        done = column.settled_at
        found.append(done.is_(None) if wanted.to_do else done.is_not(None))
    if wanted.customer is not None:
        found.append(belongs_to(conn, wanted.customer))
    if wanted.assignee is not None:
        found.append(column.assignee == wanted.assignee)
    if wanted.due_before is not None:
        found.append(column.due_at < wanted.due_before)
    if wanted.cursor is not None:
        micros, identifier = read_cursor(wanted.cursor, int, str)
        last = tuple_(literal(from_micros(int(micros)), Instant()), literal(str(identifier)))
        found.append(tuple_(column.due_at, column.id) > last)
    return found


def _row(promise: Promise) -> dict[str, object]:
    same = (
        "contact_id", "e164", "text", "due_at", "assignee", "made_by", "made_at", "made_in",
        "settled_at", "settled_by",
    )  # fmt: skip
    return {name: getattr(promise, name) for name in same} | {"state": promise.state.value}


def promise_of(row: Row[tuple[object, ...]]) -> Promise:
    """Return the promise of a row."""
    same = (
        "id", "contact_id", "e164", "text", "due_at", "assignee", "made_by", "made_at", "made_in",
        "settled_at", "settled_by",
    )  # fmt: skip
    state = PromiseState(row.state)
    return Promise(state=state, **{name: getattr(row, name) for name in same})
