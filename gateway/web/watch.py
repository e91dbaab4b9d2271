"""Closes the sockets of who was signed out elsewhere, and notices changes among people."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import islice
from typing import Final

import structlog
from aiohttp import web

from gateway.core.errors import StoreError
from gateway.desk.subscription import CloseCode, Subscription
from gateway.store.credentials import forget_stale_sessions
from gateway.store.database import Connection
from gateway.store.desks import settle_desks
from gateway.store.people import configure_extensions
from gateway.web.access import Principal
from gateway.web.identity import check
from gateway.web.services import Services

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 0.5
CHECK_EVERY_S: Final = 30.0
TIDY_EVERY_S: Final = 3600.0


class Watch:
    """Remembers by whose right each socket is open and asks again whether it still holds.

    At once when another process has written to the store (a revoked token, a disabled user), and
    every 30 s for the limits of time, a few sockets each half second: five hundred at once would
    hold up the pops. An open page counts as use of its session.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._open: dict[Subscription, Principal] = {}

    async def opened(self, subscription: Subscription, principal: Principal) -> None:
        """Watch a socket from now on; its right may have ended during the handshake."""
        self._open[subscription] = principal
        await self._check(subscription, principal)

    def gone(self, subscription: Subscription) -> None:
        """Forget a socket."""
        self._open.pop(subscription, None)

    async def run(self) -> None:
        """Look until cancelled; an outage of the store closes nobody's page."""
        db, clock = self._services.db, self._services.clock
        version, due, tidy_due = None, 0.0, 0.0
        while True:
            now, current = clock.monotonic(), db.data_version()
            if current != version or now >= due:
                try:
                    if current != version:
                        await self.check_all()
                    else:
                        await self._look_at_people()
                    version, due = current, now + CHECK_EVERY_S
                    if now >= tidy_due:
                        await db.write(self._tidy)
                        tidy_due = now + TIDY_EVERY_S
                except StoreError as error:
                    log.warning("web.watch_failed", cause=error.cause.value)
            await self._check_some()
            await asyncio.sleep(LOOK_EVERY_S)

    async def check_all(self) -> None:
        """Take over the people as they are now and close the sockets that lost their right."""
        await self._look_at_people()
        for subscription, principal in tuple(self._open.items()):
            await self._check(subscription, principal)

    async def _check_some(self) -> None:
        """Check so many sockets that each has its turn in 30 s, the longest unchecked first."""
        share = math.ceil(len(self._open) * LOOK_EVERY_S / CHECK_EVERY_S)
        with suppress(StoreError):  # told of above, and the turn comes again
            for subscription, principal in tuple(islice(self._open.items(), share)):
                await self._check(subscription, principal)
                if self._open.pop(subscription, None) is not None:
                    self._open[subscription] = principal

    async def _look_at_people(self) -> None:
        services = self._services
        before = services.roster.desks()
        await services.roster.refresh(services.db, services.clock)
        if set(before) - set(services.roster.desks()):
            now = services.clock.now()
            await services.db.write(lambda conn: settle_desks(conn, now))
        await self._configure()
        services.desk.look_who(services.clock.now())

    async def _check(self, subscription: Subscription, principal: Principal) -> None:
        held = await check(self._services, principal.secret, by_cookie=principal.by_cookie)
        if held is None:
            subscription.close(CloseCode.SIGNED_OUT)
        elif rights_of(held) != rights_of(principal):
            # come back with what is allowed now
            subscription.close(CloseCode.TRY_AGAIN_LATER)

    def _tidy(self, conn: Connection) -> None:
        """Forget sessions that are over; what else is kept too long `[retention]` says."""
        forget_stale_sessions(conn, self._services.clock.now())

    async def _configure(self) -> None:
        """Give extensions of the configuration to people who were added since the start."""
        services = self._services
        wanted = services.people.extensions
        people = {user.login: user for user in services.roster.users()}
        missing = any(
            login in people and place not in people[login].extensions
            for place, logins in wanted.items()
            for login in logins
        )
        if missing:
            await services.db.write(lambda conn: configure_extensions(conn, wanted))
            await services.roster.refresh(services.db, services.clock)


def rights_of(principal: Principal) -> tuple[object, ...]:
    """Return what a socket was opened with, and must not outlive."""
    return principal.role, principal.scopes, principal.visible_to


WATCH: Final = web.AppKey("watch", Watch)


async def watching(app: web.Application) -> AsyncIterator[None]:
    """Run the watch as long as the application."""
    task = asyncio.get_running_loop().create_task(app[WATCH].run(), name="web.watch")
    task.add_done_callback(_say_if_failed)
    yield
    task.cancel()
    await asyncio.wait([task])


def _say_if_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("web.watch_died", exc_info=error)
