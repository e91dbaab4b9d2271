"""Once an hour, what has been kept long enough is deleted in small steps."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from gateway.core.errors import StoreError
from gateway.core.ports import Clock
from gateway.runtime.settings_retention import RetentionSettings
from gateway.store.database import Database
from gateway.store.retention import STEP, Cutoffs, forget_calls, forget_others

FIRST_S: Final = 600.0
EVERY_S: Final = 3_600.0
PAUSE_S: Final = 0.2

log = structlog.get_logger(__name__)


class Retention:
    """Keeps to `[retention]`; a store that refuses is asked again an hour later.

    `keep_days` are the policies' own days for what was written to a CRM, by its name.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: RetentionSettings,
        *,
        keep_days: Mapping[str, int] | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._keep_days = keep_days or {}

    async def run(self) -> None:
        """Clean up until cancelled."""
        await asyncio.sleep(FIRST_S)
        while True:
            try:
                await self.clean()
            except StoreError as error:
                log.warning("retention.failed", cause=error.message)
            await asyncio.sleep(EVERY_S)

    async def clean(self) -> int:
        """Delete what is due and return how many calls that were; raises StoreError."""
        now, kept = self._clock.now(), self._settings
        cutoffs = Cutoffs(
            calls=now - timedelta(days=kept.calls_days),
            payloads=now - timedelta(hours=kept.payload_hours),
            audit=now - timedelta(days=kept.audit_days),
            payloads_of={
                name: now - timedelta(days=days) for name, days in self._keep_days.items()
            },
        )
        count = 0
        while True:
            gone = await self._db.write(partial(forget_calls, before=cutoffs.calls, at=now))
            count += gone
            if gone < STEP:
                break
            await asyncio.sleep(PAUSE_S)
        await self._db.write(partial(forget_others, cutoffs=cutoffs, at=now))
        if count:
            log.info("retention.cleaned", calls=count)
        return count
