"""Hang-up to durable: how fast ended calls and their effects reach the disk, beside raw sqlite3.

    python bench/outbox.py [--rows N] [--producers N] [--folder DIR]

The floor is one thread that inserts the same payload into one table with plain sqlite3, committing
as often as the store did. A row of ours is a saved call, its parties, its change number and its
effect, acknowledged after the commit. Medians of several rounds, taken in turn.
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from gateway.core.ids import call_id, effect_key
from gateway.core.ports import Effect
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    Direction,
    EndedBy,
    EndKind,
    Outcome,
    Party,
    Seconds,
)
from gateway.store.backend import WRITER_PRAGMAS
from gateway.store.calls import save_call
from gateway.store.database import Database
from gateway.store.outbox import enqueue
from gateway.store.records import encode

ROUNDS = 3
FLOOR, SINGLE = "raw sqlite3", "store, one by one"
BATCHES, PACED = "store, in batches", "store, 200 calls/s"
START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one round gave; latencies in milliseconds."""

    rows_per_s: float
    cpu_us_per_row: float
    p50_ms: float
    p99_ms: float


def fact(number: int) -> tuple[CallRecord, Effect]:
    """Return an ended queue call and the effect that it causes."""
    identity = call_id("hq", f"1795290244.{number}")
    started = START + timedelta(seconds=number)
    ended = started + timedelta(seconds=90)
    record = CallRecord(
        id=identity,
        pbx="hq",
        linkedid=f"1795290244.{number}",
        direction=Direction.INBOUND,
        state=CallState.ENDED,
        end=EndKind.SEEN,
        caller=Party(number="0612345678", e164="+390612345678", name="Studio Verdi"),
        called=Called(number="+390299991001", e164="+390299991001"),
        trunk="carrier",
        queue="support",
        ivr=("main",),
        rung=(("1001",), ("1002", "1003")),
        answered_by="1002",
        final_talker="1002",
        outcome=Outcome.ANSWERED,
        ended_by=EndedBy.CALLER,
        started_at=started,
        answered_at=started + timedelta(seconds=9),
        ended_at=ended,
        seconds=Seconds(ring=9.0, wait=6.5, talk=81.0, hold=0.0, ivr=3.0),
    )
    effect = Effect(
        key=effect_key(identity, "odoo", "call.ended", 0),
        connector="odoo",
        kind="call.ended",
        ordinal=0,
        record=record,
        occurred_at=ended,
        not_before=ended + timedelta(seconds=2),
    )
    return record, effect


async def ours(
    folder: Path, rows: int, producers: int, *, batch: int = 1, pause_s: float = 0.0
) -> Figure:
    """Let producers hang up calls, `batch` at a time, and wait for each acknowledgement."""
    db = await Database.open(f"sqlite:///{folder / 'ours.db'}")
    facts = iter([fact(number) for number in range(rows)])
    waits: list[float] = []

    def stored(ended: list[tuple[CallRecord, Effect]]) -> Callable[[Connection], None]:
        def work(conn: Connection) -> None:
            for record, effect in ended:
                save_call(conn, record, state=None)
                enqueue(conn, effect)

        return work

    async def produce(delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        while ended := list(islice(facts, batch)):
            began = time.perf_counter()
            await db.write(stored(ended))
            waits.append(time.perf_counter() - began)
            if pause_s:
                await asyncio.sleep(pause_s)

    began, cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for number in range(producers):
            group.create_task(produce(pause_s * number / producers))
    figure = _figure(rows, time.perf_counter() - began, time.process_time() - cpu, waits)
    await db.close()
    return figure


def floor(folder: Path, rows: int, producers: int) -> Figure:
    """Insert the same payloads with plain sqlite3, a commit for as many rows as producers."""
    conn = sqlite3.connect(folder / "floor.db", isolation_level=None)
    for pragma in WRITER_PRAGMAS:
        conn.execute(f"PRAGMA {pragma}")
    conn.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, key TEXT UNIQUE, record TEXT)")
    payloads = [(str(effect.key), encode(record)) for record, effect in map(fact, range(rows))]
    waits: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    for first in range(0, rows, producers):
        group_began = time.perf_counter()
        conn.execute("BEGIN IMMEDIATE")
        for payload in payloads[first : first + producers]:
            conn.execute("INSERT INTO outbox (key, record) VALUES (?, ?)", payload)
        conn.execute("COMMIT")
        waits.append(time.perf_counter() - group_began)
    figure = _figure(rows, time.perf_counter() - began, time.process_time() - cpu, waits)
    conn.close()
    return figure


def _figure(rows: int, seconds: float, cpu: float, waits: list[float]) -> Figure:
    cuts = statistics.quantiles(waits, n=100)
    return Figure(
        rows_per_s=rows / seconds,
        cpu_us_per_row=cpu / rows * 1e6,
        p50_ms=cuts[49] * 1e3,
        p99_ms=cuts[98] * 1e3,
    )


def _median(figures: list[Figure]) -> Figure:
    return Figure(
        rows_per_s=statistics.median(figure.rows_per_s for figure in figures),
        cpu_us_per_row=statistics.median(figure.cpu_us_per_row for figure in figures),
        p50_ms=statistics.median(figure.p50_ms for figure in figures),
        p99_ms=statistics.median(figure.p99_ms for figure in figures),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--producers", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="on the disk to measure; default: a temporary")
    arguments = parser.parse_args()
    found: dict[str, list[Figure]] = {name: [] for name in (FLOOR, SINGLE, BATCHES, PACED)}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            folder = Path(name)
            rows, producers = arguments.rows, arguments.producers
            found[FLOOR].append(floor(folder, rows, producers))
            found[SINGLE].append(asyncio.run(ours(folder, rows, producers)))
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            batches = ours(Path(name), rows, 2, batch=producers // 2)
            found[BATCHES].append(asyncio.run(batches))
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            paced = ours(Path(name), 1_000, 20, pause_s=0.1)
            found[PACED].append(asyncio.run(paced))
    medians = {name: _median(figures) for name, figures in found.items()}
    print(f"{'':22}{'rows/s':>10}{'CPU µs/row':>12}{'p50 ms':>9}{'p99 ms':>9}{'of floor':>10}")
    for name, figure in medians.items():
        ratio = figure.rows_per_s / medians[FLOOR].rows_per_s
        print(
            f"{name:22}{figure.rows_per_s:10,.0f}{figure.cpu_us_per_row:12.1f}"
            f"{figure.p50_ms:9.2f}{figure.p99_ms:9.2f}{ratio:10.2f}"
        )


if __name__ == "__main__":
    main()
