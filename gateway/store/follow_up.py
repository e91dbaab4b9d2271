"""What the calls mean for those who wait and for what was promised, made anew as calls change.

Calls change in many ways (an event, an amendment, a history found later, a merge, an entry created
afterwards); each draws a change number. Following those numbers from a stored mark sees all of
them, whoever wrote them, and goes on after a crash where it was. `examine` reads and decides, off
the writer; `apply` stores the decisions together with the mark.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection, delete, insert, or_, select, update

from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.history import (
    UNANSWERED,
    Customer,
    MissedCustomer,
    Promise,
    customer_of,
    is_missed,
    talked_at,
)
from gateway.core.missed import MISSED_WINDOW, began, missed_customer, missed_id
from gateway.core.record import CallRecord, CallState, Direction
from gateway.store.calls import CHANGES
from gateway.store.counters import get_meta, last_change, set_meta
from gateway.store.customer_calls import call_records
from gateway.store.customers import customer_of_call, holder_of
from gateway.store.marks import find_marks
from gateway.store.missed import DERIVED, dressed, item_of
from gateway.store.prepared import Prepared
from gateway.store.promises import settle_after_talk
from gateway.store.records import decode_if_readable
from gateway.store.schema import contact_numbers, meta, to_micros
from gateway.store.schema_history import missed_customers, missed_withheld, promises

MARK: Final = "missed.mark"
BATCH: Final = 200
# The newest calls of one customer that decide how they stand.
DEPTH: Final = 300
_UNANSWERED: Final = ", ".join(f"'{outcome}'" for outcome in sorted(UNANSWERED))
# How the text of a record tells whose number may be shown, and who has none (a caller's name is
# written behind the number).
_TEXTS: Final = {"shown": '%"presentation":"allowed"%', "unnumbered": '%"e164":null,"name":%'}
# What may mean something: nobody answered, nobody can say who it was, or somebody waits for the
# customer. Most calls are answered and nobody had waited for them: those stay in the database.
_CHANGED: Final = Prepared(
    "WITH waiting (contact_id, e164) AS ("  # noqa: S608 (our own words)
    "SELECT contact_id, e164 FROM missed_customers WHERE closed_at IS NULL "
    "UNION ALL SELECT contact_id, e164 FROM promises WHERE settled_at IS NULL) "
    "SELECT change, record FROM calls WHERE change > :mark AND change <= :newest "
    "AND started_at > :since AND direction <> 'internal' "
    "AND (state = 'ended' OR outcome IS NOT NULL) "
    f"AND (outcome IN ({_UNANSWERED}) OR direction = 'inbound' "
    "AND (record NOT LIKE :shown OR record LIKE :unnumbered) "
    "OR contact_id IN (SELECT contact_id FROM waiting) "
    "OR EXISTS (SELECT 1 FROM call_parties WHERE call_no = calls.no AND kind = 'number' "
    "AND party IN (SELECT e164 FROM waiting UNION ALL SELECT e164 FROM contact_numbers "
    "WHERE contact_id IN (SELECT contact_id FROM waiting)))) "
    "ORDER BY change LIMIT :limit"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """People of ours and a customer talked: `call` began so at `at`."""

    customer: Customer
    at: datetime
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the calls changed after `mark` and up to `upto` mean; `more` follow if True.

    An item None: the customer misses nothing of us, though an item may say so. `withheld` maps
    calls without a number to when they were missed, None if they were not after all.
    """

    mark: int
    upto: int
    more: bool = False
    items: tuple[tuple[Customer, MissedCustomer | None], ...] = ()
    talks: tuple[Talk, ...] = ()
    withheld: Mapping[str, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became different: items as they are now, ids of items that are gone, promises."""

    items: tuple[MissedCustomer, ...] = ()
    gone: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()


def read_mark(conn: Connection) -> int:
    """Return the change number up to which the calls' meaning is stored."""
    return int(get_meta(conn, MARK) or 0)


def examine(
    conn: Connection, mark: int, now: datetime, calendars: CalendarBook = NO_CALENDARS
) -> Findings:
    """Read the calls that changed after `mark` and say what they mean; `upto` is it if none did."""
    newest, since = last_change(conn, CHANGES), now - MISSED_WINDOW
    if newest == mark:
        return Findings(mark=mark, upto=mark)
    limits = {"mark": mark, "newest": newest, "since": to_micros(since), "limit": BATCH}
    rows = _CHANGED.rows(conn, {**limits, **_TEXTS})
    more = len(rows) == BATCH
    watched = _watched(conn) if rows else frozenset()
    # one damaged record must not hold up who waits behind it
    read = (decode_if_readable(str(row[1])) for row in rows)
    records = [record for record in read if record is not None]
    concerned = [one for one in records if is_missed(one) or watched & _keys(one)]
    affected: dict[str, Customer] = {}
    for record in concerned:
        affected |= {customer.key: customer for customer in _customers(conn, record)}
    return Findings(
        mark=mark,
        upto=int(str(rows[-1][0])) if more else newest,
        more=more,
        items=tuple(
            (customer, _item(conn, customer, since, calendars)) for customer in affected.values()
        ),
        talks=tuple(_talks(conn, concerned)),
        withheld={str(one.id): _withheld_at(one) for one in records if _is_nameless(one)},
    )


def apply(conn: Connection, found: Findings) -> Applied | None:
    """Store what was found and the new mark; None if another process was faster."""
    if not _moved(conn, found):
        return None
    items: list[MissedCustomer] = []
    gone: list[str] = []
    # those that go first: who had taken one keeps it under the customer's new name
    claims: dict[str, tuple[str, datetime]] = {}
    for customer, item in sorted(found.items, key=lambda one: one[1] is not None):
        if item is None:
            gone += _remove(conn, customer, claims)
        else:
            items += _put(conn, customer, item, claims)
    for call, at in found.withheld.items():
        _put_withheld(conn, call, at)
    settled = [
        promise
        for talk in found.talks
        for promise in settle_after_talk(conn, talk.customer, at=talk.at, call=talk.call)
    ]
    return Applied(items=tuple(dressed(conn, items)), gone=tuple(gone), promises=tuple(settled))


def _watched(conn: Connection) -> frozenset[str]:
    """Return the keys of everybody who waits for something; a talk with others changes nothing."""
    item, promise = missed_customers.c, promises.c
    open_items = select(item.contact_id, item.e164).where(item.closed_at.is_(None))
    to_do = select(promise.contact_id, promise.e164).where(promise.settled_at.is_(None))
    rows = [*conn.execute(open_items), *conn.execute(to_do)]
    ids = {row.contact_id for row in rows if row.contact_id}
    numbers = {row.e164 for row in rows if row.e164}
    if ids:
        own = contact_numbers.c
        waiting = select(item.contact_id).where(item.closed_at.is_(None))
        promised = select(promise.contact_id).where(promise.settled_at.is_(None))
        theirs = select(own.e164).where(
            or_(own.contact_id.in_(waiting), own.contact_id.in_(promised)), own.e164.is_not(None)
        )
        numbers.update(number for number in conn.execute(theirs).scalars() if number)
    keys = [Customer(contact_id=one).key for one in ids]
    return frozenset((*keys, *(Customer(e164=number).key for number in numbers)))


def _keys(record: CallRecord) -> frozenset[str]:
    found = customer_of(replace(record, merged_into=None))
    if found is None:
        return frozenset()
    return frozenset({found.key, Customer(e164=found.e164).key})


def _customers(conn: Connection, record: CallRecord) -> Iterable[Customer]:
    """Yield whose items a call may change: the customer's, and that of the number before."""
    record = replace(record, merged_into=None)
    found, now = customer_of(record), customer_of_call(conn, record)
    for customer in (found, now):
        if customer is not None:
            yield customer
            if customer.e164 is not None:
                yield Customer(e164=customer.e164)


def _item(
    conn: Connection, customer: Customer, since: datetime, calendars: CalendarBook
) -> MissedCustomer | None:
    if customer.contact_id is None and not _stands_alone(conn, customer.e164):
        return None
    records = call_records(conn, customer, since=since, limit=DEPTH)
    return missed_customer(customer, records, since=since, calendars=calendars)


def _stands_alone(conn: Connection, e164: str | None) -> bool:
    """Tell whether a number waits for itself: it is not an entry's by now, nor to be ignored."""
    if e164 is None or holder_of(conn, e164) is not None:
        return False
    return find_marks(conn, e164).ignored is None


def _talks(conn: Connection, records: Iterable[CallRecord]) -> Iterable[Talk]:
    for record in records:
        at = talked_at(record)
        customer = customer_of_call(conn, record) if at is not None else None
        if at is not None and customer is not None:
            yield Talk(customer=customer, at=at, call=str(record.id))


def _is_nameless(record: CallRecord) -> bool:
    inbound = record.direction is Direction.INBOUND and record.state is CallState.ENDED
    return inbound and customer_of(replace(record, merged_into=None)) is None


def _withheld_at(record: CallRecord) -> datetime | None:
    return began(record) if is_missed(record) else None


def _moved(conn: Connection, found: Findings) -> bool:
    """Move the stored mark on; False if it is not where the findings began."""
    if found.mark == 0 and get_meta(conn, MARK) is None:
        set_meta(conn, MARK, str(found.upto))
        return True
    here = (meta.c.key == MARK) & (meta.c.value == str(found.mark))
    return conn.execute(update(meta).where(here).values(value=str(found.upto))).rowcount > 0


def _remove(
    conn: Connection, customer: Customer, claims: dict[str, tuple[str, datetime]]
) -> list[str]:
    column = missed_customers.c
    mine = column.id == missed_id(customer)
    row = conn.execute(select(missed_customers).where(mine)).first()
    if row is None:
        return []
    if row.claimed_by and not row.closed_at:
        claims[row.e164] = (row.claimed_by, row.claimed_at)
    conn.execute(delete(missed_customers).where(mine))
    return [row.id] if row.closed_at is None else []


def _put(
    conn: Connection,
    customer: Customer,
    item: MissedCustomer,
    claims: Mapping[str, tuple[str, datetime]],
) -> list[MissedCustomer]:
    mine = missed_customers.c.id == item.id
    row = conn.execute(select(missed_customers).where(mine)).first()
    before = None if row is None else item_of(row)
    if before is not None and (before.is_open or not item.is_open):
        claimed: tuple[str | None, datetime | None] = (before.claimed_by, before.claimed_at)
    else:
        claimed = claims.get(item.e164, (None, None))
    item = replace(item, claimed_by=claimed[0], claimed_at=claimed[1])
    if before == item:
        return []
    values = {name: getattr(item, name) for name in DERIVED} | {
        "queues": orjson.dumps(item.queues).decode(),
        "lines": orjson.dumps(item.lines).decode(),
        "last_outcome": item.last_outcome.value if item.last_outcome else None,
        "claimed_by": item.claimed_by,
        "claimed_at": item.claimed_at,
    }
    if row is None:
        conn.execute(insert(missed_customers).values(id=item.id, customer=customer.key, **values))
    else:
        conn.execute(update(missed_customers).where(mine).values(**values))
    # one found later that was answered later still never was open
    return [item] if item.is_open or (before is not None and before.is_open) else []


def _put_withheld(conn: Connection, call: str, at: datetime | None) -> None:
    mine = missed_withheld.c.call_id == call
    conn.execute(delete(missed_withheld).where(mine))
    if at is not None:
        conn.execute(insert(missed_withheld).values(call_id=call, at=at))
