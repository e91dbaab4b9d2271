"""The mirror of a CRM: sweeps that may be cut anywhere, changes in between, trouble in words."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from support.crm_records import HandClock
from support.empty_store import open_store
from support.memory_directory import MemoryDirectory, person

from crm_sync.connectors.settings import MirrorTable
from crm_sync.mirror.absorber import Absorber
from crm_sync.mirror.engine import CrmMirror
from crm_sync.mirror.guarded import Guarded
from crm_sync.mirror.status import MirrorPhase
from crm_sync.mirror.timing import last_due, next_due, pause_s
from crm_sync.mirror.turn import LEASE, Turn, TurnLostError
from gateway.core.crm import DirectoryCapabilities
from gateway.core.errors import AuthError, RejectedError, TransientError
from gateway.store.contacts import find_contacts
from gateway.store.database import Database
from gateway.store.mirrored_states import MirrorState, Order, order, read_state

PHONES = [f"06 5550 {at:04d}" for at in range(60)]


def e164(at: int) -> str:
    """Return one of `PHONES` as the directory has it."""
    return f"+39065550{at:04d}"


class Bench:
    """A mirror over a CRM in memory."""

    def __init__(self, db: Database, clock: HandClock) -> None:
        self.db = db
        self.clock = clock
        self.crm = MemoryDirectory()
        self.changes = 0
        self.settings = MirrorTable(sweep_at="03:00")

    def mirror(self, node: str = "a") -> CrmMirror:
        """Return a new mirror, as after a restart."""
        absorber = Absorber("crm", "IT", db=self.db, clock=self.clock, on_change=self._changed)
        directory = Guarded(self.crm, crm="crm")
        return CrmMirror(
            self.settings, directory, absorber, self.db, self.clock, node=node, gather_s=0
        )

    @asynccontextmanager
    async def running(self, node: str = "a") -> AsyncIterator[CrmMirror]:
        """Run a new mirror until the block ends."""
        mirror = self.mirror(node)
        task = asyncio.create_task(mirror.run())
        try:
            yield mirror
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def round(self, node: str = "a") -> CrmMirror:
        """Run a new mirror until it waits for the next time."""
        async with self.running(node) as mirror:
            await until(lambda: mirror.status.next_at is not None)
        return mirror

    async def names(self) -> list[str | None]:
        """Return who has the numbers, in their order."""
        found = [
            await self.db.read(partial(find_contacts, e164=e164(at)))
            for at in range(len(self.crm.people) + 2)
        ]
        return [one.name for entries in found for one in entries]

    async def state(self) -> MirrorState:
        """Return what the store keeps of it."""
        return await self.db.read(partial(read_state, crm="crm"))

    def _changed(self) -> None:
        self.changes += 1


async def until(met: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(20):
        while not met():  # noqa: ASYNC110 - nothing tells of a status
            await asyncio.sleep(0.005)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Give a mirror of a CRM with three people, at nine in the morning."""
    db = await open_store(tmp_path)
    found = Bench(db, HandClock())
    found.crm.people = [
        person(at, name, PHONES[at]) for at, name in enumerate(["Anna", "Bruno", "Carla"])
    ]
    yield found
    await db.close()


async def test_first_everybody_is_read_then_what_changed(bench: Bench) -> None:
    """The mark is taken before the sweep: what changes during it is told afterwards."""
    bench.crm.before = lambda what: (
        bench.crm.put(person(0, "Anna Verdi", PHONES[0])) if what == "everyone 2" else None
    )
    mirror = await bench.round()
    assert bench.crm.asked == ["mark", "everyone", "everyone 2", "changed 0"]
    assert sorted(map(str, await bench.names())) == ["Anna Verdi", "Bruno", "Carla"]
    assert (mirror.status.phase, mirror.status.people) == (MirrorPhase.FOLLOWING, 3)
    assert bench.changes > 0


