"""Erasing a person: every place is known, nothing is left in the bytes, and history heeds it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest
from support.store import CUSTOMER, NOON, a_call, an_effect, an_ended_call

from gateway.core.contact import Contact, ContactNumber
from gateway.core.errors import UsageError
from gateway.core.handoff import Handoff
from gateway.core.history import Channel, Interaction, Promise
from gateway.core.marks import Mark, MarkKind
from gateway.core.record import (
    CallRecord,
    Direction,
    Party,
    Presentation,
    WrapUp,
)
from gateway.store import erasing, tables
from gateway.store.calls import CallFilter, get_call, list_calls, save_call
from gateway.store.contacts import find_contacts, save_contacts
from gateway.store.database import Connection, Database
from gateway.store.erasing import Erased, Person
from gateway.store.erasure_registry import TABLES
from gateway.store.handoffs import put_handoff
from gateway.store.interactions import save_interaction
from gateway.store.marks import set_mark
from gateway.store.outbox import enqueue
from gateway.store.promises import add_promise
from gateway.store.ticks import Tick, put_tick
from gateway.store.traces import wipe_traces
from gateway.store.wrapups import save_wrap_up

LATER = NOON + timedelta(days=1)
OTHER = "+393471112223"
SECRET = "Quercetta-7391"
ZOE = Contact(
    id="0b0e6a3e-0000-5000-8000-000000000001",
    name=f"Zoe {SECRET}",
    email=f"{SECRET}@example.com",
    fields={"note": SECRET},
    numbers=(ContactNumber(raw=CUSTOMER, e164=CUSTOMER),),
)


def test_every_table_and_column_is_registered() -> None:
    """Whoever adds a column says whether it holds anything of people outside."""
    assert set(TABLES) == set(tables.metadata.tables)
    for name, table in tables.metadata.tables.items():
        told = TABLES[name]
        assert sorted(told.columns) == sorted(column.name for column in table.columns), name
        assert len(set(told.columns)) == len(told.columns), name
        assert told.how, name


def _fill(conn: Connection) -> None:
    """Store everything that can be known of Zoe, and of somebody else."""
    ivo = Contact(id="ivo", name="Ivo", numbers=(ContactNumber(raw=OTHER, e164=OTHER),))
    save_contacts(conn, [ZOE, ivo])
    for number in range(3):
        save_call(conn, an_ended_call(number), state=None)
    hidden = an_ended_call(
        3, caller=Party(number=CUSTOMER, e164=CUSTOMER, presentation=Presentation.WITHHELD)
    )
    save_call(conn, hidden, state=None)
    save_call(conn, _of_ivo(), state=None)
    for record in (an_ended_call(0), _of_ivo()):
        save_wrap_up(conn, record.id, WrapUp(agent="anna", disposition=None, note=SECRET, at=NOON))
        put_handoff(conn, record.id, Handoff(at=NOON, by="anna", reason=SECRET))
        enqueue(conn, an_effect(record))
    tick = Tick(kind="apologise", by="anna", at=NOON, contact_id=ZOE.id, e164=CUSTOMER)
    put_tick(conn, an_ended_call(0).id, tick)
    for whose, e164 in ((ZOE.id, CUSTOMER), (None, CUSTOMER), (None, OTHER)):
        add_promise(
            conn,
            Promise(
                id=str(uuid5(NAMESPACE_OID, f"{whose} {e164}")),
                contact_id=whose,
                e164=e164,
                text=f"To {e164}",
                due_at=LATER,
                made_by="anna",
                made_at=NOON,
            ),
        )
    mail = Interaction(
        id="i-1", channel=Channel.MAIL, direction=Direction.INBOUND, at=NOON, email=ZOE.email
    )
    save_interaction(conn, replace(mail, subject=SECRET))
    mark = Mark(kind=MarkKind.IGNORED, e164=CUSTOMER, by="anna", at=NOON, reason=SECRET)
    set_mark(conn, mark)


def _of_ivo() -> CallRecord:
    return an_ended_call(9, caller=Party(number=OTHER, e164=OTHER))


async def _erase(db: Database, person: Person) -> Erased:
    return await erasing.erase(db, person, now=LATER, note=lambda _conn, _done: None)


async def test_nothing_of_a_person_is_left_and_everything_of_others(db: Database) -> None:
    """By contact or by number, the same: calls, notes, promises, mails, marks, effects."""
    await db.write(_fill)
    person = await db.read(partial(erasing.person_of_number, e164=CUSTOMER))
    assert person == Person(contact_id=ZOE.id, numbers=(CUSTOMER,), email=(ZOE.email or "").lower())
    shown = await erasing.preview(db, person, now=LATER)
    assert (shown.contacts, shown.calls, shown.others) == (1, 4, 4)
    assert await _erase(db, person) == shown
    left = await db.read(partial(list_calls, wanted=CallFilter()))
    assert [record.id for record in left.items] == [_of_ivo().id]
    assert await db.read(partial(find_contacts, e164=CUSTOMER)) == ()
    assert len(await db.read(partial(find_contacts, e164=OTHER))) == 1
    ids = [str(an_ended_call(number).id) for number in (0, 3)]
    gone = await db.read(partial(erasing.erased_among, ids=[*ids, str(_of_ivo().id)]))
    assert gone == frozenset(ids)
    assert await db.read(erasing.erasures) == 1
    again = await _erase(db, Person(numbers=(CUSTOMER,)))
    assert (again.contacts, again.calls, again.others) == (0, 0, 0)


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("filodiretto.db*"))


async def test_bytes_of_the_file_hold_nothing_of_an_erased_person(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Deleted rows stay in a file and its log unless somebody sees to it."""
    db = await Database.open(sqlite_url)
    try:
        await db.write(_fill)
        await _erase(db, await db.read(partial(erasing.person_of_number, e164=OTHER)))
        await _erase(db, await db.read(partial(erasing.person_of_contact, contact_id=ZOE.id)))
        await db.write(
            partial(erasing.drop_revoked_marks, until=10_000, before=LATER + timedelta(seconds=1))
        )
        assert await asyncio.to_thread(wipe_traces, sqlite_url)
        kept = await asyncio.to_thread(_bytes, tmp_path)
    finally:
        await db.close()
    for trace in (CUSTOMER, "0612345678", SECRET, SECRET.lower(), OTHER):
        assert trace.encode() not in kept, trace


async def test_person_on_the_telephone_is_erased_later(db: Database) -> None:
    """What is up would be written anew by its next event."""
    await db.write(lambda conn: save_call(conn, a_call(1), state=b"x") and None)
    with pytest.raises(UsageError, match="is up"):
        await _erase(db, Person(numbers=(CUSTOMER,)))
    assert await db.read(lambda conn: get_call(conn, a_call(1).id)) is not None


async def test_number_that_several_share_is_nobody(db: Database) -> None:
    """Erasing by it would take somebody else's history."""
    twin = replace(ZOE, id="twin", name="Twin", email=None)
    await db.write(lambda conn: save_contacts(conn, [ZOE, twin]) and None)
    with pytest.raises(UsageError, match="share"):
        await db.read(partial(erasing.person_of_number, e164=CUSTOMER))
    with pytest.raises(UsageError, match="no such contact"):
        await db.read(partial(erasing.person_of_contact, contact_id="nobody"))
    whose = await db.read(partial(erasing.person_of_contact, contact_id=ZOE.id))
    assert whose.numbers == ()
