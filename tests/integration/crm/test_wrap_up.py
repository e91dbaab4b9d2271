"""What agents say of a call on its way to the CRMs, beside what the call itself tells."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from support.crm_records import MORNING, HandClock, answered, ended
from support.worker_rig import Rig, ScriptedWriter, worker_rig

from crm_sync.policies import all_effects
from crm_sync.policy import Policy
from gateway.core.events import CallAmended, CallEvent, CallMerged, CallUpdated
from gateway.core.ids import call_id
from gateway.core.record import CallRecord, CallState
from gateway.desk.hub import Hub
from gateway.desk.roster import Roster
from gateway.runtime.recorder import Recorder, is_final
from gateway.runtime.wrapping import WrapUps
from gateway.store import calls, outbox
from gateway.store.database import Database
from gateway.store.people import Role, User, add_user

EFFECTS = partial(all_effects, policies={"crm": Policy()})
LUCA = User(login="luca", name="Luca", role=Role.AGENT, extensions=(("", "1002"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A call whose events are stored as the pipeline does, and an agent who wraps it up."""

    rig: Rig
    crm: ScriptedWriter
    recorder: Recorder
    wrap_ups: WrapUps

    async def event(self, event: CallEvent) -> None:
        """Store an event with its effects."""
        state = None if is_final(event) else b"state"
        self.recorder.mark(event, state=state, effects=EFFECTS(event))
        await self.recorder.drained()

    async def says(self, note: str, record: CallRecord) -> CallRecord:
        """Wrap the call up as the agent at 1002."""
        return await self.wrap_ups.say(
            record.id, login="luca", disposition="Resolved", note=note, visible_to=None
        )

    async def heard(self) -> list[tuple[str, str | None, str | None]]:
        """Return kind, trunk and note of what the CRM was told, once it was told everything."""

        async def rows() -> tuple[outbox.StoredEffect, ...]:
            self.rig.worker.wake()
            return (await self.rig.db.read(outbox.list_effects)).items

        await self.rig.until(rows, lambda some: all(one.settled_at for one in some))
        return [
            (
                one.kind,
                one.record.trunk,
                one.record.wrap_ups[0].note if one.record.wrap_ups else None,
            )
            for one in self.crm.ledger
        ]


@asynccontextmanager
async def a_line(db: Database) -> AsyncIterator[Line]:
    """Run the recorder and the worker around one call."""
    crm, clock, roster = ScriptedWriter(), HandClock(MORNING), Roster()
    await db.write(partial(add_user, user=LUCA, password_hash=None, now=MORNING))
    await roster.refresh(db)
    async with worker_rig(db, {"crm": crm}) as rig, asyncio.TaskGroup() as group:
        recorder = Recorder(db, on_effects=rig.worker.wake)
        running = group.create_task(recorder.run())
        wrap_ups = WrapUps(
            db,
            Hub(clock, epoch="e1"),
            roster,
            clock,
            dispositions=("Resolved",),
            effects=EFFECTS,
            on_effects=rig.worker.wake,
        )
        yield Line(rig=rig, crm=crm, recorder=recorder, wrap_ups=wrap_ups)
        running.cancel()


async def test_said_after_the_end_follows_as_updates(db: Database) -> None:
    """Each edit once, under a key of its own; a late fact after it keeps what was said."""
    call = answered()
    async with a_line(db) as line:
        await line.event(ended(call))
        assert await line.heard() == [("call.ended", "carrier", None)]
        await line.says("first", call)
        await line.heard()
        await line.says("second", call)
        await line.heard()
        await line.says("second", call)
        late = replace(call, revision=1, trunk="other")
        await line.event(CallAmended(at=MORNING, record=late))
        told = await line.heard()
        stored = await db.read(partial(calls.get_call, call_id=call.id))
    assert told[1:] == [
        ("call.updated", "carrier", "first"),
        ("call.updated", "carrier", "second"),
        ("call.updated", "other", "second"),
    ]
    assert stored is not None
    assert (stored.revision, stored.wrap_ups[0].note) == (3, "second")


async def test_said_while_the_call_is_up_goes_with_its_end(db: Database) -> None:
    """One write says everything; the events that follow know nothing of it and erase nothing."""
    call = answered()
    live = replace(call, state=CallState.LIVE, end=None, ended_at=None)
    async with a_line(db) as line:
        await line.event(CallUpdated(at=MORNING, record=live))
        await line.says("wants one contact person", live)
        await line.event(CallUpdated(at=MORNING, record=replace(live, trunk="other")))
        await line.event(ended(call))
        assert await line.heard() == [("call.ended", "carrier", "wants one contact person")]


async def test_said_of_a_call_that_became_part_of_another(db: Database) -> None:
    """It goes to the call that goes on; that the other is void is told all the same."""
    part, whole = answered(), answered("1795290244.99")
    merged = replace(part, merged_into=whole.id)
    async with a_line(db) as line:
        await line.event(ended(whole))
        await line.event(ended(part))
        await line.heard()
        await line.says("early", part)
        await line.heard()
        await line.event(CallMerged(at=MORNING, record=merged, into=whole.id))
        said = await line.says("late", part)
        told = await line.heard()
    assert said.id == call_id("hq", "1795290244.99")
    assert len(told) == 5
    assert [one.record.merged_into for one in line.crm.ledger].count(whole.id) == 1
