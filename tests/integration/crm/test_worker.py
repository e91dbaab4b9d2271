"""The worker on a real SQLite: what reaches the CRM, what waits, and what is left to people."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from support.crm_records import HandClock, answered, effect
from support.worker_rig import Rig, ScriptedWriter, worker_rig

from crm_sync import lane
from crm_sync.breaker import BreakerPhase, BreakerPolicy
from crm_sync.lane import LaneLimits
from gateway.core.errors import AmbiguousError, AuthError, RejectedError, TransientError
from gateway.core.ports import CrmCapabilities, Effect, Receipt, Tier
from gateway.store import outbox
from gateway.store.database import Database
from gateway.store.outbox import EffectState

REFUSED = TransientError("Refused.", adapter="crm")
LOST = AmbiguousError("Lost.", adapter="crm")
POISON = RejectedError("No.", adapter="crm")


async def test_effect_is_delivered_once_and_its_receipt_told(db: Database) -> None:
    """The receipt is durable before anybody hears of it."""
    crm, one = ScriptedWriter(), effect(answered())
    async with worker_rig(db, {"crm": crm}) as rig:
        await rig.put(one)
        row = await rig.reaches(one, EffectState.DELIVERED)
        await rig.until(_receipts(rig), lambda heard: len(heard) == 1)
    assert row.receipt == Receipt(external_id=str(one.key))
    assert [written.key for written in crm.ledger] == [one.key]
    assert rig.receipts[0][0].key == one.key


async def test_effect_is_not_sent_before_late_facts_have_settled(db: Database) -> None:
    """Two seconds after the end the record is complete; before that it is not sent."""
    crm, one = ScriptedWriter(), effect(answered())
    clock = HandClock(one.not_before - timedelta(seconds=1))
    async with worker_rig(db, {"crm": crm}, clock=clock) as rig:
        await rig.put(one)
        await asyncio.sleep(0.1)
        assert crm.attempts == []
        rig.later(1)
        await rig.reaches(one, EffectState.DELIVERED)


async def test_refused_connection_is_tried_again_after_a_pause(db: Database) -> None:
    """An outage delays calls and loses none."""
    crm, one = ScriptedWriter(script=[REFUSED, REFUSED]), effect(answered())
    async with worker_rig(db, {"crm": crm}) as rig:
        await rig.put(one)
        row = await rig.waits(one)
        assert row.due_at == rig.clock.now() + timedelta(seconds=1)
        assert row.cause == "Refused."
        rig.later(1)
        await rig.until(lambda: rig.row(one), lambda row: row.attempts == 2)
        await rig.waits(one)
        rig.later(2)
        await rig.reaches(one, EffectState.DELIVERED)
    assert len(crm.ledger) == 1


async def test_poison_is_a_dead_letter_and_nothing_behind_it_waits(db: Database) -> None:
    """A refused record is shown to people; the next ones are delivered meanwhile."""
    crm = ScriptedWriter(script=[POISON])
    bad, *good = [effect(answered(f"1.{n}")) for n in range(8)]
    async with worker_rig(db, {"crm": crm}, limits=LaneLimits(concurrency=1)) as rig:
        await rig.put(bad, *good)
        for one in good:
            await rig.reaches(one, EffectState.DELIVERED)
        row = await rig.reaches(bad, EffectState.DEAD)
        assert row.cause == "No."
        await db.write(lambda conn: outbox.retry(conn, bad.key))
        rig.worker.wake()
        await rig.reaches(bad, EffectState.DELIVERED)


async def test_mistake_in_a_connector_costs_one_effect_not_the_worker(db: Database) -> None:
    """Eight of ten thousand records may hit a bug; the others must not wait for its fix."""
    crm = ScriptedWriter(script=[KeyError("Mario Rossi")])
    bad, good = effect(answered("1.1")), effect(answered("1.2"))
    async with worker_rig(db, {"crm": crm}, limits=LaneLimits(concurrency=1)) as rig:
        await rig.put(bad, good)
        await rig.reaches(good, EffectState.DELIVERED)
        row = await rig.reaches(bad, EffectState.DEAD)
    assert row.cause is not None
    assert "KeyError" in row.cause
    assert "Rossi" not in row.cause


async def test_mistake_in_a_listener_does_not_undo_the_delivery(db: Database) -> None:
    """The card may miss a receipt; the CRM must not get the call twice."""

    def broken(_effect: Effect, _receipt: Receipt) -> None:
        raise ValueError

    crm, first, second = ScriptedWriter(), effect(answered("1.1")), effect(answered("1.2"))
    async with worker_rig(db, {"crm": crm}, listeners=[broken]) as rig:
        await rig.put(first, second)
        await rig.reaches(first, EffectState.DELIVERED)
        await rig.reaches(second, EffectState.DELIVERED)
    assert len(crm.attempts) == 2


async def test_lost_answer_is_sent_again_with_the_same_key_in_tier_a(db: Database) -> None:
    """The CRM recognises the key; here the ledger shows that it was the same."""
    crm, one = ScriptedWriter(), effect(answered())
    crm.script = [crm.committed_then(LOST, one)]
    async with worker_rig(db, {"crm": crm}) as rig:
        await rig.put(one)
        assert (await rig.waits(one)).ambiguous
        rig.later(1)
        await rig.reaches(one, EffectState.DELIVERED)
    assert {written.key for written in crm.ledger} == {one.key}


async def test_lost_answer_is_parked_in_tier_c(db: Database) -> None:
    """Without key and search a repeat could double; a person looks and decides."""
    crm, one = ScriptedWriter(script=[LOST]), effect(answered())
    tier = CrmCapabilities(tier=Tier.C)
    async with worker_rig(db, {"crm": crm}, capabilities=tier) as rig:
        await rig.put(one)
        await rig.reaches(one, EffectState.PARKED)
        rig.later(86400)
        await asyncio.sleep(0.05)
        assert len(crm.attempts) == 1
        await db.write(lambda conn: outbox.retry(conn, one.key))
        rig.worker.wake()
        await rig.reaches(one, EffectState.DELIVERED)


async def test_lost_answer_is_searched_first_in_tier_b(db: Database) -> None:
    """What was committed is found once the index caught up, and not created again."""
    crm, one = ScriptedWriter(), effect(answered())
    crm.script = [crm.committed_then(LOST, one)]
    tier = CrmCapabilities(tier=Tier.B, search_lag_s=60)
    async with worker_rig(db, {"crm": crm}, capabilities=tier) as rig:
        await rig.put(one)
        assert (await rig.waits(one)).due_at == rig.clock.now() + timedelta(seconds=60)
        rig.later(59)
        await asyncio.sleep(0.05)
        assert crm.searches == []
        rig.later(1)
        row = await rig.reaches(one, EffectState.DELIVERED)
    assert row.receipt == Receipt(external_id="found")
    assert len(crm.ledger) == 1


async def test_what_the_search_does_not_find_is_created_in_tier_b(db: Database) -> None:
    """The first attempt never arrived, so the second one is the only one."""
    crm, one = ScriptedWriter(script=[LOST]), effect(answered())
    tier = CrmCapabilities(tier=Tier.B, search_lag_s=60)
    async with worker_rig(db, {"crm": crm}, capabilities=tier) as rig:
        await rig.put(one)
        await rig.waits(one)
        rig.later(60)
        await rig.reaches(one, EffectState.DELIVERED)
    assert crm.searches == [one.key]
    assert len(crm.ledger) == 1


async def test_refused_sign_in_pauses_the_connector_and_kills_nothing(db: Database) -> None:
    """A changed password is repaired by people; every call is still there afterwards."""
    crm = ScriptedWriter(script=[AuthError("Who?", adapter="crm", remedy="Check.")] * 2)
    all_of_them = [effect(answered(f"1.{n}")) for n in range(20)]
    limits = LaneLimits(concurrency=1)
    async with worker_rig(db, {"crm": crm}, breaker=BreakerPolicy(), limits=limits) as rig:
        await rig.put(*all_of_them)
        await rig.until(_attempts(crm), lambda number: number == 1)
        await asyncio.sleep(0.1)
        assert len(crm.attempts) == 1
        state = rig.worker.states()["crm"]
        assert (state.phase, state.cause) == (BreakerPhase.OPEN, "Who? Check.")
        rig.later(60)
        await rig.until(_attempts(crm), lambda number: number == 2)
        rig.later(120)
        for one in all_of_them:
            await rig.reaches(one, EffectState.DELIVERED)
        assert rig.worker.states()["crm"].phase is BreakerPhase.CLOSED
    assert len(crm.ledger) == 20


async def test_corrections_wait_for_the_call_they_correct(db: Database) -> None:
    """FIFO within a call and a connector, while other calls go ahead."""
    crm = ScriptedWriter(script=[REFUSED])
    first = effect(answered("1.1"))
    correction = effect(answered("1.1", revision=1), kind="call.updated", ordinal=1)
    other = effect(answered("1.2"))
    async with worker_rig(db, {"crm": crm}) as rig:
        await rig.put(first, correction, other)
        await rig.reaches(other, EffectState.DELIVERED)
        await rig.waits(first)
        assert correction.key not in crm.attempts
        rig.later(1)
        await rig.reaches(correction, EffectState.DELIVERED)
    order = [written.kind for written in crm.ledger if written.record.id == first.record.id]
    assert order == ["call.ended", "call.updated"]


async def test_silent_crm_holds_up_neither_other_calls_nor_other_crms(db: Database) -> None:
    """One hanging request occupies one place of one lane."""
    gate = asyncio.Event()

    async def hang() -> Receipt:
        await gate.wait()
        return Receipt()

    slow, quick = ScriptedWriter(script=[hang]), ScriptedWriter()
    stuck = effect(answered("1.1"), connector="slow")
    behind = effect(answered("1.2"), connector="slow")
    elsewhere = effect(answered("1.1"), connector="quick")
    async with worker_rig(db, {"slow": slow, "quick": quick}) as rig:
        await rig.put(stuck)
        await rig.until(_attempts(slow), lambda number: number == 1)
        await rig.put(behind, elsewhere)
        await rig.reaches(behind, EffectState.DELIVERED)
        await rig.reaches(elsewhere, EffectState.DELIVERED)
        assert (await rig.row(stuck)).state is EffectState.LEASED
        gate.set()
        await rig.reaches(stuck, EffectState.DELIVERED)


async def test_no_more_than_the_limit_are_in_flight(db: Database) -> None:
    """A burst after an outage must not become a storm on the CRM."""
    gate, now, most = asyncio.Event(), 0, 0

    async def count() -> Receipt:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await gate.wait()
        now -= 1
        return Receipt()

    crm = ScriptedWriter(script=[count] * 30)
    all_of_them = [effect(answered(f"1.{n}")) for n in range(30)]
    async with worker_rig(db, {"crm": crm}, limits=LaneLimits(concurrency=3)) as rig:
        await rig.put(*all_of_them)
        await rig.until(_attempts(crm), lambda number: number == 3)
        gate.set()
        for one in all_of_them:
            await rig.reaches(one, EffectState.DELIVERED)
    assert most == 3


async def test_connector_that_never_returns_is_cut_off(db: Database) -> None:
    """A bug without time-out must not keep its place for ever."""

    async def hang() -> Receipt:
        await asyncio.Event().wait()
        return Receipt()

    crm, one = ScriptedWriter(script=[hang]), effect(answered())
    async with worker_rig(db, {"crm": crm}, limits=LaneLimits(attempt_s=0.1)) as rig:
        await rig.put(one)
        row = await rig.waits(one)
        assert row.ambiguous
        assert row.cause is not None
        assert "too long" in row.cause


async def test_stop_finishes_what_is_in_flight_and_starts_nothing(db: Database) -> None:
    """A restart in office hours leaves nothing ambiguous behind."""
    gate = asyncio.Event()

    async def slowly() -> Receipt:
        await gate.wait()
        return Receipt()

    crm = ScriptedWriter(script=[slowly])
    first, second = effect(answered("1.1")), effect(answered("1.2"))
    async with worker_rig(db, {"crm": crm}, limits=LaneLimits(concurrency=1)) as rig:
        await rig.put(first, second)
        await rig.until(_attempts(crm), lambda number: number == 1)
        rig.worker.stop()
        await asyncio.sleep(0.05)
        assert not rig.running.done()
        gate.set()
        async with asyncio.timeout(20):
            await rig.running
        assert (await rig.row(first)).state is EffectState.DELIVERED
        assert (await rig.row(second)).state is EffectState.PENDING


async def test_stop_does_not_wait_for_ever(db: Database) -> None:
    """What hangs past the limit is left to the next start, which knows that it is ambiguous."""

    async def hang() -> Receipt:
        await asyncio.Event().wait()
        return Receipt()

    crm, one = ScriptedWriter(script=[hang]), effect(answered())
    async with worker_rig(db, {"crm": crm}, limits=LaneLimits(stop_s=0.1)) as rig:
        await rig.put(one)
        await rig.until(_attempts(crm), lambda number: number == 1)
        rig.worker.stop()
        async with asyncio.timeout(20):
            await rig.running
    async with worker_rig(db, {"crm": crm}) as rig:
        await rig.reaches(one, EffectState.DELIVERED)
    assert crm.attempts == [one.key, one.key]


async def test_new_effect_is_sent_at_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is woken; it does not poll its way to the card's receipt."""
    monkeypatch.setattr(lane, "LOOK_AGAIN_S", 3600.0)
    crm, first, second = ScriptedWriter(), effect(answered("1.1")), effect(answered("1.2"))
    async with worker_rig(db, {"crm": crm}) as rig:
        for one in (first, second):
            await rig.put(one)
            await rig.reaches(one, EffectState.DELIVERED)


def _is_due_from(moment: datetime, row: outbox.StoredEffect) -> bool:
    return row.due_at >= moment


def _receipts(rig: Rig) -> Callable[[], Awaitable[list[tuple[Effect, Receipt]]]]:
    async def ask() -> list[tuple[Effect, Receipt]]:
        return rig.receipts

    return ask


def _attempts(crm: ScriptedWriter) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        return len(crm.attempts)

    return ask
