"""Migrations, `db check` and `db backup`."""

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from gateway.core.errors import StoreCause, StoreError, UsageError
from gateway.store import maintenance, migrations
from gateway.store.backend import backend_for
from gateway.store.counters import get_meta, set_meta
from gateway.store.database import Database
from gateway.store.maintenance import Finding, backup, check, upgrade
from gateway.store.tables import metadata


def path_of(url: str) -> Path:
    """Return the file of an SQLite address."""
    return Path(url.removeprefix("sqlite:///"))


def failing(findings: tuple[Finding, ...]) -> list[str]:
    """Return the texts of what is not well, each of which must have a remedy."""
    assert all(found.ok or found.remedy for found in findings)
    return [found.text for found in findings if not found.ok]


# SQLAlchemy cannot read back SQLite's indexes over expressions; PostgreSQL's are compared
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_the_revisions_give_exactly_the_tables_of_the_schema(url: str) -> None:
    """A column added to one and forgotten in the other would fail at a customer's upgrade."""
    engine = create_engine(backend_for(url).url)
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_server_default": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_the_head_that_the_start_trusts_is_the_last_revision() -> None:
    """A start skips Alembic if the tables are at `HEAD`; a forgotten update would skip a step."""
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [migrations.HEAD]


def test_upgrading_twice_changes_nothing(url: str) -> None:
    """The command may stand in every deployment script."""
    assert upgrade(url) == upgrade(url) == migrations.HEAD


async def test_two_processes_that_start_at_once_upgrade_once(tmp_path: Path) -> None:
    """The second waits for the first and finds nothing to do."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    opened = await asyncio.gather(*(Database.open(url) for _ in range(4)))
    for db in opened:
        await db.close()
    assert failing(await asyncio.to_thread(check, url)) == []


async def test_tables_are_not_touched_unless_upgrading_was_asked_for(tmp_path: Path) -> None:
    """`check` and read-only commands must not change a database by looking at it."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(StoreError) as refusal:
        await Database.open(url, upgrade=False)
    assert refusal.value.cause is StoreCause.SCHEMA
    assert "db upgrade" in refusal.value.remedy


async def test_a_database_of_a_newer_version_is_refused(sqlite_url: str) -> None:
    """An old program on new tables would lose what it does not know."""
    with closing(sqlite3.connect(path_of(sqlite_url))) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version") as refusal:
        await Database.open(sqlite_url)
    assert refusal.value.detail == "9999"


def test_a_failing_upgrade_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the tables would be worse than none: the whole upgrade is one transaction."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with closing(sqlite3.connect(tmp_path / "new.db")) as conn, conn:
        conn.execute("CREATE TABLE outbox (id INTEGER)")  # in the way of the revision
    with pytest.raises(StoreError):
        upgrade(url)
    with closing(sqlite3.connect(tmp_path / "new.db")) as conn:
        names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master")]
    assert names == ["outbox"]


def test_a_sound_database_has_only_good_findings(url: str) -> None:
    """`db check` says in words what it looked at."""
    findings = check(url)
    assert failing(findings) == []
    text = " ".join(found.text for found in findings)
    assert migrations.HEAD in text
    assert ("journal wal, synchronous FULL" in text) or ("synchronous_commit on" in text)


def test_a_damaged_file_is_found(sqlite_url: str) -> None:
    """The page that is broken may not be one that today's calls touch."""
    path = path_of(sqlite_url)
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 3 * 4096 + 200] = b"\xff" * 200
    path.write_bytes(content)
    assert any("damaged" in text for text in failing(check(sqlite_url)))


def test_a_row_that_points_to_nothing_is_found(sqlite_url: str) -> None:
    """Somebody deleted with another tool, without foreign keys."""
    with closing(sqlite3.connect(path_of(sqlite_url))) as conn, conn:
        conn.execute("INSERT INTO call_channels (pbx, uniqueid, call_no) VALUES ('hq', '1.1', 9)")
    assert failing(check(sqlite_url)) == ["1 rows point to nothing: call_channels."]


def test_a_volume_that_fills_up_is_warned_of(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the outage, not after it."""
    monkeypatch.setattr(maintenance, "LOW_SPACE_BYTES", 1 << 62)
    (warning,) = failing(check(sqlite_url))
    assert "free on the volume" in warning


@pytest.mark.parametrize("work", [check, partial(backup, path=Path("/nonexistent/copy.db"))])
def test_a_database_that_is_not_there_is_not_created_by_looking(
    tmp_path: Path, work: partial[object]
) -> None:
    """A typo in the path must not look like an empty, sound database."""
    with pytest.raises(StoreError) as refusal:
        work(f"sqlite:///{tmp_path / 'typo.db'}")
    assert refusal.value.cause is StoreCause.UNREACHABLE
    assert list(tmp_path.iterdir()) == []


async def test_a_backup_during_writes_is_one_consistent_state(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Both values of a pair are always from the same transaction."""
    db = await Database.open(sqlite_url)

    def pair(conn: object, number: int) -> None:
        set_meta(conn, "one", str(number))  # type: ignore[arg-type]
        set_meta(conn, "two", str(number))  # type: ignore[arg-type]

    await db.write(partial(pair, number=0))
    stop = asyncio.Event()

    async def keep_writing() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            await db.write(partial(pair, number=number))

    writing = asyncio.ensure_future(keep_writing())
    copies = [tmp_path / f"copy{number}.db" for number in range(3)]
    for copy in copies:
        size = await asyncio.to_thread(backup, sqlite_url, copy)
        assert size == copy.stat().st_size
    stop.set()
    await writing
    await db.close()
    for copy in copies:
        assert copy.stat().st_mode & 0o777 == 0o600
        restored = await Database.open(f"sqlite:///{copy}", upgrade=False)
        found = [await restored.read(partial(get_meta, key=key)) for key in ("one", "two")]
        await restored.close()
        assert found[0] == found[1] is not None
    assert not any((tmp_path / f"{copy.name}.partial").exists() for copy in copies)


def test_a_backup_replaces_no_file(sqlite_url: str, tmp_path: Path) -> None:
    """The older backup may be the good one."""
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(UsageError, match="exists"):
        backup(sqlite_url, copy)
    assert copy.read_text() == "precious"


def test_a_backup_that_cannot_be_written_leaves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """Half a backup with the name of a whole one is the worst kind."""
    with pytest.raises(UsageError, match="cannot be made there"):
        backup(sqlite_url, tmp_path / "missing" / "copy.db")
    assert not (tmp_path / "missing").exists()


def test_a_server_is_backed_up_by_its_own_tools() -> None:
    """The message names the tool."""
    with pytest.raises(UsageError) as refusal:
        backup("postgresql://user@127.0.0.1/x", Path("copy"))
    assert "pg_dump" in refusal.value.remedy
