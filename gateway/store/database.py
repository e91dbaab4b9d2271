"""The store: one writer with group commit, a few readers, for code that runs in an event loop."""

import asyncio
import time
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection, Engine

from gateway.core.errors import StoreCause, StoreError
from gateway.store.backend import Backend, backend_for, driver_of
from gateway.store.failures import explain, store_error
from gateway.store.interpreter import short_turns
from gateway.store.maintenance import prepare
from gateway.store.writer import Item, Writer

T = TypeVar("T")

__all__ = ["Connection", "Database", "StoreHealth"]

READERS = 2
QUEUE_LIMIT = 20_000
CLOSE_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHealth:
    """How the writer does; `failure` is the outage that lasts, if one does."""

    queued: int
    last_group_s: float
    silent_s: float
    failure: StoreError | None


class _Job(Generic[T]):
    """Work, and the future of whoever waits for it."""

    __slots__ = ("_error", "_future", "_result", "_work")

    def __init__(self, work: Callable[[Connection], T], future: "Future[T]") -> None:
        self._work = work
        self._result: tuple[T] | None = None
        self._error: Exception | None = None
        self._future = future

    def run(self, conn: Connection) -> None:
        self._result = (self._work(conn),)

    def fail(self, error: Exception) -> None:
        self._error = error

    def settle(self) -> None:
        if self._future.done():  # whoever waited was cancelled; the work is stored all the same
            return
        if self._error is not None:
            self._future.set_exception(self._error)
        elif self._result is not None:
            self._future.set_result(self._result[0])


class Database:
    """One database, opened with `await Database.open(url)`.

    Work is a plain function over a SQLAlchemy `Connection` whose transaction is open; it must
    neither commit nor keep the connection. Work once queued runs, whether or not anybody still
    waits for it.
    """

    def __init__(self, backend: Backend, loop: AbstractEventLoop) -> None:
        self._backend: Final = backend
        self._loop: Final = loop
        self._writer: Final = Writer(backend, loop, self._settled)
        self._readers: Final[Engine] = backend.engine(read_only=True, connections=READERS)
        self._pool: Final = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._queued = 0
        self._closing = False
        self._room: Final = asyncio.Event()
        self._room.set()

    @classmethod
    async def open(cls, url: str, *, upgrade: bool = True) -> "Database":
        """Open `url` (`sqlite:///…`, `postgresql://…`), creating or upgrading its tables.

        Raises ConfigError for an address that cannot be a store, StoreError if it cannot be
        opened, is damaged, or was written by a newer version.
        """
        backend = await asyncio.to_thread(backend_for, url)
        await asyncio.to_thread(prepare, backend, upgrade=upgrade)
        database = cls(backend, asyncio.get_running_loop())
        try:
            await asyncio.to_thread(database._writer.start)
        except StoreError:
            database._readers.dispose()
            database._pool.shutdown()
            raise
        return database

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the next group and return its result once it is durable.

        Waits for room in the queue. Raises what the work raised, or StoreError; either way nothing
        of it is stored.
        """
        while not self._room.is_set():
            await self._room.wait()
        with short_turns():
            return await self.write_nowait(work)

    def write_nowait(self, work: Callable[[Connection], T]) -> "Future[T]":
        """Queue `work` behind everything queued before and return a future of its result.

        The future fails with StoreError(OVERLOADED) if the queue is full: wait for `room()` before.
        """
        future: Future[T] = self._loop.create_future()
        if self._closing or not self._writer.alive:
            future.set_exception(store_error(StoreCause.CLOSED))
        elif self._queued >= QUEUE_LIMIT:
            future.set_exception(store_error(StoreCause.OVERLOADED))
        else:
            self._queued += 1
            if self._queued >= QUEUE_LIMIT:
                self._room.clear()
            self._writer.put(_Job(work, future))
        return future

    async def room(self) -> None:
        """Wait until the queue can take work: how a producer of facts slows down."""
        await self._room.wait()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent state in a reader thread; raises StoreError or its own."""
        if self._closing:
            raise store_error(StoreCause.CLOSED)
        with short_turns():
            return await self._loop.run_in_executor(self._pool, partial(self._read, work))

    def data_version(self) -> int:
        """Return a number that changes within a second after another process has written.

        Costs nothing: the writer thread polls. On PostgreSQL our own writes change it too.
        """
        return self._writer.version

    def health(self) -> StoreHealth:
        """Return how the writer does, for health checks and the watchdog."""
        return StoreHealth(
            queued=self._queued,
            last_group_s=self._writer.last_group_s,
            silent_s=time.monotonic() - self._writer.progress_at,
            failure=self._writer.failure,
        )

    async def close(self, *, timeout_s: float = CLOSE_TIMEOUT_S) -> bool:
        """Take no more work, store what is queued within the time, refuse the rest.

        Returns False if the writer hangs in a call to the operating system.
        """
        if self._closing:
            return True
        self._closing = True
        self._room.set()
        ended = await asyncio.to_thread(self._writer.stop, timeout_s)
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)
        self._readers.dispose()
        await asyncio.sleep(0)  # the writer's last answers are in the loop's queue
        return ended

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._readers.connect() as conn:
                driver = driver_of(conn)
                driver.execute(self._backend.begin_read)
                try:
                    return work(conn)
                finally:
                    driver.execute("ROLLBACK")
        except self._backend.driver_errors as error:
            raise explain(error) from error

    def _settled(self, items: Sequence[Item]) -> None:
        self._queued -= len(items)
        if self._queued < QUEUE_LIMIT:
            self._room.set()
        for item in items:
            item.settle()
