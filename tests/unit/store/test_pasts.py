"""The pasts of several customers read together: what is told of each of them alone, at less."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product
from random import Random

import pytest
from support.store import NOON, after, an_ended_call

from gateway.core.history import Channel, Interaction, Promise
from gateway.core.matching import Contact, ContactNumber
from gateway.core.record import (
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    Outcome,
    Party,
    Seconds,
    WrapUp,
)
from gateway.store import follow_up, promises
from gateway.store.background import DEPTH, background
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.database import Connection, Database
from gateway.store.interactions import interaction_id, save_interaction
from gateway.store.pasts import Asked, pasts
from gateway.store.records import encode
from gateway.store.schema import calls, contacts
from gateway.store.ticks import APOLOGISE, Tick, put_tick
from gateway.store.timeline import call_item, written_call_item

NUMBERS = [f"+39061234500{digit}" for digit in range(10)]
BUSY, PROMISED, WRITTEN, TICKED, SHARED, NEW = NUMBERS[:6]
LATER = after(7_200)


def entry(name: str, *numbers: str, email: str | None = None) -> Contact:
    """Return an entry of the directory."""
    own = tuple(ContactNumber(raw=number, e164=number) for number in numbers)
    return Contact(id=f"c-{name}", name=name, email=email, numbers=own)


ENTRIES = [
    entry("anna", BUSY, NUMBERS[6], email="Anna@example.com"),
    entry("berta", SHARED, NUMBERS[7], email="berta@example.com"),
    entry("carla", SHARED),
    entry("dora"),
    entry("elsa", TICKED, email="elsa@example.com"),
    entry("gone", NUMBERS[8]),
]


def a_call(chance: Random, second: int) -> CallRecord:
    """Return some call with somebody of the directory or with a number."""
    number = chance.choice([BUSY, BUSY, *NUMBERS[:5], *NUMBERS[6:]])
    named = chance.choice([None, None, *ENTRIES])
    outcome = chance.choice([Outcome.ANSWERED, Outcome.ANSWERED, Outcome.MISSED])
    return replace(
        an_ended_call(second),
        direction=chance.choice([Direction.INBOUND, Direction.INBOUND, *Direction]),
        outcome=outcome,
        caller=Party(number=number, e164=number),
        started_at=after(second // 3),
        contact=None if named is None else ContactRef(id=named.id, name=named.name),
        merged_into=an_ended_call(1).id if chance.random() < 0.1 else None,
    )


def fill(conn: Connection) -> None:
    """Store customers of all kinds with what was between us."""
    chance = Random(4)  # noqa: S311 (the same calls each time)
    save_contacts(conn, entries=ENTRIES)
    for second in range(1, 300):
        save_call(conn, a_call(chance, second), state=None)
    for second in range(300, 300 + DEPTH + 20):
        old = replace(an_ended_call(second), caller=Party(number=BUSY, e164=BUSY))
        save_call(conn, replace(old, started_at=after(second - 900_000)), state=None)
    conn.execute(calls.update().where(calls.c.no == 2).values(record="{"))
    conn.execute(contacts.update().where(contacts.c.id == "c-gone").values(deleted_at=NOON))
    promise = Promise(
        id="00000000-0000-4000-8000-000000000001",
        contact_id=None,
        e164=PROMISED,
        text="Offer",
        due_at=LATER,
        made_by="anna",
        made_at=NOON,
    )
    promises.add_promise(conn, promise)
    for name, about in (("1", {"e164": WRITTEN}), ("2", {"email": "berta@example.com"})):
        told = Interaction(
            id=interaction_id("mail", name),
            channel=Channel.MAIL,
            direction=Direction.INBOUND,
            at=after(40),
            source="mail",
            external_id=name,
            e164=about.get("e164"),
            email=about.get("email"),
        )
        save_interaction(conn, told=told)
    put_tick(conn, an_ended_call(3).id, Tick(kind=APOLOGISE, by="luca", at=after(50), e164=TICKED))


async def test_several_are_told_what_each_is_told_alone(db: Database) -> None:
    """The statements differ: nobody's calls may appear under another's name, or be missing."""
    await db.write(fill)
    examine = partial(follow_up.examine, mark=0, now=LATER)
    await db.write(partial(follow_up.apply, found=await db.read(examine)))
    ids = [None, "c-unknown", *(one.id for one in ENTRIES)]
    moments = (None, after(30), LATER + timedelta(days=6, hours=22, minutes=2))
    asked = [
        Asked(contact_id=contact_id, e164=e164, now=moments[place % 3])
        for place, (contact_id, e164) in enumerate(product(ids, [None, *NUMBERS]))
    ]

    def singly(conn: Connection) -> list[object]:
        return [background(conn, one.contact_id, one.e164, now=one.now) for one in asked]

    alone = await db.read(singly)
    assert await db.read(partial(pasts, asked=asked)) == alone
    for start in range(0, len(asked), 7):
        part = asked[start : start + 7]
        assert await db.read(partial(pasts, asked=part)) == alone[start : start + 7]


@pytest.mark.parametrize(
    "record",
    [
        an_ended_call(1),
        an_ended_call(1, state=CallState.LIVE, outcome=None, answered_by=None),
        an_ended_call(1, outcome=Outcome.ABANDONED, final_talker=None, queue=None),
        an_ended_call(1, outcome=Outcome.MISSED, direction=Direction.OUTBOUND, line="Milan"),
        an_ended_call(1, outcome=Outcome.BUSY, merged_into=an_ended_call(2).id, pbx="branch"),
        an_ended_call(1, started_at=None),
        an_ended_call(1, started_at=None, answered_at=None, ended_at=None, final_talker="1003"),
        an_ended_call(1, seconds=Seconds(ring=4.5, talk=30.0)),
        an_ended_call(1, seconds=Seconds(ring=4.5, wait=0.0)),
        an_ended_call(
            1, wrap_ups=(WrapUp(agent="anna", note="\u00e8", at=after(9)), WrapUp(agent="luca"))
        ),
    ],
)
def test_stored_call_is_the_same_in_a_timeline_read_either_way(record: CallRecord) -> None:
    """A pop reads the text of a record, a timeline makes the record first."""
    assert written_call_item(encode(record)) == call_item(record)


@pytest.mark.parametrize("written", ["{", "[]", "{}", "null"])
def test_damaged_call_is_no_entry_of_a_timeline(written: str) -> None:
    """It must not take the others with it."""
    assert written_call_item(written) is None


@pytest.mark.parametrize("customers", [1, 16])
async def test_any_number_of_customers_takes_as_many_statements(
    sqlite_url: str, customers: int
) -> None:
    """At each statement a reader waits for the interpreter, and who wants to show a pop for it."""
    db = await Database.open(sqlite_url)
    numbers = [f"+3906123451{place:02}" for place in range(customers)]
    people = [entry(number, number) for number in numbers]

    def call(conn: Connection) -> None:
        save_contacts(conn, entries=people)
        for second, person in enumerate(people * 4, 1):
            caller = Party(number=person.numbers[0].e164, e164=person.numbers[0].e164)
            call = replace(an_ended_call(second), caller=caller)
            named = replace(call, contact=ContactRef(id=person.id)) if second % 2 else call
            save_call(conn, named, state=None)

    def count(conn: Connection) -> tuple[int, set[int]]:
        statements: list[str] = []
        driver = conn.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(statements.append)
        asked = [Asked(contact_id=one.id, e164=one.numbers[0].e164, now=LATER) for one in people]
        told = pasts(conn, asked)
        driver.set_trace_callback(None)
        return len(statements), {len(past.items) for past, _apologised in told}

    await db.write(call)
    assert await db.read(count) == (2, {4})
    await db.close()
