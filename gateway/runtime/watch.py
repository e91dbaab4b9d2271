"""Notices what other processes (the command line, another node) wrote, within a second."""

import asyncio
from collections.abc import Callable

import structlog

from gateway.core.errors import FilodirettoError
from gateway.store.database import Database
from gateway.store.mirror import Mirror

PERIOD_S = 1.0
MIRROR_PERIOD_S = 15.0

log = structlog.get_logger(__name__)


class Watch:
    """Keeps the mirror as the store has the contacts; wakes the outbox after a retry by hand.

    `on_contacts` is told when the mirror says something else than before.
    """

    def __init__(
        self,
        db: Database,
        mirror: Mirror,
        *,
        wake_outbox: Callable[[], None],
        on_contacts: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._mirror = mirror
        self._wake_outbox = wake_outbox
        self._on_contacts = on_contacts
        self._version = -1
        self._trouble = False
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """Look at once: the directory was changed here."""
        self._wanted.set()

    async def load(self) -> None:
        """Take over the contacts once; raises StoreError."""
        self._version = self._db.data_version()
        if await self._mirror.refresh():
            self._on_contacts()

    async def run(self) -> None:
        """Look until cancelled; trouble is logged once, and so is its end."""
        passed = 0.0
        while True:
            woken = await self._pause()
            passed += PERIOD_S
            unchanged = self._db.data_version() == self._version
            if unchanged and not woken and passed < MIRROR_PERIOD_S:
                continue
            passed = 0.0
            try:
                await self.load()
            except FilodirettoError as error:
                self._report(error)
            else:
                self._recovered()
                self._wake_outbox()

    async def _pause(self) -> bool:
        """Wait for the next look; True if somebody asked for it."""
        try:
            async with asyncio.timeout(PERIOD_S):
                await self._wanted.wait()
        except TimeoutError:
            return False
        self._wanted.clear()
        return True

    def _report(self, error: FilodirettoError) -> None:
        if not self._trouble:
            log.error("watch.refused", cause=error.message, remedy=error.remedy)
        self._trouble = True

    def _recovered(self) -> None:
        if self._trouble:
            log.info("watch.recovered")
        self._trouble = False
