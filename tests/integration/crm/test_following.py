"""Effects that follow on a record, and tasks that nobody needs any more, on their way to a CRM."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from support.crm_records import MORNING, HandClock, answered, effect, ended, missed
from support.worker_rig import ScriptedWriter, worker_rig

from crm_sync import intake
from crm_sync.delivery import TOO_FRESH
from crm_sync.planning import Planner
from crm_sync.policies import effects
from crm_sync.policy import Moment, Policy, TaskPolicy
from crm_sync.wording import Wording
from gateway.core.errors import AmbiguousError, RejectedError
from gateway.core.events import CallEvent, LegDialled
from gateway.core.ids import EffectKey
from gateway.core.ports import CrmCapabilities, Effect, Receipt, Tier
from gateway.core.record import CallRecord, CallState
from gateway.core.writing import WritePlan
from gateway.store import calls, outbox
from gateway.store.database import Database
from gateway.store.outbox import EffectState

ROME = ZoneInfo("Europe/Rome")
AT_RING = Policy(when=Moment.RING, queues=frozenset({"support"}))
TASKS = Policy(task=TaskPolicy(wanted=True))
RINGING = answered(
    state=CallState.LIVE, outcome=None, ended_at=None, answered_by=None, answered_at=None
)
RING = LegDialled(at=MORNING, record=RINGING, extension="1002", ring_no=1)


@dataclass(slots=True)
class PlanReader(ScriptedWriter):
    """A CRM in memory that keeps the plans it was given."""

    plans: list[WritePlan] = field(default_factory=list)

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,
        kind: str,
        occurred_at: datetime,
        plan: WritePlan | None = None,
    ) -> Receipt:
        """Keep the plan, then do the next thing of the script."""
        assert plan is not None
        self.plans.append(plan)
        return await ScriptedWriter.write(
            self, record, idempotency_key=idempotency_key, kind=kind, occurred_at=occurred_at
        )


def planner(policy: Policy) -> Planner:
    """Return a planner in Italian."""
    wording = Wording("crm", policy, zone=ROME, language="it")
    return Planner(policy, wording, own=lambda _e164: None, zone=ROME)


async def tell(db: Database, event: CallEvent, policy: Policy) -> tuple[Effect, ...]:
    """Store what an event means, as the pipeline does; return its effects."""
    told = effects(event, connector="crm", policy=policy)
    await db.write(lambda conn: calls.save_call(conn, event.record, state=None))
    await db.write(lambda conn: [intake.put(conn, one) for one in told])
    return told


async def test_end_waits_until_nobody_doubts_the_ring(db: Database) -> None:
    """The record that may have been made at the ring must not be made again at the end."""
    crm = PlanReader(script=[AmbiguousError("lost", adapter="crm", remedy="")])
    [begun] = await tell(db, RING, AT_RING)
    [end] = await tell(db, ended(answered()), AT_RING)
    async with worker_rig(db, {"crm": crm}, planners={"crm": planner(AT_RING)}) as rig:
        await rig.waits(begun)
        assert (await rig.row(end)).attempts == 0
        rig.later(60)
        await rig.reaches(end, EffectState.DELIVERED)
    assert [one.kind for one in crm.ledger] == ["call.started", "call.ended"]
    first, again, last = crm.plans
    assert (first.follows, again.follows, last.follows) == (False, False, True)
    assert not last.creates_record
    assert last.record_id == str(begun.key)


async def test_end_makes_the_record_that_the_ring_could_not(db: Database) -> None:
    """A CRM that refuses a ringing call still gets the call, and never rings again for it."""
    crm = PlanReader(script=[RejectedError("no", adapter="crm", remedy="")])
    [begun] = await tell(db, RING, AT_RING)
    [end] = await tell(db, ended(answered()), AT_RING)
    async with worker_rig(db, {"crm": crm}, planners={"crm": planner(AT_RING)}) as rig:
        await rig.reaches(end, EffectState.DELIVERED)
        assert (await rig.row(begun)).state is EffectState.DEAD
    assert crm.plans[-1].creates_record
    await db.write(lambda conn: outbox.retry(conn, begun.key))
    async with worker_rig(db, {"crm": crm}, planners={"crm": planner(AT_RING)}) as rig:
        await rig.reaches(begun, EffectState.DROPPED)
    assert [one.kind for one in crm.ledger] == ["call.ended"]


async def test_crm_whose_search_lags_is_given_time_before_what_follows(db: Database) -> None:
    """Tier B finds its own record by a search that may not know it yet."""
    crm = PlanReader()
    slow = CrmCapabilities(tier=Tier.B, search_lag_s=30.0)
    clock = HandClock(MORNING + timedelta(hours=1))
    [begun] = await tell(db, RING, AT_RING)
    async with worker_rig(
        db, {"crm": crm}, capabilities=slow, clock=clock, planners={"crm": planner(AT_RING)}
    ) as rig:
        await rig.reaches(begun, EffectState.DELIVERED)
        [end] = await tell(db, ended(answered()), AT_RING)
        rig.worker.wake()
        row = await rig.waits(end)
        assert (row.cause, row.due_at) == (TOO_FRESH, clock.now() + timedelta(seconds=30))
        assert len(crm.plans) == 1
        rig.later(31)
        await rig.reaches(end, EffectState.DELIVERED)
    assert crm.searches == []


async def test_call_that_moved_on_is_ended_only_where_it_began(db: Database) -> None:
    """A CRM that never heard of it has nothing to end."""
    moved = answered(queue="sales")
    [end] = await tell(db, ended(moved), AT_RING)
    assert await db.read(lambda conn: outbox.get_effect(conn, end.key)) is None
    await tell(db, RING, AT_RING)
    [end] = await tell(db, ended(moved), AT_RING)
    assert await db.read(lambda conn: outbox.get_effect(conn, end.key)) is not None


async def test_task_is_made_once_and_not_for_who_was_reached(db: Database) -> None:
    """Ten minutes are given to call back; who was reached by then is nobody's task."""
    patient = Policy(task=TaskPolicy(wanted=True, after_s=600))
    crm = PlanReader()
    reached, waiting = missed("t.1"), missed("t.2", caller=replace(missed().caller, e164="+39070"))
    _call, dropped = await tell(db, ended(reached), patient)
    call, made = await tell(db, ended(waiting), patient)
    back = answered("t.3", started_at=MORNING + timedelta(minutes=5))
    await db.write(lambda conn: calls.save_call(conn, back, state=None))
    clock = HandClock(MORNING + timedelta(minutes=3))
    async with worker_rig(db, {"crm": crm}, clock=clock, planners={"crm": planner(patient)}) as rig:
        await rig.reaches(call, EffectState.DELIVERED)
        assert (await rig.row(made)).attempts == 0
        rig.later(600)
        await rig.reaches(made, EffectState.DELIVERED)
        row = await rig.reaches(dropped, EffectState.DROPPED)
        assert row.cause == "The customer was reached meanwhile."
        await tell(db, ended(waiting), patient)
        rig.later(600)
        assert (await rig.row(made)).attempts == 1
    assert sorted(one.kind for one in crm.ledger) == ["call.ended", "call.ended", "task.missed"]
    assert crm.plans[-1].task is not None


