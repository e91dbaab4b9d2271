"""What a run needs beside the feed: the people and contacts, the processes, and their meters."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from match import build_mirror, contacts, numbers
from popping.feed import FIRST_EXTENSION, PBX, SECRET, USERNAME

from gateway.store.contacts import last_change, save_contacts
from gateway.store.credentials import create_token
from gateway.store.database import Connection, Database
from gateway.store.mirror_format import VERSION
from gateway.store.people import Role, User, add_user

FILODIRETTO: Final = Path(sys.executable).with_name("filodiretto")
BENCH: Final = Path(__file__).parents[1]
READY_S: Final = 120.0
# So many of the contacts call; they are in the store, too, where their past is looked up.
CALLERS: Final = 20_000
CHUNK: Final = 1_000
TICKS: Final = os.sysconf("SC_CLK_TCK")


class Stage:
    """Contacts and people, made once and copied for each run."""

    def __init__(self, folder: Path, size: int, cache: Path | None = None) -> None:
        self._folder = folder
        # TOML tables that the daemon gets beside its own
        self.tables = ""
        kept = folder if cache is None else cache
        kept.mkdir(parents=True, exist_ok=True)
        # one of another layout, or that ends at another change, would be made anew by the daemon
        self._mirror = kept / f"mirror-{VERSION}-{size}-{min(size, CALLERS)}.db"
        self._known = numbers(size)
        self.callers = self._known[:CALLERS]
        self.known = folder / "known"
        self.known.write_text("\n".join(self._known), encoding="utf-8")

    async def build(self, agents: int) -> None:
        """Make store, mirror and tokens for so many agents."""
        store = self._folder / "filodiretto.db"
        store.unlink(missing_ok=True)
        db = await Database.open(f"sqlite:///{store}")
        tokens = await _people(db, agents)
        callers = list(islice(contacts(self._known), CALLERS))
        for start in range(0, len(callers), CHUNK):
            await db.write(partial(save_contacts, entries=callers[start : start + CHUNK]))
        change = await db.read(last_change)
        await db.close()
        if not self._mirror.exists():
            draft = self._folder / "draft.db"
            await asyncio.to_thread(build_mirror, draft, self._known, change)
            shutil.move(draft, self._mirror)
        (self._folder / "tokens").write_text("\n".join(tokens), encoding="utf-8")

    @property
    def tokens(self) -> Path:
        """The file with the agents' tokens."""
        return self._folder / "tokens"

    def start_daemon(self, folder: Path, port: int) -> tuple[subprocess.Popen[bytes], str]:
        """Run the daemon in an empty folder; return it with its address once it is ready."""
        data = folder / "data"
        data.mkdir()
        shutil.copyfile(self._folder / "filodiretto.db", data / "filodiretto.db")
        shutil.copyfile(self._mirror, data / "mirror.db")
        config, path = folder / "filodiretto.toml", folder / "daemon.log"
        config.write_text(
            f'[gateway]\ndata_dir = "{data}"\n[web]\nlisten = "127.0.0.1:0"\n'
            f'[[pbx]]\nname = "{PBX}"\nkind = "asterisk"\nhost = "127.0.0.1"\nport = {port}\n'
            f'username = "{USERNAME}"\nsecret = "{SECRET}"\ncountry = "IT"\n{self.tables}',
            encoding="utf-8",
        )
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

    def start_floor(self, port: int) -> tuple[subprocess.Popen[bytes], str]:
        """Run the floor and return it with its address."""
        files = (str(self.tokens), str(self.known))
        command = (sys.executable, "-m", "popping.floor", str(port), *files)
        floor = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=BENCH)
        assert floor.stdout is not None
        return floor, floor.stdout.readline().decode().strip()


async def _people(db: Database, agents: int) -> list[str]:
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


def cpu_s(pid: int) -> dict[str, float]:
    """Return the seconds of CPU each thread of a process has used, user and system."""
    used = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        fields = (task / "stat").read_text("utf-8").rpartition(")")[2].split()
        used[task.name] = (int(fields[11]) + int(fields[12])) / TICKS
    return used


def resident_kb(pid: int) -> int:
    """Return how much memory a process holds now."""
    text = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", text)[0])
