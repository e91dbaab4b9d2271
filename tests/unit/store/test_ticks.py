"""Apologies: made once, known for the customer's next call."""

from dataclasses import replace
from datetime import timedelta

from support.desk import START, inbound

from gateway.store.database import Database
from gateway.store.ticks import (
    APOLOGISE,
    Tick,
    forget_ticks,
    last_apology,
    put_tick,
    ticks_of_calls,
)

MADE = Tick(kind=APOLOGISE, by="anna", at=START, contact_id="c-1", e164="+393331234567")


async def test_apology_is_found_for_the_person_and_for_the_number(db: Database) -> None:
    """The next call may come from the office, or before the directory knows them."""
    call = inbound().id
    assert await db.write(lambda conn: put_tick(conn, call, MADE)) == MADE
    assert await db.read(lambda conn: last_apology(conn, "c-1", None)) == START
    assert await db.read(lambda conn: last_apology(conn, None, "+393331234567")) == START
    assert await db.read(lambda conn: last_apology(conn, "c-2", "+390600000")) is None
    assert await db.read(lambda conn: last_apology(conn, None, None)) is None


async def test_second_tick_of_a_call_changes_nothing(db: Database) -> None:
    """Two agents, or a double click."""
    call = inbound().id
    await db.write(lambda conn: put_tick(conn, call, MADE))
    later = replace(MADE, at=START + timedelta(minutes=1), by="luca")
    assert await db.write(lambda conn: put_tick(conn, call, later)) == MADE
    assert await db.read(lambda conn: ticks_of_calls(conn, (call,))) == {call: MADE}
    assert await db.read(lambda conn: last_apology(conn, "c-1", None)) == START


async def test_old_ticks_are_forgotten(db: Database) -> None:
    """They go with the call facts."""
    await db.write(lambda conn: put_tick(conn, inbound().id, MADE))
    assert await db.write(lambda conn: forget_ticks(conn, START + timedelta(days=1))) == 1
    assert await db.read(lambda conn: last_apology(conn, "c-1", None)) is None