async def test_task_that_may_be_there_is_confirmed_not_forgotten(db: Database) -> None:
    """The answer was lost, then the customer was reached: the task is made sure of once."""
    crm = PlanReader(script=[AmbiguousError("lost", adapter="crm", remedy="")])
    record = missed("t.4")
    task = effect(record, kind="task.missed")
    await db.write(lambda conn: calls.save_call(conn, record, state=None))
    async with worker_rig(db, {"crm": crm}, planners={"crm": planner(TASKS)}) as rig:
        await rig.put(task)
        await rig.waits(task)
        back = answered("t.5", started_at=MORNING + timedelta(minutes=5))
        await db.write(lambda conn: calls.save_call(conn, back, state=None))
        rig.later(60)
        await rig.reaches(task, EffectState.DELIVERED)


async def test_task_of_a_week_ago_is_not_made(db: Database) -> None:
    """The CRM was away; nobody wants last week's list of calls back."""
    crm = PlanReader()
    _call, task = await tell(db, ended(missed("t.6")), TASKS)
    clock = HandClock(MORNING + timedelta(days=8))
    async with worker_rig(db, {"crm": crm}, clock=clock, planners={"crm": planner(TASKS)}) as rig:
        await rig.reaches(task, EffectState.DROPPED)
    assert [one.kind for one in crm.ledger] == ["call.ended"]
