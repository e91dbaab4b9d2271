"""Times without a link become rows: a gap is recorded and shown, never silent."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from gateway.core.errors import StoreError
from gateway.store import gaps
from gateway.store.database import Connection, Database

log = structlog.get_logger(__name__)


class GapRecorder:
    """Collect link losses synchronously and write them behind, again if the store refuses."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._notes: list[tuple[str, datetime, bool]] = []
        self._wanted = asyncio.Event()

    def opened(self, pbx: str, at: datetime) -> None:
        """Note that from `at` on the calls of `pbx` are unknown."""
        self._note(pbx, at, opened=True)

    def closed(self, pbx: str, at: datetime) -> None:
        """Note that from `at` on the calls of `pbx` are known again."""
        self._note(pbx, at, opened=False)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            notes, self._notes = self._notes, []
            try:
                await self._db.write(lambda conn, notes=notes: _save(conn, notes))
            except StoreError as error:
                self._notes = notes + self._notes
                self._wanted.set()
                log.warning("gaps.refused", cause=error.message)
                await asyncio.sleep(1)

    def _note(self, pbx: str, at: datetime, *, opened: bool) -> None:
        self._notes.append((pbx, at, opened))
        self._wanted.set()


def _save(conn: Connection, notes: Sequence[tuple[str, datetime, bool]]) -> None:
    for pbx, at, opened in notes:
        if opened:
            gaps.open_gap(conn, pbx, at)
        else:
            gaps.close_gap(conn, pbx, at, source="snapshot")
