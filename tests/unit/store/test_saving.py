"""Calls saved again and again while they are up, as the recorder does it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from support.empty_store import lay_store
from support.store import a_call, an_ended_call

from gateway.core.ids import CallId
from gateway.core.record import CallRecord, ContactRef
from gateway.store.database import Database
from gateway.store.saving import Row, Saving, save_call, save_calls
from gateway.store.schema import call_parties, calls


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a second store to compare with."""
    database = await Database.open(lay_store(tmp_path / "other.db"))
    yield database
    await database.close()


def parties(conn: Connection) -> set[tuple[str, str, str]]:
    """Return who took part in which call."""
    column = call_parties.c
    query = select(calls.c.id, column.party, column.kind).join(calls, calls.c.no == column.call_no)
    return {(row.id, row.party, row.kind) for row in conn.execute(query)}


def changes(conn: Connection) -> list[str]:
    """Return the calls in the order of their last changes."""
    return list(conn.execute(select(calls.c.id).order_by(calls.c.change)).scalars())


def calls_stored(conn: Connection) -> list[dict[str, object]]:
    """Return what is written of the calls."""
    query = select(calls).order_by(calls.c.id)
    return [{**row._mapping, "no": None} for row in conn.execute(query)]


async def save(db: Database, *savings: Saving) -> dict[CallId, Row]:
    """Save what one commit takes together."""
    return await db.write(partial(save_calls, all_of_them=savings))


def states(number: int) -> list[CallRecord]:
    """Return a call as it goes on: others ring, it is known who calls, it is over."""
    first = replace(a_call(number), rung=(("1001",),))
    second = replace(first, revision=1, rung=(("1001",), ("1002", "1003")))
    return [
        first,
        second,
        replace(second, revision=2, contact=ContactRef(id=f"c{number}", name="Verdi")),
        replace(an_ended_call(number), revision=3, final_talker="1003"),
    ]


async def test_calls_saved_again_by_their_rows_are_as_if_saved_anew(
    db: Database, other: Database
) -> None:
    """Who knows the row is spared the answer of the store, and nothing that is stored."""
    known: dict[CallId, Row] = {}
    for stages in zip(*(states(number) for number in range(1, 4)), strict=True):
        rows = await save(
            db, *(Saving(record=one, state=b"", row=known.get(one.id)) for one in stages)
        )
        assert set(rows) == {one.id for one in stages}
        known |= rows
        for one in stages:
            await other.write(partial(save_call, record=one, state=b""))
    assert await db.read(parties) == await other.read(parties)
    assert await db.read(changes) == await other.read(changes)
    assert await db.read(calls_stored) == await other.read(calls_stored)


async def test_known_row_does_not_replace_what_knows_more(db: Database) -> None:
    """A take-over may have ended a call that we still hold live; ours beside it is saved."""
    rows = await save(db, *(Saving(record=a_call(n), state=b"") for n in (1, 2)))
    await db.write(partial(save_call, record=an_ended_call(1, revision=5), state=None))
    late = [replace(a_call(n, answered_by="1009"), revision=1) for n in (1, 2)]
    saved = await save(db, *(Saving(record=one, state=b"", row=rows[one.id]) for one in late))
    assert set(saved) == {late[1].id}
    present = await db.read(parties)
    assert (str(late[1].id), "1009", "extension") in present
    assert (str(late[0].id), "1009", "extension") not in present


async def test_more_calls_than_a_statement_takes_are_all_saved(db: Database) -> None:
    """Statements are made for some numbers of rows; between and above them several are needed."""
    for count in (1, 15, 16, 17, 33, 70, 81):
        records = [a_call(1_000 * count + number) for number in range(count)]
        rows = await save(db, *(Saving(record=one, state=b"") for one in records))
        again = [
            Saving(record=replace(one, revision=1), state=b"", row=rows[one.id]) for one in records
        ]
        assert await save(db, *again) == rows
