"""The outbox as a worker uses it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import Connection, update
from support.store import NOON, a_call, after, an_effect, an_ended_call

from gateway.core.ids import EffectKey
from gateway.core.ports import Effect, Receipt
from gateway.core.record import CallRecord
from gateway.store import leases, outbox
from gateway.store.calls import get_call, save_call
from gateway.store.database import Database
from gateway.store.outbox import EffectState, Leased, StoredEffect
from gateway.store.prepared import Prepared
from gateway.store.schema import outbox as table


async def put(db: Database, *effects: Effect) -> list[bool]:
    """Store effects in order."""
    return [await db.write(partial(outbox.enqueue, effect=effect)) for effect in effects]


async def taken(
    db: Database,
    now: datetime = NOON,
    *,
    owner: str = "a",
    limit: int = 10,
    connectors: Sequence[str] = ("odoo",),
) -> list[Leased]:
    """Lease for 30 s."""
    return await db.write(
        lambda conn: outbox.lease(
            conn, owner=owner, now=now, limit=limit, lease_s=30, connectors=connectors
        )
    )


async def done(db: Database, key: EffectKey, at: datetime = NOON) -> bool:
    """Mark as delivered."""
    receipt = Receipt(external_id="77", url="https://crm.example/77")
    return await db.write(lambda conn: outbox.delivered(conn, key, receipt, at))


async def stored(db: Database, key: EffectKey) -> StoredEffect:
    """Return one row."""
    found = await db.read(lambda conn: outbox.get_effect(conn, key))
    assert found is not None
    return found


def names(leased: Sequence[Leased]) -> list[tuple[str, int]]:
    """Return whose effects these are."""
    return [(one.effect.record.linkedid.split(".")[1], one.effect.ordinal) for one in leased]


async def test_facts_and_effects_are_stored_together_or_not_at_all(db: Database) -> None:
    """An effect without its call, or a call without its effect, would be lost or doubled."""
    record = an_ended_call()

    def failing(conn: Connection) -> None:
        save_call(conn, record, state=None)
        outbox.enqueue(conn, an_effect(record))
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await db.write(failing)
    assert await db.read(lambda conn: get_call(conn, record.id)) is None
    assert await db.read(outbox.counts) == {}


async def test_an_effect_is_handed_out_when_it_is_due_and_not_before(db: Database) -> None:
    """Late facts have 2 s to arrive before a CRM sees the record."""
    effect = an_effect(an_ended_call(), not_before=after(2))
    await put(db, effect)
    assert await taken(db, after(1)) == []
    assert await db.read(outbox.next_due) == after(2)
    (leased,) = await taken(db, after(2))
    assert leased == Leased(
        effect=effect,
        attempt=1,
        owner="a",
        last_ambiguous=False,
        tried_at=None,
        lease_until=after(32),
    )


async def test_the_same_key_again_is_still_one_effect(db: Database) -> None:
    """A crash, a redelivery and a back-fill give the same key."""
    effect = an_effect(an_ended_call())
    assert await put(db, effect, effect) == [True, True]
    assert len(await taken(db)) == 1
    await done(db, effect.key)
    assert await put(db, effect) == [False]
    assert await taken(db, after(100)) == []


async def test_a_waiting_effect_takes_the_newer_record_and_never_an_older_one(
    db: Database,
) -> None:
    """What was amended within 2 s goes out amended, whatever order the facts arrive in."""
    newer = an_effect(an_ended_call(revision=1), not_before=after(3))
    older = an_effect(an_ended_call())
    incomplete = an_effect(an_ended_call(revision=9, complete=False))
    assert await put(db, older, newer, older, incomplete) == [True, True, False, False]
    (leased,) = await taken(db, after(3))
    assert leased.effect == newer


async def test_an_effect_that_was_tried_keeps_its_bytes(db: Database) -> None:
    """A receiver that saw the first try must get the same body under the same id."""
    effect = an_effect(an_ended_call())
    await put(db, effect)
    await taken(db)
    await db.write(lambda conn: outbox.retry_at(conn, effect.key, after(5), "503"))
    assert await put(db, an_effect(an_ended_call(revision=1))) == [False]
    (leased,) = await taken(db, after(5))
    assert leased.effect.record.revision == 0


async def test_effects_of_one_call_go_in_order_and_do_not_hold_up_other_calls(
    db: Database,
) -> None:
    """An update must not overtake its creation; a slow call is nobody else's problem."""
    slow, other = an_ended_call(1), an_ended_call(2)
    await put(
        db,
        an_effect(slow),
        an_effect(slow, kind="call.updated", ordinal=1),
        an_effect(other),
        an_effect(slow, connector="webhook"),
    )
    first = await taken(db, connectors=("odoo", "webhook"))
    assert names(first) == [("1", 0), ("2", 0), ("1", 0)]
    await db.write(lambda conn: outbox.retry_at(conn, first[0].effect.key, after(60), "503"))
    for leased in first[1:]:
        await done(db, leased.effect.key)
    assert await taken(db, after(59)) == []
    assert names(await taken(db, after(60))) == [("1", 0)]
    await done(db, first[0].effect.key)
    assert names(await taken(db, after(60))) == [("1", 1)]


