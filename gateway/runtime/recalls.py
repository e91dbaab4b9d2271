"""What was between us and a customer, read beside the pop and told when it is known."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import structlog

from gateway.core.errors import StoreError
from gateway.desk.pops import Recall
from gateway.store.database import Database
from gateway.store.pasts import Asked, pasts

LIMIT = 1_000
# Those who are asked for within a blink are read together: one way to the reader's thread and back.
# At each statement that thread has to wait for the interpreter, and the pop's thread for it.
GATHER_S = 0.04
TOGETHER = 32

log = structlog.get_logger(__name__)


class Recalls:
    """A bounded queue of questions to the store; what does not fit is dropped and logged.

    The pop shows who it is without it; only what was before is missing then.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._queue: asyncio.Queue[tuple[Asked, Recall]] = asyncio.Queue(LIMIT)

    def ask(self, contact_id: str | None, e164: str | None, now: datetime, recall: Recall) -> None:
        """Have a customer's past read off the loop's thread and told to `recall`."""
        try:
            self._queue.put_nowait((Asked(contact_id=contact_id, e164=e164, now=now), recall))
        except asyncio.QueueFull:
            log.warning("past.dropped")

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            waiting = [await self._queue.get()]
            await asyncio.sleep(GATHER_S)
            while len(waiting) < TOGETHER and not self._queue.empty():
                waiting.append(self._queue.get_nowait())
            await self._answer(waiting)

    async def _answer(self, waiting: Sequence[tuple[Asked, Recall]]) -> None:
        asked = [one for one, _recall in waiting]
        try:
            found = await self._db.read(partial(pasts, asked=asked))
        except StoreError as error:
            log.warning("past.failed", cause=error.message, customers=len(asked))
            return
        for (_one, recall), past in zip(waiting, found, strict=True):
            recall(*past)
