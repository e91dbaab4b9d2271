"""What a pop tells of a customer's past, read for every call and so in as few steps as can be.

Off the loop's thread, but under the same interpreter lock: what is slow here delays the next pop.
Most customers have calls and nothing else, so whether there is anything else is asked first, in
one statement, and only then read the way that timelines and lists are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gateway.core.history import Background, Customer, TimelineItem
from gateway.core.record import Direction
from gateway.store.customers import holder_of
from gateway.store.missed import open_item
from gateway.store.prepared import Prepared
from gateway.store.promises import promises_to_do
from gateway.store.schema import from_micros
from gateway.store.ticks import last_apology
from gateway.store.timeline import timeline, written_call_item

SHOWN: Final = 5
# How far "the third call in N days" looks back.
RECENT: Final = timedelta(days=7)
# Calls of a number that a pop looks through for the last few.
DEPTH: Final = 100
COUNTED: Final = 20

# The numbers that are an entry's alone.
OWN_NUMBERS: Final = (
    "LEFT JOIN contact_numbers own ON own.contact_id = entry.id AND own.e164 IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM contact_numbers other "
    "WHERE other.e164 = own.e164 AND other.contact_id <> own.contact_id)"
)
# An entry with them, a row for each; one row if there are none.
_ENTRY: Final = Prepared(
    f"SELECT entry.email, own.e164 FROM contacts entry {OWN_NUMBERS} "  # noqa: S608 (our own words)
    "WHERE entry.id = :id AND entry.deleted_at IS NULL"
)
OUTSIDE: Final = "direction <> 'internal' AND merged_into IS NULL"
INCOMING: Final = "direction = 'inbound' AND merged_into IS NULL"
CALLS: Final = ("started_at", "no", "direction", "record")
TIMES: Final = ("started_at", "no")


def of_entry(whose: str) -> str:
    """Return the tail of a statement for the calls of an entry; a condition must follow."""
    return f"FROM calls WHERE contact_id = {whose} AND"


def of_number(whose: str) -> str:
    """Return the same for the calls of a number that were nobody's."""
    # as a set first: few calls among all, found by who took part
    last = f"WHERE party = {whose} AND kind = 'number' ORDER BY call_no DESC LIMIT {DEPTH}"
    several = f"SELECT call_no FROM (SELECT call_no FROM call_parties {last}) AS last"  # noqa: S608
    return f"FROM calls WHERE no IN ({several}) AND contact_id IS NULL AND"


def newest(columns: Sequence[str], tail: str, condition: str, limit: int | str) -> str:
    """Return the statement for the newest calls; of columns the first are `TIMES`."""
    last = f"ORDER BY started_at DESC, no DESC LIMIT {limit}"
    return " ".join(("SELECT", ", ".join(columns), tail, condition, last))


_CALLS_OF_ENTRY: Final = Prepared(newest(CALLS, of_entry(":whose"), OUTSIDE, ":limit"))
_CALLS_OF_NUMBER: Final = Prepared(newest(CALLS, of_number(":whose"), OUTSIDE, ":limit"))
_INBOUND_OF_ENTRY: Final = Prepared(newest(TIMES, of_entry(":whose"), INCOMING, ":limit"))
_INBOUND_OF_NUMBER: Final = Prepared(newest(TIMES, of_number(":whose"), INCOMING, ":limit"))


def beside_calls(e164: str, contact: str, email: str, *, customers: str) -> tuple[str, ...]:
    """Return the conditions for interactions, promises, an open missed item and ticks.

    Of one number and, if it is somebody's, of the entry; NULL is nobody's.
    """
    whose = (f"e164 = {e164}", f"contact_id = {contact}")
    return (
        _any_of("interactions", *whose, f"email = {email}"),
        _any_of("promises", *whose),
        _any_of("missed_customers", f"customer IN ({customers}) AND closed_at IS NULL"),
        _any_of("ticks", *whose),
    )


def _any_of(table: str, *conditions: str) -> str:
    """Return whether there is a row that meets one of the conditions, each with its index."""
    there = (f"EXISTS (SELECT 1 FROM {table} WHERE {one})" for one in conditions)  # noqa: S608
    return " OR ".join(there)


_ELSE: Final = Prepared(
    "SELECT "
    + ", ".join(beside_calls(":e164", ":contact", ":email", customers=":by_number, :by_contact"))
)


@dataclass(frozen=True, slots=True)
class _Whose:
    """A customer with the numbers that are theirs alone, and an entry's e-mail address."""

    customer: Customer
    numbers: tuple[str, ...]
    email: str | None = None


@dataclass(frozen=True, slots=True)
class _Else:
    """What there is beside calls."""

    interactions: bool
    promises: bool
    missed: bool
    ticks: bool


