"""The daemon as an administrator runs it: a configuration file, the commands, a process, a page."""

import asyncio
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from support.empty_store import open_daemons_store

from gateway.desk.places import place_of
from gateway.store.credentials import create_token
from gateway.store.database import Connection
from gateway.store.people import Role, User, add_user

FILODIRETTO = Path(sys.executable).with_name("filodiretto")
READY_S = 60.0
STOP_S = 60.0
COMMAND_S = 60.0
FRAME_S = 40.0
POLL_S = 0.05


class Daemon:
    """`async with Daemon(folder, tables) as daemon:` runs it; `kill()` and `start()` in between.

    `tables` is TOML text beside `[gateway]` and `[web]`, which are the daemon's own. Everything it
    logs is in `log_path`.
    """

    def __init__(self, folder: Path, tables: str = "") -> None:
        self.config = folder / "filodiretto.toml"
        self.log_path = folder / "daemon.log"
        self.config.write_text(
            f'[gateway]\ndata_dir = "{folder / "data"}"\n[web]\nlisten = "127.0.0.1:0"\n{tables}',
            encoding="utf-8",
        )
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def command(
        self,
        *arguments: str,
        expect: int | None = 0,
        stdin: str | None = None,
        timeout_s: float = COMMAND_S,
    ) -> str:
        """Run a subcommand on this configuration and return what it printed."""
        ran = self.run(*arguments, stdin=stdin, timeout_s=timeout_s)
        if expect is not None and ran.returncode != expect:
            raise AssertionError(f"exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout

    def run(
        self, *arguments: str, stdin: str | None = None, timeout_s: float = COMMAND_S
    ) -> subprocess.CompletedProcess[str]:
        """Run a subcommand on this configuration, however it ends."""
        return subprocess.run(
            [FILODIRETTO, *arguments, "-c", self.config],
            check=False,
            capture_output=True,
            text=True,
            input=stdin,
            timeout=timeout_s,
        )

    async def token(
        self, login: str, *, role: Role = Role.AGENT, extensions: Sequence[str] = ()
    ) -> str:
        """Add a person and return a token to sign in with: what two commands do, in no time."""
        places = tuple(place_of("", extension) for extension in extensions)
        user = User(login=login, name=login.title(), role=role, extensions=places)
        now = datetime.now(UTC)

        def add(conn: Connection) -> str:
            add_user(conn, user, password_hash=None, now=now)
            return create_token(conn, login, now=now)[1]

        db = await open_daemons_store(self.config.parent)
        try:
            return await db.write(add)
        finally:
            await db.close()

    async def start(self, *, ready: bool = True) -> None:
        """Start the process and wait until it is ready (the store, and each PBX's first try)."""
        began = self.log_path.stat().st_size if self.log_path.exists() else 0
        self.process = self._spawn()
        end = time.monotonic() + READY_S
        while True:
            text = self.log_path.read_text("utf-8")[began:] if self.log_path.exists() else ""
            found = re.search(r'"url": "([^"]+)"', text)
            if found is not None:
                self.url = found[1]
                if not ready or await self._is_ready():
                    return
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the daemon is not ready:\n{text}")
            await asyncio.sleep(POLL_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log_path.open("ab") as log:
            return subprocess.Popen([FILODIRETTO, "run", "-c", self.config], stdout=log, stderr=log)

    def kill(self) -> None:
        """End it with SIGKILL, as an out-of-memory killer or a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=STOP_S)

    async def stop(self) -> int:
        """Ask it to stop and return its exit code."""
        process = self.process
        assert process is not None
        if process.poll() is None:
            process.terminate()
        try:
            return await asyncio.to_thread(process.wait, STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=STOP_S)
            raise

    async def get(self, path: str, token: str) -> Any:  # noqa: ANN401 - JSON
        """Ask the API."""
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.get(self.url + path) as response,
        ):
            assert response.status == 200, (response.status, await response.text())
            return await response.json()

    @asynccontextmanager
    async def events(self, token: str) -> AsyncIterator["Events"]:
        """Open the event stream."""
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.ws_connect(f"{self.url}/api/v1/events") as socket,
        ):
            yield Events(socket)

    async def _is_ready(self) -> bool:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{self.url}/readyz") as response,
            ):
                return response.status == 200
        except aiohttp.ClientError:
            return False


class Events:
    """What an agent's page receives, with the time (monotonic) each frame came."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.seen: list[tuple[float, dict[str, Any]]] = []

    async def next(self, *types: str, timeout_s: float = FRAME_S) -> dict[str, Any]:
        """Return the next frame of one of these types; what comes before it is kept in `seen`."""
        async with asyncio.timeout(timeout_s):
            while True:
                frame: dict[str, Any] = json.loads(await self._socket.receive_str())
                self.seen.append((time.monotonic(), frame))
                if frame["type"] in types:
                    return frame

    def types(self) -> list[str]:
        """Return the types seen so far, in order."""
        return [frame["type"] for _at, frame in self.seen]
