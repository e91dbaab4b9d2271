"""What survives a process that dies, a disk that is full, and a second process."""

import asyncio
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import func, select
from support.components import missing
from support.store import an_ended_call

from gateway.store.calls import get_call
from gateway.store.database import Connection, Database
from gateway.store.maintenance import check, upgrade
from gateway.store.schema import call_channels, calls, outbox

pytestmark = pytest.mark.integration

SUPPORT = Path(__file__).parents[2] / "support"
KILLS = 25
T = TypeVar("T")


@contextmanager
def child(
    url: str, first: int, count: int, *, file_limit: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the committing process; it is gone afterwards."""

    def limit() -> None:
        if file_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

    process = subprocess.Popen(
        [sys.executable, SUPPORT / "store_child.py", url, str(first), str(count)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(SUPPORT.parent)},
        preexec_fn=limit,  # noqa: PLW1509 (one thread here, and nothing else sets a limit)
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def look(url: str, work: Callable[[Connection], T]) -> T:
    """Open the database anew, as a restart does, and read."""

    async def read() -> T:
        db = await Database.open(url)
        try:
            return await db.read(work)
        finally:
            await db.close()

    return asyncio.run(read())


def lines_of(process: subprocess.Popen[bytes]) -> list[str]:
    """Return what it says until it ends; a last line cut by the kill does not count."""
    assert process.stdout is not None
    said = process.stdout.read().decode()
    return said[: said.rfind("\n") + 1].splitlines()


def totals(conn: Connection) -> tuple[int, int, int, int]:
    """Count calls, effects, different effect keys and channels."""
    queries = (
        select(func.count()).select_from(calls),
        select(func.count()).select_from(outbox),
        select(func.count(func.distinct(outbox.c.key))),
        select(func.count()).select_from(call_channels),
    )
    found = [conn.execute(query).scalar_one() for query in queries]
    return found[0], found[1], found[2], found[3]


def stored_numbers(conn: Connection) -> set[int]:
    """Return the numbers of the calls whose effect is stored."""
    query = select(calls.c.linkedid).join(outbox, outbox.c.call_id == calls.c.id)
    return {int(linkedid.split(".")[1]) for linkedid in conn.execute(query).scalars()}


@pytest.mark.timeout(180)
def test_kill_9_at_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """What was acknowledged is there, once, with its call: the promise everything rests on."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    chance = random.Random(20261121)  # noqa: S311 (moments, not secrets)
    acknowledged: set[int] = set()
    killed = 0
    for life in range(KILLS):
        with child(url, life * 100_000, 100_000) as process:
            assert process.stdout is not None
            first = process.stdout.readline()  # it is writing now
            time.sleep(chance.uniform(0.0, 0.25))
            process.send_signal(signal.SIGKILL)
            acknowledged |= {int(line) for line in [first.decode(), *lines_of(process)]}
            killed += process.wait() == -signal.SIGKILL
    found, counted = look(url, stored_numbers), look(url, totals)
    intact = look(url, lambda conn: get_call(conn, an_ended_call(min(acknowledged)).id))
    assert killed == KILLS
    assert len(acknowledged) > KILLS * 10
    assert acknowledged - found == set()
    assert counted == (len(found),) * 4  # never a call without its effect, nor two
    assert intact == an_ended_call(min(acknowledged))
    assert all(finding.ok for finding in check(url))


@pytest.mark.timeout(120)
def test_after_a_crash_the_same_facts_again_are_still_one_each(tmp_path: Path) -> None:
    """A restart tells again what it is not sure of; keys from PBX data make it harmless."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    for _ in range(3):
        with child(url, 0, 300) as process:
            lines = lines_of(process)
            assert process.wait() == 0
        assert {int(line) for line in lines} == set(range(300))
    assert look(url, totals) == (300,) * 4


@pytest.mark.timeout(120)
def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    """A command beside the daemon: both get everything stored, neither sees "locked"."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    with child(url, 0, 3_000) as one, child(url, 100_000, 3_000) as two:
        lines = lines_of(one) + lines_of(two)
        assert (one.wait(), two.wait()) == (0, 0)
    expected = {*range(3_000), *range(100_000, 103_000)}
    assert {int(line) for line in lines} == expected
    changes = look(
        url,
        lambda conn: conn.execute(
            select(func.count(func.distinct(calls.c.change)), func.max(calls.c.change))
        ).one(),
    )
    assert look(url, stored_numbers) == expected
    assert look(url, totals) == (6_000,) * 4
    assert tuple(changes) == (6_000, 6_000)


def _outcome(lines: list[str]) -> tuple[set[int], list[list[str]]]:
    kept = {int(line) for line in lines if not line.startswith("refused")}
    return kept, [line.split(" ", 3) for line in lines if line.startswith("refused")]


@pytest.mark.timeout(120)
def test_a_disk_that_refuses_a_write_refuses_cleanly(tmp_path: Path) -> None:
    """EFBIG from the kernel is an I/O error to SQLite: what was refused is not there."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    with child(url, 0, 3_000, file_limit=1_500_000) as process:
        kept, refused = _outcome(lines_of(process))
        assert process.wait() == 0
    assert kept
    assert {(cause, bool(remedy)) for _, _, cause, remedy in refused} == {("io", True)}
    found, counted = look(url, stored_numbers), look(url, totals)
    assert kept <= found
    assert counted == (len(found),) * 4
    assert all(finding.ok for finding in check(url))


@pytest.mark.timeout(120)
def test_a_full_disk_refuses_cleanly_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    """ENOSPC on a real small volume: the cause is named, and no restart is needed."""
    if os.geteuid() != 0:
        missing("a volume of its own", "only root can mount one")
    volume = tmp_path / "volume"
    volume.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", volume], check=True)
    try:
        url = f"sqlite:///{volume / 'store.db'}"
        upgrade(url)
        with child(url, 0, 3_000) as process:
            kept, refused = _outcome(lines_of(process))
            assert process.wait() == 0
        assert kept
        assert {cause for _, _, cause, _ in refused} == {"full"}
        assert all("space" in remedy for _, _, _, remedy in refused)
        subprocess.run(["mount", "-o", "remount,size=30m", volume], check=True)
        assert kept <= look(url, stored_numbers)
        with child(url, 0, 3_000) as process:
            again, refused = _outcome(lines_of(process))
        assert (again, refused) == (set(range(3_000)), [])
        assert look(url, totals) == (3_000,) * 4
    finally:
        subprocess.run(["umount", "--lazy", volume], check=True)
