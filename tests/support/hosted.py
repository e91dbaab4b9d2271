"""A hosted telephone system that is no Asterisk: Kamailio, with callers and a phone by SIPp."""

import asyncio
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Self

from support.asterisk_lab.chroot import KAMAILIO, ensure_chroot
from support.components import missing

SOURCES = Path(__file__).parent / "hosted_pbx"
HOST = "127.0.0.1"
END_S = 30.0
START_S = 20.0


def free_place() -> str:
    """Return an address with a UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return f"{HOST}:{probe.getsockname()[1]}"


def is_taken(place: str) -> bool:
    """Return whether somebody has this UDP port; to try it oneself would take it away."""
    port = int(place.partition(":")[2])
    lines = Path("/proc/net/udp").read_text("ascii").splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") for line in lines)


class HostedPbx:
    """`async with HostedPbx() as pbx:` runs one; calls ring at the account and at one phone.

    It stops ringing after `ring_s`, and says why it takes a call back if `says_why`.
    """

    def __init__(self, *, ring_s: float = 3.0, says_why: bool = True) -> None:
        self.place, self.phone_place = free_place(), free_place()
        self._values = {
            "RING_MS": str(int(ring_s * 1000)),
            "SAYS_WHY": "1" if says_why else "0",
        }
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        root = ensure_chroot(KAMAILIO)
        lab = root / "lab"
        lab.mkdir(exist_ok=True)
        self._home = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=lab))
        inside = f"/{self._home.relative_to(root)}"
        (modules,) = root.glob("usr/lib/*/kamailio/modules")
        text = (SOURCES / "kamailio.cfg").read_text("utf-8")
        values = {"PBX": self.place, "PHONE": self.phone_place}
        values |= {"MODULES": f"/{modules.relative_to(root)}/", **self._values}
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        (self._home / "kamailio.cfg").write_text(text, "utf-8")
        with (self._home / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                # TERM: its children end with it; killed, it would leave them behind
                *("setpriv", "--pdeathsig", "TERM", "chroot", str(root), "/usr/sbin/kamailio"),
                *("-DD", "-E", "-f", f"{inside}/kamailio.cfg", "-m", "32", "-M", "8"),
                *("-Y", inside, "-w", "/"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        await self._answers()
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                self._process.terminate()
            async with asyncio.timeout(END_S):
                await self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    async def _answers(self) -> None:
        host, _, port = self.place.partition(":")
        question = (
            f"OPTIONS sip:{self.place} SIP/2.0\r\nVia: SIP/2.0/UDP {HOST};rport;branch=z9hG4bK1\r\n"
            f"From: <sip:a@{HOST}>;tag=1\r\nTo: <sip:{self.place}>\r\nCall-ID: up\r\n"
            "CSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\nContent-Length: 0\r\n\r\n"
        ).encode()
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)  # noqa: FBT003 - the socket's own signature
            asking.bind((HOST, 0))
            async with asyncio.timeout(START_S):
                while True:
                    await loop.sock_sendto(asking, question, (host, int(port)))
                    try:
                        async with asyncio.timeout(0.2):
                            await loop.sock_recv(asking, 4096)
                            return
                    except TimeoutError:
                        self._still_runs()

    def _still_runs(self) -> None:
        if self._process is not None and self._process.returncode is not None:
            raise AssertionError((self._home / "log").read_text("utf-8", "replace"))

    async def call(self, play: str, caller: str) -> None:
        """Play one caller to the end: `gives_up`, `waits`, or `talks` with who is at the phone."""
        if play == "talks":
            async with asyncio.timeout(START_S):
                while not is_taken(self.phone_place):  # noqa: ASYNC110 - another process's affair
                    await asyncio.sleep(0.02)
        await self._sipp(play, "-key", "caller", caller, self.place, place=free_place())

    async def phone(self) -> None:
        """Be the phone for one call: it answers after a second."""
        await self._sipp("phone", place=self.phone_place)

    async def _sipp(self, play: str, *arguments: str, place: str) -> None:
        sipp = shutil.which("sipp")
        if sipp is None:
            missing("SIPp", "the package sip-tester is not installed")
            raise RuntimeError
        host, _, port = place.partition(":")
        errors = self._home / f"{play}-{port}.errors"
        process = await asyncio.create_subprocess_exec(
            *(sipp, "-sf", str(SOURCES / f"{play}.xml"), *arguments, "-m", "1", "-nostdin"),
            *("-trace_err", "-error_file", str(errors), "-i", host, "-p", port),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={"TERM": "dumb"},
        )
        try:
            async with asyncio.timeout(END_S):
                code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert code == 0, errors.read_text("utf-8") if errors.exists() else code
