"""Bell to screen: AMI bytes on the socket until the pop is at a client, beside a floor, in one run.

    python bench/pop.py [--rates 1 50 200] [--agents 1 500] [--contacts 1000000] [--seconds 20]
                        [--frozen 0] [--json]

Three processes: this one plays recorded calls, each with an extension and a caller of its own, and
notes when the bytes of a DialBegin went to the socket; one holds the agents' WebSockets and notes
when `pop.offered` came; the third is `filodiretto run`, or the floor: the least that could do it, a
split at the empty line, a dict of the contacts and an aiohttp WebSocket. Latencies are in ms, CPU
in percent of one core (user + system), memory in KB for each agent that is connected. `--frozen`
agents never read. The clock is the machine's monotonic one, the same in all processes.
"""

import argparse
import asyncio
import json
import math
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp
import orjson
from aiohttp import web
from match import build_mirror, numbers

from adapters.asterisk.playback import PlaybackServer
from adapters.asterisk.recording import Recording, samples
from gateway.core.ids import call_id
from gateway.store.contacts import COUNTER
from gateway.store.counters import next_change
from gateway.store.credentials import create_token
from gateway.store.database import Connection, Database
from gateway.store.people import Role, User, add_user

FILODIRETTO: Final = Path(sys.executable).with_name("filodiretto")
PBX, USERNAME, SECRET = "pbx", "bench", "bench-secret"
SAMPLE, RUNG, CALLER = "01-known-customer", b"1001", b"+393331234567"
FIRST_EXTENSION = 20_000
READY_S = 120.0
DIALLED: Final = re.compile(
    rb"^Event: DialBegin\r\n.*?^DestLinkedid: ([^\r]+)", re.DOTALL | re.MULTILINE
)
TICKS: Final = os.sysconf("SC_CLK_TCK")


class Feed(PlaybackServer):
    """Plays one recorded call again and again, each for another phone and from another number."""

    def __init__(self, recording: Recording, *, rate: float, calls: int, plan: "Plan") -> None:
        super().__init__(
            [recording],
            username=USERNAME,
            secret=SECRET,
            every_s=1 / rate,
            rounds=calls,
            delay_s=1.0,
        )
        self.go = asyncio.Event()
        self.sent: dict[str, int] = {}
        self._plan = plan
        self._dressed: dict[bytes, tuple[bytes, bytes]] = {}

    async def _direct(self) -> None:
        await self.go.wait()
        await super()._direct()

    def _send(self, raw: bytes) -> str:
        linked = re.search(rb"\r\n(?:Dest)?Linkedid: ([^\r]+)", raw)
        if linked is not None:
            extension, caller = self._dressed.setdefault(linked[1], self._plan.draw())
            raw = raw.replace(b"PJSIP/" + RUNG, b"PJSIP/" + extension)
            raw = raw.replace(b": " + RUNG + b"\r\n", b": " + extension + b"\r\n")
            raw = raw.replace(CALLER, caller).replace(CALLER[1:], caller[1:])
        dialled = DIALLED.match(raw)
        if dialled is not None:
            root = dialled[1].decode()
            self.sent.setdefault(str(call_id(PBX, root)), time.monotonic_ns())
        return super()._send(raw)


class Plan:
    """Whom the next call rings, and who it is."""

    def __init__(self, agents: int, known: list[str]) -> None:
        self._agents = agents
        self._known = known
        self._dice = random.Random(11)  # noqa: S311 - not for secrets
        self._next = 0

    def draw(self) -> tuple[bytes, bytes]:
        """Return the extension in turn and a caller of the directory."""
        extension = FIRST_EXTENSION + self._next % self._agents
        self._next += 1
        return str(extension).encode(), self._dice.choice(self._known).encode()


# -- the agents' side, a process of its own


async def hold_sockets(url: str, chosen: list[str], seconds: float, frozen: int) -> None:
    """Connect everybody, print `connected`, note each pop, print what came as JSON."""
    came: dict[str, int] = {}
    limit = asyncio.Semaphore(20)
    connected = asyncio.Event()
    count = 0

    async def agent(session: aiohttp.ClientSession, place: int, token: str) -> None:
        nonlocal count
        headers = {"Authorization": f"Bearer {token}"}
        async with limit:
            socket = await session.ws_connect(url, headers=headers, compress=0)
        count += 1
        if count == len(chosen):
            connected.set()
        if place < frozen:
            await asyncio.sleep(math.inf)
        async for message in socket:
            at = time.monotonic_ns()
            frame = orjson.loads(message.data)
            if frame["type"] == "pop.offered":
                came.setdefault(frame["data"]["call_id"], at)

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        tasks = [
            asyncio.ensure_future(agent(session, place, token))
            for place, token in enumerate(chosen)
        ]
        await asyncio.wait_for(connected.wait(), READY_S)
        sys.stdout.write("connected\n")
        sys.stdout.flush()
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    sys.stdout.write(json.dumps(came) + "\n")


