"""On which processor the daemon's threads run: on one, as long as they have it for themselves.

They share the interpreter's lock, so that hardly two of them ever run at the same time. On two
processors each change from one to the other wakes a processor (in a virtual machine by way of the
host) and carries the objects that both use from cache to cache. On one, the store's threads wait
until the loop's has nothing to do (SCHED_BATCH: who wakes does not push another one away).
"""

import asyncio
import os
import threading
import time
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import structlog

LOOK_EVERY_S: Final = 2.0
# Below this share of a processor there is nothing to gain worth a word.
BUSY: Final = 0.25
# Above it there may be work that does not hold the lock, and could run beside.
FULL: Final = 0.95
# More of its time the loop's thread must not wait for a processor that others use, too.
CROWDED: Final = 0.4
# After that everybody runs where there is room, for so many looks.
APART_LOOKS: Final = 150
# The threads besides the loop's that hold the lock most of the time they run. Others hash
# passwords, or read files.
STORING: Final = ("store-", "mirror-")
_LAST_PROCESSOR: Final = 36  # of the fields after the name: proc(5), /proc/pid/stat, `processor`

log = structlog.get_logger(__name__)


def allowed() -> AbstractSet[int]:
    """Return the processors that the administrator or the container lets this process use."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else frozenset()


def helpers(everywhere: AbstractSet[int]) -> ThreadPoolExecutor:
    """Make the threads for what blocks or computes without the lock: they run anywhere.

    A new thread would stay where the one that starts it is bound to.
    """

    def unbound() -> None:
        if everywhere:
            os.sched_setaffinity(0, everywhere)

    return ThreadPoolExecutor(thread_name_prefix="asyncio", initializer=unbound)


class Processor:
    """Keeps the threads together while that pays; `everywhere` is where they may run."""

    def __init__(self, everywhere: AbstractSet[int]) -> None:
        self._everywhere: Final = everywhere
        self._wait: int = 0
        self.bound_to: int | None = None

    async def run(self) -> None:
        """Look every two seconds until cancelled; nothing where there is only one to choose."""
        thread = Path(f"/proc/self/task/{threading.main_thread().native_id}")
        if len(self._everywhere) < 2 or not (thread / "schedstat").exists():  # noqa: PLR2004  # two is what "apart" needs
            return
        used, waited, at = time.process_time(), _waited_s(thread), time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            before = used, waited, at
            used, waited, at = time.process_time(), _waited_s(thread), time.monotonic()
            passed = at - before[2]
            busy, crowded = (used - before[0]) / passed, (waited - before[1]) / passed
            self.look(busy=busy, crowded=crowded, processor=_last_of(thread))

    def look(self, *, busy: float, crowded: float, processor: int) -> None:
        """Decide by what was used and waited for since the last look, in shares of the time."""
        if self._wait:
            self._wait -= 1
        elif self.bound_to is None:
            if BUSY <= busy <= FULL:
                self.bound_to = processor
                self._place()
                log.info("processor.together", processor=processor, busy=round(busy, 2))
        elif crowded > CROWDED or busy > FULL:
            log.info("processor.apart", processor=self.bound_to, crowded=round(crowded, 2))
            self.bound_to = None
            self._place()
            self._wait = APART_LOOKS
        else:
            self._place()  # a reader that was started since

    def _place(self) -> None:
        """Bind the threads, or let them go."""
        together = self.bound_to is not None
        processors = self._everywhere if self.bound_to is None else {self.bound_to}
        # an administrator who chose a policy for the process (CPUSchedulingPolicy=) keeps it
        ours = os.sched_getscheduler(0) == os.SCHED_OTHER
        for thread in threading.enumerate():
            if thread.native_id is None or not thread.name.startswith(("MainThread", *STORING)):
                continue
            _place(thread.native_id, processors)
            if ours and thread.name.startswith(STORING):
                _order(thread.native_id, os.SCHED_BATCH if together else os.SCHED_OTHER)


def _place(thread: int, processors: AbstractSet[int]) -> None:
    try:
        os.sched_setaffinity(thread, processors)
    except OSError as error:  # it has ended, or a sandbox forbids it
        log.debug("processor.not_bound", error=str(error))


def _order(thread: int, policy: int) -> None:
    try:
        os.sched_setscheduler(thread, policy, os.sched_param(0))
    except OSError as error:  # as above
        log.debug("processor.not_ordered", error=str(error))


def _waited_s(thread: Path) -> float:
    """Return how long the thread was ready and waited (Linux, sched-stats.rst, schedstat)."""
    return int((thread / "schedstat").read_text().split()[1]) / 1e9


def _last_of(thread: Path) -> int:
    return int((thread / "stat").read_text().rpartition(")")[2].split()[_LAST_PROCESSOR])
