"""The outbox as people see it, and what they do to it by hand."""

from functools import partial

import pytest
from support.store import NOON, after, an_effect, an_ended_call

from gateway.core.errors import UsageError
from gateway.core.ids import effect_key
from gateway.core.ports import Effect, Receipt
from gateway.store import outbox
from gateway.store.database import Connection, Database
from gateway.store.outbox import EffectState

CALL = an_ended_call()


async def put(db: Database, *effects: Effect) -> None:
    """Store effects."""
    for effect in effects:
        await db.write(partial(outbox.enqueue, effect=effect))


def lease_all(conn: Connection) -> None:
    """Lease everything due at noon."""
    outbox.lease(conn, owner="a", now=NOON, limit=50, lease_s=30, connectors=["odoo"])


async def in_state(db: Database, state: EffectState, effect: Effect) -> None:
    """Store one effect and bring it into a state."""
    key = effect.key
    await put(db, effect)
    if state is not EffectState.PENDING:
        await db.write(lease_all)
    last = {
        EffectState.DEAD: partial(outbox.dead, key=key, cause="422"),
        EffectState.PARKED: partial(outbox.park, key=key, cause="no answer"),
        EffectState.DELIVERED: partial(outbox.delivered, key=key, receipt=Receipt(), now=NOON),
    }
    if state in last:
        await db.write(last[state])


@pytest.mark.parametrize("state", [EffectState.DEAD, EffectState.PARKED, EffectState.PENDING])
async def test_a_person_can_retry_what_stands_still(db: Database, state: EffectState) -> None:
    """The effect is due at once, and the row says who wanted it."""
    effect = an_effect(CALL, not_before=NOON)
    await in_state(db, state, effect)
    before = await db.write(lambda conn: outbox.retry(conn, effect.key, by="admin", at=after(600)))
    assert before.state is state
    row = await db.read(lambda conn: outbox.get_effect(conn, effect.key))
    assert row is not None
    assert (row.state, row.ambiguous, row.settled_at) == (EffectState.PENDING, False, None)
    assert (row.acted, row.acted_by, row.acted_at) == ("retry", "admin", after(600))
    await db.write(lease_all)
    row = await db.read(lambda conn: outbox.get_effect(conn, effect.key))
    assert row is not None
    assert row.state is EffectState.LEASED


async def test_a_retry_by_hand_keeps_the_doubt_unless_the_effect_was_parked(
    db: Database,
) -> None:
    """Whoever retries a dead letter has not looked whether an earlier try got through."""
    effect = an_effect(CALL)
    await put(db, effect)
    await db.write(lease_all)
    await db.write(lambda conn: outbox.retry_at(conn, effect.key, NOON, "time-out", ambiguous=True))
    await db.write(lease_all)
    await db.write(lambda conn: outbox.dead(conn, effect.key, "422"))
    await db.write(lambda conn: outbox.retry(conn, effect.key, by="admin"))
    row = await db.read(lambda conn: outbox.get_effect(conn, effect.key))
    assert row is not None
    assert row.ambiguous


async def test_a_person_can_drop_what_nobody_wants(db: Database) -> None:
    """It stays visible with who dropped it, and can be taken up again."""
    effect = an_effect(CALL)
    await in_state(db, EffectState.DEAD, effect)
    await db.write(lambda conn: outbox.drop(conn, effect.key, by="admin", at=after(5)))
    (row,) = (await db.read(lambda conn: outbox.list_effects(conn, EffectState.DROPPED))).items
    assert (row.acted, row.acted_by, row.acted_at) == ("drop", "admin", after(5))
    assert row.cause == "422"
    await db.write(lambda conn: outbox.retry(conn, effect.key))
    assert await db.read(outbox.counts) == {("odoo", EffectState.PENDING): 1}


@pytest.mark.parametrize("action", [outbox.retry, outbox.drop])
@pytest.mark.parametrize("state", [EffectState.DELIVERED, EffectState.LEASED])
async def test_what_is_done_or_under_way_is_left_alone(
    db: Database, state: EffectState, action: object
) -> None:
    """A second click must not write a second call."""
    effect = an_effect(CALL)
    await in_state(db, state, effect)
    with pytest.raises(UsageError) as refusal:
        await db.write(lambda conn: action(conn, effect.key))  # type: ignore[operator]
    assert refusal.value.remedy


async def test_an_unknown_effect_is_named_as_such(db: Database) -> None:
    """A mistyped key is answered, not ignored."""
    with pytest.raises(UsageError, match="no such effect"):
        await db.write(lambda conn: outbox.retry(conn, effect_key(CALL.id, "x", "y", 1)))


async def test_payloads_of_settled_effects_are_erased_and_receipts_stay(db: Database) -> None:
    """Retention: the proof that it was written once outlives the personal data."""
    old, new, dead = (an_effect(an_ended_call(number)) for number in (1, 2, 3))
    receipt = Receipt(external_id="9")
    for effect, at in ((old, after(1)), (new, after(100))):
        await put(db, effect)
        await db.write(partial(outbox.delivered, key=effect.key, receipt=receipt, now=at))
    await in_state(db, EffectState.DEAD, dead)
    kept = {"odoo": after(1)}  # a CRM whose policy says how long
    erase = partial(outbox.erase_settled, before=after(100), per_connector=kept)
    assert await db.write(erase) == 0
    assert await db.write(lambda conn: outbox.erase_settled(conn, before=after(100))) == 1
    assert await db.write(lambda conn: outbox.erase_settled(conn, before=after(100))) == 0
    rows = {row.key: row for row in (await db.read(outbox.list_effects)).items}
    assert rows[old.key].record is None
    assert rows[old.key].receipt == Receipt(external_id="9")
    assert rows[new.key].record == new.record
    assert rows[dead.key].record == dead.record
    await db.write(lambda conn: outbox.drop(conn, dead.key, at=after(1)))
    await db.write(lambda conn: outbox.erase_settled(conn, before=after(100)))
    with pytest.raises(UsageError, match="erased"):
        await db.write(lambda conn: outbox.retry(conn, dead.key))


async def test_the_list_is_paged_newest_first_and_filtered(db: Database) -> None:
    """An administrator finds one call's receipts among many."""
    effects = [an_effect(an_ended_call(number)) for number in range(5)]
    await put(db, *effects, an_effect(an_ended_call(3), connector="webhook"))
    first = await db.read(lambda conn: outbox.list_effects(conn, connector="odoo", limit=3))
    rest = await db.read(
        lambda conn: outbox.list_effects(conn, connector="odoo", limit=3, before=first.next)
    )
    keys = [row.key for row in (*first.items, *rest.items)]
    assert keys == [effect.key for effect in reversed(effects)]
    assert rest.next is None
    of_one = await db.read(lambda conn: outbox.list_effects(conn, call_id=an_ended_call(3).id))
    assert [row.connector for row in of_one.items] == ["webhook", "odoo"]


async def test_counts_are_by_connector_and_state(db: Database) -> None:
    """Health and the page show a backlog before anybody misses a call in the CRM."""
    await put(db, an_effect(an_ended_call(1)), an_effect(an_ended_call(2)))
    await in_state(db, EffectState.DEAD, an_effect(an_ended_call(3)))
    await put(db, an_effect(an_ended_call(3), connector="webhook"))
    assert await db.read(outbox.counts) == {
        ("odoo", EffectState.LEASED): 2,
        ("odoo", EffectState.DEAD): 1,
        ("webhook", EffectState.PENDING): 1,
    }