# -- the floor, a process of its own


async def floor(port: int, tokens: list[str], known: list[str]) -> None:
    """Do the least that could be called a pop; print the address."""
    people = {token: place for place, token in enumerate(tokens)}
    directory = {number: f"Name {number}" for number in known}
    sockets: dict[int, web.WebSocketResponse] = {}

    async def events(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        place = people[request.headers["Authorization"].removeprefix("Bearer ")]
        sockets[place] = socket
        async for _ in socket:
            pass
        return socket

    app = web.Application()
    app.router.add_get("/api/v1/events", events)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"Action: Login\r\nUsername: {USERNAME}\r\nSecret: {SECRET}\r\n\r\n".encode())
    callers: dict[bytes, bytes] = {}
    while True:
        try:
            raw = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return
        if raw.startswith(b"Event: Newchannel"):
            fields = dict(line.split(b": ", 1) for line in raw.split(b"\r\n") if b": " in line)
            callers[fields[b"Uniqueid"]] = fields[b"CallerIDNum"]
        elif raw.startswith(b"Event: DialBegin"):
            fields = dict(line.split(b": ", 1) for line in raw.split(b"\r\n") if b": " in line)
            linked = fields[b"DestLinkedid"]
            name = directory.get(callers.get(linked, b"").decode())
            place = int(fields[b"DestChannel"][6:].partition(b"-")[0]) - FIRST_EXTENSION
            data = {"call_id": str(call_id(PBX, linked.decode())), "name": name}
            if place in sockets:
                pop = {"type": "pop.offered", "data": data}
                await sockets[place].send_str(orjson.dumps(pop).decode())


# -- this process


async def people(db: Database, agents: int) -> list[str]:
    """Give each agent an extension and return their tokens."""
    now = datetime.now(UTC)

    def add(conn: Connection) -> list[str]:
        found = []
        for place in range(agents):
            login = f"agent{place}"
            extensions = (("", str(FIRST_EXTENSION + place)),)
            user = User(login=login, name=login, role=Role.AGENT, extensions=extensions)
            add_user(conn, user, password_hash=None, now=now)
            found.append(create_token(conn, login=login, now=now)[1])
        return found

    return await db.write(add)


async def prepare(folder: Path, agents: int, known: list[str]) -> None:
    """Put people into the store and the contacts into the mirror that the daemon will find."""
    data = folder / "data"
    data.mkdir()
    db = await Database.open(f"sqlite:///{data / 'filodiretto.db'}")
    tokens = await people(db, agents)
    await db.write(partial(next_change, name=COUNTER))
    await db.close()
    (folder / "tokens").write_text("\n".join(tokens), encoding="utf-8")
    (folder / "known").write_text("\n".join(known), encoding="utf-8")
    await asyncio.to_thread(build_mirror, data / "mirror.db", known)


def start_daemon(folder: Path, port: int) -> tuple[subprocess.Popen[bytes], str]:
    """Run the daemon and return it with its address once it is ready."""
    config = folder / "filodiretto.toml"
    config.write_text(
        f'[gateway]\ndata_dir = "{folder / "data"}"\n[web]\nlisten = "127.0.0.1:0"\n'
        f'[[pbx]]\nname = "{PBX}"\nkind = "asterisk"\nhost = "127.0.0.1"\nport = {port}\n'
        f'username = "{USERNAME}"\nsecret = "{SECRET}"\ncountry = "IT"\n',
        encoding="utf-8",
    )
    path = folder / "daemon.log"
    with path.open("wb") as log:
        daemon = subprocess.Popen([FILODIRETTO, "run", "-c", config], stdout=log, stderr=log)
    end = time.monotonic() + READY_S
    while time.monotonic() < end and daemon.poll() is None:
        found = re.search(r'"url": "([^"]+)"', path.read_text("utf-8"))
        if found is not None:
            return daemon, found[1]
        time.sleep(0.05)
    daemon.kill()
    raise SystemExit(f"The daemon did not become ready:\n{path.read_text('utf-8')}")


