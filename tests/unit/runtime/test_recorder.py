"""What a call event changed reaches the store, with its effects, whatever the disk says."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from support.empty_store import open_store

from crm_sync.policies import effects
from crm_sync.policy import Policy
from gateway.core.errors import StoreCause, StoreError
from gateway.core.events import (
    CallAmended,
    CallEnded,
    CallEvent,
    CallMerged,
    CallStarted,
    CallUpdated,
)
from gateway.core.ids import CallId, call_id
from gateway.core.record import CallRecord, CallState, Direction, Outcome, Party, Seconds
from gateway.runtime import recorder as module
from gateway.runtime.recorder import Recorder
from gateway.store import calls, outbox
from gateway.store.database import Connection, Database

T = TypeVar("T")
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a real SQLite store."""
    database = await open_store(tmp_path)
    yield database
    await database.close()


def record(root: str = "1.1", *, ended: bool = False) -> CallRecord:
    """Make a call record."""
    return CallRecord(
        id=call_id("hq", root),
        pbx="hq",
        linkedid=root,
        direction=Direction.INBOUND,
        state=CallState.ENDED if ended else CallState.LIVE,
        caller=Party(number="+390612345678", e164="+390612345678"),
        outcome=Outcome.ANSWERED if ended else None,
        started_at=AT,
        ended_at=AT + timedelta(seconds=9) if ended else None,
        seconds=Seconds(ring=1.0, talk=8.0) if ended else Seconds(),
    )


class Refusing:
    """A store that refuses a number of times, as a full disk does, then works."""

    def __init__(self, db: Database, times: int) -> None:
        self.db = db
        self.times = times
        self.refused = asyncio.Event()

    def write_nowait(self, work: Callable[[Connection], T]) -> "asyncio.Future[T]":
        """Refuse, or write."""
        if not self.times:
            return self.db.write_nowait(work)
        self.times -= 1
        self.refused.set()
        refused: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        refused.set_exception(
            StoreError("The disk is full.", remedy="Make room.", cause=StoreCause.FULL)
        )
        return refused


class Dying:
    """A store whose machine dies once the first piece of work is durable."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.began = False
        self.durable = asyncio.Event()

    def write_nowait(self, work: Callable[[Connection], T]) -> "asyncio.Future[T]":
        """Write the first piece; nobody hears of any other."""
        if self.began:
            return asyncio.get_running_loop().create_future()
        self.began = True
        written = self.db.write_nowait(work)
        written.add_done_callback(lambda _: self.durable.set())
        return written


def mark(recorder: Recorder, event: CallEvent) -> None:
    """Hand an event on as the pipeline does."""
    live = event.record.state is CallState.LIVE
    recorder.mark(
        event,
        state=b"state" if live else None,
        effects=effects(event, connector="hook", policy=Policy()),
    )


async def stored(db: Database, identity: CallId) -> CallRecord | None:
    """Read a call back."""
    return await db.read(lambda conn: calls.get_call(conn, identity))


async def run_until_drained(recorder: Recorder) -> None:
    """Run the recorder until nothing is left."""
    task = asyncio.ensure_future(recorder.run())
    await recorder.drained()
    task.cancel()
    await asyncio.wait([task])


async def test_facts_and_effects_are_stored_together(db: Database) -> None:
    """An outcome without its effect would never reach the CRM."""
    woken: list[int] = []
    recorder = Recorder(db, on_effects=lambda: woken.append(1))
    mark(recorder, CallEnded(at=AT, record=record(ended=True)))
    await run_until_drained(recorder)
    assert (await stored(db, call_id("hq", "1.1"))) == record(ended=True)
    page = await db.read(outbox.list_effects)
    assert [(effect.connector, effect.kind) for effect in page.items] == [("hook", "call.ended")]
    assert woken == [1]


async def test_refusing_store_loses_nothing(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk delays facts; newer states of a call replace older ones meanwhile."""
    monkeypatch.setattr(module, "RETRY_FIRST_S", 0.05)
    refusing = Refusing(db, times=3)
    recorder = Recorder(refusing, on_effects=lambda: None)  # type: ignore[arg-type]
    mark(recorder, CallStarted(at=AT, record=record()))
    task = asyncio.ensure_future(recorder.run())
    await refusing.refused.wait()
    await asyncio.sleep(0.01)
    assert _trouble(recorder) is not None
    mark(recorder, CallEnded(at=AT, record=record(ended=True)))
    await recorder.drained()
    task.cancel()
    await asyncio.wait([task])
    assert _trouble(recorder) is None
    assert (await stored(db, call_id("hq", "1.1"))) == record(ended=True)
    assert len((await db.read(outbox.list_effects)).items) == 1


