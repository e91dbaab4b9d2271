"""A person says whose an ended call was: the record, and the CRMs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from support.crm_records import HandClock
from support.empty_store import open_store
from support.store import CUSTOMER, a_call, after, an_ended_call

from crm_sync import intake
from crm_sync.policies import all_effects
from crm_sync.policy import Interest, Policy
from gateway.core.contact import Contact
from gateway.core.events import CallEnded
from gateway.core.matching import MatchResult
from gateway.core.record import CallRecord, MatchKind, WrapUp
from gateway.runtime.giving import Giving
from gateway.store import calls, outbox
from gateway.store.database import Database
from gateway.store.wrapups import save_wrap_up

ZOE = MatchResult(kind=MatchKind.EXACT, contact=Contact(id="zoe", name="Zoe"))
CALL = an_ended_call()
POLICIES = {
    "before": Policy(),
    "new": Policy(),
    "known": Policy(interest=Interest.KNOWN),
}


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a store with a call of a stranger, which the CRM "before" has."""
    store = await open_store(tmp_path)
    await store.write(partial(calls.save_call, record=CALL, state=None))
    there = all_effects(CallEnded(at=after(91), record=CALL), {"before": Policy()})
    await store.write(lambda conn: intake.put(conn, there[0]) and None)
    yield store
    await store.close()


def giving(db: Database, *, at: float = 600) -> Giving:
    """Return what the web part asks, some seconds after noon."""
    effects = partial(all_effects, policies=POLICIES)
    return Giving(db, HandClock(after(at)), effects=effects, on_effects=lambda: None)


async def told(db: Database) -> set[tuple[str, str | None]]:
    """Return which CRM is told that the call is whose."""
    page = await db.read(partial(outbox.list_effects, limit=50))
    known = ((row.connector, row.record) for row in page.items)
    return {
        (name, record.contact.name if record.contact is not None else None)
        for name, record in known
        if record is not None
    }


async def test_crms_are_told_whose_an_ended_call_is(db: Database) -> None:
    """The CRM that has it, and that which takes only known callers; the new one knows nothing."""
    given = await giving(db).give(CALL.id, ZOE, number=CUSTOMER)
    assert given is not None
    assert given.contact is not None
    assert (given.contact.id, given.revision) == ("zoe", CALL.revision + 1)
    assert ("known", "Zoe") in await told(db)
    assert ("before", "Zoe") in await told(db)
    assert "new" not in {name for name, _ in await told(db)}


async def test_what_was_said_of_the_call_a_moment_before_stays(db: Database) -> None:
    """The agent names the customer and the outcome with two clicks, one behind the other."""
    said = WrapUp(agent="anna", disposition="Risolto", note=None, at=after(95))
    await db.write(partial(save_wrap_up, call_id=CALL.id, said=said))
    given = await giving(db).give(CALL.id, ZOE)
    assert given is not None
    assert [one.disposition for one in given.wrap_ups] == ["Risolto"]
    assert await giving(db).give(CALL.id, ZOE) == given


async def test_nobody_is_told_of_a_call_that_is_long_over(db: Database) -> None:
    """Its CRM has long been read by people; our record names them all the same."""
    given = await giving(db, at=40 * 86_400).give(CALL.id, ZOE)
    assert given is not None
    assert given.contact is not None
    assert await told(db) == {("before", None)}


@pytest.mark.parametrize(
    "record",
    [
        a_call(8),
        replace(CALL, merged_into=an_ended_call(7).id),
        replace(CALL, caller=replace(CALL.caller, e164="+390699999999")),
    ],
)
async def test_a_call_that_cannot_be_given_stays_as_it_is(db: Database, record: CallRecord) -> None:
    """One that is up, that is part of another, and that is of another number."""
    await db.write(partial(calls.save_call, record=record, state=None))
    assert await giving(db).give(record.id, ZOE, number=CUSTOMER) is None
    kept = await db.read(partial(calls.get_call, call_id=record.id))
    assert kept is None or kept.contact is None
