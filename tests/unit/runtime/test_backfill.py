"""The back-fill of one PBX: gaps closed, effects once, trouble told, nothing lost in between."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from support.backfill_rig import GAP, NOON, PBX, Rig, Up, Written, found
from support.crm_records import answered
from support.empty_store import open_store

from crm_sync.policies import all_effects
from crm_sync.policy import Policy
from gateway.core.events import CallEnded
from gateway.core.ids import call_id
from gateway.core.mystery import MysteryRun
from gateway.core.ports import Recalled
from gateway.core.record import CallState, EndKind, Party
from gateway.core.trunks import TrunkRef
from gateway.runtime import backfill as backfill_module
from gateway.runtime.backfill import MARGIN, BackFill
from gateway.runtime.clock import SystemClock
from gateway.runtime.gaps import GapRecorder
from gateway.runtime.keeping import Keeper
from gateway.store import calls, effects, erasing, gaps, outbox
from gateway.store.mystery import StoredRun, begin_run


@pytest.fixture
async def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    """Give a running back-fill that does not dawdle."""
    monkeypatch.setattr(backfill_module, "PASSES_S", (0.0, 0.05, 0.1))
    monkeypatch.setattr(backfill_module, "RETRY_FIRST_S", 0.01)
    db = await open_store(tmp_path)
    clock, history, up, woken = SystemClock(), Written(), Up(), [0]
    recorder = GapRecorder(db, clock, heard=tuple)

    def wake() -> None:
        woken[0] += 1

    keeper = Keeper(
        db, effects=lambda event: all_effects(event, {"crm": Policy()}), on_effects=wake
    )
    part = BackFill(
        PBX, history, db, clock, keeper=keeper, gap_log=recorder, flush_gaps=recorder.flush
    )
    part.follow(up)
    task = asyncio.create_task(part.run())
    yield Rig(db=db, history=history, up=up, part=part, recorder=recorder, woken=woken)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await db.close()


async def test_gap_is_closed_with_source_and_number(rig: Rig) -> None:
    """What nobody saw is stored, written once, and the gap says so."""
    rig.history.pages = [[found()], [found("1795290244.20")]]
    await rig.gap()
    gap = await rig.done()
    assert (gap.source, gap.recovered, gap.unknown) == ("cel", 2, False)
    assert {one.line for one in await rig.calls()} == {"Sales"}
    assert len(await rig.effects()) == 2
    assert rig.woken[0] == 2
    assert rig.history.asked[0][0] == NOON - MARGIN


async def test_rows_written_late_are_found_by_a_later_pass_and_once(rig: Rig) -> None:
    """CDR in batch mode comes minutes after the call."""
    await rig.gap()
    assert (await rig.done()).recovered == 0
    rig.history.pages = [[found()]]

    async def counted() -> object:
        return (await rig.gaps())[0].recovered

    await rig.until(counted)
    await asyncio.sleep(0.2)
    assert (await rig.gaps())[0].recovered == 1
    assert len(await rig.effects()) == 1
    assert len(rig.history.asked) == 3


async def test_database_in_trouble_is_told_and_asked_again(rig: Rig) -> None:
    """The gap stays unknown as long as nobody could look."""
    rig.history.failures = 3
    rig.history.pages = [[found()]]
    await rig.gap()

    async def told() -> object:
        return rig.part.trouble

    await rig.until(told)
    assert rig.part.trouble is not None
    assert rig.part.trouble.remedy == "Start it."
    assert all(gap.unknown for gap in await rig.gaps())
    assert (await rig.done()).recovered == 1
    await asyncio.sleep(0.05)
    assert rig.part.trouble is None


async def test_gap_of_an_earlier_run_is_looked_for_as_well(rig: Rig) -> None:
    """The process may have died between a gap's end and the look into the history."""
    await rig.db.write(lambda conn: gaps.open_gap(conn, PBX, NOON - timedelta(hours=2)))
    await rig.db.write(lambda conn: gaps.close_gap(conn, PBX, NOON, source="snapshot"))
    await rig.gap()
    await rig.done()
    assert rig.history.asked[0][0] == NOON - timedelta(hours=2) - MARGIN
    assert [gap.unknown for gap in await rig.gaps()] == [False, False]


