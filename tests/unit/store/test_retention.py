"""What has been kept long enough goes, and nothing that is still needed."""

from dataclasses import replace
from datetime import datetime, timedelta

from support.desk import START, TurnedClock, inbound

from gateway.core.handoff import Handoff
from gateway.core.ids import effect_key
from gateway.core.ports import Effect
from gateway.core.record import CallRecord, CallState
from gateway.runtime.retention import Retention
from gateway.runtime.settings_retention import RetentionSettings
from gateway.store.calls import get_call, save_call
from gateway.store.database import Connection, Database
from gateway.store.handoffs import handoffs_of, put_handoff
from gateway.store.outbox import enqueue, get_effect
from gateway.store.retention import STEP

OLD = START - timedelta(days=91)


def ended(root: str, at: datetime) -> CallRecord:
    """Return a call that was over a minute after `at`."""
    record = inbound(root, started_at=at)
    return replace(record, state=CallState.ENDED, ended_at=at + timedelta(minutes=1))


def effect_of(record: CallRecord) -> Effect:
    """Return what a CRM is to be told of a call."""
    return Effect(
        key=effect_key(record.id, "crm", "call.ended", 0),
        connector="crm",
        kind="call.ended",
        ordinal=0,
        record=record,
        occurred_at=OLD,
        not_before=OLD,
    )


async def cleaned(db: Database, **settings: int) -> int:
    """Clean up as the daemon does."""
    return await Retention(db, TurnedClock(), RetentionSettings(**settings)).clean()


async def test_old_calls_go_with_what_hangs_on_them_and_new_ones_stay(db: Database) -> None:
    """Ninety days by default."""
    old, new = ended("1.1", OLD), ended("1.2", START - timedelta(days=89))

    def save(conn: Connection) -> None:
        for record in (old, new):
            save_call(conn, record, state=None)
            put_handoff(conn, record.id, Handoff(at=record.started_at or START, reason="x"))

    await db.write(save)
    assert await cleaned(db) == 1
    assert await db.read(lambda conn: get_call(conn, old.id)) is None
    assert await db.read(lambda conn: handoffs_of(conn, old.id)) == ()
    assert await db.read(lambda conn: get_call(conn, new.id)) == new
    assert len(await db.read(lambda conn: handoffs_of(conn, new.id))) == 1


async def test_call_that_a_crm_still_waits_for_stays(db: Database) -> None:
    """A CRM down for months is no reason to lose what it must be told."""
    old = ended("1.1", OLD)
    await db.write(lambda conn: save_call(conn, old, state=None))
    await db.write(lambda conn: enqueue(conn, effect_of(old)))
    assert await cleaned(db) == 0
    assert await db.read(lambda conn: get_effect(conn, effect_of(old).key)) is not None


async def test_live_call_stays_however_long_it_lasts(db: Database) -> None:
    """A conference line may be up for months."""
    live = inbound(started_at=OLD)
    await db.write(lambda conn: save_call(conn, live, state=b"x"))
    assert await cleaned(db) == 0


async def test_many_calls_go_in_several_steps(db: Database) -> None:
    """No transaction holds the writer for long."""
    many = [ended(f"1.{no}", OLD) for no in range(STEP + 5)]
    await db.write(lambda conn: [save_call(conn, record, state=None) for record in many])
    assert await cleaned(db) == STEP + 5


async def test_shorter_times_can_be_configured(db: Database) -> None:
    """Some houses want a week."""
    await db.write(
        lambda conn: save_call(conn, ended("1.1", START - timedelta(days=8)), state=None)
    )
    assert await cleaned(db) == 0
    assert await cleaned(db, calls_days=7) == 1
