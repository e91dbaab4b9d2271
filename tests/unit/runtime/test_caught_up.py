"""The end of a call may be written late, but whoever asks for it finds it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from support.empty_store import open_store

from gateway.core.errors import StoreCause, StoreError
from gateway.core.events import CallEnded, CallMerged, CallUpdated
from gateway.core.handoff import Handoff
from gateway.core.ids import CallId, call_id
from gateway.core.record import CallRecord, CallState, Direction, Party
from gateway.runtime import recorder as module
from gateway.runtime.recorder import Fact, Recorder
from gateway.store.calls import CallFilter, list_calls
from gateway.store.database import Connection, Database

T = TypeVar("T")
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATE_S = 3600.0


class Store:
    """A store that can refuse what it is given, or keep it waiting."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.asked = 0
        self.refuses = False
        self.began = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    def write_nowait(self, work: Callable[[Connection], T]) -> "asyncio.Future[T]":
        """Write once it is open."""
        self.asked += 1
        self.began.set()
        return asyncio.ensure_future(self._write(work))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        await self.open.wait()
        if self.refuses:
            raise StoreError("The disk is full.", remedy="Make room.", cause=StoreCause.FULL)
        return await self.db.write(work)

    async def known(self) -> dict[CallId, CallState]:
        """Return the calls it has, and how they stand there."""
        page = await self.db.read(lambda conn: list_calls(conn, CallFilter()))
        return {one.id: one.state for one in page.items}


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """Give a real store, into which nothing comes by itself while a test lasts."""
    monkeypatch.setattr(module, "LINGER_S", LATE_S)
    db = await open_store(tmp_path)
    yield Store(db)
    await db.close()


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[Recorder]:
    """Run a recorder until the block ends."""
    recorder = Recorder(store, on_effects=lambda: None)  # type: ignore[arg-type]
    task = asyncio.ensure_future(recorder.run())
    try:
        yield recorder
    finally:
        task.cancel()
        await asyncio.wait([task])


def record(root: str, *, over: bool = True) -> CallRecord:
    """Make a call record."""
    return CallRecord(
        id=call_id("hq", root),
        pbx="hq",
        linkedid=root,
        direction=Direction.INBOUND,
        state=CallState.ENDED if over else CallState.LIVE,
        caller=Party(number="+390612345678", e164="+390612345678"),
        started_at=AT,
    )


def end(recorder: Recorder, root: str) -> CallId:
    """Let a call end of which no CRM is told."""
    told = CallEnded(at=AT, record=record(root))
    recorder.mark(told, state=None, effects=())
    return told.record.id


def go_on(recorder: Recorder, root: str) -> CallId:
    """Let something happen to a call that is up."""
    told = CallUpdated(at=AT, record=record(root, over=False))
    recorder.mark(told, state=b"state", effects=())
    return told.record.id


async def many_turns() -> None:
    """Let everything run that can."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_end_of_a_call_waits_for_others_until_somebody_asks(store: Store) -> None:
    """One commit for many ends, and nobody can see that it is not there yet."""
    async with running(store) as recorder:
        ends = {end(recorder, "1.1"), end(recorder, "1.2")}
        up = go_on(recorder, "1.3")
        await many_turns()
        assert (store.asked, recorder.pending) == (0, 3)
        await recorder.caught_up()
        known = await store.known()
        assert known.keys() == ends
        assert up not in known
        assert set(known.values()) == {CallState.ENDED}
        assert (store.asked, recorder.pending) == (1, 1)


async def test_nobody_waits_while_no_call_has_ended(store: Store) -> None:
    """Most requests come when nothing is to be written: they cost no write and no turn."""
    async with running(store) as recorder:
        await recorder.caught_up()
        go_on(recorder, "1.1")
        await recorder.caught_up()
        assert (store.asked, recorder.pending) == (0, 1)


async def test_end_that_is_being_written_is_waited_for(store: Store) -> None:
    """It is no more among what waits, and not durable yet either."""
    async with running(store) as recorder:
        store.open.clear()
        ended = end(recorder, "1.1")
        first = asyncio.ensure_future(recorder.caught_up())
        await store.began.wait()
        assert recorder.pending == 0
        second = asyncio.ensure_future(recorder.caught_up())
        await many_turns()
        assert not first.done()
        assert not second.done()
        store.open.set()
        await asyncio.gather(first, second)
        assert await store.known() == {ended: CallState.ENDED}


async def test_who_asks_does_not_wait_for_what_ends_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 200 calls a second there would be no end of it."""
    monkeypatch.setattr(module, "PATIENCE_S", LATE_S)
    async with running(store) as recorder:
        store.open.clear()
        ended = end(recorder, "1.1")
        asking = asyncio.ensure_future(recorder.caught_up())
        await store.began.wait()
        later = end(recorder, "1.2")
        store.open.set()
        await asking
        assert (await store.known()).keys() == {ended}
        assert recorder.pending == 1
        await recorder.caught_up()
        assert (await store.known()).keys() == {ended, later}


async def test_full_disk_keeps_no_request_waiting(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt is waited for; from then on requests go on, and the end is not forgotten."""
    monkeypatch.setattr(module, "PATIENCE_S", LATE_S)
    monkeypatch.setattr(module, "RETRY_FIRST_S", LATE_S)
    async with running(store) as recorder:
        store.refuses = True
        end(recorder, "1.1")
        await recorder.caught_up()
        assert recorder.trouble is not None
        await recorder.caught_up()
        assert (store.asked, recorder.pending) == (1, 1)
        assert await store.known() == {}


async def test_refused_end_is_written_once_there_is_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That nobody waited for it any more does not lose it."""
    monkeypatch.setattr(module, "RETRY_FIRST_S", 0.0)
    async with running(store) as recorder:
        store.refuses = True
        ended = end(recorder, "1.1")
        await recorder.caught_up()
        store.refuses = False
        await recorder.drained()
        assert await store.known() == {ended: CallState.ENDED}
        assert recorder.trouble is None


async def test_store_that_says_nothing_keeps_requests_waiting_for_a_moment_only(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request is worth more than to know of each call that ended just now."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.01)
    async with running(store) as recorder:
        store.open.clear()
        end(recorder, "1.1")
        await recorder.caught_up()
        assert await store.known() == {}
        store.open.set()


def test_only_what_a_crm_or_a_person_waits_for_is_urgent() -> None:
    """An end that nobody waits for lingers; one that was merged away leads to another call."""
    into = call_id("hq", "1.9")
    gone = CallMerged(at=AT, record=record("1.2"), into=into)
    note = Handoff(reason="Asks for the refund", at=AT, by="anna")
    assert not Fact(record=record("1.1"), state=None).urgent
    assert Fact(record=record("1.1"), state=None).over
    assert Fact(record=gone.record, state=None, merged=True).urgent
    assert Fact(record=record("1.1", over=False), state=b"state", notes=(note,)).urgent
    assert not Fact(record=record("1.1", over=False), state=b"state").over
