"""Customers who wait to be called back: followed as the calls change, taken, told to the pages."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.errors import StoreError
from gateway.core.history import MissedCustomer
from gateway.core.missed import MISSED_WINDOW
from gateway.core.notices import NoticeKind
from gateway.core.ports import Clock
from gateway.core.record import time_json
from gateway.desk.audience import Audience, Oversees
from gateway.desk.history import missed_json
from gateway.desk.hub import Hub
from gateway.desk.refusals import ForbiddenError, NotFoundError, NotNowError
from gateway.desk.roster import Roster
from gateway.store import follow_up, missed
from gateway.store.database import Connection, Database
from gateway.store.notices import Notice, announce

PERIOD_S: Final = 0.5
TIDY_S: Final = 3600.0
RETRY_S: Final = 5.0
_UPDATED: Final = NoticeKind.MISSED.value

log = structlog.get_logger(__name__)


class MissedDesk:
    """`run` is a supervised part; the rest answers what people ask of the list."""

    def __init__(
        self,
        db: Database,
        hub: Hub,
        roster: Roster,
        clock: Clock,
        calendars: CalendarBook = NO_CALENDARS,
    ) -> None:
        self._db = db
        self._calendars = calendars
        self._hub = hub
        self._clock = clock
        self._audience = Audience(hub, roster)
        self._mark: int | None = None
        self._tidied_at: float | None = None

    async def run(self) -> None:
        """Follow the calls in the store until cancelled; after an outage go on where it was."""
        troubled = False
        while True:
            try:
                while await self.step():
                    pass
                await self._tidy()
            except StoreError as error:
                if not troubled:
                    log.warning("missed.refused", cause=error.cause.value, remedy=error.remedy)
                troubled, self._mark = True, None
                await asyncio.sleep(RETRY_S)
            else:
                if troubled:
                    log.info("missed.recovered")
                troubled = False
                await asyncio.sleep(PERIOD_S)

    async def step(self) -> bool:
        """Take in one batch of changes and tell what became different; True if more follow."""
        if self._mark is None:
            self._mark = await self._db.read(follow_up.read_mark)
        now = self._clock.now()
        found = await self._db.read(
            partial(follow_up.examine, mark=self._mark, now=now, calendars=self._calendars)
        )
        if found.upto == found.mark:
            return False
        applied = await self._db.write(partial(self._apply, found=found, now=now))
        if applied is None:  # another node was faster
            self._mark = None
            return False
        self._mark = found.upto
        for item in applied.items:
            self._tell(item)
        for gone in applied.gone:
            self._hub.publish_many(self._hub.users(), _UPDATED, _gone(gone), now)
        return found.more

    async def page(self, wanted: missed.MissedFilter, login: str) -> dict[str, object]:
        """Return one page of the list as somebody may see it, with its counts."""
        now = self._clock.now()
        others = self._audience.queues_of_others(login)
        page, withheld = await self._db.read(
            lambda conn: (
                missed.list_missed(conn, wanted, now, others=others, calendars=self._calendars),
                missed.count_withheld(conn, now - MISSED_WINDOW),
            )
        )
        return {
            "items": [self.told(item) for item in page.items],
            "next": page.next,
            "total": page.total,
            "withheld": {"count": withheld, "since": time_json(now - MISSED_WINDOW)},
        }

    async def item(self, identifier: str, login: str) -> MissedCustomer:
        """Return one item; raises NotFoundError if it is not there or not theirs to see."""
        found = await self._db.read(partial(missed.get_missed, identifier=identifier))
        others = self._audience.queues_of_others(login)
        if found is None or not missed.concerns(found, others):
            raise NotFoundError(
                "There is no such customer in the list.", remedy="GET /api/v1/missed lists them."
            )
        return found

    async def claim(self, identifier: str, login: str) -> MissedCustomer:
        """Take a customer over; raises NotFoundError, NotNowError if closed or somebody's already.

        Of several who try at once one gets it.
        """
        await self.item(identifier, login)
        now = self._clock.now()

        def take(conn: Connection) -> tuple[bool, MissedCustomer]:
            taken = missed.claim(conn, identifier, login, now)
            return taken, self._announced(conn, identifier, now, changed=taken)

        taken, item = await self._db.write(take)
        if not taken:
            raise _why_not(item)
        self._tell(item)
        return item

    async def release(self, identifier: str, login: str, *, oversees: Oversees) -> MissedCustomer:
        """Give a customer back; an overseer also a colleague's.

        Raises NotFoundError, NotNowError if closed or nobody's, ForbiddenError for a colleague's.
        """
        found = await self.item(identifier, login)
        over = oversees(found.claimed_by)
        if found.claimed_by not in {None, login} and not over:
            raise ForbiddenError(
                "A colleague has taken this customer.",
                remedy="Only they or a supervisor can give it back.",
            )
        now = self._clock.now()

        def give(conn: Connection) -> tuple[bool, MissedCustomer]:
            given = missed.release(conn, identifier, None if over else login)
            return given, self._announced(conn, identifier, now, changed=given)

        given, item = await self._db.write(give)
        if not given:
            raise _why_not(item)
        self._tell(item)
        return item

    def told(self, item: MissedCustomer) -> dict[str, object]:
        """Return the public JSON object of an item as it is at this moment."""
        return missed_json(item, self._calendars, self._clock.now())

    def _apply(
        self, conn: Connection, found: follow_up.Findings, now: datetime
    ) -> follow_up.Applied | None:
        applied = follow_up.apply(conn, found)
        if applied is not None:
            announce(conn, *(_notice(item.id, self.told(item), now) for item in applied.items))
            announce(conn, *(_notice(gone, _gone(gone), now) for gone in applied.gone))
        return applied

    def _announced(
        self, conn: Connection, identifier: str, now: datetime, *, changed: bool
    ) -> MissedCustomer:
        item = _get(conn, identifier)
        if changed:
            announce(conn, _notice(item.id, self.told(item), now))
        return item

    def _tell(self, item: MissedCustomer) -> None:
        users = self._audience.of_missed(item)
        self._hub.publish_many(users, _UPDATED, self.told(item), self._clock.now())

    async def _tidy(self) -> None:
        now = self._clock.monotonic()
        if self._tidied_at is None or now - self._tidied_at > TIDY_S:
            self._tidied_at = now
            await self._db.write(partial(missed.forget_missed, now=self._clock.now()))


def _notice(identifier: str, data: dict[str, object], now: datetime) -> Notice:
    return Notice(
        kind=NoticeKind.MISSED, subject=identifier, mark=now.isoformat(), at=now, data=data
    )


def _gone(identifier: str) -> dict[str, object]:
    return {"id": identifier, "state": "gone"}


def _get(conn: Connection, identifier: str) -> MissedCustomer:
    found = missed.get_missed(conn, identifier)
    if found is None:
        raise NotFoundError(
            "There is no such customer in the list.", remedy="GET /api/v1/missed lists them."
        )
    return found


def _why_not(item: MissedCustomer) -> NotNowError:
    if not item.is_open:
        return NotNowError(
            "This customer has been talked with meanwhile.", remedy="There is nothing to do."
        )
    if item.claimed_by is None:
        return NotNowError("Nobody has taken this customer.", remedy="There is nothing to do.")
    return NotNowError(
        "A colleague has taken this customer.", remedy="Take another one from the list."
    )
