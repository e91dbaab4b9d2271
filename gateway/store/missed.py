"""Customers who wait to be called back: one item for each, listed, taken and given back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection, Row, delete, func, literal, or_, select, update

from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.history import Customer, MissedCustomer, Promise
from gateway.core.marks import MarkKind
from gateway.core.missed import MISSED_WINDOW, open_since
from gateway.core.record import Outcome
from gateway.store.cursors import read_cursor, write_cursor
from gateway.store.customers import numbers_of
from gateway.store.marks import HOLDS
from gateway.store.promises import to_do_by_customer, to_do_by_number
from gateway.store.schema import Instant, contacts
from gateway.store.schema_directory import number_marks
from gateway.store.schema_history import missed_customers, missed_withheld

MAX_PAGE: Final = 500
# More than a company can call back in a day; beyond it the newest are listed.
MAX_OPEN: Final = 5_000
DERIVED: Final = (
    "contact_id",
    "e164",
    "attempts",
    "tried",
    "messages",
    "waited_s",
    "longest_wait_s",
    "first_at",
    "last_at",
    "last_call",
    "closed_at",
    "closed_by",
    "closed_attempts",
    "calendar",
)
_PART: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedFilter:
    """What `list_missed` is asked for; None does not restrict.

    `claimed` True: those somebody has taken. `is_open` False: those closed in the last 30 days,
    the last closed first.
    """

    is_open: bool = True
    queue: str | None = None
    claimed_by: str | None = None
    claimed: bool | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedPage:
    """One page in the order of urgency; `total` are all items that the filter lets through."""

    items: tuple[MissedCustomer, ...]
    next: str | None
    total: int


def list_missed(
    conn: Connection,
    wanted: MissedFilter,
    now: datetime,
    *,
    others: frozenset[str] = frozenset(),
    calendars: CalendarBook = NO_CALENDARS,
) -> MissedPage:
    """Return a page of customers: risk first, then promise, value and wait.

    `others` is the access rule: see `concerns`. The order depends on contacts and promises, so it
    is made here, over all open items. Raises CursorError for a cursor that is not one of ours.
    """
    limit = max(1, min(wanted.limit, MAX_PAGE))
    listed = _wanted(conn, wanted, now, calendars)
    found = [item for item in listed if _passes(item, wanted)]
    found = [item for item in found if concerns(item, others)]
    start = 0
    if wanted.cursor is not None:
        place, last = read_cursor(wanted.cursor, int, str)
        # behind the last one, wherever it is now: others may have come or gone before it
        start = next((at + 1 for at, one in enumerate(found) if one.id == last), int(place))
    page = tuple(found[start : start + limit])
    following = None
    if start + limit < len(found):
        following = write_cursor(start + limit, page[-1].id)
    return MissedPage(items=page, next=following, total=len(found))


def concerns(item: MissedCustomer, others: frozenset[str]) -> bool:
    """Tell whether a customer is not only the affair of teams with the queues `others`."""
    return not item.queues or not others.issuperset(item.queues)


def get_missed(conn: Connection, identifier: str) -> MissedCustomer | None:
    """Return one item, open or closed."""
    mine = missed_customers.c.id == identifier
    row = conn.execute(select(missed_customers).where(mine)).first()
    return None if row is None else dressed(conn, [item_of(row)])[0]


def open_item(conn: Connection, customer: Customer) -> MissedCustomer | None:
    """Return the item of a customer who waits to be called back."""
    keys = [customer.key]
    keys += [Customer(e164=number).key for number in numbers_of(conn, customer)]
    column = missed_customers.c
    query = (
        select(missed_customers)
        .where(column.customer.in_(keys), column.closed_at.is_(None))
        .order_by(column.last_at.desc())
    )
    row = conn.execute(query).first()
    return None if row is None else dressed(conn, [item_of(row)])[0]


def claim(conn: Connection, identifier: str, login: str, now: datetime) -> bool:
    """Take an open item that nobody has; True also for who has it already. One wins of many."""
    column = missed_customers.c
    free = or_(column.claimed_by.is_(None), column.claimed_by == login)
    since = func.coalesce(column.claimed_at, literal(now, Instant()))
    statement = (
        update(missed_customers)
        .where(column.id == identifier, column.closed_at.is_(None), free)
        .values(claimed_by=login, claimed_at=since)
    )
    return conn.execute(statement).rowcount > 0


def release(conn: Connection, identifier: str, login: str | None) -> bool:
    """Give an open item back; `login` None: whoever has it. False if they do not have it."""
    column = missed_customers.c
    taken = column.claimed_by.is_not(None) if login is None else column.claimed_by == login
    statement = (
        update(missed_customers)
        .where(column.id == identifier, column.closed_at.is_(None), taken)
        .values(claimed_by=None, claimed_at=None)
    )
    return conn.execute(statement).rowcount > 0


def count_withheld(conn: Connection, since: datetime) -> int:
    """Return how many calls were missed since then whose number nobody can call back."""
    query = select(func.count()).select_from(missed_withheld)
    return int(conn.execute(query.where(missed_withheld.c.at >= since)).scalar_one())


def forget_missed(conn: Connection, now: datetime) -> None:
    """Drop what is older than the window in which customers are listed."""
    column, before = missed_customers.c, now - MISSED_WINDOW
    conn.execute(delete(missed_customers).where(column.closed_at < before))
    conn.execute(delete(missed_customers).where(column.last_at < before))
    conn.execute(delete(missed_withheld).where(missed_withheld.c.at < before))


def item_of(row: Row[tuple[object, ...]]) -> MissedCustomer:
    """Return the item of a row, without what the directory and the promises add."""
    return MissedCustomer(
        id=row.id,
        queues=tuple(orjson.loads(row.queues)),
        lines=tuple(orjson.loads(row.lines)),
        last_outcome=Outcome(row.last_outcome) if row.last_outcome else None,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        **{name: getattr(row, name) for name in DERIVED},
    )


def dressed(conn: Connection, items: Sequence[MissedCustomer]) -> list[MissedCustomer]:
    """Add who they are, as the directory has it now, and what they were promised."""
    people: dict[str, Row[tuple[object, ...]]] = {}
    promised: dict[str, Promise] = {}
    by_number: dict[str, Promise] = {}
    ids = sorted({item.contact_id for item in items if item.contact_id is not None})
    numbers = sorted({item.e164 for item in items if item.contact_id is None})
    for part in _parts(ids):
        query = select(contacts).where(contacts.c.id.in_(part), contacts.c.deleted_at.is_(None))
        people |= {row.id: row for row in conn.execute(query)}
        promised |= to_do_by_customer(conn, part)
    for part in _parts(numbers):
        by_number |= to_do_by_number(conn, part)
    return [
        _named(
            replace(
                item,
                promise=promised.get(item.contact_id)
                if item.contact_id
                else by_number.get(item.e164),
            ),
            people.get(item.contact_id or ""),
        )
        for item in items
    ]


def _named(item: MissedCustomer, row: Row[tuple[object, ...]] | None) -> MissedCustomer:
    if row is None:
        return item
    return replace(
        item,
        name=row.name,
        company=row.company,
        owner=row.owner,
        vip=row.vip,
        at_risk=row.at_risk,
    )


def _wanted(
    conn: Connection, wanted: MissedFilter, now: datetime, calendars: CalendarBook
) -> list[MissedCustomer]:
    column = missed_customers.c
    query = select(missed_customers).limit(MAX_OPEN)
    if wanted.is_open:
        query = query.where(column.closed_at.is_(None), column.last_at > now - MISSED_WINDOW)
        rows = conn.execute(query.order_by(column.last_at.desc())).all()
        items = dressed(conn, _minded(conn, [item_of(row) for row in rows]))
        timed = [replace(item, open_s=open_since(item, calendars, now)) for item in items]
        return sorted(timed, key=lambda item: item.order)
    query = query.where(column.closed_at > now - MISSED_WINDOW)
    rows = conn.execute(query.order_by(column.closed_at.desc(), column.id)).all()
    return dressed(conn, [item_of(row) for row in rows])


def _minded(conn: Connection, items: Sequence[MissedCustomer]) -> list[MissedCustomer]:
    """Leave out the numbers that have been set aside since they called."""
    mark = number_marks.c
    query = select(mark.e164).where(mark.kind == MarkKind.IGNORED.value, HOLDS).limit(MAX_OPEN)
    ignored = frozenset(conn.execute(query).scalars())
    begun = tuple(one[:-1] for one in ignored if one.endswith("*"))
    return [
        item
        for item in items
        if item.contact_id or not (item.e164 in ignored or item.e164.startswith(begun))
    ]


def _passes(item: MissedCustomer, wanted: MissedFilter) -> bool:
    if wanted.queue is not None and wanted.queue not in item.queues:
        return False
    if wanted.claimed_by is not None and item.claimed_by != wanted.claimed_by:
        return False
    return wanted.claimed is None or wanted.claimed == (item.claimed_by is not None)


def _parts(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[start : start + _PART] for start in range(0, len(items), _PART))
