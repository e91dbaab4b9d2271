"""Look-ups beside the pop: few, short, verified, and never in anybody's way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from support.crm_records import HandClock
from support.empty_store import open_store
from support.memory_directory import MemoryDirectory, person

from crm_sync.bucket import TokenBucket
from crm_sync.mirror.absorber import Absorber
from crm_sync.mirror.beside import CACHE_S, REST_S, WAITING, Beside, Place
from gateway.core.crm import DirectoryEntry
from gateway.core.errors import TransientError
from gateway.store.contacts import find_contacts
from gateway.store.database import Database

ANNA = "+390612345678"
BRUNO = "+393331234567"


class Bench:
    """Look-ups at a CRM in memory that ignores what it is asked for."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = HandClock()
        self.crm = MemoryDirectory(
            people=[person(1, "Anna", "06 1234 5678"), person(2, "Bruno", "333/1234567")]
        )
        self.told = asyncio.Event()
        absorber = Absorber("crm", "IT", db=db, clock=self.clock, on_change=self.told.set)
        self.place = Place(
            directory=self.crm,
            absorber=absorber,
            bucket=TokenBucket(rate_per_s=1.0, burst=2, clock=self.clock),
            sweep=lambda: 0,
        )
        self.beside = Beside([self.place], self.clock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look up until the block ends."""
        task = asyncio.create_task(self.beside.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def settled(self, *, asked: int = 0, left_out: int = 0) -> None:
        """Wait until so many look-ups have come to an end."""
        counters = self.place.counters
        async with asyncio.timeout(20):
            while (counters.asked, counters.left_out) != (asked, left_out):  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Give look-ups and an empty directory."""
    db = await open_store(tmp_path)
    yield Bench(db)
    await db.close()


async def test_only_who_really_has_the_number_comes_in(bench: Bench) -> None:
    """No CRM's telephone search is trusted: this one gives everybody."""
    async with bench.running():
        bench.beside.ask(ANNA)
        await bench.told.wait()
    (found,) = await bench.db.read(partial(find_contacts, e164=ANNA))
    assert (found.name, found.crm, found.ref) == ("Anna", "crm", "person:1")
    assert await bench.db.read(partial(find_contacts, e164=BRUNO)) == ()
    assert bench.place.counters.found == 1


async def test_a_number_is_asked_for_once_a_minute(bench: Bench) -> None:
    """A caller who tries again and again costs the CRM one request."""
    async with bench.running():
        for _ in range(5):
            bench.beside.ask("+390699999999")
        await bench.settled(asked=1)
        bench.clock.forward(CACHE_S + 1)
        bench.beside.ask("+390699999999")
        await bench.settled(asked=2)
    assert bench.crm.asked == ["find +390699999999"] * 2


async def test_more_than_the_budget_is_left_out_and_does_not_wait(bench: Bench) -> None:
    """A morning's rush must not spend the tenant's limit on strangers."""
    async with bench.running():
        for at in range(4):
            bench.beside.ask(f"+39065550{at:04d}")
        await bench.settled(asked=2, left_out=2)


async def test_what_waits_is_bounded(bench: Bench) -> None:
    """Nobody empties the queue here: asking stays harmless."""
    for at in range(WAITING + 3):
        bench.beside.ask(f"+39065550{at:04d}")
    assert bench.place.counters.left_out == 3


async def test_a_crm_that_fails_is_left_alone_for_a_while(bench: Bench) -> None:
    """Its writer has its own ways; look-ups are only a courtesy."""
    bench.crm.script = [TransientError("Down.", adapter="crm") for _ in range(3)]
    async with bench.running():
        for at in range(4):
            bench.clock.forward(1)
            bench.beside.ask(f"+39065550{at:04d}")
            await bench.settled(asked=min(at + 1, 3), left_out=max(at - 2, 0))
        bench.clock.forward(REST_S)
        bench.beside.ask(ANNA)
        await bench.told.wait()
    assert bench.place.counters.failed == 3


async def test_an_answer_that_does_not_come_is_given_up(bench: Bench) -> None:
    """The next call has the same four places."""

    class Slow(MemoryDirectory):
        async def find(self, e164: str) -> tuple[DirectoryEntry, ...]:
            await asyncio.Event().wait()
            return await super().find(e164)

    bench.place.directory = Slow()
    bench.beside = Beside([bench.place], bench.clock, time_s=0.01)
    async with bench.running():
        bench.beside.ask(ANNA)
        async with asyncio.timeout(20):
            while bench.place.counters.late == 0:  # noqa: ASYNC110 - a counter tells nobody
                await asyncio.sleep(0.005)
