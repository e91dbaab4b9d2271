"""`filodiretto db upgrade|check|backup`, and what opening a database checks first."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from gateway.core.errors import StoreCause, StoreError, UsageError
from gateway.store.audit import verify
from gateway.store.backend import Backend, backend_for, driver_of
from gateway.store.failures import explain, store_error
from gateway.store.migrations import HEAD

# Serialises upgrades on PostgreSQL; SQLite's BEGIN IMMEDIATE does it by itself.
ADVISORY_LOCK = 0x46494C4F
LOW_SPACE_BYTES = 512 * 1024 * 1024
SYNCHRONOUS_WORDS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `db check`; `remedy` is empty when all is well."""

    ok: bool
    text: str
    remedy: str = ""


def upgrade(url: str) -> str:
    """Create or upgrade the tables and return the revision; raises ConfigError or StoreError."""
    prepare(backend_for(url), upgrade=True)
    return HEAD


def prepare(backend: Backend, *, upgrade: bool) -> None:
    """Make sure that the tables are those of this version; raises StoreError if they are not."""
    try:
        backend.create_file()
    except OSError as error:
        raise store_error(StoreCause.UNREACHABLE, detail=type(error).__name__) from error
    with _connection(backend) as conn:
        found = revision(conn)
        if found == HEAD:
            return
        if found is not None and not _known(found):
            raise StoreError(
                "The database was written by a newer version of Filodiretto.",
                remedy="Install that version again, or restore the backup made before the upgrade.",
                cause=StoreCause.SCHEMA,
                detail=found,
            )
        if not upgrade:
            raise store_error(StoreCause.SCHEMA, detail=found or "empty")
        _upgrade(backend, conn)


