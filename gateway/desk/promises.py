"""Promised call-backs: made, changed, and told to whom they fall due, once."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import uuid4

import structlog

from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.errors import StoreError, UsageError
from gateway.core.history import Customer, Promise, PromiseState
from gateway.core.notices import NoticeKind
from gateway.core.ports import Clock
from gateway.desk.audience import Audience, Oversees
from gateway.desk.history import promise_json
from gateway.desk.hub import Hub
from gateway.desk.refusals import ForbiddenError, NotFoundError
from gateway.desk.roster import Roster
from gateway.store import promises
from gateway.store.customers import exists
from gateway.store.database import Connection, Database
from gateway.store.notices import Notice, announce

# Promises come from other nodes and other programs too, and the wall clock may be set.
LOOK_EVERY_S: Final = 5.0
WAIT_S: Final = 1.0
FURTHEST: Final = timedelta(days=730)
# So far a program's clock may be behind ours.
SKEW: Final = timedelta(minutes=2)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseChange:
    """What somebody wants different; None leaves it. `free` takes the assignee away."""

    text: str | None = None
    due_at: datetime | None = None
    assignee: str | None = None
    free: bool = False
    state: PromiseState | None = None


class PromiseDesk:
    """`run` is a supervised part; the rest answers what people ask."""

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
        self._roster = roster
        self._clock = clock
        self._audience = Audience(hub, roster)
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Tell of promises as they fall due, until cancelled.

        A promise is marked as told before anybody is: a crash in between costs a notice, and the
        list shows it all the same; it never gives two. One that fell due while the gateway or its
        assignee's page was down is told when both are back; one that fell due while the assignee's
        calendar says closed, at the next opening.
        """
        while True:
            self._wanted.clear()
            try:
                pause = await self._pause()
                if pause <= 0:
                    pause = 0 if await self.tell_due() else self._patience()
            except StoreError as error:
                log.warning("promises.refused", cause=error.cause.value)
                pause = LOOK_EVERY_S
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wanted.wait()

    async def tell_due(self) -> int:
        """Send `promise.due` for what has fallen due and was not told; return how many."""
        now = self._clock.now()
        here = frozenset(user for user in self._hub.users() if self._hub.has_page(user))
        due = await self._db.write(
            partial(_take_due, now=now, here=here, told_from=self._told_from)
        )
        for promise in due.told:
            users = self._audience.of_promise(promise.assignee)
            self._hub.publish_many(users, NoticeKind.PROMISE.value, promise_json(promise), now)
        return len(due.told)

    async def make(self, promise: Promise) -> Promise:
        """Store a new promise (its `id` is ours to give); raises UsageError for what cannot be."""
        self._check_due(promise.due_at)
        self._check_assignee(promise.assignee)
        promise = replace(promise, id=str(uuid4()))
        made = await self._db.write(partial(_add, promise=promise))
        self._wanted.set()
        return made

    async def change(
        self, identifier: str, wanted: PromiseChange, *, login: str, oversees: Oversees
    ) -> Promise:
        """Change a promise: those who made it, owe it or oversee may, and whoever takes a free one.

        Raises NotFoundError, ForbiddenError, UsageError.
        """
        if wanted.due_at is not None:
            self._check_due(wanted.due_at)
        self._check_assignee(wanted.assignee)
        now = self._clock.now()

        def work(conn: Connection) -> Promise:
            promise = promises.get_promise(conn, identifier)
            if promise is None:
                raise NotFoundError(
                    "There is no such promise.", remedy="GET /api/v1/promises lists them."
                )
            people = {promise.made_by, promise.assignee}
            if promise.assignee is not None and not (
                login in people or any(oversees(one) for one in people)
            ):
                raise ForbiddenError(
                    "This promise is a colleague's.",
                    remedy="Who made it, whose task it is or a supervisor can change it.",
                )
            changed = _changed(promise, wanted, login=login, now=now)
            later = changed.due_at != promise.due_at
            promises.put_promise(conn, changed, tell_again=later and changed.due_at > now)
            return changed

        changed = await self._db.write(work)
        self._wanted.set()
        return changed

    def opens_at(self, promise: Promise) -> datetime | None:
        """Return the next opening if it is due while its assignee's calendar says closed."""
        calendar = self._calendars.of_person(promise.assignee)
        if calendar is None or calendar.is_open(promise.due_at):
            return None
        return calendar.next_opening(promise.due_at)

    def _told_from(self, promise: Promise) -> datetime:
        return self.opens_at(promise) or promise.due_at

    def _patience(self) -> float:
        """Return how soon to look again for who should be told; at night nobody comes so soon."""
        house = self._calendars.default
        return WAIT_S if house is None or house.is_open(self._clock.now()) else LOOK_EVERY_S

    async def _pause(self) -> float:
        due_at = await self._db.read(promises.next_untold)
        if due_at is None:
            return LOOK_EVERY_S
        return min(LOOK_EVERY_S, (due_at - self._clock.now()).total_seconds())

    def _check_due(self, due_at: datetime) -> None:
        now = self._clock.now()
        if due_at < now - SKEW:
            raise UsageError(
                "The time of the call-back has passed already.",
                remedy="Choose a time to come; look at the time zone, and at this clock.",
            )
        if due_at > now + FURTHEST:
            raise UsageError(
                "A call-back cannot be promised for more than two years ahead.",
                remedy="Choose an earlier time.",
            )

    def _check_assignee(self, login: str | None) -> None:
        if login is not None and login not in {user.login for user in self._roster.users()}:
            raise UsageError(
                "The assignee is nobody who may sign in.", remedy="Name the login of a user."
            )


def _take_due(
    conn: Connection,
    now: datetime,
    here: Collection[str],
    told_from: Callable[[Promise], datetime],
) -> promises.Due:
    """Take what has fallen due; webhooks hear of it at once, whoever is there."""
    due = promises.take_due(conn, now, here, told_from=told_from)
    for promise in due.broken:
        announce(
            conn,
            Notice(
                kind=NoticeKind.PROMISE,
                subject=promise.id,
                mark=promise.due_at.isoformat(),
                at=now,
                data=promise_json(promise),
            ),
        )
    return due


def _add(conn: Connection, promise: Promise) -> Promise:
    if promise.contact_id is not None and not exists(conn, promise.contact_id):
        raise UsageError("There is no such contact.", remedy="GET /api/v1/contacts lists them.")
    return promises.add_promise(conn, promise)


def _changed(promise: Promise, wanted: PromiseChange, *, login: str, now: datetime) -> Promise:
    if wanted.text is not None:
        promise = replace(promise, text=wanted.text)
    if wanted.assignee is not None or wanted.free:
        promise = replace(promise, assignee=wanted.assignee)
    if wanted.due_at is not None:
        state = PromiseState.BROKEN if wanted.due_at <= now else PromiseState.OPEN
        state = state if promise.is_to_do else promise.state
        promise = replace(promise, due_at=wanted.due_at, state=state)
    if wanted.state is PromiseState.OPEN:
        state = PromiseState.BROKEN if promise.due_at <= now else PromiseState.OPEN
        return replace(promise, state=state, settled_at=None, settled_by=None)
    if wanted.state is not None and (wanted.state is not promise.state or promise.is_to_do):
        return replace(promise, state=wanted.state, settled_at=now, settled_by=login)
    return promise


def customer_of(contact_id: str | None, e164: str | None) -> Customer | None:
    """Return whom a request means, None if it names nobody."""
    if contact_id is None and e164 is None:
        return None
    return Customer(contact_id=contact_id, e164=e164)