async def test_what_waits_behind_a_retry_does_not_wake_the_worker(db: Database) -> None:
    """A worker that sleeps until the next due effect must find one it may take."""
    record = an_ended_call()
    effect = an_effect(record)
    await put(db, effect, an_effect(record, kind="call.updated", ordinal=1))
    await taken(db)
    await db.write(lambda conn: outbox.retry_at(conn, effect.key, after(60), "503"))
    assert await db.read(outbox.next_due) == after(60)
    assert await db.read(lambda conn: outbox.next_due(conn, ["odoo", "webhook"])) == after(60)
    assert await db.read(lambda conn: outbox.next_due(conn, ["webhook"])) is None


async def test_nothing_waits_behind_a_dead_letter_or_a_parked_effect(db: Database) -> None:
    """Poison goes aside at once, visible, with its cause."""
    first, second = an_ended_call(1), an_ended_call(2)
    effects = [an_effect(one, ordinal=number) for one in (first, second) for number in (0, 1)]
    await put(db, *effects)
    assert names(await taken(db)) == [("1", 0), ("2", 0)]
    await db.write(lambda conn: outbox.dead(conn, effects[0].key, "422 unknown field"))
    await db.write(lambda conn: outbox.park(conn, effects[2].key, "no answer"))
    assert names(await taken(db)) == [("1", 1), ("2", 1)]
    dead, parked = await stored(db, effects[0].key), await stored(db, effects[2].key)
    assert (dead.state, dead.cause, dead.ambiguous) == ("dead", "422 unknown field", False)
    assert (parked.state, parked.cause, parked.ambiguous) == ("parked", "no answer", True)


async def test_an_expired_lease_is_taken_over_and_is_ambiguous(db: Database) -> None:
    """Its worker may have died between the CRM's commit and our mark."""
    effect = an_effect(an_ended_call())
    await put(db, effect)
    await taken(db)
    assert await taken(db, after(29), owner="b") == []
    (leased,) = await taken(db, after(30), owner="b")
    assert (leased.owner, leased.attempt, leased.last_ambiguous) == ("b", 2, True)
    assert leased.tried_at == NOON


async def test_a_worker_whose_lease_was_taken_over_changes_nothing_but_success(
    db: Database,
) -> None:
    """Fencing: a frozen worker that wakes up must not undo its successor; a receipt is a fact."""
    effect = an_effect(an_ended_call())
    await put(db, effect)
    await taken(db, owner="frozen")
    await taken(db, after(31), owner="successor")
    key = effect.key
    late = [
        await db.write(lambda conn: outbox.retry_at(conn, key, after(40), "x", owner="frozen")),
        await db.write(lambda conn: outbox.dead(conn, key, "x", owner="frozen")),
        await db.write(lambda conn: outbox.park(conn, key, "x", owner="frozen")),
    ]
    assert late == [False, False, False]
    assert (await stored(db, key)).lease_owner == "successor"
    assert await done(db, key)
    assert not await done(db, key)
    finished = await stored(db, key)
    assert finished.state is EffectState.DELIVERED
    assert finished.receipt == Receipt(external_id="77", url="https://crm.example/77")


async def test_doubt_stays_until_the_effect_is_delivered(db: Database) -> None:
    """After a lost answer, a later "busy" says nothing about the first attempt."""
    effect = an_effect(an_ended_call())
    await put(db, effect)
    await taken(db)
    key = effect.key
    await db.write(lambda conn: outbox.retry_at(conn, key, after(5), "time-out", ambiguous=True))
    await taken(db, after(5))
    await db.write(lambda conn: outbox.retry_at(conn, key, after(9), "429"))
    (leased,) = await taken(db, after(9))
    assert (leased.attempt, leased.last_ambiguous) == (3, True)
    await done(db, key)
    assert not (await stored(db, key)).ambiguous


async def test_a_renewed_lease_lasts_and_a_lost_one_is_not_renewed(db: Database) -> None:
    """The heartbeat tells a slow worker what it no longer holds."""
    first, second = an_effect(an_ended_call(1)), an_effect(an_ended_call(2))
    await put(db, first, second)
    await taken(db, limit=2)
    await done(db, second.key)
    keys = [first.key, second.key]
    held = await db.write(
        lambda conn: outbox.renew(conn, owner="a", keys=keys, now=after(20), lease_s=30)
    )
    assert held == {first.key}
    assert await taken(db, after(49), owner="b") == []
    assert len(await taken(db, after(50), owner="b")) == 1