def start_floor(folder: Path, port: int) -> tuple[subprocess.Popen[bytes], str]:
    """Run the floor and return it with its address."""
    started = subprocess.Popen(
        [
            sys.executable,
            __file__,
            "--role",
            "floor",
            str(port),
            folder / "tokens",
            folder / "known",
        ],
        stdout=subprocess.PIPE,
    )
    assert started.stdout is not None
    return started, started.stdout.readline().decode().strip()


def cpu_s(pid: int) -> float:
    """Return the seconds of CPU a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_kb(pid: int) -> int:
    """Return how much memory a process holds now."""
    text = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", text)[0])


async def one(
    folder: Path, *, ours: bool, rate: float, agents: int, seconds: float, frozen: int
) -> dict[str, float | str]:
    """Measure one of the two at one rate with so many agents."""
    known = await asyncio.to_thread(words, str(folder / "known"))
    recording = next(Recording.load(path) for path in samples() if path.stem == SAMPLE)
    feed = Feed(recording, rate=rate, calls=max(3, round(rate * seconds)), plan=Plan(agents, known))
    async with feed:
        start = start_daemon if ours else start_floor
        server, url = await asyncio.to_thread(start, folder, feed.port)
        bare = resident_kb(server.pid)
        try:
            clients = await asyncio.create_subprocess_exec(
                sys.executable, __file__, "--role", "clients", f"{url}/api/v1/events",
                str(folder / "tokens"), str(seconds + recording.events[-1][0] + 8), str(frozen),
                stdout=asyncio.subprocess.PIPE, limit=2**28,
            )  # fmt: skip
            assert clients.stdout is not None
            await clients.stdout.readline()
            held = resident_kb(server.pid)
            feed.go.set()
            began, used = time.monotonic(), cpu_s(server.pid)
            came = json.loads(await clients.stdout.readline())
            spent = (cpu_s(server.pid) - used) / (time.monotonic() - began)
            await clients.wait()
        finally:
            server.terminate()
            await asyncio.to_thread(server.wait, 20)
    late = sorted((came[call] - at) / 1e6 for call, at in feed.sent.items() if call in came)
    return {
        "what": "filodiretto" if ours else "floor",
        "rate": rate,
        "agents": agents,
        "calls": len(feed.sent),
        "delivered": len(late),
        "p50_ms": round(statistics.median(late), 3) if late else math.nan,
        "p99_ms": round(late[math.ceil(0.99 * len(late)) - 1], 3) if late else math.nan,
        "cpu_percent": round(100 * spent, 1),
        "kb_per_agent": round((held - bare) / agents, 1),
    }


async def measure(options: argparse.Namespace) -> None:
    """Run all combinations and print them, each beside its floor."""
    known = numbers(options.contacts)
    for agents in options.agents:
        for rate in options.rates:
            rows = []
            for ours in (False, True):
                with tempfile.TemporaryDirectory() as name:
                    folder = Path(name)
                    await prepare(folder, agents, known)
                    rows.append(
                        await one(
                            folder,
                            ours=ours,
                            rate=rate,
                            agents=agents,
                            seconds=options.seconds,
                            frozen=min(options.frozen, agents - 1),
                        )
                    )
            show(rows, as_json=options.json)


def show(rows: list[dict[str, float | str]], *, as_json: bool) -> None:
    """Print two lines and their ratio."""
    if as_json:
        sys.stdout.writelines(json.dumps(row) + "\n" for row in rows)
        return
    for row in rows:
        sys.stdout.write("  ".join(f"{name} {value}" for name, value in row.items()) + "\n")
    below, ours = rows
    for name in ("p50_ms", "p99_ms"):
        ratio = float(ours[name]) / float(below[name])
        sys.stdout.write(f"  {name}: {ratio:.1f} x floor")
    sys.stdout.write("\n")
    sys.stdout.flush()


def words(path: str) -> list[str]:
    """Return the words of a file."""
    return Path(path).read_text("utf-8").split()


def main() -> None:
    """Measure, or be one of the processes beside."""
    if sys.argv[1:2] == ["--role"]:
        role, *rest = sys.argv[2:]
        if role == "floor":
            asyncio.run(floor(int(rest[0]), words(rest[1]), words(rest[2])))
        else:
            asyncio.run(hold_sockets(rest[0], words(rest[1]), float(rest[2]), int(rest[3])))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rates", type=float, nargs="+", default=[1.0, 50.0, 200.0])
    parser.add_argument("--agents", type=int, nargs="+", default=[1, 500])
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--frozen", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
