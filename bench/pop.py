"""Bell to screen: AMI bytes on the socket until the pop is at a client, beside a floor, in one run.

    python bench/pop.py [--rates 1 50 200] [--agents 1 500] [--contacts 1000000] [--seconds 30]
                        [--sample 02-queue-second-agent] [--frozen 0] [--everything]
                        [--cache FOLDER] [--json]

Three processes: this one plays a recorded call, each time for other phones and from another number
of the directory, and notes when the bytes of each DialBegin went to the socket; one holds the
agents' WebSockets and notes when each `pop.offered` came; the third is `filodiretto run`, or the
floor: the least that could do it, a split at the empty line, a dict of the contacts and an aiohttp
WebSocket. The clock is the machine's monotonic one, the same in all processes.

Latencies are in ms. `early` is the share of pops, in percent, that were there before the bytes of
that phone's `DialState: RINGING` went to the socket. `cpu` is of one core (user + system), over the
second half of the playing, when calls begin and end at the rate; `loop` the main thread's part of
it. `kb_agent` is what the process grew by for each agent that connected. `--frozen` agents never
read; the others' pops are counted. `--everything` adds 5 000 agents and 100 frozen of 500. The
mirror of the contacts is kept in `--cache`, if given, and need not be made by the next run.
"""

import argparse
import asyncio
import json
import math
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Final

from popping.feed import FIRST_EXTENSION, Feed, Plan
from popping.stage import BENCH, Stage, cpu_s, resident_kb

from adapters.asterisk.recording import Recording, samples

SETTLE_S: Final = 2.0
TAIL_S: Final = 3.0
STOP_S: Final = 30.0
MANY: Final = 50

Row = dict[str, float | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line to be measured."""

    rate: float
    agents: int
    seconds: float
    frozen: int = 0


async def one(stage: Stage, recording: Recording, case: Case, *, ours: bool) -> Row:
    """Measure one of the two."""
    calls = max(3, round(case.rate * case.seconds))
    plan = Plan(case.agents, stage.callers)
    feed = Feed(recording, rate=case.rate, calls=calls, plan=plan)
    with tempfile.TemporaryDirectory() as name:
        async with feed:
            if ours:
                server, url = await asyncio.to_thread(stage.start_daemon, Path(name), feed.port)
            else:
                server, url = await asyncio.to_thread(stage.start_floor, feed.port)
            try:
                return await _measure(stage, case, feed, server, url) | {
                    "what": "filodiretto" if ours else "floor"
                }
            finally:
                server.terminate()
                await asyncio.to_thread(server.wait, STOP_S)


async def _measure(stage: Stage, case: Case, feed: Feed, server: Popen[bytes], url: str) -> Row:
    await asyncio.sleep(SETTLE_S)  # signing in to the PBX is no agent's weight
    bare = resident_kb(server.pid)
    clients = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "popping.clients",
        f"{url}/api/v1/events",
        str(stage.tokens),
        str(case.frozen),
        stdin=PIPE,
        stdout=PIPE,
        cwd=BENCH,
        limit=2**28,
    )
    assert clients.stdin is not None
    assert clients.stdout is not None
    await clients.stdout.readline()
    grown = resident_kb(server.pid) - bare
    feed.go.set()
    await asyncio.sleep(case.seconds / 2)
    used, events = cpu_s(server.pid), feed.events
    await asyncio.sleep(case.seconds / 2)
    spent, events = cpu_s(server.pid), feed.events - events
    await feed.finished.wait()
    await asyncio.sleep(TAIL_S)
    clients.stdin.close()
    told = json.loads(await clients.stdout.readline())
    await clients.wait()
    return _row(case, feed, told) | {
        "events_s": round(events / (case.seconds / 2)),
        "cpu": _percent(sum(spent.values()) - sum(used.values()), case),
        "loop": _percent(spent[str(server.pid)] - used[str(server.pid)], case),
        "kb_agent": round(grown / case.agents, 1) if case.agents >= MANY else math.nan,
    }


def _percent(seconds: float, case: Case) -> float:
    return round(100 * seconds / (case.seconds / 2), 1)


def _row(case: Case, feed: Feed, told: dict[str, dict[str, int]]) -> Row:
    came = told["came"]
    reads = [
        (key, sent)
        for key, sent in feed.sent.items()
        if int(key.rpartition(" ")[2]) - FIRST_EXTENSION >= case.frozen
    ]
    late = sorted((came[key] - sent.dialled) / 1e6 for key, sent in reads if key in came)
    heard = [(key, sent.ringing) for key, sent in reads if sent.ringing is not None]
    early = sum(came.get(key, math.inf) < at for key, at in heard)
    return {
        "rate": case.rate,
        "agents": case.agents,
        "frozen": case.frozen,
        "rings": len(reads),
        "delivered": len(late),
        "p50": round(statistics.median(late), 3) if late else math.nan,
        "p99": round(late[math.ceil(0.99 * len(late)) - 1], 3) if late else math.nan,
        "max": round(late[-1], 1) if late else math.nan,
        "early": round(100 * early / len(heard), 1) if heard else math.nan,
    }


def cases(options: argparse.Namespace) -> list[Case]:
    """Return what is asked for."""
    found = [
        Case(rate=rate, agents=agents, seconds=options.seconds, frozen=min(options.frozen, agents))
        for agents in options.agents
        for rate in options.rates
    ]
    if options.everything:
        found.append(Case(rate=50, agents=500, seconds=options.seconds, frozen=100))
        found += [Case(rate=rate, agents=5_000, seconds=options.seconds) for rate in options.rates]
    return found


async def measure(options: argparse.Namespace) -> None:
    """Measure all cases and print them, each beside its floor."""
    recording = next(Recording.load(path) for path in samples() if path.stem == options.sample)
    with tempfile.TemporaryDirectory() as name:
        stage = Stage(Path(name), options.contacts, options.cache)
        built = 0
        for case in cases(options):
            if built != case.agents:
                await stage.build(case.agents)
                built = case.agents
            floor = await one(stage, recording, case, ours=False)
            show(floor, floor, as_json=options.json)
            show(await one(stage, recording, case, ours=True), floor, as_json=options.json)


COLUMNS: Final = (
    ("what", 12), ("rate", 6), ("agents", 7), ("frozen", 7), ("rings", 6), ("delivered", 10),
    ("events_s", 9), ("p50", 8), ("p99", 9), ("max", 8), ("early", 6), ("cpu", 6), ("loop", 6),
    ("kb_agent", 9),
)  # fmt: skip


def show(row: Row, floor: Row, *, as_json: bool) -> None:
    """Print a line, with the head over a floor and the ratios behind ours."""
    if as_json:
        sys.stdout.write(json.dumps(row) + "\n")
    else:
        if row is floor:
            sys.stdout.write("".join(f"{name:>{width}}" for name, width in COLUMNS) + "\n")
        text = "".join(f"{row[name]!s:>{width}}" for name, width in COLUMNS)
        if row is not floor:
            p50, p99 = (float(row[name]) / float(floor[name]) for name in ("p50", "p99"))
            text += f"   p50 {p50:.1f} x, p99 {p99:.1f} x floor"
        sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rates", type=float, nargs="+", default=[1.0, 50.0, 200.0])
    parser.add_argument("--agents", type=int, nargs="+", default=[1, 500])
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--sample", default="02-queue-second-agent")
    parser.add_argument("--frozen", type=int, default=0)
    parser.add_argument("--everything", action="store_true")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--json", action="store_true")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
