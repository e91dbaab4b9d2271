"""Caller match on the pop path: `Mirror.find` beside a bare sqlite3 look-up, in one run.

    python bench/match.py [--sizes 1000 100000 1000000] [--look-ups 20000] [--json]

Wall time per look-up of random numbers that exist, in µs, and its ratio to the floor: one SELECT on
a table of nothing but number and name. `ring` is a number never parsed before, with parsing and
matching: what a caller's first ring costs.
"""

import argparse
import asyncio
import json
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


def build_mirror(path: Path, chosen: list[str], change: int = 1) -> None:
    """Make the mirror's file as if copied from a store that is at this change."""
    draft = Rebuild(path)
    everybody = contacts(chosen)
    for _ in range(0, len(chosen), _CHUNK):
        draft.add(contact for contact, _ in zip(everybody, range(_CHUNK), strict=False))
    draft.seal(change)
    draft.replace()


def measure(look_up: Callable[[str], object], asked: list[str]) -> dict[str, float]:
    """Return p50 and p99 in µs."""
    clock = time.perf_counter
    taken: list[float] = []
    for number in asked:
        started = clock()
        with suppress(MirrorBusy):  # a machine with other work: the daemon asks again off the loop
            look_up(number)
        taken.append(clock() - started)
    cuts = statistics.quantiles(taken, n=100)
    return {"p50_us": round(cuts[49] * 1e6, 2), "p99_us": round(cuts[98] * 1e6, 2)}


async def run(size: int, look_ups: int, folder: Path) -> dict[str, object]:
    """Measure one size."""
    chosen = numbers(size)
    asked = random.Random(11).choices(chosen, k=look_ups)  # noqa: S311 - not for secrets
    floor = build_floor(folder / "floor.db", chosen)
    build_mirror(folder / "mirror.db", chosen)
    store = await Database.open(f"sqlite:///{folder / 'store.db'}")
    mirror = await Mirror.open(folder / "mirror.db", store=store)
    statement = "SELECT name FROM floor WHERE e164 = ?"
    plan = NumberPlan("IT")
    plan.warm()
    for conn_look_up in (lambda n: floor.execute(statement, (int(n[1:]),)).fetchone(), mirror.find):
        measure(conn_look_up, asked[:2_000])
    result: dict[str, object] = {
        "contacts": size,
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
    return (
        f"{result['contacts']:>9} {name:<6} p50 {figures['p50_us']:>7.1f} µs ({ratio:4.1f} x)"
        f"  p99 {figures['p99_us']:>7.1f} µs ({figures['p99_us'] / floor['p99_us']:4.1f} x)"
    )


def main() -> None:
    """Print the table, or one JSON object per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--look-ups", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            result = asyncio.run(run(size, arguments.look_ups, Path(folder)))
        floor = result["floor"]
        assert isinstance(floor, dict)
        if arguments.json:
            print(json.dumps(result))
        else:
            print("\n".join(line(result, floor, name) for name in ("floor", "find", "ring")))


if __name__ == "__main__":
    main()
