"""A private PostgreSQL on a loopback port, for as long as a test session needs it."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT_S = 60.0
MEMORY = Path("/dev/shm")  # noqa: S108 - the folders made there have names of their own
ROOM_BYTES = 2 * 1024**3


class PostgresMissingError(Exception):
    """The programs are not installed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One running cluster."""

    programs: Path
    data: Path
    port: int

    def url(self, database: str) -> str:
        """Return the address as an administrator would write it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def sql(self, statement: str) -> str:
        """Run one statement as the superuser and return what psql prints."""
        return self.sql_in("postgres", statement)

    def sql_in(self, database: str, statement: str) -> str:
        """Run statements in a database and return what psql prints."""
        return subprocess.run(
            [self.programs / "psql", "-XAtq", self.url(database), "-c", statement],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; `immediate` is what a power cut looks like to its clients."""
        self._control("stop", "-m", mode)

    def start(self) -> None:
        """Start the server on its port; its own log is beside the data."""
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories="
            f"{self.data.parent} -c max_connections=50"
        )
        self._control("start", "-l", str(self.data.parent / "log"), "-o", options)

    def _control(self, *arguments: str) -> None:
        subprocess.run(
            [*_unprivileged(), self.programs / "pg_ctl", "-D", self.data, "-w", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.data,
            timeout=START_TIMEOUT_S,
        )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make and start a cluster, and remove it afterwards; raises PostgresMissingError.

    It has a folder of its own: pytest's are closed to everybody but the user of the tests. It
    lies in memory where there is plenty: most of what tests wait for is a disk, and none is kept.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found:
        raise PostgresMissingError("pg_ctl is not installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="filodiretto-postgres-", dir=_memory()))
    try:
        cluster = _made(found[-1].parent, folder)
        cluster.start()
        try:
            yield cluster
        finally:
            if (cluster.data / "postmaster.pid").exists():
                cluster.stop()
    finally:
        shutil.rmtree(folder)


def _memory() -> Path | None:
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_BYTES
    return MEMORY if roomy else None


def _made(programs: Path, folder: Path) -> Cluster:
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        shutil.chown(data, "postgres", "postgres")
    subprocess.run(
        [
            *_unprivileged(), programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres",
            "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=data,
    )  # fmt: skip
    return Cluster(programs=programs, data=data, port=_free_port())


def _unprivileged() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
