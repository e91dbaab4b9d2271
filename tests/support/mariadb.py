"""A private MariaDB on a loopback port with FreePBX's tables, for as long as a test needs it."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

START_TIMEOUT_S = 60.0
POLL_S = 0.05
READER, PASSWORD = "filodiretto", "reads-only"
# The tables of FreePBX 16 and 17 (module cdr), and the reader that docs/backfill.md recommends.
FREEPBX = f"""
CREATE DATABASE asteriskcdrdb;
CREATE TABLE asteriskcdrdb.cdr (calldate datetime NOT NULL DEFAULT '1000-01-01 00:00:00',
 clid varchar(80) NOT NULL DEFAULT '', src varchar(80) NOT NULL DEFAULT '',
 dst varchar(80) NOT NULL DEFAULT '', dcontext varchar(80) NOT NULL DEFAULT '',
 channel varchar(80) NOT NULL DEFAULT '', dstchannel varchar(80) NOT NULL DEFAULT '',
 lastapp varchar(80) NOT NULL DEFAULT '', lastdata varchar(80) NOT NULL DEFAULT '',
 duration int NOT NULL DEFAULT 0, billsec int NOT NULL DEFAULT 0,
 disposition varchar(45) NOT NULL DEFAULT '', amaflags int NOT NULL DEFAULT 0,
 accountcode varchar(20) NOT NULL DEFAULT '', uniqueid varchar(32) NOT NULL DEFAULT '',
 userfield varchar(255) NOT NULL DEFAULT '', did varchar(50) NOT NULL DEFAULT '',
 recordingfile varchar(255) NOT NULL DEFAULT '', cnum varchar(80) NOT NULL DEFAULT '',
 cnam varchar(80) NOT NULL DEFAULT '', outbound_cnum varchar(80) NOT NULL DEFAULT '',
 outbound_cnam varchar(80) NOT NULL DEFAULT '', dst_cnam varchar(80) NOT NULL DEFAULT '',
 linkedid varchar(32) NOT NULL DEFAULT '', peeraccount varchar(80) NOT NULL DEFAULT '',
 sequence int NOT NULL DEFAULT 0,
 KEY calldate (calldate), KEY dst (dst), KEY uniqueid (uniqueid), KEY did (did));
CREATE TABLE asteriskcdrdb.cel (id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
 eventtype varchar(30) NOT NULL, eventtime datetime NOT NULL, cid_name varchar(80) NOT NULL,
 cid_num varchar(80) NOT NULL, cid_ani varchar(80) NOT NULL DEFAULT '',
 cid_rdnis varchar(80) NOT NULL DEFAULT '', cid_dnid varchar(80) NOT NULL DEFAULT '',
 exten varchar(80) NOT NULL, context varchar(80) NOT NULL, channame varchar(80) NOT NULL,
 appname varchar(80) NOT NULL, appdata varchar(255) NOT NULL, amaflags int NOT NULL DEFAULT 3,
 accountcode varchar(20) NOT NULL DEFAULT '', uniqueid varchar(32) NOT NULL,
 linkedid varchar(32) NOT NULL, peer varchar(80) NOT NULL DEFAULT '',
 userdeftype varchar(255) NOT NULL DEFAULT '', extra varchar(512) NOT NULL,
 KEY uniqueid_index (uniqueid), KEY linkedid_index (linkedid), KEY context_index (context));
CREATE USER {READER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';
GRANT SELECT ON asteriskcdrdb.cdr TO {READER}@'127.0.0.1';
GRANT SELECT ON asteriskcdrdb.cel TO {READER}@'127.0.0.1'
"""


class MariaDbMissingError(Exception):
    """The programs are not installed here, or the server does not come up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreePbxDatabase:
    """A running server with `asteriskcdrdb`, its tables empty."""

    port: int

    def url(self, scheme: str = "mysql") -> str:
        """Return the address as an administrator would write it, of an account that only reads."""
        return f"{scheme}://{READER}:{PASSWORD}@127.0.0.1:{self.port}/asteriskcdrdb"

    def insert(self, table: str, rows: Sequence[dict[str, str]]) -> None:
        """Write rows as Asterisk does; what the table has no column for is left out."""
        with self._engine().begin() as conn:
            found = conn.execute(text(f"SHOW COLUMNS FROM asteriskcdrdb.{table}")).all()
            names = [str(row[0]) for row in found if str(row[0]) in rows[0]]
            marks = ", ".join(f":{name}" for name in names)
            conn.execute(
                text(f"INSERT INTO asteriskcdrdb.{table} ({', '.join(names)}) VALUES ({marks})"),  # noqa: S608 - names of ours
                [{name: row[name] for name in names} for row in rows],
            )

    def prepare(self) -> None:
        """Make the tables and the reader."""
        with self._engine().begin() as conn:
            for statement in FREEPBX.split(";\n"):
                conn.execute(text(statement))

    def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            with self._engine().connect():
                return True
        except OperationalError:
            return False

    def _engine(self) -> Engine:
        return create_engine(f"mysql+pymysql://root@127.0.0.1:{self.port}/")


@contextmanager
def freepbx_database() -> Iterator[FreePbxDatabase]:
    """Make and start a server, and remove it afterwards; raises MariaDbMissingError."""
    install, server = shutil.which("mariadb-install-db"), shutil.which("mariadbd", path=_PATH)
    if install is None or server is None:
        raise MariaDbMissingError("mariadbd is not installed (apt-get install mariadb-server-core)")
    folder = Path(tempfile.mkdtemp(prefix="filodiretto-mariadb-"))
    try:
        data = folder / "data"
        common = ["--no-defaults", f"--datadir={data}"]
        user = ["--user=root"] if os.geteuid() == 0 else []
        made = subprocess.run(
            [install, *common, *user, "--auth-root-authentication-method=normal", "--skip-test-db"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=START_TIMEOUT_S,
        )
        if made.returncode:
            raise MariaDbMissingError(f"mariadb-install-db: {made.stdout.strip()}")
        database = FreePbxDatabase(port=_free_port())
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    server, *common, *user, f"--socket={folder / 'socket'}",
                    f"--port={database.port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
                    "--innodb-flush-log-at-trx-commit=0",
                ],
                stdout=log,
                stderr=log,
            )  # fmt: skip
        try:
            _wait(database, process)
            database.prepare()
            yield database
        finally:
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(folder)


_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))


def _wait(database: FreePbxDatabase, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while not database.answers():
        if process.poll() is not None or time.monotonic() > end:
            raise MariaDbMissingError("mariadbd does not come up")
        time.sleep(POLL_S)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
