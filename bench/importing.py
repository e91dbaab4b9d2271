"""A large file of contacts while calls go on: how long it takes, and what the pops notice.

    python bench/importing.py [--rows 1000000] [--seconds 300] [--rate 20] [--rounds 1] [--preview]
                              [--calls 0]

A CSV of so many people, every thousandth of whom has neither a name nor a number, goes into the
store of a running daemon by `filodiretto contacts import`, while `bench/pop.py`'s queue calls ring
its 200 agents; by turns with the same calls alone. Latencies are in ms from AMI bytes to the
client, `kb` the import's largest resident memory. An import that is not over when the calls are
(`--seconds`) is ended; its rows/s are told all the same. `--preview` first reads the whole file
without a daemon and writes nothing: what it says would change, and its memory. `--calls 100000
--rows 100` puts so many earlier calls of the people of the file into the store: what it tells then
is how long the daemon takes to give them to their new contacts.
"""

import argparse
import asyncio
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from outbox import fact
from pop import Case, Row, one
from popping.stage import CHUNK, FILODIRETTO, Stage, resident_kb

from adapters.asterisk.recording import Recording, samples
from gateway.core.record import Party
from gateway.store.calls import save_call
from gateway.store.database import Connection, Database

CALLERS: Final = 20_000
EVERY_BAD: Final = 1_000
SAMPLE: Final = "02-queue-second-agent"
LOOK_S: Final = 0.2
GIVEN: Final = (
    "SELECT count(*) FROM calls JOIN contacts ON contacts.id = calls.contact_id "
    "WHERE contacts.ref LIKE 'I-%'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How far one import came."""

    seconds: float
    rows: int
    peak_kb: int
    said: str


class Beside(Stage):
    """A stage that tells where the configuration of the daemon lies, once it is ready."""

    def __init__(self, folder: Path, size: int) -> None:
        super().__init__(folder, size)
        self.config = folder
        self.ready = threading.Event()

    def start_daemon(self, folder: Path, port: int) -> tuple[subprocess.Popen[bytes], str]:
        """Run the daemon and let the import begin."""
        found = super().start_daemon(folder, port)
        self.config = folder / "filodiretto.toml"
        self.ready.set()
        return found


async def fill(path: Path, count: int, rows: int) -> None:
    """Put earlier calls of the people of the file into a store, the newest a day ago."""
    db = await Database.open(f"sqlite:///{path}")
    newest = datetime.now(UTC) - timedelta(days=1)

    def store(conn: Connection, *, first: int) -> None:
        for number in range(first, min(count, first + CHUNK)):
            e164 = f"+3906{number % rows:08}"
            ended = newest - timedelta(seconds=10 * number)
            record = replace(
                fact(number)[0],
                caller=Party(number=e164, e164=e164),
                started_at=ended - timedelta(seconds=90),
                answered_at=ended - timedelta(seconds=81),
                ended_at=ended,
            )
            save_call(conn, record, state=None)

    for first in range(0, count, CHUNK):
        await db.write(partial(store, first=first))
    await db.close()


def write_csv(path: Path, rows: int) -> None:
    """Write people whose numbers are other ones than those of the callers."""
    with path.open("w", encoding="utf-8-sig") as file:
        file.write("id;name;company;phone;mobile;email;language;city\n")
        for row in range(rows):
            bad = row % EVERY_BAD == EVERY_BAD - 1
            who = ";;see card" if bad else f"Nome Cognome {row};Azienda {row // 3};06 {row:08}"
            file.write(f"I-{row};{who};;p{row}@example.com;it;Roma\n")


def run_import(config: Path, file: Path, *options: str, end: threading.Event) -> Imported:
    """Import a file and watch it; `end` cuts it off."""
    command: list[str | Path] = [FILODIRETTO, "contacts", "import", file, "--json", *options]
    command += ["-c", config]
    began, peak, rows = time.monotonic(), 0, 0
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as said:
        # a session of its own, as beside a service: else Linux gives both one share of a core
        child = subprocess.Popen(command, stdout=said, stderr=errors, start_new_session=True)
        while child.poll() is None and not end.wait(LOOK_S):
            try:
                peak = max(peak, resident_kb(child.pid))
            except (OSError, IndexError):  # it has just ended
                break
        if end.is_set():
            child.kill()
        child.wait()
        seconds = time.monotonic() - began
        errors.seek(0)
        said.seek(0)
        told, text = errors.read().decode(), said.read().decode()
    for found in re.findall(r"(\d+) rows", told):
        rows = int(found)
    if text:
        rows = int(json.loads(text.splitlines()[0])["rows"])
    return Imported(seconds=seconds, rows=rows, peak_kb=peak, said=text or told[-300:])


async def beside_calls(options: argparse.Namespace, folder: Path, file: Path) -> None:
    """Measure pops with and without an import beside them, by turns."""
    recording = next(Recording.load(path) for path in samples() if path.stem == SAMPLE)
    stage = Beside(folder, CALLERS)
    case = Case(rate=options.rate, agents=200, seconds=options.seconds)
    short = Case(rate=options.rate, agents=200, seconds=min(30.0, options.seconds))
    await stage.build(case.agents)
    if options.calls:
        await fill(folder / "filodiretto.db", options.calls, options.rows)
    found: dict[str, list[Row]] = {"without": [], "with": []}
    say(f"{'import':>8}{'p50':>9}{'p99':>9}{'CPU %':>8}{'pops':>7}{'load':>7}")
    for _ in range(options.rounds):
        for what in ("without", "with"):
            stage.ready.clear()
            end = threading.Event()
            work = None
            if what == "with":
                work = asyncio.create_task(
                    asyncio.to_thread(when_ready, stage, file, end, options.calls)
                )
            row = await one(stage, recording, case if work else short, ours=True)
            found[what].append(row)
            load = os.getloadavg()[0]
            say(
                f"{what:>8}{row['p50']:>9}{row['p99']:>9}{row['cpu']:>8}"
                f"{row['delivered']:>7}{load:>7.1f}"
            )
            if work is not None:
                end.set()
                show(await work)
    for name in ("p50", "p99"):
        alone, busy = (statistics.median(float(row[name]) for row in found[key]) for key in found)
        say(f"{name}: {alone:.2f} ms without, {busy:.2f} ms with, {busy / alone:.2f} x")


def when_ready(stage: Beside, file: Path, end: threading.Event, calls: int) -> Imported:
    """Import as soon as there is a daemon to do it beside; see how it gives calls to the new."""
    stage.ready.wait()
    done = run_import(stage.config, file, end=end)
    began, given = time.monotonic(), 0
    while given < calls and not end.wait(1.0):
        with closing(sqlite3.connect(stage.config.parent / "data" / "filodiretto.db")) as store:
            given = store.execute(GIVEN).fetchone()[0]
    if calls:
        say(f"  {given:,} earlier calls given in {time.monotonic() - began:.0f} s")
    return done


def show(done: Imported) -> None:
    """Print what an import did."""
    say(
        f"  {done.rows:,} rows in {done.seconds:.0f} s, {done.rows / done.seconds:,.0f} rows/s, "
        f"at most {done.peak_kb:,} kB\n  {done.said.strip()[:400]}"
    )


def preview(folder: Path, file: Path) -> None:
    """Read the whole file and write nothing."""
    config = folder / "preview.toml"
    config.write_text(f'[gateway]\ndata_dir = "{folder / "empty"}"\n', encoding="utf-8")
    say("preview:")
    show(run_import(config, file, "--preview", end=threading.Event()))


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--calls", type=int, default=0)
    parser.add_argument("--preview", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "people.csv"
        write_csv(file, options.rows)
        say(f"{options.rows:,} rows, {file.stat().st_size / 2**20:.0f} MB")
        if options.preview:
            preview(folder, file)
        if options.rounds:
            asyncio.run(beside_calls(options, folder, file))


if __name__ == "__main__":
    main()
