"""The one thread that writes: group commit, a savepoint per item, answers after the commit."""

import sqlite3
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection, Engine, text

from gateway.core.errors import StoreCause, StoreError
from gateway.store.backend import Backend, Driver, driver_of
from gateway.store.failures import OUTAGES, explain, is_driver_error, store_error

# The longest that one group collects work; the commit itself needs the rest of the 10 ms.
GROUP_S = 0.008
POLL_S = 1.0
# Beyond the 5 s that the driver itself waits for a locked database.
BUSY_PATIENCE_S = 5.0

log = structlog.get_logger(__name__)


class Item(Protocol):
    """One piece of work and whoever waits for it."""

    def run(self, conn: Connection) -> None:
        """Do the work and remember its result; whatever it raises goes to `fail`."""

    def fail(self, error: Exception) -> None:
        """Remember the failure instead of a result."""

    def settle(self) -> None:
        """Tell whoever waits; called in the event loop's thread."""


class Writer:
    """Runs queued work in order; `settled` gets each finished group in the event loop's thread."""

    def __init__(
        self,
        backend: Backend,
        loop: AbstractEventLoop,
        settled: Callable[[Sequence[Item]], None],
    ) -> None:
        self._backend: Final = backend
        self._expected: Final[tuple[type[Exception], ...]] = (*backend.driver_errors, StoreError)
        self._engine: Final[Engine] = backend.engine(read_only=False, connections=1)
        self._loop: Final = loop
        self._settled: Final = settled
        self._queue: Final[SimpleQueue[Item | None]] = SimpleQueue()
        self._thread: Final = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._stop_at: float | None = None
        self._conn: Connection | None = None
        self.version = 0
        self.progress_at = time.monotonic()
        self.last_group_s = 0.0
        self.failure: StoreError | None = None

    def start(self) -> None:
        """Open the connection in the caller's thread, so that the caller sees why it fails."""
        self._poll_version()
        if self.failure:
            self._engine.dispose()
            raise self.failure
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread is there to take work."""
        return self._thread.is_alive()

    def put(self, item: Item) -> None:
        """Queue one item; never blocks."""
        self._queue.put(item)

    def stop(self, timeout_s: float) -> bool:
        """Store what is queued within the time, refuse the rest; False if the thread hangs."""
        self._stop_at = time.monotonic() + timeout_s
        self._queue.put(None)
        self._thread.join(timeout_s + 1.0)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            polled_at = 0.0
            while not self._finished():
                first = self._first()
                if first is not None:
                    self._group(first)
                now = self.progress_at = time.monotonic()
                if now - polled_at >= POLL_S:
                    self._poll_version()
                    polled_at = now
        finally:
            self._tell_failure(self._queued(), store_error(StoreCause.CLOSED))
            self._disconnect()
            self._engine.dispose()

    def _finished(self) -> bool:
        if self._stop_at is None:
            return False
        return time.monotonic() >= self._stop_at or not self._queue.qsize()

    def _first(self) -> Item | None:
        try:
            return self._queue.get(timeout=POLL_S)
        except Empty:
            return None

    def _next(self) -> Item | None:
        try:
            return self._queue.get_nowait()
        except Empty:
            return None

    def _group(self, first: Item) -> None:
        """Commit `first` and whatever else is queued, up to the length of a group."""
        group = [first]
        started = time.monotonic()
        try:
            driver = self._begin()
        except self._expected as error:
            self._abandon()
            # whoever is queued has waited as long: a refused group must not make them wait again
            self._refuse([first, *self._queued()], explain(error))
            return
        try:
            driver = self._begun_with(driver, first)
            while time.monotonic() - started < GROUP_S and (item := self._next()) is not None:
                group.append(item)
                self._work(driver, item)
            self._commit(driver)
        except self._expected as error:
            self._abandon()
            self._refuse(group, explain(error))
            return
        self.last_group_s = time.monotonic() - started
        self._recovered()
        self._tell(group)

    def _begun_with(self, driver: Driver, first: Item) -> Driver:
        """Run the first item; what it did is undone by itself as long as it is alone.

        Most groups are of one item, and each statement costs the thread the interpreter lock.
        """
        if self._ran(first):
            return driver
        driver.execute("ROLLBACK")
        return self._begin()

    def _work(self, driver: Driver, item: Item) -> None:
        """Run one more item inside a savepoint; raises only if the whole group is lost with it."""
        driver.execute("SAVEPOINT item")
        if not self._ran(item):
            driver.execute("ROLLBACK TO SAVEPOINT item")
        driver.execute("RELEASE SAVEPOINT item")

    def _ran(self, item: Item) -> bool:
        """Run an item; False if it failed and its asker is told, raises if it is an outage."""
        try:
            item.run(self._connection())
        except Exception as error:  # handed to whoever asked for it
            failure = explain(error) if is_driver_error(error) else error
            if isinstance(failure, StoreError) and failure.cause in OUTAGES:
                raise failure from error
            item.fail(failure)
            return False
        return True

    def _begin(self) -> Driver:
        """Open the write transaction, waiting while another process writes.

        A server that was restarted since the last group costs a new connection, not an error.
        """
        give_up_at = time.monotonic() + BUSY_PATIENCE_S
        while True:
            fresh = self._conn is None
            driver = driver_of(self._connection())
            try:
                driver.execute(self._backend.begin_write)
            except self._backend.driver_errors as error:
                failure = explain(error)
                locked = failure.cause is StoreCause.LOCKED and time.monotonic() < give_up_at
                stale = failure.cause is StoreCause.UNREACHABLE and not fresh
                if not (locked or stale):
                    raise failure from error
                if stale:
                    self._disconnect()
            else:
                return driver

    def _commit(self, driver: Driver) -> None:
        """Commit; BUSY leaves the transaction open, so the same COMMIT may be tried again."""
        give_up_at = time.monotonic() + BUSY_PATIENCE_S
        while True:
            try:
                driver.execute("COMMIT")
            except sqlite3.OperationalError as error:
                failure = explain(error)
                if failure.cause is not StoreCause.LOCKED or time.monotonic() >= give_up_at:
                    raise failure from error
                time.sleep(0.01)
            else:
                return

    def _abandon(self) -> None:
        """Forget the open transaction.

        SQLite's connection stays: after a failed fsync the refused frames are still in the log,
        and only this connection knows that they do not count.
        """
        conn = self._conn
        if conn is not None:
            with suppress(*self._backend.driver_errors):
                driver_of(conn).execute("ROLLBACK")
        if not self._backend.is_sqlite:
            self._disconnect()

    def _refuse(self, items: Sequence[Item], failure: StoreError) -> None:
        """Tell whoever waits that nothing was stored; an outage is logged once."""
        if self.failure is None:
            log.error(
                "store.outage",
                cause=failure.cause.value,
                message=failure.message,
                remedy=failure.remedy,
                detail=failure.detail,
            )
        self.failure = failure
        self._tell_failure(items, failure)

    def _recovered(self) -> None:
        if self.failure is not None:
            log.info("store.recovered", cause=self.failure.cause.value)
            self.failure = None

    def _queued(self) -> list[Item]:
        return [item for _ in range(self._queue.qsize()) if (item := self._next()) is not None]

    def _tell_failure(self, items: Sequence[Item], failure: StoreError) -> None:
        for item in items:
            # one error each: a shared one would collect every waiter's traceback
            item.fail(store_error(failure.cause, detail=failure.detail))
        self._tell(items)

    def _tell(self, items: Sequence[Item]) -> None:
        if items:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._settled, items)

    def _connection(self) -> Connection:
        if self._conn is None:
            self._conn = self._engine.connect()
        return self._conn

    def _disconnect(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            with suppress(*self._backend.driver_errors):
                conn.invalidate()
                conn.close()

    def _poll_version(self) -> None:
        """Learn whether another process wrote: PRAGMA data_version ignores our own commits."""
        try:
            conn = self._connection()
            if self._backend.is_sqlite:
                self.version = int(conn.exec_driver_sql("PRAGMA data_version").scalar_one())
            else:
                query = text("SELECT coalesce(sum(value), 0) FROM counters")
                self.version = int(conn.execute(query).scalar_one())
        except self._backend.driver_errors as error:
            self.failure = explain(error)
            if not self._backend.is_sqlite:
                self._disconnect()
