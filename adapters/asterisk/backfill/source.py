"""The database that Asterisk writes CDR or CEL into, opened to read, described by its columns."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    NullPool,
    RowMapping,
    Table,
    create_engine,
    inspect,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from adapters.asterisk.settings import DatabaseTable
from gateway.core.errors import ConfigError, TransientError

CONNECT_S: Final = 5
STATEMENT_S: Final = 60
# Parameters of one IN (…); SQLite's smallest limit is 999.
CHUNK: Final = 200
# Rows made at a time.
FETCHED: Final = 1_000

# Logical name → the names that Asterisk's modules, their samples and FreePBX use.
CEL_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "no": ("id", "acctid"),
    "event": ("eventtype", "eventname"),
    "time": ("eventtime",),
    "channel": ("channame", "channel"),
    "uniqueid": ("uniqueid",),
    "linkedid": ("linkedid",),
    "number": ("cid_num", "cidnum", "calleridnum"),
    "caller_name": ("cid_name", "cidname", "calleridname"),
    "exten": ("exten",),
    "context": ("context",),
    "app": ("appname", "application"),
    "data": ("appdata",),
    "extra": ("extra", "eventextra"),
}
CEL_NEEDED: Final = ("event", "time", "channel", "uniqueid", "linkedid")
CDR_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "no": ("sequence", "id", "acctid"),
    "start": ("calldate", "start"),
    "answer": ("answer",),
    "end": ("end",),
    "clid": ("clid",),
    "src": ("src",),
    "dst": ("dst",),
    "did": ("did",),
    "channel": ("channel",),
    "dest_channel": ("dstchannel",),
    "app": ("lastapp",),
    "data": ("lastdata",),
    "duration": ("duration",),
    "billsec": ("billsec",),
    "disposition": ("disposition",),
    "uniqueid": ("uniqueid",),
    "linkedid": ("linkedid",),
    "recording": ("recordingfile",),
}
CDR_NEEDED: Final = ("start", "duration", "disposition", "channel", "uniqueid", "linkedid")


def url_of(place: DatabaseTable, *, where: str) -> str:
    """Return the URL given in place or in a file; ConfigError if the file cannot be used."""
    if place.url is not None:
        return place.url.get_secret_value()
    if place.url_file is None:  # pragma: no cover  # the settings need one of the two
        return ""
    try:
        return place.url_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The file {place.url_file} cannot be read.",
            where=f"{where}.url_file",
            remedy="Create it, readable for the user Filodiretto runs as, with the URL alone.",
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A table and which of its columns hold what."""

    table: Table
    columns: Mapping[str, Column[Any]]

    def has(self, name: str) -> bool:
        """Whether the table has a column for this."""
        return name in self.columns


class Source:
    """Opens one table; every trouble is a TransientError or ConfigError in words."""

    def __init__(self, url: str, table: str, *, kind: str, where: str) -> None:
        self._where = where
        self._kind = kind
        self._name = table or kind
        self._known = CEL_COLUMNS if kind == "cel" else CDR_COLUMNS
        self._needed = CEL_NEEDED if kind == "cel" else CDR_NEEDED
        self._engine = _engine(url, where)

    @property
    def subject(self) -> str:
        """What is read, for people; never the URL, which may hold a password."""
        return f"{self._kind} table {self._name}"

    @contextmanager
    def connect(self) -> Iterator[tuple[Connection, Described]]:
        """Open a connection and describe the table; use in a thread."""
        try:
            with self._engine.connect() as conn:
                yield conn, self._describe(conn)
        except SQLAlchemyError as error:
            raise self._explain(error) from error
        finally:
            self._engine.dispose()

    def _describe(self, conn: Connection) -> Described:
        schema, _, name = self._name.rpartition(".")
        found = inspect(conn).has_table(name, schema=schema or None)
        if not found:
            raise ConfigError(
                f"The database has no table {self._name}.",
                where=f"{self._where}.table",
                remedy="Name the table that Asterisk writes to (FreePBX: cdr and cel in the"
                " database asteriskcdrdb), and let our account read it.",
            )
        table = Table(name, MetaData(), autoload_with=conn, schema=schema or None)
        by_name = {column.name.lower(): column for column in table.columns}
        columns = {
            logical: by_name[present[0]]
            for logical, names in self._known.items()
            if (present := [name for name in names if name in by_name])
        }
        missing = [self._known[name][0] for name in self._needed if name not in columns]
        if missing:
            raise ConfigError(
                f"The table {self._name} lacks the columns {', '.join(missing)}.",
                where=f"{self._where}.table",
                remedy="Let Asterisk write them: linkedid tells which channels are one call"
                " (see docs/backfill.md for each module).",
            )
        return Described(table=table, columns=columns)

    def _explain(self, error: SQLAlchemyError) -> TransientError:
        cause = error.orig if isinstance(error, DBAPIError) else error
        return TransientError(
            f"The {self.subject} cannot be read.",
            adapter="asterisk",
            remedy="See that the database runs, that the address in the configuration is right,"
            " and that our account may SELECT from the table.",
            detail=type(cause).__name__,
        )


def rows_where(
    conn: Connection,
    described: Described,
    column: str,
    values: Sequence[str],
    *others: ColumnElement[bool],
) -> Iterator[RowMapping]:
    """Yield the rows whose column is one of `values`, by the logical names of their columns."""
    wanted = [one.label(name) for name, one in described.columns.items()]
    for start in range(0, len(values), CHUNK):
        chosen: ColumnElement[bool] = described.columns[column].in_(values[start : start + CHUNK])
        query = select(*wanted).where(chosen, *others).execution_options(yield_per=FETCHED)
        yield from conn.execute(query).mappings()


def _engine(url: str, where: str) -> Engine:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend == "sqlite":
            return _sqlite(parsed, where)
        if backend == "postgresql":
            options = f"-c statement_timeout={STATEMENT_S * 1000}"
            arguments = {"connect_timeout": CONNECT_S, "options": options}
            return _server(parsed.set(drivername="postgresql+psycopg"), arguments)
        if backend in {"mysql", "mariadb"}:
            arguments = {"connect_timeout": CONNECT_S, "read_timeout": STATEMENT_S}
            return _server(parsed.set(drivername=f"{backend}+pymysql"), arguments)
    except (ArgumentError, NoSuchModuleError):
        pass
    except ImportError as error:
        raise ConfigError(
            "The driver for this database is not installed.",
            where=f"{where}.url",
            remedy='Install Filodiretto with its extra "postgres" or "mysql".',
        ) from error
    raise ConfigError(
        "The address is not one of a database that we can read.",
        where=f"{where}.url",
        remedy='Write "mysql://USER:PASSWORD@HOST/asteriskcdrdb", "postgresql://…",'
        ' "sqlite:////var/log/asterisk/master.db", or for CDR "csv:/…/Master.csv".',
    )


def _server(url: URL, arguments: Mapping[str, object]) -> Engine:
    return create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args=dict(arguments)
    )


def _sqlite(url: URL, where: str) -> Engine:
    """Open Asterisk's own file so that we can neither change nor create it."""
    if not url.database:
        raise ConfigError(
            "The address names no file.",
            where=f"{where}.url",
            remedy='Write "sqlite:////var/log/asterisk/master.db".',
        )
    address = f"file:{quote(str(Path(url.database).absolute()))}?mode=ro"

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=CONNECT_S, check_same_thread=False)

    return create_engine("sqlite://", creator=opened, poolclass=NullPool, hide_parameters=True)
