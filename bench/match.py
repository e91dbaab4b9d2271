"""Caller match on the pop path: `Mirror.find` beside a bare sqlite3 look-up, in one run.

    python bench/match.py [--sizes 1000 100000 1000000] [--look-ups 20000] [--cold] [--keep FOLDER]
                          [--json]

Time of random numbers that exist, in µs, by the clock and of the processor (which other work on
the machine changes little), what was read from the disk for them, and the ratio to the floor: one
SELECT on a table of nothing but number and name. `ring` is a number never parsed before, with
parsing and matching: what a caller's first ring costs. With `--cold` the kernel is told to forget
the mirror's file first: how long opening it takes, how long until it is in memory, and what
look-ups beside that take (`beside`, off the loop's thread). `--keep` finds the files of an earlier
run again.
"""

import argparse
import asyncio
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from gateway.core.matching import Contact, ContactNumber
from gateway.core.numbers import NumberPlan
from gateway.runtime.tuning import tune
from gateway.store.database import Database
from gateway.store.mirror import Mirror, MirrorBusy
from gateway.store.mirror_file import Rebuild

_CHUNK = 10_000


def numbers(size: int) -> list[str]:
    """Return distinct Italian numbers in no order."""
    chosen = random.Random(7).sample(range(10**8), size)  # noqa: S311 - not for secrets
    return [f"+3902{number:08}" for number in chosen]


def contacts(chosen: list[str]) -> Iterator[Contact]:
    """Yield a contact of ordinary size for each number."""
    for place, number in enumerate(chosen):
        yield Contact(
            id=f"00000000-0000-5000-8000-{place:012}",
            ref=f"C-{place}",
            name=f"Nome Cognome {place}",
            company=f"Azienda {place // 3} Srl",
            email=f"person{place}@example.com",
            language="it",
            owner="anna",
            tags=("gold",),
            url=f"https://crm.example/{place}",
            fields={"city": "Roma"},
            numbers=(ContactNumber(raw=number, e164=number),),
        )


def build_floor(path: Path, chosen: list[str]) -> sqlite3.Connection:
    """Make the bare table and return a connection to it, with its pages in memory."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("CREATE TABLE floor (e164 INTEGER PRIMARY KEY, name TEXT)")
    conn.execute("BEGIN")
    rows = ((int(number[1:]), f"Nome Cognome {number}") for number in sorted(chosen))
    conn.executemany("INSERT INTO floor VALUES (?, ?)", rows)
    conn.execute("COMMIT")
    conn.execute("SELECT count(*), sum(length(name)) FROM floor").fetchone()
    return conn


def build_mirror(path: Path, chosen: list[str], change: int = 0) -> None:
    """Make the mirror's file as if copied from a store that is at this change."""
    draft = Rebuild(path)
    everybody = contacts(chosen)
    for _ in range(0, len(chosen), _CHUNK):
        draft.add(contact for contact, _ in zip(everybody, range(_CHUNK), strict=False))
    draft.seal(change)
    draft.replace()


def measure(look_up: Callable[[str], object], asked: list[str]) -> dict[str, float]:
    """Return p50 and p99 in µs, by the clock and of the processor, and what the disk gave."""
    clock, processor = time.perf_counter, time.thread_time
    taken: list[float] = []
    worked: list[float] = []
    before = read_bytes()
    for number in asked:
        began, started = processor(), clock()
        with suppress(MirrorBusy):  # a machine with other work: the daemon asks again off the loop
            look_up(number)
        taken.append(clock() - started)
        worked.append(processor() - began)
    return {"read_bytes": read_bytes() - before, **cuts(taken), **cuts(worked, "cpu_")}


def cuts(taken: list[float], name: str = "") -> dict[str, float]:
    """Return p50 and p99 in µs."""
    found = statistics.quantiles(taken, n=100) if len(taken) > 1 else [0.0] * 99
    return {f"{name}p50_us": round(found[49] * 1e6, 2), f"{name}p99_us": round(found[98] * 1e6, 2)}


def read_bytes() -> int:
    """Return how much this process has had read from a disk (proc_pid_io(5))."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))


def forget(path: Path) -> None:
    """Have the kernel let go of a file, as after a start of the machine."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def answers(mirror: Mirror, number: str) -> bool:
    """Tell whether the mirror answers at once."""
    try:
        return bool(mirror.find(number))
    except MirrorBusy:
        return False