def background(
    conn: Connection,
    contact_id: str | None,
    e164: str | None,
    *,
    now: datetime | None = None,
    limit: int = SHOWN,
) -> tuple[Background, datetime | None]:
    """Return what a pop tells of a customer's past, and when somebody last apologised to them.

    For nobody known, an empty one. `now` is the moment that the days of recent calls are counted
    from, by default that of the newest call.
    """
    whose = _whose(conn, contact_id, e164)
    if whose is None:
        return Background(), None
    there = _else(conn, whose, e164)
    items: tuple[TimelineItem, ...] | None = None
    if there.interactions or there.promises:
        items = timeline(conn, whose.customer, limit=limit, depth=DEPTH).items
    rows = _newest(conn, whose, _CALLS_OF_ENTRY, _CALLS_OF_NUMBER, limit)
    past = Background(
        items=items_of(rows) if items is None else items,
        promises=promises_to_do(conn, whose.customer) if there.promises else (),
        missed=open_item(conn, whose.customer) if there.missed else None,
        inbound=recent(_inbound(conn, whose, None if len(rows) >= limit else rows), now),
    )
    return past, last_apology(conn, contact_id, e164) if there.ticks else None


def _whose(conn: Connection, contact_id: str | None, e164: str | None) -> _Whose | None:
    """Say whose past it is, as `customers.customer_for` does."""
    entry = _ENTRY.rows(conn, {"id": contact_id}) if contact_id is not None else ()
    if not entry:
        if e164 is None:
            return None
        contact_id = holder_of(conn, e164)
        if contact_id is None:
            return _Whose(Customer(e164=e164), (e164,))
        entry = _ENTRY.rows(conn, {"id": contact_id})
    own = tuple(sorted({str(row[1]) for row in entry if row[1] is not None}))
    email = str(entry[0][0]).lower() if entry and entry[0][0] else None
    return _Whose(Customer(contact_id=contact_id, e164=e164), own, email)


def _else(conn: Connection, whose: _Whose, e164: str | None) -> _Else:
    numbers = tuple(dict.fromkeys((*whose.numbers, *((e164,) if e164 else ()))))
    common = {
        "contact": whose.customer.contact_id,
        "email": whose.email,
        "by_contact": whose.customer.key if whose.customer.contact_id is not None else None,
    }
    found = [
        _ELSE.row(conn, common | {"e164": one, "by_number": one and Customer(e164=one).key})
        for one in numbers or (None,)
    ]
    told = [any(row[place] for row in found if row is not None) for place in range(4)]
    return _Else(told[0], told[1], told[2], told[3])


def items_of(rows: Iterable[Sequence[object]]) -> tuple[TimelineItem, ...]:
    """Return calls, as rows of the columns `CALLS`, as entries of a timeline."""
    read = (written_call_item(str(row[3])) for row in rows)
    return tuple(item for item in read if item is not None)


def incoming(calls: Iterable[Sequence[object]]) -> list[Sequence[object]]:
    """Return those that came in, of rows of the columns `CALLS`."""
    return [row for row in calls if row[2] == Direction.INBOUND.value]


def recent(calls: Iterable[Sequence[object]], now: datetime | None) -> tuple[datetime, ...]:
    """Return when somebody called of late, of the calls that came in, newest first."""
    times = [from_micros(row[0]) for row in calls if isinstance(row[0], int)]
    since = (now or times[0]) - RECENT if times else None
    return tuple(at for at in times if since is not None and at > since)


def _inbound(
    conn: Connection, whose: _Whose, calls: Sequence[tuple[object, ...]] | None
) -> Sequence[Sequence[object]]:
    """Return the calls that came in; `calls` are all there are, None if there are more."""
    if calls is None:
        return _newest(conn, whose, _INBOUND_OF_ENTRY, _INBOUND_OF_NUMBER, COUNTED)
    return incoming(calls)


def _newest(
    conn: Connection, whose: _Whose, entry: Prepared, number: Prepared, limit: int
) -> Sequence[tuple[object, ...]]:
    """Return the newest rows of all the ways that lead to a customer's calls."""
    ways = list(_ways(conn, whose, entry, number, limit))
    if len(ways) == 1:
        return ways[0]
    return sorted((row for rows in ways for row in rows), key=age, reverse=True)[:limit]


def age(row: Sequence[object]) -> tuple[int, ...]:
    """Return what a later call has more of; its row begins with the columns `TIMES`."""
    return tuple(value for value in row[:2] if isinstance(value, int))


def _ways(
    conn: Connection, whose: _Whose, entry: Prepared, number: Prepared, limit: int
) -> Iterator[Sequence[tuple[object, ...]]]:
    contact = whose.customer.contact_id
    if contact is not None:
        yield entry.rows(conn, {"whose": contact, "limit": limit})
    for one in whose.numbers:
        yield number.rows(conn, {"whose": one, "limit": limit})