async def test_a_sweep_that_was_cut_goes_on_where_it_was(bench: Bench) -> None:
    """A hundred thousand people are not read again because of a power cut."""
    cut = asyncio.Event()
    asked_two = asyncio.Event()

    def hang(what: str) -> None:
        if what == "everyone 2" and not cut.is_set():
            cut.set()
            asked_two.set()
            raise asyncio.CancelledError

    bench.crm.before = hang
    async with bench.running():
        await asked_two.wait()
    assert (await bench.state()).walk == "2"
    bench.crm.asked.clear()
    await bench.round()
    assert bench.crm.asked == ["everyone 2", "changed 0"]
    assert (await bench.state()).sweep == 1
    assert await bench.names() == ["Anna", "Bruno", "Carla"]


async def test_who_was_deleted_without_a_trace_goes_with_the_next_night(bench: Bench) -> None:
    """Merged and deleted records leave nothing behind that `changed` could tell."""
    await bench.round()
    bench.crm.delete("person:1")
    await bench.round()
    assert await bench.names() == ["Anna", "Bruno", "Carla"]
    bench.clock.forward(24 * 3600)
    await bench.round()
    assert await bench.names() == ["Anna", "Carla"]


async def test_who_was_archived_goes_with_the_next_poll(bench: Bench) -> None:
    """What the CRM tells need not wait for the night."""
    await bench.round()
    bench.crm.archive("person:2")
    await bench.round()
    assert await bench.names() == ["Anna", "Bruno"]


async def test_a_person_orders_a_sweep_and_the_crm_a_look(bench: Bench) -> None:
    """Neither waits for the night or the next poll."""
    async with bench.running() as mirror:
        await until(lambda: mirror.status.next_at is not None)
        bench.crm.put(person(0, "Anna Bianchi", PHONES[0]))
        mirror.look_again()
        await until(lambda: bench.crm.asked.count("changed 0") > 1)
        bench.crm.delete("person:1")
        await bench.db.write(partial(order, crm="crm", wanted=Order.SWEEP))
        mirror.look_again()
        await until(lambda: bench.crm.asked.count("mark") > 1 and mirror.status.seen == 2)
        await until(lambda: mirror.status.phase is MirrorPhase.FOLLOWING)
    assert sorted(map(str, await bench.names())) == ["Anna Bianchi", "Carla"]
    assert (await bench.state()).wanted is Order.NONE


async def test_much_fewer_people_than_before_are_not_believed_at_once(bench: Bench) -> None:
    """Rights taken away look like deletions; a directory emptied by night would be a scandal."""
    bench.crm.people = [person(at, f"P{at:02d}", phone) for at, phone in enumerate(PHONES)]
    bench.crm.size = 50
    await bench.round()
    whole, bench.crm.people = bench.crm.people, bench.crm.people[:5]
    bench.clock.forward(24 * 3600)
    mirror = await bench.round()
    assert mirror.status.people == len(whole)
    assert "fewer people" in mirror.status.cause
    assert "confirm" in mirror.status.remedy
    await bench.db.write(partial(order, crm="crm", wanted=Order.CONFIRMED))
    mirror = await bench.round()
    assert (mirror.status.people, mirror.status.cause) == (5, "")


async def test_list_without_paging_is_told_as_long_as_it_is_so(bench: Bench) -> None:
    """Who is not in the first answer is missing for ever, and nothing else would say so."""
    bench.crm.capabilities = DirectoryCapabilities(cut=True)
    for _ in range(2):
        status = (await bench.round()).status
        assert (status.phase, status.people) == (MirrorPhase.FOLLOWING, 3)
        assert status.cause == "No paging is described: only the first answer is read."
    bench.crm.capabilities = DirectoryCapabilities()
    assert (await bench.round()).status.cause == ""


async def test_trouble_is_told_with_its_remedy_and_passes(bench: Bench) -> None:
    """An administrator reads what is wrong where the mirror is shown."""
    bench.crm.script = [AuthError("No.", adapter="crm", remedy="Check secret.", detail="401")]
    mirror = await bench.round()
    status = mirror.status
    assert (status.phase, status.cause, status.remedy) == (
        MirrorPhase.FAILING,
        "No. (401)",
        "Check secret.",
    )
    assert (await bench.round()).status.phase is MirrorPhase.FOLLOWING


async def test_a_cursor_that_is_not_understood_means_everybody_again(bench: Bench) -> None:
    """A CRM that was updated may have forgotten what it told us."""
    await bench.round()
    bench.crm.script = [RejectedError("What?", adapter="crm")]
    assert (await bench.round()).status.phase is MirrorPhase.FAILING
    bench.crm.asked.clear()
    await bench.round()
    assert bench.crm.asked[:2] == ["mark", "everyone"]


