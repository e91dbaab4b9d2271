"""Calls into a CRM: how fast the outbox is emptied, beside bare aiohttp posts, in one run.

    python bench/writeback.py [--calls 2000] [--concurrency 4 16 64] [--latency-ms 50]
                              [--backlog 100000] [--pop 3] [--odoo 300]

Three processes: this one; a CRM that takes 50 ms over each call and counts; and the worker on an
embedded SQLite, or the floor: the same bodies posted with the same concurrency by aiohttp over
kept connections. Calls/s are from the first to the last call at the CRM, CPU is that of the
process in between, user and system.

Then a backlog of 100 000 is emptied, and its worker killed with SIGKILL after a tenth: `recovery`
is from the start of the next process to the first call that the CRM did not have; beside it, how
long the same takes with an empty store. `--pop` measures `bench/pop.py`'s way from AMI bytes to
the client with and without a backlog being emptied by the same daemon, by turns so many times,
each first in every other pair; that alone, five minutes: `--concurrency --backlog 0 --pop 4`.
`--odoo` writes so many calls to the tests' real Odoo 14 (as root, after its build), and as many
by bare JSON-RPC, four at once.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import TYPE_CHECKING, Final

import aiohttp
from outbox import fact
from pop import Case, Row, one
from popping.stage import BENCH, Stage, cpu_s

from adapters.asterisk.recording import Recording, samples
from gateway.store.database import Connection, Database
from gateway.store.outbox import enqueue

if TYPE_CHECKING:
    from support.odoo_lab import OdooLab

SECRET: Final = "whsec_" + "YmVuY2htYXJrIHNlY3JldCBvZiB0aGlydHkgYnl0ZXM="
CHUNK: Final = 1_000
LONGEST_S: Final = 1_800.0
GRACE_S: Final = 0.5
CONTACTS: Final = 100_000
SAMPLE: Final = "02-queue-second-agent"
LANES: Final = 4
NAME: Final = "odoo"  # the connector that `outbox.fact` writes to


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one run gave."""

    calls_per_s: float
    cpu_us: float
    doubled: int


