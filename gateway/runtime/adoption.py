"""Gives earlier calls to contacts that came into the directory later, beside everything else."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from crm_sync import intake
from gateway.core.errors import StoreError
from gateway.core.events import CallAmended, CallEvent
from gateway.core.ports import Clock, Effect
from gateway.core.record import CallRecord
from gateway.store import adoption
from gateway.store.contacts import last_change
from gateway.store.database import Connection, Database
from gateway.store.mirror import Own, no_own_numbers

PERIOD_S: Final = 5.0
# A call that ended a moment before may not be stored yet: it is looked for once more.
SETTLE_S: Final = 10.0
BREATH_S: Final = 0.01
# Nobody waits for it, but calls that ring share its processor: it works a third of the time.
REST: Final = 2.0
SHOWN: Final = 50
# An older call is named in our records only: its CRM has long been read by people.
TOLD_TO_CRMS: Final = timedelta(days=30)

log = structlog.get_logger(__name__)
Effects = Callable[[CallEvent], Sequence[Effect]]


class Adoption:
    """Follows the changes of the directory; how far it has come survives a restart.

    `effects` says what CRMs hear of an amended call, `show` gets the newest records for the pages.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        effects: Effects,
        on_effects: Callable[[], None],
        show: Callable[[CallRecord], None],
        own: Own = no_own_numbers,
    ) -> None:
        self._db = db
        self._clock = clock
        self._effects = effects
        self._on_effects = on_effects
        self._show = show
        self._own = own
        self._wanted = asyncio.Event()
        self._settling: deque[tuple[float, int]] = deque()
        self._trouble = False

    def wake(self) -> None:
        """Look at once: the directory has changed."""
        self._wanted.set()

    async def run(self) -> None:
        """Work until cancelled; trouble with the store is logged once and tried again."""
        settled: int | None = None
        seen = 0
        while True:
            try:
                if settled is None:
                    settled = seen = await self._db.read(adoption.adopted_until)
                seen, settled = await self._turn(seen, settled)
                self._trouble = False
            except StoreError as error:
                if not self._trouble:
                    log.warning("adoption.failed", cause=error.message)
                self._trouble = True
            self._wanted.clear()
            try:
                async with asyncio.timeout(PERIOD_S):
                    await self._wanted.wait()
            except TimeoutError:
                continue

    async def _turn(self, seen: int, settled: int) -> tuple[int, int]:
        until = await self._db.read(last_change)
        if until < seen:  # the store was restored from a backup
            seen = settled = until
        if until > seen:
            await self._pass(seen, until)
            self._settling.append((self._clock.monotonic() + SETTLE_S, until))
        while self._settling and self._settling[0][0] <= self._clock.monotonic():
            _, reached = self._settling.popleft()
            await self._pass(settled, reached)
            await self._db.write(partial(adoption.set_adopted_until, change=reached))
            settled = reached
        return until, settled

    async def _pass(self, after: int, until: int) -> None:
        count = 0
        for start in range(after, until, adoption.STEP):
            end = min(start + adoption.STEP, until)
            due = await self._db.read(partial(adoption.numbers_due, after=start, until=end))
            for e164 in due:
                count += await self._number(e164)
        if count:
            log.info("adoption.done", calls=count)
            self._on_effects()

    async def _number(self, e164: str) -> int:
        count, after = 0, 0
        while True:
            began = self._clock.monotonic()
            page = await self._db.write(partial(self._adopt, e164=e164, after=after))
            took_s = self._clock.monotonic() - began
            for record in page.records[: max(0, SHOWN - count)]:
                self._show(record)
            count += len(page.records)
            if page.next is None:
                await asyncio.sleep(REST * took_s)
                return count
            after = page.next
            await asyncio.sleep(max(BREATH_S, REST * took_s))

    def _adopt(self, conn: Connection, *, e164: str, after: int) -> adoption.Adopted:
        page = adoption.adopt(conn, e164, after=after, own=self._own)
        now = self._clock.now()
        for record in page.records:
            if record.ended_at is not None and now - record.ended_at <= TOLD_TO_CRMS:
                for effect in corrections(self._effects, CallAmended(at=now, record=record)):
                    intake.put(conn, effect)
        return page


def corrections(effects: Effects, event: CallEvent) -> Iterator[Effect]:
    """Yield what CRMs hear of a contact: a correction, unless the call was none of theirs till now.

    A CRM that was linked after the call has heard nothing of it; its first people are no order to
    write the calls of a month there. `filodiretto crm log` is.
    """
    stranger = replace(event, record=replace(event.record, contact=None))
    before = {effect.connector for effect in effects(stranger)}
    for effect in effects(event):
        yield replace(effect, only_if_begun=effect.connector in before)