async def test_fact_that_cannot_be_stored_holds_up_no_other(db: Database) -> None:
    """One poisoned record must not cost the calls behind it."""
    recorder = Recorder(db, on_effects=lambda: None)
    poisoned = replace(record("1.1"), started_at=datetime(2026, 11, 21, 9, 0))  # noqa: DTZ001
    mark(recorder, CallStarted(at=AT, record=poisoned))
    mark(recorder, CallEnded(at=AT, record=record("1.2", ended=True)))
    await run_until_drained(recorder)
    assert await stored(db, call_id("hq", "1.1")) is None
    assert (await stored(db, call_id("hq", "1.2"))) == record("1.2", ended=True)


async def test_live_call_keeps_the_tables_state_and_an_ended_one_does_not(db: Database) -> None:
    """After a restart only what was up is restored."""
    recorder = Recorder(db, on_effects=lambda: None)
    mark(recorder, CallStarted(at=AT, record=record("1.1")))
    mark(recorder, CallStarted(at=AT, record=record("1.2")))
    await run_until_drained(recorder)
    mark(recorder, CallEnded(at=AT, record=record("1.1", ended=True)))
    await run_until_drained(recorder)
    states = await db.read(lambda conn: calls.live_states(conn, "hq"))
    assert states == [(call_id("hq", "1.2"), b"state")]


async def test_amendment_before_the_delivery_changes_the_one_effect(db: Database) -> None:
    """A late fact within two seconds must not become a second record at the CRM."""
    recorder = Recorder(db, on_effects=lambda: None)
    mark(recorder, CallEnded(at=AT, record=record(ended=True)))
    await run_until_drained(recorder)
    amended = replace(record(ended=True), revision=1, outcome=Outcome.MISSED)
    mark(recorder, CallAmended(at=AT, record=amended))
    await run_until_drained(recorder)
    [effect] = (await db.read(outbox.list_effects)).items
    assert effect.record == amended


async def test_merged_call_takes_its_waiting_effects_along(db: Database) -> None:
    """What turned out to be part of another call is written once, there."""
    recorder = Recorder(db, on_effects=lambda: None)
    other = call_id("hq", "1.0")
    mark(recorder, CallEnded(at=AT, record=record(ended=True)))
    await run_until_drained(recorder)
    merged = replace(record(ended=True), merged_into=other, outcome=None, revision=1)
    mark(recorder, CallMerged(at=AT, record=merged, into=other))
    await run_until_drained(recorder)
    [effect] = (await db.read(outbox.list_effects)).items
    assert effect.state is outbox.EffectState.DROPPED


@pytest.mark.parametrize("apart", [False, True])
async def test_late_fact_of_a_merged_call_does_not_hide_that_it_was_merged(
    db: Database, *, apart: bool
) -> None:
    """Both can be written together: the CRM would keep a call that is part of another one."""
    recorder = Recorder(db, on_effects=lambda: None)
    other = call_id("hq", "1.0")
    mark(recorder, CallEnded(at=AT, record=record(ended=True)))
    await run_until_drained(recorder)
    merged = replace(record(ended=True), merged_into=other, outcome=None, revision=1)
    mark(recorder, CallMerged(at=AT, record=merged, into=other))
    later = replace(merged, revision=2, merged_into=None if apart else other)
    mark(recorder, CallUpdated(at=AT, record=later))
    await run_until_drained(recorder)
    [effect] = (await db.read(outbox.list_effects)).items
    dropped = effect.state is outbox.EffectState.DROPPED
    assert dropped is not apart


def _trouble(recorder: Recorder) -> StoreError | None:
    """Read the state anew: the checker takes a property for unchanging."""
    return recorder.trouble