@contextmanager
def process(*command: str) -> Iterator[Popen[bytes]]:
    """Run a program of the bench; what is left of it is killed."""
    child = Popen(
        (sys.executable, "-m", *command), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=BENCH
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


async def line_of(child: Popen[bytes]) -> str:
    """Return the next line that a program prints."""
    assert child.stdout is not None
    return (await asyncio.to_thread(child.stdout.readline)).decode().strip()


def go(child: Popen[bytes]) -> None:
    """Let a program that is ready begin."""
    assert child.stdin is not None
    child.stdin.write(b"\n")
    child.stdin.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Crm:
    """The CRM of one run."""

    url: str
    client: aiohttp.ClientSession

    async def told(self) -> dict[str, int]:
        """Ask it what came."""
        async with self.client.get(self.url) as answer:
            said: dict[str, int] = await answer.json()
            return said

    async def until(self, distinct: int) -> dict[str, int]:
        """Wait until it has so many calls."""
        async with asyncio.timeout(LONGEST_S):
            while True:
                said = await self.told()
                if said["distinct"] >= distinct:
                    return said
                await asyncio.sleep(0.05)

    @property
    def table(self) -> dict[str, object]:
        """Return the `[[crm]]` table that leads here."""
        return {
            "name": NAME,
            "kind": "webhook",
            "url": self.url,
            "secret": SECRET,
            "allow_private": True,
            "rate_per_s": 1e6,
            "burst": 1_000_000,
        }


@asynccontextmanager
async def crm(latency_s: float) -> AsyncIterator[Crm]:
    """Run a CRM."""
    with process("writing.receiver", str(latency_s)) as child:
        url = await line_of(child)
        async with aiohttp.ClientSession() as client:
            yield Crm(url=url, client=client)


async def fill(path: Path, calls: int) -> None:
    """Put effects of so many ended calls into an outbox."""
    db = await Database.open(f"sqlite:///{path}")

    def store(conn: Connection, *, first: int) -> None:
        for number in range(first, min(calls, first + CHUNK)):
            enqueue(conn, fact(number)[1])

    for first in range(0, calls, CHUNK):
        await db.write(partial(store, first=first))
    await db.close()


async def measured(child: Popen[bytes], peer: Crm, calls: int) -> Figure:
    """Let a process that is ready write its calls, and read the meters."""
    await line_of(child)
    before = sum(cpu_s(child.pid).values())
    go(child)
    said = await peer.until(calls)
    spent = sum(cpu_s(child.pid).values()) - before
    seconds = (said["last_ns"] - said["first_ns"]) / 1e9
    return Figure(
        calls_per_s=(calls - 1) / seconds,
        cpu_us=spent / calls * 1e6,
        doubled=said["posts"] - said["distinct"],
    )


async def floor(calls: int, concurrency: int, latency_s: float) -> Figure:
    """Measure bare posts."""
    async with crm(latency_s) as peer:
        with process("writing.floor", peer.url, str(calls), str(concurrency)) as child:
            return await measured(child, peer, calls)


async def ours(calls: int, concurrency: int, latency_s: float, folder: Path) -> Figure:
    """Measure the worker."""
    path = folder / f"ours-{concurrency}.db"
    await fill(path, calls)
    async with crm(latency_s) as peer:
        command = ("writing.worker", f"sqlite:///{path}", str(concurrency), json.dumps(peer.table))
        with process(*command) as child:
            return await measured(child, peer, calls)


async def backlog(calls: int, concurrency: int, latency_s: float, folder: Path) -> None:
    """Empty a backlog, with a kill -9 half way, and print how that went."""
    path = folder / "backlog.db"
    began = time.monotonic()
    await fill(path, calls)
    say(f"backlog of {calls}: filled in {time.monotonic() - began:.0f} s")
    async with crm(latency_s) as peer:
        command = ("writing.worker", f"sqlite:///{path}", str(concurrency), json.dumps(peer.table))
        with process(*command) as child:
            await line_of(child)
            go(child)
            first = await peer.until(calls // 20)
            tenth = await peer.until(calls // 10)
        at = tenth["distinct"]
        rate = (at - first["distinct"]) / ((tenth["last_ns"] - first["last_ns"]) / 1e9)
        await asyncio.sleep(latency_s + GRACE_S)  # what the dead one had sent is still taken
        killed = await peer.told()
        spawned = time.monotonic_ns()
        with process(*command) as child:
            await line_of(child)
            go(child)
            fresh = await peer.until(killed["distinct"] + 1)
            recovery_s = (fresh["last_ns"] - spawned) / 1e9
            before, begun = sum(cpu_s(child.pid).values()), await peer.told()
            end = await peer.until(calls)
            spent = sum(cpu_s(child.pid).values()) - before
        left = end["distinct"] - begun["distinct"]
        late = left / ((end["last_ns"] - begun["last_ns"]) / 1e9)
    least_s = await started(concurrency, latency_s, folder)
    say(
        f"  before the kill {rate:,.0f} calls/s; recovery with {calls - at:,} waiting "
        f"{recovery_s:.2f} s, with none {least_s:.2f} s; the rest {late:,.0f} calls/s, "
        f"{spent / left * 1e6:.0f} us CPU/call; posted twice "
        f"{end['posts'] - end['distinct']} of {calls} (the same id), lost 0"
    )


async def started(concurrency: int, latency_s: float, folder: Path) -> float:
    """Return how long it takes from a process's start to the one call that its store holds."""
    path = folder / "one.db"
    await fill(path, 1)
    async with crm(latency_s) as peer:
        command = ("writing.worker", f"sqlite:///{path}", str(concurrency), json.dumps(peer.table))
        spawned = time.monotonic_ns()
        with process(*command) as child:
            await line_of(child)
            go(child)
            return ((await peer.until(1))["last_ns"] - spawned) / 1e9


async def beside_pops(rounds: int, latency_s: float, folder: Path) -> None:
    """Measure AMI bytes to the client with and without a backlog that the daemon empties."""
    recording = next(Recording.load(path) for path in samples() if path.stem == SAMPLE)
    stage = Stage(folder, CONTACTS)
    case = Case(rate=20.0, agents=200, seconds=20.0)
    await stage.build(case.agents)
    store, empty = folder / "filodiretto.db", folder / "empty.db"
    shutil.copyfile(store, empty)
    await fill(store, CONTACTS)
    full = store.rename(folder / "full.db")
    found: dict[str, list[Row]] = {"without": [], "with": []}
    say(f"{'backlog':>8}{'p50':>9}{'p99':>9}{'CPU %':>8}{'written':>9}{'load':>7}")
    async with crm(latency_s) as peer:
        pairs = (f"{name} = {json.dumps(value)}" for name, value in peer.table.items())
        table = "\n".join(["[[crm]]", *pairs, ""])
        pair = [("without", empty, ""), ("with", full, table)]
        turns = [one for number in range(rounds) for one in (pair[::-1] if number % 2 else pair)]
        for what, source, tables in turns:
            shutil.copyfile(source, store)
            stage.tables, before = tables, (await peer.told())["posts"]
            row = await one(stage, recording, case, ours=True)
            found[what].append(row)
            posts = (await peer.told())["posts"] - before
            say(
                f"{what:>8}{row['p50']:>9}{row['p99']:>9}{row['cpu']:>8}{posts:>9}"
                f"{os.getloadavg()[0]:>7.1f}"
            )
    for name in ("p50", "p99"):
        alone, busy = (
            statistics.median(float(row[name]) for row in rows) for rows in found.values()
        )
        say(f"{name}: {alone:.2f} ms without, {busy:.2f} ms with, {busy / alone:.2f} x (medians)")


async def odoo(calls: int) -> None:
    """Write calls to the real Odoo of the tests and count them in its own tables."""
    sys.path.insert(0, str(BENCH.parent / "tests"))
    from support.odoo_lab import odoo_cluster, odoo_lab  # noqa: PLC0415 - needs root and its build

    with (
        tempfile.TemporaryDirectory() as name,
        odoo_cluster() as port,
        odoo_lab(port, "bench") as lab,
    ):
        path = Path(name) / "store.db"
        await fill(path, calls)
        least = await asyncio.to_thread(bare, lab, calls)
        table = {
            "name": NAME,
            "kind": "odoo",
            "url": lab.url,
            "database": lab.database,
            "username": lab.username,
            "secret": lab.password,
            "allow_private": True,
            "rate_per_s": 1e6,
            "burst": 1_000_000,
        }
        with process("writing.worker", f"sqlite:///{path}", str(LANES), json.dumps(table)) as child:
            await line_of(child)
            before, began = sum(cpu_s(child.pid).values()), time.monotonic()
            go(child)
            held = await asyncio.to_thread(counted, lab.count_in_database, 2 * calls)
            seconds = time.monotonic() - began
            spent = sum(cpu_s(child.pid).values()) - before
    say(
        f"real Odoo 14, 4 at once: {calls / seconds:.1f} calls/s, floor {least:.1f} calls/s "
        f"({calls / seconds / least:.2f} x), {spent / calls * 1e6:.0f} us CPU/call, "
        f"{held - calls} of {calls} in its table, load {os.getloadavg()[0]:.1f}"
    )


def bare(lab: "OdooLab", calls: int) -> float:
    """Return how many calls a second Odoo takes that nobody searched for, kept or checked."""

    def create(number: int) -> None:
        values = {"name": f"Call {number}", "partner_phone": f"+39065{number:06}", "duration": 1.5}
        lab.ask("crm.phonecall", "create", values)

    create(-1)  # signed in before the clock runs
    began = time.monotonic()
    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(create, range(calls - 1)))
    return (calls - 1) / (time.monotonic() - began)


def counted(count: Callable[[], int], calls: int) -> int:
    """Return what a CRM holds once it holds so many calls; at most half an hour is waited."""
    end = time.monotonic() + LONGEST_S
    held = count()
    while held < calls and time.monotonic() < end:
        time.sleep(0.1)
        held = count()
    return held


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def measure(options: argparse.Namespace) -> None:
    """Measure what is asked for and print it."""
    latency_s = options.latency_ms / 1e3
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        heads = ("floor/s", "ours/s", "of floor", "floor us", "ours us")
        if options.concurrency:
            say(f"{'at once':>8}" + "".join(f"{head:>10}" for head in heads))
        for concurrency in options.concurrency:
            least = await floor(options.calls, concurrency, latency_s)
            found = await ours(options.calls, concurrency, latency_s, folder)
            say(
                f"{concurrency:>8}{least.calls_per_s:>10.0f}{found.calls_per_s:>10.0f}"
                f"{found.calls_per_s / least.calls_per_s:>10.2f}{least.cpu_us:>10.0f}"
                f"{found.cpu_us:>10.0f}"
            )
        if options.backlog and options.concurrency:
            await backlog(options.backlog, max(options.concurrency), latency_s, folder)
    if options.pop:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            await beside_pops(options.pop, latency_s, Path(name))
    if options.odoo:
        await odoo(options.odoo)


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=2_000)
    parser.add_argument("--concurrency", type=int, nargs="*", default=[4, 16, 64])
    parser.add_argument("--latency-ms", type=float, default=50.0)
    parser.add_argument("--backlog", type=int, default=100_000)
    parser.add_argument("--pop", type=int, default=0, help="rounds of pops beside a backlog")
    parser.add_argument("--odoo", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="on the disk to measure; default: a temporary")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
