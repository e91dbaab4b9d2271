"""Writes the audit log behind the requests: queued at once, stored in batches, lost never silently.

A request waits for no disk because of it. A page that asks for the same thing again and again is
written down once a minute.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from typing import Final

import structlog
from aiohttp import web

from gateway.core.errors import StoreError
from gateway.core.ports import Clock
from gateway.store.audit import AuditEntry, append
from gateway.store.database import Database

FLUSH_S: Final = 0.2
RETRY_S: Final = 2.0
BATCH: Final = 500
QUEUE_LIMIT: Final = 20_000
SAME_S: Final = 60.0
REMEMBERED: Final = 10_000

log = structlog.get_logger(__name__)


class AuditTrail:
    """Queues what people did. Owned by the event loop; `note` and `saw` return at once."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._queue: deque[AuditEntry] = deque()
        self._recent: OrderedDict[tuple[str, str, str], float] = OrderedDict()
        self._wanted = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._lost = 0

    def note(self, actor: str, action: str, subject: str = "", **detail: object) -> None:
        """Write down that somebody did something."""
        if len(self._queue) >= QUEUE_LIMIT:  # the store has been away for long: it says so itself
            self._lost += 1
            return
        entry = AuditEntry(
            at=self._clock.now(), actor=actor, action=action, subject=subject, detail=detail
        )
        self._queue.append(entry)
        self._wanted.set()

    def saw(self, actor: str, action: str, subject: str = "") -> None:
        """Write down that somebody was shown something, once a minute for the same thing."""
        key, now = (actor, action, subject), self._clock.monotonic()
        last = self._recent.get(key)
        if last is not None and now - last < SAME_S:
            return
        self._recent[key] = now
        self._recent.move_to_end(key)
        if len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)
        self.note(actor, action, subject)

    async def run(self) -> None:
        """Store what is queued until cancelled; an outage of the store only delays it."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(FLUSH_S)
            try:
                await self.flush()
            except StoreError as error:
                log.warning("audit.delayed", cause=error.cause.value, queued=len(self._queue))
                await asyncio.sleep(RETRY_S)

    async def flush(self) -> None:
        """Store everything queued so far; raises StoreError and then keeps it queued."""
        async with self._flushing:  # two at once would store the same entries twice
            self._wanted.clear()
            try:
                while self._queue:
                    await self._store_batch()
            except StoreError:
                self._wanted.set()
                raise
        if self._lost:
            lost, self._lost = self._lost, 0
            log.error("audit.lost", entries=lost)
            self.note("", "audit.lost", entries=lost)

    async def _store_batch(self) -> None:
        # taken out first: a write that nobody waits for any more is done all the same
        batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        try:
            await self._db.write(lambda conn: append(conn, batch))
        except StoreError:
            self._queue.extendleft(reversed(batch))
            raise


TRAIL: Final = web.AppKey("trail", AuditTrail)


async def auditing(app: web.Application) -> AsyncIterator[None]:
    """Store the audit log as long as the application runs, and what is left at its end."""
    trail = app[TRAIL]
    task = asyncio.get_running_loop().create_task(trail.run(), name="web.audit")
    yield
    task.cancel()
    await asyncio.wait([task])
    try:
        await trail.flush()
    except StoreError as error:
        log.error("audit.not_stored", cause=error.cause.value)  # noqa: TRY400 - the cause is known
