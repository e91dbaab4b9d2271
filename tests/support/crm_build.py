"""What building and running the tests' real CRMs have in common."""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

SERVED_S = 60.0
STOPPED_S = 10.0


class CrmUnavailableError(Exception):
    """A real CRM cannot be had on this machine; the text says what is missing."""


def cache_folder(name: str) -> Path:
    """Return where the built parts of one CRM are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "filodiretto" / name


def say(lab: str, text: str) -> None:
    """Print one progress line; a build takes minutes and nobody should have to guess."""
    stream = sys.__stderr__ or sys.stderr
    stream.write(f"{lab}-lab: {text}\n")
    stream.flush()


@contextlib.contextmanager
def building(folder: Path) -> Iterator[None]:
    """Let one process at a time build into a cache; CrmUnavailableError if tools are missing."""
    if os.geteuid() != 0:
        raise CrmUnavailableError("unpacking a Debian needs root")
    for program in ("mmdebstrap", "unshare", "setpriv"):
        if shutil.which(program) is None:
            raise CrmUnavailableError(f"{program} is missing (apt-get install mmdebstrap)")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """Return a TCP port that was free on loopback a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, server: subprocess.Popen[bytes]) -> None:
    """Return once something listens; CrmUnavailableError if the server ends or takes too long."""
    deadline = time.monotonic() + SERVED_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CrmUnavailableError(f"{server.args!r} ended at once with {server.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise CrmUnavailableError(f"nothing listens on port {port} after {SERVED_S:.0f} s")


@contextlib.contextmanager
def stopped_afterwards(server: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a server on the way out, by force if it does not listen."""
    try:
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=STOPPED_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(timeout=STOPPED_S)