def revision(conn: Connection) -> str | None:
    """Return the revision of the tables, None if there are none yet."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    found = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def check(url: str) -> tuple[Finding, ...]:
    """Examine a database without changing it; raises StoreError if it cannot even be opened."""
    backend = backend_for(url)
    if backend.path is not None and not backend.path.exists():
        raise store_error(StoreCause.UNREACHABLE, detail="no such file")
    steps = (_integrity, _orphans, _sqlite_settings) if backend.is_sqlite else (_postgres_settings,)
    with _connection(backend) as conn:
        findings = [_examined(conn, step, backend) for step in (*steps, _tables)]
        if revision(conn) == HEAD:
            findings.append(_examined(conn, _audit, backend))
    return (*findings, *_space(backend.path))


def backup(url: str, path: Path) -> int:
    """Copy the database to a new file while it is in use; return the file's size in bytes.

    The copy is one consistent state, examined and durable before it gets its name. Raises
    UsageError if `path` exists or the database is a server, StoreError if the copy fails.
    """
    backend = backend_for(url)
    if backend.path is None:
        raise UsageError(
            "A PostgreSQL database is backed up by its own tools.", remedy="Use pg_dump -Fc."
        )
    if not backend.path.exists():
        raise store_error(StoreCause.UNREACHABLE, detail="no such file")
    if path.exists():
        raise UsageError("The backup file exists already.", remedy="Choose another name.")
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        raise UsageError(
            "The backup file cannot be made there.", remedy="Name a folder that you may write to."
        )
    partial = path.with_name(path.name + ".partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_RDWR | os.O_TRUNC | os.O_CLOEXEC, 0o600))
        _copy(backend.path, partial)
        os.link(partial, path)  # unlike a rename it never replaces a file that appeared meanwhile
        _sync_folder(path.parent)
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error):
            raise explain(error) from error
        raise store_error(StoreCause.UNREACHABLE, detail=type(error).__name__) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return path.stat().st_size


@contextmanager
def _connection(backend: Backend) -> Iterator[Connection]:
    engine = backend.engine(read_only=False, connections=1)
    try:
        with engine.connect() as conn:
            yield conn
    except backend.driver_errors as error:
        raise explain(error) from error
    finally:
        engine.dispose()


def _known(found: str) -> bool:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 (100 ms that a normal start spares)

    return any(script.revision == found for script in ScriptDirectory(_scripts()).walk_revisions())


def _scripts() -> str:
    return str(Path(__file__).parent / "migrations")


def _upgrade(backend: Backend, conn: Connection) -> None:
    """Run the revisions in one transaction; of two processes the second finds nothing to do."""
    from alembic import command  # noqa: PLC0415 (as above)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", _scripts().replace("%", "%%"))
    config.attributes["connection"] = conn
    driver = driver_of(conn)
    driver.execute(backend.begin_write)
    try:
        if not backend.is_sqlite:
            driver.execute(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
        command.upgrade(config, "head")
    except BaseException:
        with suppress(*backend.driver_errors):
            driver.execute("ROLLBACK")
        raise
    driver.execute("COMMIT")


def _examined(conn: Connection, step: Callable[[Connection], Finding], backend: Backend) -> Finding:
    """Run one step; on a damaged file the examination itself may fail, which is a finding too."""
    try:
        return step(conn)
    except backend.driver_errors as error:
        failure = explain(error)
        return Finding(
            ok=False, text=f"{failure.message} ({failure.detail})", remedy=failure.remedy
        )


def _integrity(conn: Connection) -> Finding:
    damage = conn.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    if list(damage) == ["ok"]:
        return Finding(ok=True, text="The file is sound (integrity_check).")
    # SQLite's lines name tables, pages and indexes, never content
    error = store_error(StoreCause.CORRUPT)
    lines = "; ".join(str(line) for line in damage)
    return Finding(ok=False, text=f"{error.message} {lines}", remedy=error.remedy)


def _orphans(conn: Connection) -> Finding:
    orphans = conn.exec_driver_sql("PRAGMA foreign_key_check").all()
    if not orphans:
        return Finding(
            ok=True, text="Every row that points to another finds it (foreign_key_check)."
        )
    tables = ", ".join(sorted({str(row[0]) for row in orphans}))
    return Finding(
        ok=False,
        text=f"{len(orphans)} rows point to nothing: {tables}.",
        remedy="Restore the last backup, or report it as a bug.",
    )


def _sqlite_settings(conn: Connection) -> Finding:
    def pragma(name: str) -> object:
        return conn.exec_driver_sql(f"PRAGMA {name}").scalar()

    journal, synchronous = pragma("journal_mode"), pragma("synchronous")
    words = SYNCHRONOUS_WORDS.get(synchronous, "?") if isinstance(synchronous, int) else "?"
    durable = journal == "wal" and words in {"FULL", "EXTRA"}

    def switch(name: str) -> str:
        return "on" if pragma(name) else "off"

    return Finding(
        ok=durable,
        text=f"SQLite {sqlite3.sqlite_version}: journal {journal}, synchronous {words}, foreign "
        f"keys {switch('foreign_keys')}, secure delete {switch('secure_delete')}, "
        f"{pragma('page_count')} pages of "
        f"{pragma('page_size')} bytes, {pragma('freelist_count')} of them free.",
        remedy=""
        if durable
        else "Put the file on a local file system: write-ahead logging does not work on a network "
        "share.",
    )


def _postgres_settings(conn: Connection) -> Finding:
    def setting(name: str) -> object:
        return conn.exec_driver_sql(f"SHOW {name}").scalar()

    values = {name: setting(name) for name in ("fsync", "synchronous_commit", "full_page_writes")}
    durable = all(value not in {"off", "local"} for value in values.values())
    words = ", ".join(f"{name} {value}" for name, value in values.items())
    return Finding(
        ok=durable,
        text=f"PostgreSQL {setting('server_version')}: {words}.",
        remedy="" if durable else "Switch them on: an acknowledged write must survive a crash.",
    )


def _tables(conn: Connection) -> Finding:
    found = revision(conn)
    current = found == HEAD
    return Finding(
        ok=current,
        text=f"The tables are at revision {found or 'none'}, this version needs {HEAD}.",
        remedy="" if current else store_error(StoreCause.SCHEMA).remedy,
    )


def _audit(conn: Connection) -> Finding:
    verdict = verify(conn)
    if verdict.broken_at is None:
        return Finding(ok=True, text=f"The audit log is whole: {verdict.rows} entries, chained.")
    return Finding(
        ok=False,
        text=f"The audit log was changed or cut at entry {verdict.broken_at}.",
        remedy="Keep this database as evidence, and compare with the last backup whose check is"
        " ok. Who can write to the database file or server?",
    )


def _space(path: Path | None) -> Iterator[Finding]:
    if path is None:
        return
    free = shutil.disk_usage(path.parent).free
    enough = free >= LOW_SPACE_BYTES
    log = path.with_name(path.name + "-wal")
    log_size = log.stat().st_size if log.exists() else 0
    yield Finding(
        ok=enough,
        text=f"The file has {path.stat().st_size:,} bytes, its log {log_size:,}; "
        f"{free:,} bytes are free on the volume.",
        remedy="" if enough else store_error(StoreCause.FULL).remedy,
    )


def _copy(source: Path, target: Path) -> None:
    """Copy in one step: with the write-ahead log it delays no writer."""
    with (
        closing(sqlite3.connect(source, timeout=5.0)) as origin,
        closing(sqlite3.connect(target)) as copy,
    ):
        origin.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole without a log beside it
        if copy.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise store_error(StoreCause.CORRUPT)
    descriptor = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
