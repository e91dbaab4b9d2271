"""Start to first pop after a kill -9: the daemon, and a floor, with much to take up again.

    python bench/start.py [--contacts 1000000] [--live 1000] [--pending 10000] [--rounds 3]
                          [--cache FOLDER] [--profile FILE]

A PBX rings the agent's phone ten times a second and has many calls up. The daemon follows them, is
killed, and is started again. From the start of the new process: `ready` until it listens, `pop`
until the first `pop.offered` is at the agent's WebSocket, wall time; `cpu` is what the process has
used by then, user and system. The floor is that of `bench/pop.py`: it restores nothing. The
effects wait for a CRM that refuses them. Bytecode is kept in `--cache`, as an installation does.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Final

import aiohttp
from popping.feed import Feed, Plan
from popping.stage import FILODIRETTO, Stage, cpu_s
from scale import Recordings, plays
from writeback import SECRET, fill

from adapters.asterisk.recording import Recording

RINGS: Final = 10.0
LONGEST_S: Final = 300.0
POLL_S: Final = 0.005
PIECE: Final = 1_300
FIRST_UP: Final = 100_000
CRM: Final = (
    f'[[crm]]\nname = "odoo"\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\nsecret = "{SECRET}"\n'
    "allow_private = true\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one start took, in seconds."""

    ready: float
    pop: float
    cpu: float


class Office(Feed):
    """Rings the agent's phone again and again; may have calls up that go on all the time."""

    def __init__(self, recording: Recording, plan: Plan) -> None:
        super().__init__(recording, rate=RINGS, calls=round(RINGS * LONGEST_S), plan=plan)

    async def busy(self, recording: Recording, calls: int) -> None:
        """Let so many calls begin and go on."""
        for number, raw in enumerate(plays(recording, calls, first=FIRST_UP)):
            self._send(raw)
            if number % PIECE == 0:
                await asyncio.sleep(0.1)


async def first_pop(url: str, token: str) -> None:
    """Connect as a page does and wait until it is told who rings."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(f"{url}/api/v1/events", compress=0) as socket,
    ):
        async for message in socket:
            if json.loads(message.data)["type"] == "pop.offered":
                return


def spawned(folder: Path, log: Path, options: Sequence[str]) -> Popen[bytes]:
    """Start the daemon; `options` are the interpreter's."""
    config = str(folder / "filodiretto.toml")
    command = [sys.executable, *options, str(FILODIRETTO), "run", "-c", config]
    with log.open("wb") as out:
        return Popen(command, stdout=out, stderr=out)


def listening(log: Path, daemon: Popen[bytes]) -> str:
    """Return the address once the daemon says it."""
    while daemon.poll() is None:
        found = re.search(r'"url": "([^"]+)"', log.read_text("utf-8"))
        if found is not None:
            return found[1]
        time.sleep(POLL_S)
    raise SystemExit(f"The daemon did not start:\n{log.read_text('utf-8')}")


async def restarted(folder: Path, token: str, options: Sequence[str]) -> Figure:
    """Start the daemon on what it left behind, until its first pop; then kill it."""
    log = folder / "again.log"
    began = time.monotonic()
    daemon = await asyncio.to_thread(spawned, folder, log, options)
    try:
        async with asyncio.timeout(LONGEST_S):
            url = await asyncio.to_thread(listening, log, daemon)
            ready = time.monotonic() - began
            await first_pop(url, token)
        popped = time.monotonic() - began
        used = sum(cpu_s(daemon.pid).values())
        return Figure(ready=ready, pop=popped, cpu=used)
    finally:
        daemon.send_signal(signal.SIGINT if options else signal.SIGKILL)
        await asyncio.to_thread(daemon.wait)


async def floored(stage: Stage, office: Office, token: str) -> Figure:
    """Start the floor until its first pop."""
    began = time.monotonic()
    floor, url = await asyncio.to_thread(stage.start_floor, office.port)
    try:
        ready = time.monotonic() - began
        async with asyncio.timeout(LONGEST_S):
            await first_pop(url, token)
        popped = time.monotonic() - began
        return Figure(ready=ready, pop=popped, cpu=sum(cpu_s(floor.pid).values()))
    finally:
        floor.kill()
        floor.wait()


async def stored(path: Path, live: int) -> None:
    """Wait until so many calls are stored as being up."""
    query = "SELECT count(*) FROM calls WHERE state = 'live' AND table_state IS NOT NULL"
    async with asyncio.timeout(LONGEST_S):
        while True:
            with suppress(sqlite3.OperationalError), closing(sqlite3.connect(path)) as conn:
                if conn.execute(query).fetchone()[0] >= live:
                    return
            await asyncio.sleep(0.2)


async def measure(options: argparse.Namespace, folder: Path) -> None:
    """Measure the starts, each beside a floor's, and print them."""
    recordings = Recordings.load()
    stage = Stage(folder, options.contacts, options.cache)
    await stage.build(1)
    await fill(folder / "filodiretto.db", options.pending)
    stage.tables = CRM
    token = stage.tokens.read_text("utf-8").split()[0]
    run = folder / "run"
    run.mkdir()
    profile = ("-m", "cProfile", "-o", str(options.profile)) if options.profile else ()
    async with Office(recordings.talking, Plan(1, stage.callers)) as office:
        daemon, _ = await asyncio.to_thread(stage.start_daemon, run, office.port)
        try:
            await office.busy(recordings.talking, options.live)
            await stored(run / "data" / "filodiretto.db", options.live)
        finally:
            daemon.kill()
            daemon.wait()
        office.go.set()
        ours: list[Figure] = []
        floors: list[Figure] = []
        for _ in range(options.rounds):
            floors.append(await floored(stage, office, token))
            ours.append(await restarted(run, token, profile))
    print(
        f"{options.contacts:,} contacts, {options.live:,} calls up, {options.pending:,} effects"
        f" waiting; load {os.getloadavg()[0]:.1f}\n{'':>12}{'ready s':>9}{'pop s':>9}{'cpu s':>9}"
    )
    for name, figures in (("floor", floors), ("filodiretto", ours)):
        row = (statistics.median(getattr(one, key) for one in figures) for key in Figure.__slots__)
        print(f"{name:>12}" + "".join(f"{figure:9.2f}" for figure in row))


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--live", type=int, default=1_000)
    parser.add_argument("--pending", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = options.cache or folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(kept.absolute() / "bytecode")
        asyncio.run(measure(options, folder))


if __name__ == "__main__":
    main()
