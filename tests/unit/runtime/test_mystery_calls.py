"""The screen before store and observers, and the clock that makes tests by itself."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from support.crm_records import HandClock
from support.empty_store import open_store

from gateway.core.events import CallStarted
from gateway.core.ids import CallId
from gateway.core.mystery import MysteryRun, RunState
from gateway.core.record import Called, CallRecord, Direction, Party
from gateway.core.trunks import TrunkRef
from gateway.runtime.mystery_calls import OurCalls
from gateway.runtime.mystery_plans import PlannedTest
from gateway.runtime.mystery_schedule import Schedule
from gateway.runtime.settings_mystery import TrunkTestSettings
from gateway.store import mystery
from gateway.store.database import Database
from gateway.store.mystery import StoredRun

REF = TrunkRef(pbx="hq", name="carrier")
OURS, CALLED, CUSTOMER = "+390299990000", "+390299993000", "+393331234567"


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty store."""
    opened = await open_store(tmp_path)
    yield opened
    await opened.close()


def stored(clock: HandClock) -> StoredRun:
    """Return a run that begins now."""
    run = MysteryRun(
        id=UUID(int=1), trunk=REF, test="day", number=CALLED, by="", started_at=clock.now()
    )
    return StoredRun(run=run, script="a", caller=OURS, channel="fdtest-1.1", node="a")


def call(clock: HandClock, caller: str, *, number: int = 9, root: str = "1.7") -> CallStarted:
    """Return the first event of a call that comes in now."""
    record = CallRecord(
        id=CallId(UUID(int=number)),
        pbx="hq",
        linkedid=root,
        direction=Direction.INBOUND,
        caller=Party(number=caller, e164=caller),
        called=Called(number=CALLED, e164=CALLED),
        started_at=clock.now(),
    )
    return CallStarted(at=clock.now(), record=record)


async def test_only_the_call_of_an_open_run_is_screened(db: Database) -> None:
    """The customer of the same second goes on to store and CRM."""
    clock = HandClock()
    screen = OurCalls(db, clock)
    assert not screen.takes(call(clock, OURS))
    assert screen.takes(call(clock, OURS, root="fdtest-1.1"))
    await db.write(partial(mystery.begin_run, stored=stored(clock)))
    screen.expect(stored(clock).mark)
    assert not screen.takes(call(clock, CUSTOMER, number=8))
    assert screen.takes(call(clock, OURS))
    assert not screen.takes(call(clock, OURS, number=7))
    assert screen.arrived(UUID(int=1)) == CallId(UUID(int=9))


async def test_rest_of_a_call_is_screened_after_a_restart(db: Database) -> None:
    """The process died between two events of it."""
    clock = HandClock()
    first = OurCalls(db, clock)
    begun = stored(clock)
    await db.write(partial(mystery.begin_run, stored=begun))
    first.expect(begun.mark)
    arrived = call(clock, OURS)
    assert first.takes(arrived)
    await db.write(lambda _conn: None)  # behind the note of its arrival
    second = OurCalls(db, clock)
    await second.load()
    late = replace(arrived.record, called=Called(number="2001"), complete=False)
    assert second.takes(CallStarted(at=clock.now(), record=late))
    assert not second.takes(call(clock, CUSTOMER, number=8))


async def test_test_is_made_when_it_is_due_and_not_before(db: Database) -> None:
    """A restart neither skips a test nor makes it twice."""
    clock, made = HandClock(), list[str]()
    settings = TrunkTestSettings(
        name="day", number=CALLED, caller_id=OURS, steps=("hang up",), every="1h"
    )
    test = PlannedTest(
        ref=REF, settings=settings, dialled=CALLED, called=CALLED, caller=OURS, calendar=None
    )

    async def start(due: PlannedTest) -> None:
        made.append(due.settings.name)

    last = stored(clock)
    last = replace(last, run=replace(last.run, state=RunState.PASSED))
    await db.write(partial(mystery.begin_run, stored=last))
    schedule = Schedule(db, clock, [test], start=start)
    await schedule.plan()
    for minutes, wanted in ((50, 0), (20, 1), (1, 1), (70, 2)):
        clock.at += timedelta(minutes=minutes)
        await schedule.look()
        assert len(made) == wanted