async def test_crash_while_calls_are_joined_leaves_both_as_before_or_both_as_after(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that is gone, and nowhere to be found in the one it went into, would be lost."""
    monkeypatch.setattr(module, "TOGETHER", 3)
    monkeypatch.setattr(module, "LINGER_S", 0.0)
    roots = [f"1.{number}" for number in range(8)]
    dying = Dying(db)
    recorder = Recorder(dying, on_effects=lambda: None)  # type: ignore[arg-type]
    for root in roots:
        mark(recorder, CallUpdated(at=AT, record=record(root)))
    into = call_id("hq", roots[0])
    gone = replace(record(roots[-1], ended=True), merged_into=into, outcome=None)
    mark(recorder, CallMerged(at=AT, record=gone, into=into))
    task = asyncio.ensure_future(recorder.run())
    await dying.durable.wait()
    task.cancel()
    await asyncio.wait([task])
    told = [await stored(db, call_id("hq", root)) for root in roots]
    assert sum(one is not None for one in told) == 3
    assert told[0] is not None
    assert told[-1] is not None
    assert told[-1].merged_into == into


class Noting:
    """A store that notes how many calls each piece of work saved."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.pieces: list[list[CallId]] = []

    def write_nowait(self, work: Callable[[Connection], T]) -> "asyncio.Future[T]":
        """Write, and look which calls there are since."""

        def noted(conn: Connection) -> T:
            before = set(_all_stored(conn))
            done = work(conn)
            self.pieces.append([call for call in _all_stored(conn) if call not in before])
            return done

        return self.db.write_nowait(noted)


def _all_stored(conn: Connection) -> list[CallId]:
    page = calls.list_calls(conn, calls.CallFilter(updated_after=0))
    return [one.id for one in page.items]


def ended(root: str) -> CallEnded:
    """Make the end of a call."""
    return CallEnded(at=AT, record=record(root, ended=True))


async def test_ends_of_calls_are_written_with_what_a_crm_is_told(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One commit for all who hung up, in their order; nobody else's next state comes along."""
    monkeypatch.setattr(module, "LINGER_S", 3600.0)
    noting, written = Noting(db), asyncio.Event()
    recorder = Recorder(noting, on_effects=written.set)  # type: ignore[arg-type]
    recorder.mark(ended("1.1"), state=None, effects=())
    mark(recorder, CallStarted(at=AT, record=record("1.2")))
    mark(recorder, CallStarted(at=AT, record=record("1.3")))
    mark(recorder, ended("1.3"))
    task = asyncio.ensure_future(recorder.run())
    await written.wait()
    assert noting.pieces == [[call_id("hq", "1.1"), call_id("hq", "1.3")]]
    assert recorder.pending == 1
    await recorder.drained()
    assert noting.pieces[1:] == [[call_id("hq", "1.2")]]
    assert recorder.pending == 0
    task.cancel()
    await asyncio.wait([task])


async def test_merged_call_takes_the_one_it_went_into_along(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the one lost and the other got is durable together; a third call waits its time."""
    monkeypatch.setattr(module, "LINGER_S", 3600.0)
    noting, written = Noting(db), asyncio.Event()
    recorder = Recorder(noting, on_effects=written.set)  # type: ignore[arg-type]
    for root in ("1.1", "1.2", "1.3"):
        mark(recorder, CallUpdated(at=AT, record=record(root)))
    into = call_id("hq", "1.1")
    gone = replace(record("1.3", ended=True), merged_into=into, outcome=None)
    mark(recorder, CallMerged(at=AT, record=gone, into=into))
    task = asyncio.ensure_future(recorder.run())
    await written.wait()
    assert noting.pieces == [[into, gone.id]]
    task.cancel()
    await asyncio.wait([task])


async def test_state_is_dumped_once_for_each_write_and_not_for_a_call_that_is_over(
    db: Database,
) -> None:
    """A dump runs where pops are made; of several states of a call only the last is stored."""
    dumped: list[str] = []

    def dump(name: str) -> Callable[[], bytes]:
        def state() -> bytes:
            dumped.append(name)
            return name.encode()

        return state

    recorder = Recorder(db, on_effects=lambda: None)
    for name in ("first", "second"):
        event = CallUpdated(at=AT, record=record("1.1"))
        recorder.mark(event, state=dump(name), effects=())
    recorder.mark(CallUpdated(at=AT, record=record("1.2")), state=dump("over"), effects=())
    mark(recorder, ended("1.2"))
    await run_until_drained(recorder)
    assert dumped == ["second"]


async def test_channels_lead_to_their_call_from_its_first_event_on(db: Database) -> None:
    """A history tells a call by any of its channels; each is written once, and moves on merging."""
    recorder = Recorder(db, on_effects=lambda: None)
    task = asyncio.create_task(recorder.run())
    mine, other = record("1.1"), record("1.9")
    for event, channels in (
        (CallStarted(at=AT, record=mine), {"1.1", "1.2"}),
        (CallStarted(at=AT, record=other), {"1.9"}),
        (CallUpdated(at=AT, record=mine), {"1.1", "1.2", "1.3"}),
        (CallMerged(at=AT, record=replace(other, merged_into=mine.id), into=mine.id), {"1.9"}),
        (CallEnded(at=AT, record=record("1.1", ended=True)), {"1.1", "1.9"}),
    ):
        recorder.mark(event, state=b"state", effects=(), channels=frozenset(channels))
        await recorder.drained()

    def led(conn: Connection) -> list[CallId | None]:
        names = ("1.1", "1.2", "1.3", "1.9", "1.10")
        return [calls.call_for_channel(conn, "hq", name) for name in names]

    assert await db.read(led) == [mine.id, mine.id, mine.id, mine.id, None]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