async def test_an_answer_that_breaks_the_connector_is_trouble_not_the_end(bench: Bench) -> None:
    """The daemon that handles calls must not fall over a CRM's odd answer."""

    def broken(_what: str) -> None:
        raise KeyError("id")

    bench.crm.before = broken
    mirror = await bench.round()
    assert (mirror.status.phase, mirror.status.cause) == (
        MirrorPhase.FAILING,
        "The CRM's list of people is not as we expect it. (KeyError)",
    )


async def test_a_crm_without_lists_is_forgotten_each_night(bench: Bench) -> None:
    """What was only looked up is asked for again: nobody would tell us that it changed."""
    await bench.round()
    bench.crm.capabilities = DirectoryCapabilities(lists=False, changes=False)
    mirror = await bench.round()
    assert (mirror.status.phase, mirror.status.people) == (MirrorPhase.OFF, 3)
    bench.clock.forward(24 * 3600)
    assert (await bench.round()).status.people == 0


async def test_one_of_two_nodes_mirrors_and_the_other_goes_on_when_it_is_gone(
    bench: Bench,
) -> None:
    """Twice the requests would cost the CRM's allowance, and a sweep of each undo the other's."""
    assert (await bench.round("a")).status.phase is MirrorPhase.FOLLOWING
    asked = len(bench.crm.asked)
    bench.clock.forward(LEASE.total_seconds() - 1)
    other = await bench.round("b")
    assert (other.status.phase, other.status.people) == (MirrorPhase.ELSEWHERE, 3)
    assert len(bench.crm.asked) == asked
    bench.clock.forward(2)
    assert (await bench.round("b")).status.phase is MirrorPhase.FOLLOWING
    assert len(bench.crm.asked) > asked
    assert (await bench.round("a")).status.phase is MirrorPhase.ELSEWHERE


async def test_node_that_lost_its_turn_writes_nothing_more(bench: Bench) -> None:
    """One that was stopped in the middle of a sweep wakes up with a page in its hands."""
    frozen = turn_of(bench, "a")
    assert await frozen.is_ours()
    bench.clock.forward(LEASE.total_seconds() + 1)
    assert await turn_of(bench, "b").is_ours()
    with pytest.raises(TurnLostError):
        await bench.db.write(frozen.fence)
    assert not await frozen.is_ours()


async def test_word_of_the_crm_reaches_the_node_that_mirrors(bench: Bench) -> None:
    """The load balancer gave its request to another one."""
    await bench.round("a")
    before = len(bench.crm.asked)
    other = bench.mirror("b")
    other.look_again()
    task = asyncio.create_task(other.run())
    await until(lambda: other.status.phase is MirrorPhase.ELSEWHERE)
    task.cancel()
    await asyncio.wait([task])
    assert (await bench.state()).wanted is Order.LOOK
    swept = await bench.round("a")
    assert (await bench.state()).wanted is Order.NONE
    assert len(bench.crm.asked) == before + 1
    assert swept.status.phase is MirrorPhase.FOLLOWING


def turn_of(bench: Bench, node: str) -> Turn:
    """Return a node's turn."""
    return Turn("crm", node, bench.db, bench.clock)


def test_pauses_grow_and_the_crm_s_own_wish_goes_first() -> None:
    """A refused sign-in is not hammered: many CRMs lock the account."""
    assert [pause_s(count, None, refused=False) for count in (1, 2, 30)] == [15.0, 30.0, 900.0]
    assert pause_s(1, None, refused=True) == 600.0
    assert pause_s(5, 7.5, refused=False) == 7.5
    assert TransientError("Later.", adapter="crm", retry_after_s=7.5).retry_after_s == 7.5


def test_the_night_is_due_once_a_day() -> None:
    """A daemon that was off at three sweeps when it starts."""
    at = HandClock().now().replace(hour=2, minute=30)
    assert last_due(at, "03:00").date() < at.date()
    assert next_due(at, "03:00") == at.replace(hour=3, minute=0)
    assert last_due(at.replace(hour=3, minute=0), "03:00") == at.replace(hour=3, minute=0)