async def warm(mirror: Mirror, plan: NumberPlan, chosen: list[str]) -> dict[str, float]:
    """Ask beside the reading of a cold file until it is in memory."""
    clock, taken = time.perf_counter, []
    began, chance = clock(), random.Random(17)  # noqa: S311 - not for secrets
    while not answers(mirror, chosen[0]):
        started = clock()
        await mirror.look_up(plan.parse(chance.choice(chosen)))
        taken.append(clock() - started)
        await mirror.refresh()  # as the daemon's watch does: it looks whether all is in memory
        await asyncio.sleep(0.02)
    return {"warm_s": round(clock() - began, 2), "asked": len(taken), **cuts(taken)}


def prepare(size: int, folder: Path) -> list[str]:
    """Make the files of one size unless they are there, and return its numbers."""
    chosen = numbers(size)
    if not (folder / "floor.db").exists():
        build_floor(folder / "floor.db", chosen).close()
    if not (folder / "mirror.db").exists():
        build_mirror(folder / "mirror.db", chosen)
    return chosen


async def run(size: int, look_ups: int, folder: Path, *, cold: bool) -> dict[str, object]:
    """Measure one size."""
    chosen = prepare(size, folder)
    asked = random.Random(11).choices(chosen, k=look_ups)  # noqa: S311 - not for secrets
    floor = sqlite3.connect(folder / "floor.db", isolation_level=None)
    floor.execute("SELECT count(*), sum(length(name)) FROM floor").fetchone()
    store = await Database.open(f"sqlite:///{folder / 'store.db'}")
    if cold:
        forget(folder / "mirror.db")
    started = time.perf_counter()
    mirror = await Mirror.open(folder / "mirror.db", store=store)
    open_s = round(time.perf_counter() - started, 3)
    statement = "SELECT name FROM floor WHERE e164 = ?"
    plan = NumberPlan("IT")
    plan.warm()
    tune()  # as the daemon does: the search for garbage leaves alone what was there at the start
    beside = await warm(mirror, plan, chosen)
    for conn_look_up in (lambda n: floor.execute(statement, (int(n[1:]),)).fetchone(), mirror.find):
        measure(conn_look_up, asked[:2_000])
    result: dict[str, object] = {
        "contacts": size,
        "open_s": open_s,
        "beside": beside,
        "floor": measure(
            lambda number: floor.execute(statement, (int(number[1:]),)).fetchone(), asked
        ),
        "find": measure(mirror.find, asked),
        "ring": measure(
            lambda number: mirror.match(plan.parse(number)),
            random.Random(13).sample(chosen, min(size, look_ups)),  # noqa: S311 - not for secrets
        ),
        "mirror_mb": round((folder / "mirror.db").stat().st_size / 2**20, 1),
    }
    floor.close()
    await mirror.close()
    await store.close()
    return result


def line(result: dict[str, object], floor: dict[str, float], name: str) -> str:
    """Return one row of the table."""
    figures = result[name]
    assert isinstance(figures, dict)
    ratio = figures["p50_us"] / floor["p50_us"]
    told = (
        f"{result['contacts']:>9} {name:<6} p50 {figures['p50_us']:>7.1f} µs ({ratio:4.1f} x)"
        f"  p99 {figures['p99_us']:>7.1f} µs ({figures['p99_us'] / floor['p99_us']:4.1f} x)"
    )
    if "cpu_p50_us" not in figures:
        return told
    return (
        f"{told}  CPU {figures['cpu_p50_us']:>5.1f} and {figures['cpu_p99_us']:>6.1f} µs"
        f"  read {figures['read_bytes'] / 2**20:.1f} MB"
    )


def times(result: dict[str, object]) -> str:
    """Return how long a cold start takes."""
    beside = result["beside"]
    assert isinstance(beside, dict)
    return (
        f"{result['contacts']:>9} {result['mirror_mb']} MB opened in {result['open_s']} s, "
        f"in memory after {beside['warm_s']} s, {beside['asked']} look-ups beside that"
    )


def main() -> None:
    """Print the table, or one JSON object per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--look-ups", type=int, default=20_000)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) if arguments.keep is None else arguments.keep / str(size)
            folder.mkdir(parents=True, exist_ok=True)
            result = asyncio.run(run(size, arguments.look_ups, folder, cold=arguments.cold))
        floor = result["floor"]
        assert isinstance(floor, dict)
        if arguments.json:
            print(json.dumps(result))
        else:
            print("\n".join(line(result, floor, name) for name in ("floor", "find", "ring")))
            if arguments.cold:
                print(f"{line(result, floor, 'beside')}\n{times(result)}")


if __name__ == "__main__":
    main()
