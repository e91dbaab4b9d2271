"""The writer and the readers of one database."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gateway.core.errors import ConfigError, StoreCause, StoreError, UsageError
from gateway.store import database
from gateway.store.backend import backend_for
from gateway.store.counters import get_meta, set_meta
from gateway.store.database import Database
from gateway.store.writer import Item


def value(conn: Connection, key: str = "key") -> str | None:
    """Read one named value."""
    return get_meta(conn, key)


async def test_work_is_done_in_the_order_it_was_queued(db: Database) -> None:
    """The pipeline relies on it: a call's later state must not be overwritten by an earlier."""
    order: list[int] = []
    futures = [db.write_nowait(lambda _, n=number: order.append(n)) for number in range(200)]  # type: ignore[misc]
    await asyncio.gather(*futures)
    assert order == list(range(200))


async def test_what_was_acknowledged_is_seen_by_every_reader(db: Database) -> None:
    """An answer means durable and visible."""
    for number in range(20):
        await db.write(partial(set_meta, key="key", value=str(number)))
        assert await db.read(value) == str(number)


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_one_failing_work_does_not_sink_the_others_of_its_group(
    db: Database, place: int
) -> None:
    """Half of a failed work is undone; its neighbours in the same commit stay."""

    def failing(conn: Connection) -> None:
        set_meta(conn, "half", "done")
        raise UsageError("no", remedy="ask differently")

    works: list[Callable[[Connection], None]] = [
        partial(set_meta, key=key, value="1") for key in ("one", "other")
    ]
    works.insert(place, failing)
    results = await asyncio.gather(*map(db.write, works), return_exceptions=True)
    assert [type(result) is UsageError for result in results] == [work is failing for work in works]
    found = [await db.read(partial(value, key=key)) for key in ("one", "half", "other")]
    assert found == ["1", None, "1"]


async def test_a_text_that_cannot_be_stored_is_no_outage(db: Database) -> None:
    """PostgreSQL takes no U+0000: whoever sends one must not cost the others their work."""
    select, queued = text("SELECT CAST(:odd AS TEXT)"), threading.Event()
    before = db.write_nowait(lambda _conn: queued.wait(20))
    good = db.write_nowait(lambda conn: conn.execute(select, {"odd": "a"}).scalar_one())
    odd = db.write_nowait(lambda conn: conn.execute(select, {"odd": "a\0"}).all())
    queued.set()
    done = await asyncio.gather(before, good, odd, return_exceptions=True)
    assert done[1] == "a"
    assert db.health().failure is None


async def test_a_broken_constraint_is_a_conflict_in_words(db: Database) -> None:
    """Nobody outside the store knows SQLAlchemy's exceptions, and no data is in the text."""

    def insert(conn: Connection) -> None:
        conn.execute(text("INSERT INTO meta (key, value) VALUES ('secret-number', 'x')"))

    await db.write(insert)
    with pytest.raises(StoreError) as refusal:
        await db.write(insert)
    assert refusal.value.cause is StoreCause.CONFLICT
    assert refusal.value.remedy
    assert "secret-number" not in str(refusal.value)


