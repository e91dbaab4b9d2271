"""A mystery call begins in the store: one at a time for each trunk, so many an hour, audited."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from gateway.core.errors import StoreError
from gateway.core.ports import Clock
from gateway.desk.refusals import LimitError, NotFoundError, NotNowError
from gateway.store import audit, mystery
from gateway.store.database import Connection, Database
from gateway.store.mystery import StoredRun

STARTED: Final = "trunk.tested"
PER_HOUR: Final = 30
HOUR_S: Final = 3_600.0
LOOK_S: Final = 1.0
ASKED: Final = timedelta(seconds=60)

log = structlog.get_logger(__name__)


def begin(conn: Connection, stored: StoredRun, *, asked: bool = False) -> None:
    """Store a run that is about to be placed, and who wanted it, in one transaction.

    `asked`: a command has put it there already. Raises LimitError or NotNowError.
    """
    run = stored.run
    if mystery.begun_since(conn, run.trunk, run.started_at, HOUR_S) >= PER_HOUR + asked:
        raise LimitError(
            "This trunk was tested thirty times within an hour.",
            remedy="Wait a while.",
            retry_after_s=HOUR_S / 4,
        )
    if asked:
        if not mystery.take_asked(conn, stored):
            raise NotNowError("Nobody asks for this test any more.")
    elif mystery.begin_run(conn, stored) is not None:
        raise busy()
    if run.by:
        entry = audit.AuditEntry(
            at=run.started_at,
            actor=run.by,
            action=STARTED,
            subject=str(run.trunk),
            detail={"test": run.test, "run": str(run.id)},
        )
        audit.append(conn, [entry])


async def serve_asked(
    db: Database, clock: Clock, start: Callable[[StoredRun], Awaitable[None]]
) -> None:
    """Start what commands ask for in the store, until cancelled; who waits no more is forgotten."""
    since = clock.now() - mystery.MARKED
    while True:
        now = clock.now()
        try:
            for stored in await db.read(partial(mystery.asked, since=since)):
                if now - stored.run.started_at < ASKED:
                    await start(stored)
                else:
                    await db.write(partial(mystery.drop_asked, run=stored.run.id))
            since = now - 2 * ASKED
        except StoreError as error:
            log.warning("mystery.not_asked", cause=error.message)
        await asyncio.sleep(LOOK_S)


def busy() -> NotNowError:
    """Return: the trunk has one call at a time."""
    return NotNowError("A test of this trunk is in progress.", remedy="Wait until it is over.")


def no_such_test() -> NotFoundError:
    """Return: the configuration has no script of this name."""
    return NotFoundError(
        "This trunk has no test of this name.",
        remedy="Name one of its [[trunk.test]] tables, or none.",
    )
