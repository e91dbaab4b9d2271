"""What was between us and a customer, read beside the pop and told when it is known."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from gateway.core.errors import StoreError
from gateway.core.history import Background
from gateway.desk.pops import Recall
from gateway.store.background import background
from gateway.store.database import Connection, Database

LIMIT = 1_000
READERS = 2
# Those who are asked for within a blink are read together: one way to the reader's thread and back.
# At each statement that thread has to wait for the interpreter, and the pop's thread for it.
GATHER_S = 0.02
TOGETHER = 32

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One customer to be asked for, and who is told."""

    contact_id: str | None
    e164: str | None
    now: datetime
    recall: Recall


class Recalls:
    """A bounded queue of questions to the store; what does not fit is dropped and logged.

    The pop shows who it is without it; only what was before is missing then.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._queue: asyncio.Queue[Question] = asyncio.Queue(LIMIT)
        self._gathering = asyncio.Lock()

    def ask(self, contact_id: str | None, e164: str | None, now: datetime, recall: Recall) -> None:
        """Have a customer's past read off the loop's thread and told to `recall`."""
        try:
            self._queue.put_nowait(
                Question(contact_id=contact_id, e164=e164, now=now, recall=recall)
            )
        except asyncio.QueueFull:
            log.warning("past.dropped")

    async def run(self) -> None:
        """Answer until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(READERS):
                group.create_task(self._answer())

    async def _answer(self) -> None:
        while True:
            async with self._gathering:
                asked = [await self._queue.get()]
                await asyncio.sleep(GATHER_S)
                while len(asked) < TOGETHER and not self._queue.empty():
                    asked.append(self._queue.get_nowait())
            try:
                found = await self._db.read(partial(_read, asked=asked))
            except StoreError as error:
                log.warning("past.failed", cause=error.message, customers=len(asked))
                continue
            for one, (past, apologised_at) in zip(asked, found, strict=True):
                one.recall(past, apologised_at)


def _read(conn: Connection, asked: Sequence[Question]) -> list[tuple[Background, datetime | None]]:
    return [background(conn, one.contact_id, one.e164, now=one.now) for one in asked]