async def test_many_producers_share_few_commits(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Group commit: what queued while the last commit ran goes into the next one together."""
    db = await Database.open(sqlite_url)
    settled: list[int] = []
    settle = db._writer._settled

    def count(items: Sequence[Item]) -> None:
        settled.append(len(items))
        settle(items)

    monkeypatch.setattr(db._writer, "_settled", count)
    await asyncio.gather(*(db.write(lambda _: None) for _ in range(500)))
    await db.close()
    assert sum(settled) == 500
    assert len(settled) < 250


async def test_work_runs_although_nobody_waits_any_more(db: Database) -> None:
    """A cancelled request must not cut a hole into the facts."""
    entered, go_on = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        entered.set()
        go_on.wait(5)

    first = db.write_nowait(slow)
    await asyncio.to_thread(entered.wait, 5)
    waiting = asyncio.ensure_future(db.write(partial(set_meta, key="key", value="kept")))
    await asyncio.sleep(0)
    waiting.cancel()
    go_on.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await db.write(lambda _: None)
    assert await db.read(value) == "kept"


async def test_a_full_queue_refuses_at_once_and_tells_when_there_is_room(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded: a producer of facts waits for room, it does not fill the memory."""
    monkeypatch.setattr(database, "QUEUE_LIMIT", 3)
    go_on = threading.Event()
    queued = [db.write_nowait(lambda _: go_on.wait(5)) for _ in range(3)]
    with pytest.raises(StoreError) as refusal:
        await db.write_nowait(lambda _: None)
    assert refusal.value.cause is StoreCause.OVERLOADED
    assert db.health().queued == 3
    patient = asyncio.ensure_future(db.write(partial(set_meta, key="key", value="waited")))
    room = asyncio.ensure_future(db.room())
    await asyncio.sleep(0)
    assert not room.done()
    go_on.set()
    await asyncio.gather(*queued, patient, room)
    assert await db.read(value) == "waited"


async def test_closing_stores_what_is_queued_and_refuses_what_comes_later(
    db: Database, url: str
) -> None:
    """SIGTERM under load loses nothing that was taken."""
    queued = [
        db.write_nowait(partial(set_meta, key=str(number), value="x")) for number in range(50)
    ]
    assert await db.close()
    assert all(future.done() and future.exception() is None for future in queued)
    for late in (db.write(lambda _: None), db.read(value)):
        with pytest.raises(StoreError) as refusal:
            await late
        assert refusal.value.cause is StoreCause.CLOSED
    again = await Database.open(url)
    assert await again.read(partial(value, key="49")) == "x"
    await again.close()


async def test_closing_has_a_time_limit_and_refuses_the_rest(db: Database) -> None:
    """A stop must end, and whoever waits must hear that it was not stored."""
    slow = db.write_nowait(lambda _: threading.Event().wait(0.5))
    rest = [db.write_nowait(partial(set_meta, key="late", value="x")) for _ in range(3)]
    assert await db.close(timeout_s=0.1)
    assert slow.exception() is None
    errors = [future.exception() for future in rest]
    assert [getattr(error, "cause", None) for error in errors[1:]] == [StoreCause.CLOSED] * 2


async def test_a_reader_sees_one_state_while_others_write(db: Database) -> None:
    """A page and its count, a call and its effects, come from the same instant."""
    await db.write(partial(set_meta, key="key", value="old"))
    looked, written = threading.Event(), threading.Event()

    def twice(conn: Connection) -> tuple[str | None, str | None]:
        first = value(conn)
        looked.set()
        written.wait(5)
        return first, value(conn)

    reading = asyncio.ensure_future(db.read(twice))
    await asyncio.to_thread(looked.wait, 5)
    await db.write(partial(set_meta, key="key", value="new"))
    written.set()
    assert await reading == ("old", "old")
    assert await db.read(value) == "new"


async def test_a_reader_cannot_write(db: Database) -> None:
    """One writer thread is the rule; a slip is an error, not a second writer."""
    with pytest.raises(StoreError) as refusal:
        await db.read(partial(set_meta, key="key", value="x"))
    assert refusal.value.cause is StoreCause.READ_ONLY


async def test_the_embedded_database_is_opened_as_promised(sqlite_url: str) -> None:
    """RELIABILITY rule 3, word by word, and the file is nobody else's."""
    db = await Database.open(sqlite_url)

    def pragmas(conn: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        return [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert await db.write(pragmas) == ["wal", 2, 1, 5000, 1]
    await db.close()


async def test_a_new_database_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """It holds names and numbers."""
    path = tmp_path / "data" / "new.db"
    db = await Database.open(f"sqlite:///{path}")
    await db.write(lambda _: None)
    modes = [file.stat().st_mode & 0o777 for file in path.parent.iterdir()]
    await db.close()
    assert set(modes) == {0o600}


async def test_another_process_is_noticed_and_our_own_writes_are_not(sqlite_url: str) -> None:
    """The mirror refreshes after `contacts import`, not after each call."""
    db = await Database.open(sqlite_url)
    before = db.data_version()
    await db.write(partial(set_meta, key="key", value="ours"))
    await db.write(lambda _: db._writer._poll_version())
    assert db.data_version() == before
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other, other:
        other.execute("UPDATE meta SET value = 'theirs'")
    # in the writer's own thread: beside it, a look of its own may hold what was there before
    await db.write(lambda _: db._writer._poll_version())
    assert db.data_version() != before
    await db.close()


async def test_a_locked_database_is_waited_for(sqlite_url: str) -> None:
    """A command that imports contacts holds the lock for 50 ms at a time."""
    db = await Database.open(sqlite_url)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(db.write(partial(set_meta, key="key", value="x")))
        done, _ = await asyncio.wait({waiting}, timeout=0.1)
        assert not done
        other.execute("COMMIT")
    await waiting
    assert await db.read(value) == "x"
    await db.close()


async def test_a_database_locked_for_ever_is_refused_with_its_cause(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever queued behind the lock hears it too, at once, and later writes work again."""
    monkeypatch.setattr("gateway.store.writer.BUSY_PATIENCE_S", 0.0)
    monkeypatch.setattr("gateway.store.backend.BUSY_TIMEOUT_S", 0.1)
    db = await Database.open(sqlite_url)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        queued = [db.write_nowait(lambda _: None) for _ in range(3)]
        results = await asyncio.gather(*queued, return_exceptions=True)
    causes = [getattr(result, "cause", None) for result in results]
    assert causes == [StoreCause.LOCKED] * 3
    failure = db.health().failure
    assert failure is not None
    assert failure.remedy
    await db.write(lambda _: None)
    assert db.health().failure is None
    await db.close()


async def test_a_full_database_refuses_the_group_and_recovers(sqlite_url: str) -> None:
    """SQLite rolls the whole transaction back: nothing of the group may be called stored."""
    db = await Database.open(sqlite_url)
    pages = await db.write(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar_one())
    await db.write(
        lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}").scalar_one()
    )
    big = "x" * 100_000
    small = db.write_nowait(partial(set_meta, key="small", value="x"))
    large = db.write_nowait(partial(set_meta, key="big", value=big))
    results = await asyncio.gather(small, large, return_exceptions=True)
    assert getattr(results[1], "cause", None) is StoreCause.FULL
    stored = await db.read(partial(value, key="small"))
    assert (stored is None) == isinstance(results[0], StoreError)
    await db.write(lambda conn: conn.exec_driver_sql("PRAGMA max_page_count=1000000").scalar_one())
    await db.write(partial(set_meta, key="big", value=big))
    assert await db.read(partial(value, key="big")) == big
    await db.close()


async def test_the_writer_tells_health_that_it_is_alive(db: Database) -> None:
    """The watchdog is fed only while the writer makes progress."""
    await db.write(lambda _: None)
    health = db.health()
    assert (health.queued, health.failure) == (0, None)
    assert health.silent_s < 5
    assert 0 < health.last_group_s < 5


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///:memory:", "mysql://root@db/x", "::", "oracle-ish"]
)
def test_an_address_that_cannot_be_a_store_is_refused_with_an_example(url: str) -> None:
    """A typo in the configuration names its key and shows what to write."""
    with pytest.raises(ConfigError) as refusal:
        backend_for(url)
    assert refusal.value.where == "database.url"
    assert "sqlite:///" in refusal.value.remedy


async def test_a_folder_that_cannot_be_made_is_named_as_the_cause(tmp_path: Path) -> None:
    """Cause and remedy instead of a traceback at the start."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as refusal:
        await Database.open(f"sqlite:///{tmp_path / 'file' / 'x.db'}")
    assert refusal.value.cause is StoreCause.UNREACHABLE
    assert refusal.value.remedy


async def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    """It is left as it is, and the remedy speaks of the backup."""
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database " * 100)
    with pytest.raises(StoreError) as refusal:
        await Database.open(f"sqlite:///{path}")
    assert refusal.value.cause is StoreCause.CORRUPT
    assert "backup" in refusal.value.remedy
    assert path.read_bytes() == b"not a database " * 100
