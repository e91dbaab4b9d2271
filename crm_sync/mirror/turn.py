"""One mirror of each CRM for several nodes: whose turn it is, and that no other writes then."""

from datetime import timedelta
from functools import partial
from typing import Final

from gateway.core.errors import StoreCause, StoreError
from gateway.core.ports import Clock
from gateway.store.database import Connection, Database
from gateway.store.turns import hold, is_free

# So long after the last sign of life of a node another one goes on.
LEASE: Final = timedelta(seconds=60)
# Held on long before: a page of a slow CRM takes ten seconds and more.
RENEWED_S: Final = 15.0


class TurnLostError(StoreError):
    """Another node has gone on with the work; nothing of the transaction is kept."""


class Turn:
    """One node's turn at the mirror of one CRM; a node that starts again has it at once."""

    def __init__(self, crm: str, node: str, db: Database, clock: Clock) -> None:
        self._job = f"mirror {crm}"
        self._node = node
        self._db = db
        self._clock = clock
        self._held_at: float | None = None

    async def is_ours(self) -> bool:
        """Take it if it is free, hold it on if it is ours; raises StoreError."""
        at = self._clock.monotonic()
        if self._held_at is not None and at - self._held_at < RENEWED_S:
            return True
        now = self._clock.now()
        ours = await self._db.read(partial(is_free, job=self._job, owner=self._node, now=now))
        ours = ours and await self._db.write(self._hold)
        self._held_at = at if ours else None
        return ours

    def fence(self, conn: Connection) -> None:
        """Hold it on in a transaction of the work itself; TurnLostError if it is another's."""
        if not self._hold(conn):
            self._held_at = None
            raise TurnLostError(
                "Another node mirrors this CRM by now.",
                cause=StoreCause.CONFLICT,
                remedy="Nothing is to be done.",
            )
        self._held_at = self._clock.monotonic()

    def _hold(self, conn: Connection) -> bool:
        now = self._clock.now()
        return hold(conn, self._job, self._node, now=now, until=now + LEASE)
