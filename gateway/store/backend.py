"""What differs between SQLite and PostgreSQL, in one place."""

import os
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.core.errors import ConfigError

BUSY_TIMEOUT_S = 5.0
STATEMENT_TIMEOUT_S = 10
# The write-ahead log goes back to this size after a burst.
JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024
# The log is carried over into the file after so many pages of 4 KiB. A busy hour writes the same
# pages again and again: SQLite's own 1 000 carried most of them over several times a second.
CHECKPOINT_PAGES = 4_000

WRITER_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    # what a savepoint may have to undo: in a file it costs a third of the writer's time
    "temp_store=MEMORY",
    f"journal_size_limit={JOURNAL_LIMIT_BYTES}",
    f"wal_autocheckpoint={CHECKPOINT_PAGES}",
)
READER_PRAGMAS = ("query_only=ON", "foreign_keys=ON")


class Cursor(Protocol):
    """The part of a DB-API cursor that we use on the fast path."""

    @property
    def rowcount(self) -> int:
        """Rows the statement touched."""

    def fetchone(self) -> tuple[object, ...] | None:
        """Return the next row."""

    def fetchall(self) -> Sequence[tuple[object, ...]]:
        """Return the remaining rows."""

    def executemany(self, statement: str, rows: Sequence[object], /) -> object:
        """Run one statement for each row of parameters."""


class Driver(Protocol):
    """What sqlite3 and psycopg connections have in common."""

    def execute(self, statement: str, parameters: object = ..., /) -> Cursor:
        """Run one statement on a new cursor."""

    def cursor(self) -> Cursor:
        """Return a new cursor."""


def driver_of(conn: Connection) -> Driver:
    """Return the driver's own connection under a SQLAlchemy one."""
    return cast("Driver", conn.connection.driver_connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """How to open one database and how to talk about transactions with it."""

    url: URL
    begin_write: str
    begin_read: str
    driver_errors: tuple[type[Exception], ...]

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded one."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The database file, None if it is a server."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def engine(self, *, read_only: bool, connections: int) -> Engine:
        """Return an engine in driver autocommit: whoever uses it says BEGIN and COMMIT."""
        arguments: dict[str, object]
        if self.is_sqlite:
            arguments = {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}
        else:
            timeout_ms = STATEMENT_TIMEOUT_S * 1000
            arguments = {
                "options": f"-c statement_timeout={timeout_ms} -c lock_timeout=5000",
                "connect_timeout": 5,
                "application_name": "filodiretto",
            }
        engine = create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,  # they are personal data, and errors are logged
            pool_size=connections,
            max_overflow=0,
            pool_pre_ping=read_only and not self.is_sqlite,
            connect_args=arguments,
            **({"paramstyle": "named"} if self.is_sqlite else {}),
        )
        if self.is_sqlite:
            pragmas = READER_PRAGMAS if read_only else WRITER_PRAGMAS

            @event.listens_for(engine, "connect")
            def set_pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
                for pragma in pragmas:
                    _set(connection, pragma)

        return engine

    def create_file(self) -> None:
        """Create the SQLite file and its folder, readable by the service user alone."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _set(connection: sqlite3.Connection, pragma: str) -> None:
    """Set a pragma, waiting for others that open a new file at the same moment.

    To switch to the write-ahead log, SQLite does not wait by itself where two might wait for each
    other; one of them has switched it a moment later.
    """
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.OperationalError as error:
            if (
                error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY
                or time.monotonic() > give_up_at
            ):
                raise
            time.sleep(0.01)
        else:
            return


def backend_for(url: str) -> Backend:
    """Read `[database] url`; raises ConfigError for what cannot be a store."""
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        name = ""
    if name == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise ConfigError(
                "The embedded database needs a file.",
                where="database.url",
                remedy='Write "sqlite:////var/lib/filodiretto/filodiretto.db".',
            )
        return Backend(
            url=parsed,
            begin_write="BEGIN IMMEDIATE",
            begin_read="BEGIN",
            driver_errors=(SQLAlchemyError, sqlite3.Error),
        )
    if name == "postgresql":
        return Backend(
            url=parsed.set(drivername="postgresql+psycopg"),
            begin_write="BEGIN",
            begin_read="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            driver_errors=(SQLAlchemyError, _psycopg_error()),
        )
    raise ConfigError(
        "The database address is not one we can use.",
        where="database.url",
        remedy='Write "sqlite:///PATH" or "postgresql://USER:PASSWORD@HOST/NAME".',
    )


def _psycopg_error() -> type[Exception]:
    try:
        import psycopg  # noqa: PLC0415 (an extra that the embedded database does without)
    except ImportError as error:
        raise ConfigError(
            "The PostgreSQL driver is not installed.",
            where="database.url",
            remedy='Install Filodiretto with its extra "postgres".',
        ) from error
    return psycopg.Error
