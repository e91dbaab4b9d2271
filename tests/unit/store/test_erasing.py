"""Erasing a person: every place is known, nothing is left in the bytes, and history heeds it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from support.store import CUSTOMER, a_call, an_ended_call
from support.zoe import LATER, OTHER, SECRET, ZOE, fill, of_ivo

from gateway.core.errors import UsageError
from gateway.store import erasing, tables
from gateway.store.calls import CallFilter, get_call, list_calls, save_call
from gateway.store.contacts import find_contacts, save_contacts
from gateway.store.database import Database
from gateway.store.erasing import Erased, Person
from gateway.store.erasure_registry import TABLES
from gateway.store.traces import wipe_traces


def test_every_table_and_column_is_registered() -> None:
    """Whoever adds a column says whether it holds anything of people outside."""
    assert set(TABLES) == set(tables.metadata.tables)
    for name, table in tables.metadata.tables.items():
        told = TABLES[name]
        assert sorted(told.columns) == sorted(column.name for column in table.columns), name
        assert len(set(told.columns)) == len(told.columns), name
        assert told.how, name


async def _erase(db: Database, person: Person) -> Erased:
    return await erasing.erase(db, person, now=LATER, note=lambda _conn, _done: None)


async def test_nothing_of_a_person_is_left_and_everything_of_others(db: Database) -> None:
    """By contact or by number, the same: calls, notes, promises, mails, marks, effects."""
    await db.write(fill)
    person = await db.read(partial(erasing.person_of_number, e164=CUSTOMER))
    assert person == Person(contact_id=ZOE.id, numbers=(CUSTOMER,), email=(ZOE.email or "").lower())
    shown = await erasing.preview(db, person, now=LATER)
    assert (shown.contacts, shown.calls, shown.others) == (1, 4, 4)
    assert await _erase(db, person) == shown
    left = await db.read(partial(list_calls, wanted=CallFilter()))
    assert [record.id for record in left.items] == [of_ivo().id]
    assert await db.read(partial(find_contacts, e164=CUSTOMER)) == ()
    assert len(await db.read(partial(find_contacts, e164=OTHER))) == 1
    ids = [str(an_ended_call(number).id) for number in (0, 3)]
    gone = await db.read(partial(erasing.erased_among, ids=[*ids, str(of_ivo().id)]))
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
        await db.write(fill)
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
