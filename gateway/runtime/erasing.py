"""After somebody was erased: what this process still remembers of them, and traces in files."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from gateway.core.errors import StoreError
from gateway.core.ports import Clock
from gateway.store.backend import backend_for
from gateway.store.database import Database
from gateway.store.erasing import (
    LEARNT,
    drop_revoked_marks,
    erasures,
    marks_revoked_since,
    set_wiped,
    wiped,
)
from gateway.store.mirror import Mirror
from gateway.store.traces import wipe_traces

LOOK_EVERY_S: Final = 2.0

log = structlog.get_logger(__name__)


class Erasing:
    """Forgets within seconds of an erasure, whoever asked for it: the API or the command line.

    Marks on numbers and traces of deleted rows go as soon as the copy of the directory has
    followed.
    """

    def __init__(self, db: Database, mirror: Mirror, clock: Clock, *, url: str) -> None:
        self._db = db
        self._mirror = mirror
        self._clock = clock
        self._url = url
        # other nodes, with copies of the directory of their own, there are on a server only
        self._learnt = timedelta() if backend_for(url).is_sqlite else LEARNT
        self._forget: list[Callable[[], None]] = []

    def add(self, *forget: Callable[[], None]) -> None:
        """Have more parts forget: each drops what it remembers of people."""
        self._forget += forget

    async def run(self) -> None:
        """Look until cancelled; trouble with the store is tried again."""
        seen = 0
        while True:
            try:
                count, clean = await self._db.read(lambda conn: (erasures(conn), wiped(conn)))
                if count != seen:
                    for forget in self._forget:
                        forget()
                    seen = count
                if count != clean and await self._wiped():
                    await self._db.write(partial(set_wiped, count=count))
            except StoreError as error:
                log.warning("erasing.failed", cause=error.message)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _wiped(self) -> bool:
        """Wipe what can be wiped now; False if something is left for the next time."""
        await self._mirror.refresh()
        settled, known = self._clock.now() - self._learnt, self._mirror.last_change
        await self._db.write(partial(drop_revoked_marks, until=known, before=settled))
        waiting = await self._db.read(partial(marks_revoked_since, since=settled))
        return await asyncio.to_thread(wipe_traces, self._url) and not waiting
