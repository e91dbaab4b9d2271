"""One call placed by baresip, an external program: it is started for it, told by JSON, and ended.

Its control port is on 127.0.0.1, for as long as the call lasts; a second client there ends ours.
Events and commands: baresip's module ctrl_tcp (netstrings of JSON), measured with version 1.0.
"""

import asyncio
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

PROGRAM: Final = "baresip"
MODULES: Final = ("aubridge.so", "aufile.so", "g711.so", "account.so", "menu.so", "ctrl_tcp.so")
START_S: Final = 8.0
ACCOUNTS: Final = "accounts"
MOST_FRAME: Final = 65_536
RATE: Final = 8_000
# Samples of two bytes behind the header of a WAV file (RIFF, PCM, one channel).
_HEADER: Final = 44
Event = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Where the program and its modules are."""

    program: str
    modules: str


def tools() -> Tools | None:
    """Return where baresip is on this machine, None without it or without what a call needs."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    prefix = Path(program).parent.parent
    for pattern in ("lib/baresip/modules", "lib/*/baresip/modules", "lib64/baresip/modules"):
        for folder in prefix.glob(pattern):
            if all((folder / name).is_file() for name in MODULES):
                return Tools(program=program, modules=str(folder))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What is called from which account; it ends after `limit_s` whatever happens to us."""

    account: str
    uri: str
    own: str
    limit_s: int


class Baresip(asyncio.Protocol):
    """A process and its control connection; `hear` gets every event, `lost` the end of all."""

    def __init__(self, hear: Callable[[Event], None], lost: Callable[[], None]) -> None:
        self._hear = hear
        self._lost = lost
        self._buffer = b""
        self._folder = ""
        self._transport: asyncio.Transport | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, found: Tools, call: Outgoing) -> None:
        """Start the program and connect; OSError if it cannot be started or does not answer."""
        port = _free_port()
        self._folder = await asyncio.to_thread(_configuration, found, call, port)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(found.program, "-f", self._folder, "-t", str(call.limit_s)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            async with asyncio.timeout(START_S):
                await self._connect(port)
        except BaseException:
            self.end()
            await self.ended()
            raise
        # what it needs of it is read: the password need not stay on the disk
        await asyncio.to_thread((Path(self._folder) / ACCOUNTS).unlink, missing_ok=True)
        self.command("dial", call.uri)

    async def _connect(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.create_connection(lambda: self, "127.0.0.1", port)
            except OSError:
                if self._process is None or self._process.returncode is not None:
                    raise
                await asyncio.sleep(0.02)
            else:
                return

    def command(self, name: str, parameters: str = "") -> None:
        """Have something done; a connection that is gone does nothing."""
        if self._transport is not None and not self._transport.is_closing():
            data = json.dumps({"command": name, "params": parameters}).encode()
            self._transport.write(b"%d:%s," % (len(data), data))

    def end(self) -> None:
        """Have the program end, which hangs up what is still up, and its folder removed."""
        if self._transport is not None:
            self._transport.close()
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
        if self._folder:
            loop = asyncio.get_running_loop()
            loop.run_in_executor(None, partial(shutil.rmtree, self._folder, ignore_errors=True))
            self._folder = ""

    async def ended(self) -> None:
        """Wait until the program is gone; one that does not go is killed."""
        process = self._process
        if process is None:
            return
        try:
            async with asyncio.timeout(START_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take netstrings apart; what is none ends the call."""
        self._buffer += data
        while b":" in self._buffer:
            length, _, rest = self._buffer.partition(b":")
            if not length.isdigit() or int(length) > MOST_FRAME:
                self._drop()
                return
            if len(rest) <= int(length):
                return
            frame, self._buffer = rest[: int(length)], rest[int(length) + 1 :]
            try:
                event = json.loads(frame)
            except ValueError:
                self._drop()
                return
            if isinstance(event, dict):
                self._hear(event)

    def _drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that nothing more is heard of the call."""
        del exc
        self._lost()


def _configuration(found: Tools, call: Outgoing, port: int) -> str:
    """Write its folder, which only we may read: it holds the account's password."""
    folder = Path(tempfile.mkdtemp(prefix="filodiretto-call-"))
    silence = folder / "silence.wav"
    seconds = call.limit_s
    lines = [
        "poll_method epoll",
        f"sip_listen {call.own}",
        f"audio_source aufile,{silence}",
        "audio_player aubridge,nobody",  # what is heard is thrown away, never recorded
        "audio_alert aubridge,nobody",
        f"module_path {found.modules}",
        *(f"module {name}" for name in MODULES[:3]),
        f"module_tmp {MODULES[3]}",
        *(f"module_app {name}" for name in MODULES[4:]),
        f"ctrl_tcp_listen 127.0.0.1:{port}",
    ]
    (folder / "config").write_text("\n".join((*lines, "")), "utf-8")
    (folder / "contacts").touch()
    with os.fdopen(os.open(folder / ACCOUNTS, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(call.account + "\n")
    size = 2 * RATE * seconds
    with silence.open("wb") as file:
        file.write(b"RIFF" + (size + _HEADER - 8).to_bytes(4, "little") + b"WAVEfmt ")
        file.write(b"\x10\0\0\0\1\0\1\0" + RATE.to_bytes(4, "little"))
        file.write(
            (2 * RATE).to_bytes(4, "little") + b"\2\0\x10\0data" + size.to_bytes(4, "little")
        )
        file.truncate(_HEADER + size)  # silence is nothing but zeros
    return str(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
