"""Leases: whatever a node dies of, is frozen by or is told, one effect is sent once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from support.crm_records import MORNING, HandClock, answered, effect
from support.worker_rig import ScriptedWriter, worker_rig

from crm_sync.lane import LaneLimits
from gateway.core.errors import AmbiguousError, RejectedError, TransientError
from gateway.core.ports import CrmCapabilities, Receipt, Tier
from gateway.store import outbox
from gateway.store.database import Connection, Database
from gateway.store.outbox import EffectState

REFUSED = TransientError("Refused.", adapter="crm")
LOST = AmbiguousError("Lost.", adapter="crm")
POISON = RejectedError("No.", adapter="crm")


def _is_due_from(moment: datetime, row: outbox.StoredEffect) -> bool:
    return row.due_at >= moment


def _attempts(crm: ScriptedWriter) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        return len(crm.attempts)

    return ask


async def test_long_write_keeps_its_lease_while_another_node_looks_on(db: Database) -> None:
    """The heartbeat renews; otherwise the second node would send the same call."""
    gate = asyncio.Event()

    async def slowly() -> Receipt:
        await gate.wait()
        return Receipt()

    crm, one = ScriptedWriter(script=[slowly]), effect(answered())
    limits, clock = LaneLimits(lease_s=0.3), HandClock(MORNING + timedelta(hours=1))
    async with (
        worker_rig(db, {"crm": crm}, limits=limits, clock=clock, node="a") as first,
        worker_rig(db, {"crm": crm}, limits=limits, clock=clock, node="b") as second,
    ):
        await first.put(one)
        await first.until(_attempts(crm), lambda number: number == 1)
        for _ in range(8):
            clock.forward(0.1)
            second.worker.wake()
            renewed = clock.now() + timedelta(seconds=limits.lease_s)
            await first.until(lambda: first.row(one), partial(_is_due_from, renewed))
        assert len(crm.attempts) == 1
        gate.set()
        await first.reaches(one, EffectState.DELIVERED)
    assert len(crm.ledger) == 1


async def test_process_frozen_past_its_own_lease_does_not_send_twice(db: Database) -> None:
    """After a suspend the lease has run out, but the request is still in flight right here."""
    gate = asyncio.Event()

    async def slowly() -> Receipt:
        await gate.wait()
        return Receipt()

    crm, one = ScriptedWriter(script=[slowly]), effect(answered())
    async with worker_rig(db, {"crm": crm}) as rig:
        await rig.put(one)
        await rig.until(_attempts(crm), lambda number: number == 1)
        rig.later(300)
        await rig.until(lambda: rig.row(one), lambda row: row.attempts == 2)
        gate.set()
        await rig.reaches(one, EffectState.DELIVERED)
    assert crm.attempts == [one.key]


async def test_two_nodes_share_the_work_without_doubles(db: Database) -> None:
    """Every effect is leased by one of them."""
    crm = ScriptedWriter()
    all_of_them = [effect(answered(f"1.{n}")) for n in range(60)]
    clock = HandClock(MORNING + timedelta(hours=1))
    async with (
        worker_rig(db, {"crm": crm}, clock=clock, node="a") as first,
        worker_rig(db, {"crm": crm}, clock=clock, node="b") as second,
    ):
        await first.put(*all_of_them)
        second.worker.wake()
        for one in all_of_them:
            await first.reaches(one, EffectState.DELIVERED)
    assert len(crm.ledger) == len({written.key for written in crm.ledger}) == 60
    assert first.receipts
    assert second.receipts


@pytest.mark.parametrize(
    ("tier", "state"),
    [(Tier.A, EffectState.DELIVERED), (Tier.C, EffectState.PARKED)],
)
async def test_what_was_in_flight_when_the_node_died_is_ambiguous(
    db: Database, tier: Tier, state: EffectState
) -> None:
    """It may have died after the CRM's commit: tier A sends again, tier C asks a person."""
    one = effect(answered())
    now = MORNING + timedelta(hours=1)

    def die_in_flight(conn: Connection) -> None:
        outbox.enqueue(conn, one)
        outbox.lease(conn, owner="a", now=now, limit=1, lease_s=30, connectors=["crm"])

    await db.write(die_in_flight)
    crm = ScriptedWriter()
    async with worker_rig(db, {"crm": crm}, capabilities=CrmCapabilities(tier=tier)) as rig:
        await rig.reaches(one, state)
    assert len(crm.attempts) == (1 if tier is Tier.A else 0)


async def test_lease_of_a_dead_node_is_taken_over_when_it_runs_out(db: Database) -> None:
    """No person is needed when a machine does not come back."""
    one = effect(answered())
    now = MORNING + timedelta(hours=1)

    def die_in_flight(conn: Connection) -> None:
        outbox.enqueue(conn, one)
        outbox.lease(conn, owner="b", now=now, limit=1, lease_s=30, connectors=["crm"])

    await db.write(die_in_flight)
    crm = ScriptedWriter()
    async with worker_rig(db, {"crm": crm}) as rig:
        rig.later(29)
        await asyncio.sleep(0.05)
        assert crm.attempts == []
        rig.later(1)
        await rig.reaches(one, EffectState.DELIVERED)


async def test_what_was_handed_out_ahead_is_given_back_unsent(db: Database) -> None:
    """It was certainly not sent: the next worker must not count it as an attempt, nor doubt it."""
    gate, begun = asyncio.Event(), asyncio.Event()

    async def hold() -> Receipt:
        begun.set()
        await gate.wait()
        return Receipt()

    crm = ScriptedWriter(script=[hold])
    effects = [effect(answered(f"ahead.{number}")) for number in range(4)]
    async with worker_rig(db, {"crm": crm}, limits=LaneLimits(concurrency=1, ahead=3)) as rig:
        await rig.put(*effects)
        await asyncio.wait_for(begun.wait(), 20)
        taken = [await rig.row(one) for one in effects]
        assert {row.state for row in taken} == {EffectState.LEASED}
        rig.worker.stop()
        gate.set()
        await asyncio.wait_for(rig.running, 20)
        rows = [await rig.row(one) for one in effects]
    assert sorted(row.state for row in rows) == ["delivered", "pending", "pending", "pending"]
    waiting = [row for row in rows if row.state is EffectState.PENDING]
    assert {(row.attempts, row.ambiguous, row.lease_owner) for row in waiting} == {(0, False, None)}
