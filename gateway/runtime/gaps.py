"""Times without a link become rows: a gap is recorded and shown, never silent."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from gateway.core.errors import StoreError
from gateway.core.ports import Clock
from gateway.store import gaps
from gateway.store.database import Connection, Database

SEEN_EVERY_S: Final = 5.0

log = structlog.get_logger(__name__)


class GapRecorder:
    """Collect link losses synchronously and write them behind, again if the store refuses."""

    def __init__(self, db: Database, clock: Clock, *, heard: Callable[[], Iterable[str]]) -> None:
        self._db = db
        self._clock = clock
        self._heard = heard
        self._notes: list[tuple[str, datetime, bool]] = []
        self._wanted = asyncio.Event()

    def opened(self, pbx: str, at: datetime) -> None:
        """Note that from `at` on the calls of `pbx` are unknown."""
        self._note(pbx, at, opened=True)

    def closed(self, pbx: str, at: datetime) -> None:
        """Note that from `at` on the calls of `pbx` are known again."""
        self._note(pbx, at, opened=False)

    def touch(self) -> None:
        """Note at once that a PBX is heard, not only at the next turn."""
        self._wanted.set()

    async def resume(self, pbx: str) -> datetime | None:
        """Begin a gap where an earlier run, stopped or killed, last heard the PBX; return when."""
        seen = await self._db.read(partial(gaps.last_seen, pbx=pbx))
        if seen is not None:
            self.opened(pbx, seen)
        return seen

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SEEN_EVERY_S):
                    await self._wanted.wait()
            await self.flush()

    async def flush(self) -> None:
        """Write what is noted, and until when each PBX was heard."""
        self._wanted.clear()
        notes, self._notes = self._notes, []
        heard, now = tuple(self._heard()), self._clock.now()
        try:
            await self._db.write(partial(_save, notes=notes, heard=heard, now=now))
        except StoreError as error:
            self._notes = notes + self._notes
            log.warning("gaps.refused", cause=error.message)

    def _note(self, pbx: str, at: datetime, *, opened: bool) -> None:
        self._notes.append((pbx, at, opened))
        self._wanted.set()


def _save(
    conn: Connection,
    *,
    notes: Sequence[tuple[str, datetime, bool]],
    heard: Sequence[str],
    now: datetime,
) -> None:
    for pbx, at, opened in notes:
        if opened:
            gaps.open_gap(conn, pbx, at)
        else:
            gaps.close_gap(conn, pbx, at, source="snapshot")
    for pbx in heard:
        gaps.mark_seen(conn, pbx, now)
