"""What stands still at a CRM is seen by its cause, and moved on by its cause."""

from functools import partial

import pytest
from support.store import NOON, after, an_effect, an_ended_call

from gateway.core.errors import UsageError
from gateway.core.ports import Effect
from gateway.store import outbox
from gateway.store.calls import save_call
from gateway.store.database import Connection, Database
from gateway.store.outbox import EffectState
from gateway.store.troubles import list_troubles, retry_all

NO_FIELD = "The field is gone. Add it again."
NO_PERSON = "The person is gone."


async def stand_still(db: Database, causes: dict[int, str], *, crm: str = "odoo") -> list[Effect]:
    """Make dead letters of calls, each with its cause."""
    effects = [an_effect(an_ended_call(number), connector=crm) for number in causes]

    def work(conn: Connection) -> None:
        for number, effect in zip(causes, effects, strict=True):
            save_call(conn, an_ended_call(number), state=None)
            outbox.enqueue(conn, effect)
        outbox.lease(conn, owner="a", now=NOON, limit=50, lease_s=30, connectors=[crm])
        for number, effect in zip(causes, effects, strict=True):
            outbox.dead(conn, effect.key, causes[number])

    await db.write(work)
    return effects


async def states(db: Database) -> dict[str, EffectState]:
    """Return the state of every effect by its call."""
    page = await db.read(outbox.list_effects)
    return {f"{row.connector} {row.call_id}": row.state for row in page.items}


async def test_troubles_are_counted_by_connector_and_cause(db: Database) -> None:
    """One mistake in a CRM stops hundreds of calls: a person sees one line, not hundreds."""
    await stand_still(db, {1: NO_FIELD, 2: NO_PERSON, 3: NO_FIELD})
    await stand_still(db, {4: NO_FIELD}, crm="other")
    found = await db.read(list_troubles)
    assert [(one.connector, one.cause, one.count) for one in found] == [
        ("odoo", NO_FIELD, 2),
        ("odoo", NO_PERSON, 1),
        ("other", NO_FIELD, 1),
    ]
    assert {one.state for one in found} == {EffectState.DEAD}


async def test_all_of_one_cause_go_again_and_no_others(db: Database) -> None:
    """After the mend one command writes them all; what has another cause waits for its own."""
    mended = await stand_still(db, {1: NO_FIELD, 3: NO_FIELD})
    await stand_still(db, {2: NO_PERSON})
    await stand_still(db, {4: NO_FIELD}, crm="other")
    again = partial(retry_all, connector="odoo", cause=NO_FIELD, by="admin", at=after(60))
    assert await db.write(again) == 2
    assert await db.write(again) == 0
    row = await db.read(lambda conn: outbox.get_effect(conn, mended[0].key))
    assert row is not None
    assert (row.state, row.attempts, row.settled_at) == (EffectState.PENDING, 0, None)
    assert (row.acted, row.acted_by, row.acted_at) == ("retry", "admin", after(60))
    pending = [state for state in (await states(db)).values() if state is EffectState.PENDING]
    assert len(pending) == 2


async def test_a_supervisor_moves_only_what_he_may_see(db: Database) -> None:
    """Somebody without any extension sees nobody's calls, and so nobody's receipts."""
    await stand_still(db, {1: NO_FIELD})
    assert await db.read(partial(list_troubles, visible_to="nobody")) == ()
    assert await db.write(partial(retry_all, visible_to="nobody")) == 0
    key = an_effect(an_ended_call(1)).key
    with pytest.raises(UsageError):
        await db.write(partial(outbox.drop, key=key, visible_to="nobody"))


async def test_parked_effects_go_again_without_their_doubt_only_when_named(db: Database) -> None:
    """A bulk retry of dead letters must not double what may be in the CRM already."""
    effect = an_effect(an_ended_call(1))

    def park(conn: Connection) -> None:
        outbox.enqueue(conn, effect)
        outbox.lease(conn, owner="a", now=NOON, limit=1, lease_s=30, connectors=["odoo"])
        outbox.park(conn, effect.key, "no answer")

    await db.write(park)
    assert await db.write(retry_all) == 0
    assert await db.write(partial(retry_all, state=EffectState.PARKED)) == 1
    row = await db.read(lambda conn: outbox.get_effect(conn, effect.key))
    assert row is not None
    assert (row.state, row.ambiguous) == (EffectState.PENDING, False)


async def test_what_is_on_its_way_cannot_be_retried_in_bulk(db: Database) -> None:
    """Pending effects go by themselves: making them due at once would undo the pauses."""
    with pytest.raises(UsageError):
        await db.write(partial(retry_all, state=EffectState.PENDING))
