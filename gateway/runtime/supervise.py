"""Long-running parts: restarted when they fail, and the process ends when one keeps failing."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from gateway.core.errors import FilodirettoError
from gateway.core.ports import Clock

MAX_RESTARTS = 5
WINDOW = timedelta(seconds=60)
PAUSE_S = 0.5

log = structlog.get_logger(__name__)


class PartFailedError(FilodirettoError):
    """One part failed too often; the process must end so that its supervisor sees it."""


async def supervise(name: str, part: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """Run `part` until it returns; restart it after a failure, at most 5 times in 60 s."""
    failures: deque[float] = deque(maxlen=MAX_RESTARTS + 1)
    while True:
        try:
            await part()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if _is_stopping():
                log.exception("part.failed_while_stopping", part=name)
                return
            now = clock.monotonic()
            failures.append(now)
            recent = [at for at in failures if now - at <= WINDOW.total_seconds()]
            log.exception("part.failed", part=name, restarts=len(recent))
            if len(recent) > MAX_RESTARTS:
                raise PartFailedError(
                    "a part of Filodiretto keeps failing",
                    remedy="see the log entries part.failed above; report them if unclear",
                ) from error
            await asyncio.sleep(PAUSE_S)
        else:
            return


def _is_stopping() -> bool:
    """Tell whether the part was cancelled: what it raised instead must not start it again."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
