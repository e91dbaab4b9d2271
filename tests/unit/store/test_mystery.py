"""Mystery calls in the store, the same in both databases."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from support.desk import START

from gateway.core.ids import CallId
from gateway.core.mystery import (
    Change,
    Mark,
    MysteryRun,
    MysterySeconds,
    MysteryStep,
    RunState,
)
from gateway.core.trunks import TrunkRef, Words
from gateway.store import mystery
from gateway.store.database import Database
from gateway.store.mystery import LONGEST, RunCursor, StoredRun

REF = TrunkRef(pbx="hq", name="carrier")
MINUTE = timedelta(minutes=1)


def stored(
    number: int, *, state: RunState = RunState.RUNNING, ref: TrunkRef = REF, script: str = "a"
) -> StoredRun:
    """Return the run that was begun so many minutes after the start."""
    began = START + number * MINUTE
    run = MysteryRun(
        id=UUID(int=number + 1),
        trunk=ref,
        test="day",
        number="+390299993000",
        by="anna",
        started_at=began,
        state=state,
    )
    return StoredRun(
        run=run, script=script, caller="+390299990000", channel=f"fdtest-{number}", node="a"
    )


async def test_report_survives_the_store(db: Database) -> None:
    """Every word and figure is shown a year later."""
    begun = stored(0)
    full = replace(
        begun,
        arrived=CallId(UUID(int=99)),
        run=replace(
            begun.run,
            state=RunState.CHANGED,
            ended_at=START + MINUTE,
            seconds=MysterySeconds(post_dial_delay=0.4, to_person=9.25),
            steps=(MysteryStep(at=START, kind=Mark.EXPECT, text="a", italian="b", ok=True),),
            path=("menu:main", "person"),
            words=Words(cause="c", remedy="r", translated=(("it", "d", "s"),)),
            changes=(Change(what="path", before="x", now="y"),),
        ),
    )
    assert await db.write(partial(mystery.begin_run, stored=begun)) is None
    await db.write(partial(mystery.put_run, stored=full))
    assert await db.read(partial(mystery.runs_of, ref=REF, limit=5)) == (full.run,)
    (mark,) = await db.read(partial(mystery.marks_since, since=START))
    assert (mark.arrived, mark.closes_at) == (CallId(UUID(int=99)), START + MINUTE)


async def test_trunk_takes_one_run_at_a_time(db: Database) -> None:
    """Two people press the button: the second is told of the first's run."""
    first, second = stored(0), stored(1)
    assert await db.write(partial(mystery.begin_run, stored=first)) is None
    assert await db.write(partial(mystery.begin_run, stored=second)) == first
    other = stored(2, ref=TrunkRef(pbx="hq", name="spare"))
    assert await db.write(partial(mystery.begin_run, stored=other)) is None
    running = await db.read(partial(mystery.running, node="a"))
    assert running == (first, other)


async def test_run_of_a_node_that_is_gone_blocks_nobody(db: Database) -> None:
    """A machine that never comes back must not hold a trunk for ever."""
    await db.write(partial(mystery.begin_run, stored=stored(0)))
    late = stored(int(LONGEST / MINUTE) + 1)
    assert await db.write(partial(mystery.begin_run, stored=late)) is None


async def test_run_that_a_command_asks_for_is_taken_once(db: Database) -> None:
    """Two nodes look; a command that waits no more takes its wish back, or finds it taken."""
    wish = replace(stored(0), node="", channel="", caller="")
    await db.write(partial(mystery.begin_run, stored=wish))
    assert await db.read(partial(mystery.asked, since=START - MINUTE)) == (wish,)
    assert await db.read(partial(mystery.asked, since=START + MINUTE)) == ()
    assert await db.read(partial(mystery.running, node="a")) == ()
    assert await db.write(partial(mystery.take_asked, stored=stored(0)))
    assert not await db.write(partial(mystery.take_asked, stored=stored(0)))
    assert not await db.write(partial(mystery.drop_asked, run=wish.run.id))
    assert await db.read(partial(mystery.get_run, run=wish.run.id)) == stored(0)


async def test_runs_come_in_pages_latest_first(db: Database) -> None:
    """A year of hourly tests is long."""
    for number in range(5):
        one = stored(number, state=RunState.PASSED)
        await db.write(partial(mystery.begin_run, stored=one))
    first = await db.read(partial(mystery.runs_of, ref=REF, limit=3))
    cursor = RunCursor(started_at=first[-1].started_at, id=str(first[-1].id))
    rest = await db.read(partial(mystery.runs_of, ref=REF, limit=3, before=cursor))
    assert [run.id.int for run in (*first, *rest)] == [5, 4, 3, 2, 1]


async def test_last_run_of_each_test_is_found_behind_many_of_another(db: Database) -> None:
    """One that runs once a night is not lost behind one that runs every ten minutes."""
    night = stored(0, state=RunState.FAILED)
    night = replace(night, run=replace(night.run, test="night"))
    days = [stored(number, state=RunState.PASSED) for number in range(1, 5)]
    elsewhere = stored(5, state=RunState.FAILED, ref=TrunkRef(pbx="hq", name="spare"))
    for one in (night, *days, elsewhere, stored(6)):
        await db.write(partial(mystery.begin_run, stored=one))
    latest = partial(mystery.latest_runs, ref=REF)
    assert await db.read(partial(latest, each=1)) == (night.run, days[-1].run)
    assert await db.read(partial(latest, each=2)) == (night.run, days[-2].run, days[-1].run)


async def test_only_good_runs_of_the_same_script_are_compared_with(db: Database) -> None:
    """A failed run has no time to a person, and another script goes another way."""
    for number, (state, script) in enumerate(
        [
            (RunState.PASSED, "a"),
            (RunState.FAILED, "a"),
            (RunState.CHANGED, "a"),
            (RunState.PASSED, "b"),
        ]
    ):
        one = stored(number, state=state, script=script)
        await db.write(partial(mystery.begin_run, stored=one))
    good = await db.read(partial(mystery.good_runs, stored=stored(9), limit=10))
    assert [run.id.int for run in good] == [3, 1]
    last = await db.read(partial(mystery.last_start, ref=REF, test="day"))
    assert last == START + 3 * MINUTE


async def test_call_that_arrived_is_known_at_once(db: Database) -> None:
    """The process may die in the next moment; the rest of the call is still no customer's."""
    await db.write(partial(mystery.begin_run, stored=stored(0)))
    await db.write(partial(mystery.put_arrived, run=UUID(int=1), call=CallId(UUID(int=7))))
    (left,) = await db.read(partial(mystery.running, node="a"))
    assert left.mark.arrived == CallId(UUID(int=7))
    await db.write(partial(mystery.forget_runs, before=START + MINUTE))
    assert await db.read(partial(mystery.marks_since, since=START)) == ()
