"""Corrections and merges on their way into the outbox."""

from support.crm_records import answered, effect, ended
from support.worker_rig import ScriptedWriter, worker_rig

from crm_sync import intake
from crm_sync.policies import effects
from crm_sync.policy import Policy
from gateway.core.events import CallAmended
from gateway.core.ids import call_id
from gateway.core.ports import Effect
from gateway.core.record import CallRecord
from gateway.store import outbox
from gateway.store.database import Database
from gateway.store.outbox import EffectState


def of_end(record: CallRecord) -> Effect:
    """Return the effect of a call's end."""
    (one,) = effects(ended(record), connector="crm", policy=Policy())
    return one


def of_amendment(record: CallRecord) -> Effect:
    """Return the effect of a late fact."""
    event = CallAmended(at=ended(record).at, record=record)
    (one,) = effects(event, connector="crm", policy=Policy())
    return one


async def test_correction_before_the_first_try_replaces_the_record(db: Database) -> None:
    """The CRM hears of the call once, as it was."""
    crm = ScriptedWriter()
    await db.write(lambda conn: intake.put(conn, of_end(answered())))
    amended = of_amendment(answered(revision=1, queue="sales"))
    assert await db.write(lambda conn: intake.put(conn, amended))
    async with worker_rig(db, {"crm": crm}) as rig:
        await rig.reaches(amended, EffectState.DELIVERED)
    assert [(one.kind, one.record.queue) for one in crm.ledger] == [("call.ended", "sales")]


async def test_correction_after_the_first_try_follows_as_an_update(db: Database) -> None:
    """A receiver that saw the first bytes must see them again under that key."""
    crm = ScriptedWriter()
    async with worker_rig(db, {"crm": crm}) as rig:
        await db.write(lambda conn: intake.put(conn, of_end(answered())))
        rig.worker.wake()
        await rig.reaches(of_end(answered()), EffectState.DELIVERED)
        amended = of_amendment(answered(revision=1, queue="sales"))
        assert await db.write(lambda conn: intake.put(conn, amended))
        # the same fact again, as after a restart, is nothing new
        await db.write(lambda conn: intake.put(conn, amended))
        rig.worker.wake()
        await rig.until(lambda: _all(db), lambda rows: len(rows) == 2 and _settled(rows))
    assert [(one.kind, one.record.queue) for one in crm.ledger] == [
        ("call.ended", "support"),
        ("call.updated", "sales"),
    ]


async def test_same_end_again_is_nothing_new(db: Database) -> None:
    """A redelivery or a back-fill of the same facts must not write again."""
    crm = ScriptedWriter()
    async with worker_rig(db, {"crm": crm}) as rig:
        await db.write(lambda conn: intake.put(conn, of_end(answered())))
        rig.worker.wake()
        await rig.reaches(of_end(answered()), EffectState.DELIVERED)
        assert not await db.write(lambda conn: intake.put(conn, of_end(answered())))
    assert len(await _all(db)) == 1


async def test_dropped_call_is_not_brought_back_by_a_correction(db: Database) -> None:
    """A person said that this CRM should not have it."""
    first = of_end(answered())
    await db.write(lambda conn: intake.put(conn, first))
    await db.write(lambda conn: outbox.drop(conn, first.key))
    amended = of_amendment(answered(revision=1))
    assert not await db.write(lambda conn: intake.put(conn, amended))


async def test_merged_call_that_waits_is_dropped(db: Database) -> None:
    """Two records of one conversation would be counted twice."""
    first = of_end(answered())
    merged = answered(merged_into=call_id("hq", "9.9"))
    await db.write(lambda conn: intake.put(conn, first))
    assert await db.write(lambda conn: intake.merge(conn, merged)) == ()
    rows = await _all(db)
    assert [row.state for row in rows] == [EffectState.DROPPED]


async def test_merged_call_that_was_delivered_is_voided(db: Database) -> None:
    """The CRM is told that what it holds is part of another call."""
    crm = ScriptedWriter()
    merged = answered(merged_into=call_id("hq", "9.9"))
    async with worker_rig(db, {"crm": crm}) as rig:
        await db.write(lambda conn: intake.put(conn, of_end(answered())))
        rig.worker.wake()
        await rig.reaches(of_end(answered()), EffectState.DELIVERED)
        assert await db.write(lambda conn: intake.merge(conn, merged)) == ("crm",)
        rig.worker.wake()
        await rig.until(lambda: _all(db), lambda rows: len(rows) == 2 and _settled(rows))
    assert crm.ledger[-1].record.merged_into == merged.merged_into
    assert crm.ledger[-1].kind == "call.updated"


async def test_merged_call_that_nobody_was_told_of_gives_nothing(db: Database) -> None:
    """A call that ended and merged within its two seconds leaves no trace in the CRM."""
    assert await db.write(lambda conn: intake.merge(conn, answered())) == ()
    assert effect(answered()).key not in {row.key for row in await _all(db)}


async def _all(db: Database) -> tuple[outbox.StoredEffect, ...]:
    return (await db.read(outbox.list_effects)).items


def _settled(rows: tuple[outbox.StoredEffect, ...]) -> bool:
    return all(row.state is EffectState.DELIVERED for row in rows)