async def test_a_released_lease_is_no_attempt(db: Database) -> None:
    """An orderly stop leaves neither doubt nor a lost try."""
    effect = an_effect(an_ended_call())
    await put(db, effect)
    await taken(db)
    await db.write(lambda conn: outbox.release(conn, owner="a", keys=[effect.key], now=NOON))
    (leased,) = await taken(db, owner="b")
    assert (leased.attempt, leased.last_ambiguous) == (1, False)


async def test_after_a_crash_the_same_worker_recovers_its_leases_at_once(db: Database) -> None:
    """A restarted daemon need not wait for its former life's leases to run out."""
    await put(db, an_effect(an_ended_call(1)), an_effect(an_ended_call(2)))
    await taken(db, limit=1)
    assert await db.write(lambda conn: outbox.recover(conn, owner="a", now=after(1))) == 1
    found = await taken(db, after(1))
    assert {(name, one.last_ambiguous) for (name, _), one in zip(names(found), found)} == {  # noqa: B905
        ("1", True),
        ("2", False),
    }


async def test_a_busy_connector_leaves_room_for_the_others(db: Database) -> None:
    """A backlog towards one CRM must not starve another."""
    await put(db, *(an_effect(an_ended_call(number)) for number in range(20)))
    await put(db, an_effect(an_ended_call(1), connector="webhook"))
    found = await taken(db, limit=6, connectors=("odoo", "webhook"))
    assert [one.effect.connector for one in found] == ["odoo"] * 3 + ["webhook"]
    assert await taken(db, connectors=()) == []


async def test_an_unreadable_record_becomes_a_dead_letter_and_the_rest_goes_on(
    db: Database,
) -> None:
    """One damaged row must neither stop the worker nor hide the list from the administrator."""
    poison, good = an_effect(an_ended_call(1)), an_effect(an_ended_call(2))
    await put(db, poison, good)

    def damage(conn: Connection) -> None:
        mine = table.c.key == str(poison.key)
        conn.execute(update(table).where(mine).values(record='{"version": 1'))

    await db.write(damage)
    assert names(await taken(db)) == [("2", 0)]
    row = await stored(db, poison.key)
    assert (row.state, row.record) == (EffectState.DEAD, None)
    assert row.cause == leases.UNREADABLE


async def test_a_merged_call_loses_what_reached_nobody_and_tells_where_to_void(
    db: Database,
) -> None:
    """What may be in a CRM is voided there by an update; the rest must never be written."""
    record: CallRecord = an_ended_call()
    there = ["waiting", "delivered", "sending", "doubtful", "refused", "busy"]
    effects = {name: an_effect(record, connector=name) for name in there}
    other = an_effect(an_ended_call(2), connector="waiting")
    await put(db, *effects.values(), other)
    await taken(db, connectors=there[1:], limit=50)
    await done(db, effects["delivered"].key)

    def outcomes(conn: Connection) -> None:
        outbox.park(conn, effects["doubtful"].key, "no answer")
        outbox.dead(conn, effects["refused"].key, "422")
        outbox.retry_at(conn, effects["busy"].key, after(60), "503")

    await db.write(outcomes)
    left = await db.write(lambda conn: outbox.drop_pending(conn, record.id))
    assert left == ("delivered", "doubtful", "sending")
    states = {name: (await stored(db, effect.key)).state for name, effect in effects.items()}
    assert states == {
        "waiting": "dropped",
        "delivered": "delivered",
        "sending": "leased",
        "doubtful": "parked",
        "refused": "dropped",
        "busy": "dropped",
    }
    assert (await stored(db, other.key)).state is EffectState.PENDING


async def test_ten_thousand_waiting_effects_do_not_slow_a_lease(sqlite_url: str) -> None:
    """The query stops at what it hands out: it uses the index of what is unsettled."""
    db = await Database.open(sqlite_url)

    def plan(conn: Connection) -> str:
        values: dict[str, str | int] = {"connector": "odoo", "now": 1, "most": 1}
        steps = Prepared(f"EXPLAIN QUERY PLAN {leases.DUE}").rows(conn, values)
        return "\n".join(str(step[3]) for step in steps)

    text = await db.read(plan)
    await db.close()
    assert "USING INDEX ix_outbox_due (connector=? AND due_at<?)" in text
    assert "TEMP B-TREE" not in text


async def test_a_live_call_may_have_effects_too(db: Database) -> None:
    """Policies may write at the ring; the record then says that it is live."""
    effect = an_effect(a_call(), kind="call.started")
    assert await put(db, effect) == [True]
    assert (await taken(db))[0].effect.record == a_call()