async def test_call_that_is_up_is_left_to_the_table(rig: Rig) -> None:
    """It will tell its own end."""
    rig.history.pages = [[found(state=CallState.LIVE, end=None, ended_at=None)]]
    rig.up.live.add(call_id(PBX, "1795290244.12"))
    await rig.gap()
    assert (await rig.done()).recovered == 0
    assert await rig.calls() == ()


async def test_call_that_ended_a_moment_ago_stays_as_it_was_seen(rig: Rig) -> None:
    """Its end is about to be written: what a table tells would count as the newer revision."""
    whole = found()
    live = replace(whole.record, state=CallState.LIVE, sources=("ami",), end=None, ended_at=None)
    seen = replace(whole.record, sources=("ami",), end=EndKind.SEEN)
    await rig.db.write(lambda conn: calls.save_call(conn, live, state=b"state"))
    rig.up.ending.append(lambda: rig.db.write(lambda conn: calls.save_call(conn, seen, state=None)))
    rig.history.pages = [[whole]]
    await rig.gap()
    assert (await rig.done()).recovered == 0
    assert await rig.calls() == (seen,)


async def test_call_of_somebody_who_was_erased_stays_away(rig: Rig) -> None:
    """The PBX's own history still has it; ours must not get it back from there."""
    gone = found()
    await rig.db.write(lambda conn: calls.save_call(conn, gone.record, state=None))
    number = gone.record.caller.e164 or ""
    for _ in range(2):
        await erasing.erase(
            rig.db,
            erasing.Person(numbers=(number,)),
            now=NOON + timedelta(hours=1),
            note=lambda _conn, _done: None,
        )
    rig.history.pages = [[gone, found("1795290244.50")]]
    await rig.gap()
    assert (await rig.done()).recovered == 1
    assert [one.linkedid for one in await rig.calls()] == ["1795290244.50"]


async def test_mystery_call_stays_away(rig: Rig) -> None:
    """The PBX's own history knows no tests: it has both calls, the placed one and the arrived."""
    ours = Party(number="+390299990000", e164="+390299990000")
    arrived = found("1795290244.30", caller=ours)
    run = MysteryRun(
        id=UUID(int=1),
        trunk=TrunkRef(pbx=PBX, name="carrier"),
        test="day",
        number=arrived.record.called.e164 or "",
        by="",
        started_at=NOON - timedelta(seconds=1),
        ended_at=NOON + timedelta(minutes=1),
    )
    stored = StoredRun(
        run=run, script="", caller="+390299990000", channel="fdtest-1795290243.1", node="a"
    )
    await rig.db.write(partial(begin_run, stored=stored))
    rig.history.pages = [[found("fdtest-1795290243.1"), arrived, found("1795290244.50")]]
    await rig.gap()
    assert (await rig.done()).recovered == 1
    assert [one.linkedid for one in await rig.calls()] == ["1795290244.50"]
    assert len(await rig.effects()) == 1


async def test_call_without_an_end_that_is_not_up_was_cut_off(rig: Rig) -> None:
    """The PBX died with it; one that has just begun is somebody else's affair."""
    rig.history.pages = [
        [
            found(state=CallState.LIVE, end=None, ended_at=None),
            found("1795290244.99", state=CallState.LIVE, ended_at=None, started_at=NOON + GAP),
        ]
    ]
    await rig.gap()
    assert (await rig.done()).recovered == 1
    [cut] = await rig.calls()
    assert (cut.complete, cut.end, cut.ended_at) == (False, EndKind.BACKFILLED, None)


