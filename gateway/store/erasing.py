"""Erasing a person: everything `erasure_registry` names, in steps too short to hold up a call."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, delete, false, func, or_, select

from gateway.core.errors import UsageError
from gateway.core.history import Customer
from gateway.core.marks import MarkKind
from gateway.core.record import CallState
from gateway.store.calls import NUMBER
from gateway.store.contacts import delete_contact
from gateway.store.counters import get_meta, set_meta
from gateway.store.customers import address_of, exists, holder_of, numbers_of
from gateway.store.database import Database
from gateway.store.marks import revoke_mark
from gateway.store.payloads import NOTICES
from gateway.store.schema import call_parties, calls, contact_numbers, control_requests, outbox
from gateway.store.schema_consumers import call_tombstones
from gateway.store.schema_directory import number_marks
from gateway.store.schema_handoffs import handoffs
from gateway.store.schema_history import (
    interactions,
    missed_customers,
    missed_withheld,
    promises,
)
from gateway.store.schema_repeats import repeats
from gateway.store.schema_ticks import ticks
from gateway.store.tombstones import Gone, bury

STEP: Final = 100
BREATH_S: Final = 0.01
# Late facts of a call may come, and its table remembers it, for so long after its end.
SETTLED: Final = timedelta(seconds=60)
# So long copies of the directory have to learn that a mark was taken back.
LEARNT: Final = timedelta(seconds=20)
_DELIVERED: Final = "delivered"
_META: Final = "erasures"
_META_WIPED: Final = "erasures.wiped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is to be erased: an entry with the numbers and the address that are its alone."""

    contact_id: str | None = None
    numbers: tuple[str, ...] = ()
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was, or would be, erased; `told` counts by connector what CRMs hold already."""

    contacts: int
    calls: int
    others: int
    told: Mapping[str, int] = field(default_factory=dict)


def person_of_contact(conn: Connection, contact_id: str) -> Person:
    """Return whom an entry of the directory stands for; raises UsageError if there is none."""
    if not exists(conn, contact_id):
        raise UsageError("There is no such contact.", remedy="Name its id, or a number.")
    customer = Customer(contact_id=contact_id)
    return Person(
        contact_id=contact_id,
        numbers=numbers_of(conn, customer),
        email=address_of(conn, customer),
    )


def person_of_number(conn: Connection, e164: str) -> Person:
    """Return whose number it is, or the number alone; raises UsageError if several share it."""
    holder = holder_of(conn, e164)
    if holder is not None:
        return person_of_contact(conn, holder)
    sharing = select(contact_numbers.c.contact_id).where(contact_numbers.c.e164 == e164)
    if conn.execute(sharing.limit(1)).first() is not None:
        raise UsageError(
            "Several contacts share this number.", remedy="Name the one to erase by its id."
        )
    return Person(numbers=(e164,))


async def preview(db: Database, person: Person, *, now: datetime) -> Erased:
    """Say what erasing somebody would do; raises UsageError while a call of theirs is fresh."""
    ids = await db.read(partial(_settled_calls_of, person=person, now=now))
    return await db.read(partial(_counted, person=person, ids=ids))


async def erase(
    db: Database,
    person: Person,
    *,
    now: datetime,
    note: Callable[[Connection, Erased], None],
) -> Erased:
    """Erase somebody; `note` writes it down in the last transaction.

    Doing it again finishes what was broken off. Raises UsageError while a call of theirs is fresh.
    """
    ids = await db.read(partial(_settled_calls_of, person=person, now=now))
    done = await db.read(partial(_counted, person=person, ids=ids))
    for begin in range(0, len(ids), STEP):
        await db.write(partial(_forget_calls, ids=ids[begin : begin + STEP], at=now))
        await asyncio.sleep(BREATH_S)

    def finish(conn: Connection) -> None:
        for table, where in others_of(person):
            conn.execute(delete(table).where(where))
        conn.execute(delete(outbox).where(outbox.c.kind.in_(NOTICES), names(person)))
        conn.execute(delete(repeats))
        for e164 in person.numbers:
            for kind in MarkKind:
                revoke_mark(conn, e164, kind, at=now)
        if person.contact_id is not None:
            delete_contact(conn, person.contact_id, at=now)
        set_meta(conn, _META, str(erasures(conn) + 1))
        note(conn, done)

    await db.write(finish)
    return done


def erasures(conn: Connection) -> int:
    """Return how many people were erased: whoever remembers anything forgets when it grows."""
    return int(get_meta(conn, _META) or 0)


def wiped(conn: Connection) -> int:
    """Return up to which erasure the traces in files are gone."""
    return int(get_meta(conn, _META_WIPED) or 0)


def set_wiped(conn: Connection, count: int) -> None:
    """Remember that the traces are gone."""
    set_meta(conn, _META_WIPED, str(count))


def erased_among(conn: Connection, ids: Collection[str]) -> frozenset[str]:
    """Return which of these calls were erased, so that no history brings them back."""
    query = select(call_tombstones.c.call_id).where(
        call_tombstones.c.call_id.in_(sorted(ids)), call_tombstones.c.reason == Gone.ERASED.value
    )
    return frozenset(conn.execute(query).scalars())


def drop_revoked_marks(conn: Connection, *, until: int, before: datetime) -> int:
    """Delete marks that were taken back before then, up to a change that copies know."""
    mark = number_marks.c
    gone = (mark.revoked_at < before, mark.change <= until)
    return conn.execute(delete(number_marks).where(*gone)).rowcount


def marks_revoked_since(conn: Connection, since: datetime) -> bool:
    """Tell whether marks were taken back so lately that a copy may not know."""
    query = select(number_marks.c.e164).where(number_marks.c.revoked_at >= since)
    return conn.execute(query.limit(1)).first() is not None


def calls_of(conn: Connection, person: Person) -> list[str]:
    """Return the calls in which the person took part, in whatever place of the record."""
    return list(conn.execute(select(calls.c.id).where(_took_part(person))).scalars())


def _took_part(person: Person) -> ColumnElement[bool]:
    column = calls.c
    parties = call_parties.c
    seen = select(parties.call_no).where(parties.kind == NUMBER, parties.party.in_(person.numbers))
    theirs: list[ColumnElement[bool]] = [column.no.in_(seen)]
    if person.contact_id is not None:
        theirs.append(column.contact_id == person.contact_id)
    # a withheld number, and one to which a call was transferred, stands in the record only
    theirs += [column.record.contains(f'"{e164}"', autoescape=True) for e164 in person.numbers]
    return or_(*theirs)


def _settled_calls_of(conn: Connection, person: Person, now: datetime) -> list[str]:
    """Return the same; raises UsageError while one of them is up or ended just now."""
    column = calls.c
    query = select(column.id, column.state, column.ended_at).where(_took_part(person))
    rows = conn.execute(query).all()
    if any(
        row.state == CallState.LIVE.value or (row.ended_at or now) > now - SETTLED for row in rows
    ):
        raise UsageError(
            "A call with this person is up, or ended a moment ago.",
            remedy="Erase them a minute after its end.",
        )
    return [row.id for row in rows]


def _counted(conn: Connection, person: Person, ids: Sequence[str]) -> Erased:
    told: Counter[str] = Counter()
    for begin in range(0, len(ids), STEP):
        query = (
            select(outbox.c.connector, func.count(outbox.c.call_id.distinct()).label("calls"))
            .where(outbox.c.call_id.in_(ids[begin : begin + STEP]), outbox.c.state == _DELIVERED)
            .group_by(outbox.c.connector)
        )
        for row in conn.execute(query):
            told[row.connector] += row.calls
    others = sum(
        conn.execute(select(func.count()).select_from(table).where(where)).scalar_one()
        for table, where in others_of(person)
    )
    return Erased(
        contacts=int(person.contact_id is not None), calls=len(ids), others=others, told=told
    )


def _forget_calls(conn: Connection, ids: Sequence[str], at: datetime) -> None:
    bury(conn, ids, reason=Gone.ERASED, at=at)
    for table in (outbox, handoffs, ticks, missed_withheld, control_requests):
        conn.execute(delete(table).where(table.c.call_id.in_(ids)))
    conn.execute(delete(calls).where(calls.c.id.in_(ids)))


def names(person: Person) -> ColumnElement[bool]:
    """Return the condition for a payload that names the person by number or id."""
    words = [*person.numbers, *([person.contact_id] if person.contact_id is not None else [])]
    return or_(false(), *(outbox.c.record.contains(f'"{word}"', autoescape=True) for word in words))


def others_of(person: Person) -> list[tuple[Table, ColumnElement[bool]]]:
    """Return what hangs on the person and on no call: (table, which rows)."""
    found: list[tuple[Table, ColumnElement[bool]]] = []
    for table in (interactions, promises, missed_customers, ticks):
        column = table.c
        which: list[ColumnElement[bool]] = [column.e164.in_(person.numbers)]
        if person.contact_id is not None:
            which.append(column.contact_id == person.contact_id)
        if table is interactions and person.email is not None:
            which.append(func.lower(column.email) == person.email)
        found.append((table, or_(*which)))
    return found