async def test_call_that_ended_with_something_unknown_is_completed(rig: Rig) -> None:
    """Its effect waits for two seconds: the CRM is told once, and the whole."""
    whole = found()
    seen = replace(whole.record, complete=False, sources=("ami",), end=EndKind.SEEN, queue=None)
    event = CallEnded(at=NOON, record=seen)
    for effect in all_effects(event, {"crm": Policy()}):
        await rig.db.write(partial(outbox.enqueue, effect=effect))
    await rig.db.write(lambda conn: calls.save_call(conn, seen, state=None))
    rig.history.pages = [[whole]]
    rig.part.observe(event)

    async def completed() -> object:
        return all(one.complete for one in await rig.calls())

    await rig.until(completed)
    [waiting] = await rig.effects()
    assert waiting.record is not None
    assert waiting.record.complete
    assert waiting.record.sources == ("ami", "cel")
    assert rig.history.asked == [(rig.history.asked[0][0], frozenset({"1795290244.12"}))]


async def test_call_that_ends_while_a_gap_is_read_for_is_completed_at_once(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last rows were not there yet; waiting for the next look would leave it in part."""
    monkeypatch.setattr(backfill_module, "PASSES_S", (0.0, 60.0, 60.0))
    whole = found()
    up = replace(whole.record, state=CallState.LIVE, end=None, ended_at=None)
    seen = replace(whole.record, complete=False, sources=("ami",), end=EndKind.SEEN, queue=None)

    class Slow(Written):
        async def since(
            self, mark: datetime, *, open_calls: Collection[str] = ()
        ) -> AsyncIterator[Sequence[Recalled]]:
            """Tell of the call as it was when the reading began; it ends meanwhile."""
            self.asked.append((mark, frozenset(open_calls)))
            if len(self.asked) == 1:
                await rig.db.write(lambda conn: calls.save_call(conn, seen, state=None))
                rig.up.live = set()
                rig.part.observe(CallEnded(at=NOON, record=seen))
                yield [replace(whole, record=up)]
            else:
                yield [whole]

    rig.part._history = Slow()
    rig.up.live = {whole.record.id}
    await rig.gap()
    await rig.done()

    async def completed() -> object:
        return all(one.complete for one in await rig.calls())

    await rig.until(completed)


async def test_flapping_link_is_read_for_once(rig: Rig) -> None:
    """Twenty gaps in a second are no reason for sixty looks into a database."""
    for second in range(20):
        rig.part.opened(PBX, NOON + timedelta(seconds=10 * second))
        rig.part.closed(PBX, NOON + timedelta(seconds=10 * second + 5))
        await rig.recorder.flush()
    await rig.done()
    await asyncio.sleep(0.5)
    assert len(rig.history.asked) < 40
    assert not any(gap.unknown for gap in await rig.gaps())


async def test_complete_call_is_not_looked_for(rig: Rig) -> None:
    """Nothing is missing."""
    rig.part.observe(CallEnded(at=NOON, record=found().record))
    await asyncio.sleep(0.05)
    assert rig.history.asked == []


async def test_call_known_by_one_of_its_channels_keeps_its_id(rig: Rig) -> None:
    """A call adopted under another root is still the same call."""
    known = replace(found("1795290000.1").record, complete=False)
    await rig.db.write(
        lambda conn: calls.save_call(conn, known, state=None, channels=["1795290244.12"])
    )
    rig.history.pages = [[found()]]
    await rig.gap()
    await rig.done()
    assert [one.id for one in await rig.calls()] == [known.id]


async def test_merged_call_counts_for_nobody_and_voids_what_was_written(rig: Rig) -> None:
    """A consultation that we saw as a call of its own."""
    own = found("1795290244.30")
    event = CallEnded(at=NOON, record=replace(own.record, complete=False))
    for effect in all_effects(event, {"crm": Policy()}):
        await rig.db.write(partial(outbox.enqueue, effect=effect))
    await rig.db.write(lambda conn: calls.save_call(conn, event.record, state=None))
    merged = replace(own, record=replace(own.record, merged_into=call_id(PBX, "1795290244.12")))
    rig.history.pages = [[merged, found()]]
    await rig.gap()
    assert (await rig.done()).recovered == 1
    states = {one.record.id: one.state for one in await rig.effects() if one.record}
    assert states.get(own.record.id) is not effects.EffectState.PENDING


async def test_part_of_a_call_told_alone_does_not_take_the_place_of_the_whole(rig: Rig) -> None:
    """The rows of a consultation, read without those of the customer's call that it went into."""
    whole = replace(found("1795290244.12").record, complete=False, sources=("ami",))
    part = found("1795290244.30", caller=Party(number="1014"))
    merged = replace(part.record, merged_into=whole.id, sources=("ami",))
    channels = ("1795290244.12", "1795290244.30")
    await rig.db.write(lambda conn: calls.save_call(conn, whole, state=None, channels=channels))
    await rig.db.write(lambda conn: calls.save_call(conn, merged, state=None))
    rig.history.pages = [[part]]
    await rig.gap()
    assert (await rig.done()).recovered == 0
    assert whole in await rig.calls()


async def test_complete_call_that_was_up_in_a_gap_learns_who_was_asked_meanwhile(
    rig: Rig,
) -> None:
    """Before and after it stood the same: only the history knows of the colleague in between."""
    root = "1795290244.12"
    seen = replace(answered(root), id=call_id(PBX, root), pbx=PBX, linkedid=root, started_at=NOON)
    await rig.db.write(lambda conn: calls.save_call(conn, seen, state=None))
    hold = replace(seen.seconds, hold=4.0)
    rig.history.pages = [[found(rung=(*seen.rung, ("1003",)), seconds=hold)]]
    await rig.gap()
    rig.part.observe(CallEnded(at=NOON + GAP, record=seen))
    await rig.until(lambda: _revision(rig, 1))
    (record,) = await rig.calls()
    assert record == replace(
        seen,
        revision=1,
        sources=("ami", "cel"),
        rung=(*seen.rung, ("1003",)),
        seconds=replace(seen.seconds, hold=4.0),
    )


async def test_complete_call_of_undisturbed_times_is_never_touched(rig: Rig) -> None:
    """What AMI told in full is finer than any table."""
    root = "1795290244.12"
    begun = NOON + GAP + timedelta(minutes=1)
    seen = replace(answered(root), id=call_id(PBX, root), pbx=PBX, linkedid=root, started_at=begun)
    await rig.db.write(lambda conn: calls.save_call(conn, seen, state=None))
    rig.history.pages = [[found(rung=(*seen.rung, ("1003",)))]]
    rig.part.observe(CallEnded(at=begun, record=seen))
    await rig.gap()
    await rig.done()
    assert await rig.calls() == (seen,)


async def test_history_looks_first_where_a_channel_leads(rig: Rig) -> None:
    """A call met in mid-call has another root; its first channel says that it is the same call."""
    root, first = "1795290250.1", "1795290244.12"
    seen = replace(answered(root), id=call_id(PBX, root), pbx=PBX, linkedid=root, complete=False)
    await rig.db.write(lambda conn: calls.save_call(conn, seen, state=None, channels=(root, first)))
    rig.history.pages = [[found(first)]]
    await rig.gap()
    await rig.done()
    (record,) = await rig.calls()
    assert (record.id, record.complete, record.sources) == (seen.id, True, ("ami", "cel"))


async def _revision(rig: Rig, number: int) -> bool:
    return any(one.revision == number for one in await rig.calls())


async def test_half_of_a_call_of_two_pbxs_is_stored_and_written_nowhere(rig: Rig) -> None:
    """The PBX that dialled tells the CRM of the same call: twice would be once too often."""
    half = found()
    rig.up.halves.add(half.record.id)
    rig.history.pages = [[half]]
    await rig.gap()
    await rig.done()
    assert [one.id for one in await rig.calls()] == [half.record.id]
    assert await rig.effects() == []
