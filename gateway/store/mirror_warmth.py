"""Whether the mirror's file lies in memory, and how it gets there: the pop waits for no disk.

A look-up reads two pages of the file, of which a directory of millions has a million. SQLite holds
its thread for each that the kernel must fetch: on the event loop all calls would wait for it.
"""

import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger(__name__)

# So much is read in a fraction of a second: a start waits for it.
AT_ONCE_BYTES: Final = 64 * 2**20
SAMPLES: Final = 200
MISSING: Final = 2
SHARE: Final = 0.5
LOOK_EVERY_S: Final = 10.0
_CHUNK: Final = 1 << 20
_KIB: Final = 1024
_MEMORY: Final = Path("/proc/meminfo")


def missing(path: Path) -> int:
    """Return how many of 200 pages, taken at random, are on the disk alone; for no loop's thread.

    Nothing is fetched for it (`RWF_NOWAIT`, preadv2(2)). 0 where the system cannot tell.
    """
    found = 0
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        for _ in range(SAMPLES if size else 0):
            place = random.randrange(size)  # noqa: S311 - not for secrets
            try:
                os.preadv(file.fileno(), [bytearray(1)], place, os.RWF_NOWAIT)
            except BlockingIOError:
                found += 1
            except OSError:
                return 0
    return found


def available_bytes() -> int:
    """Return how much memory programs may have before others must give some up; 0 if unknown."""
    try:
        lines = _MEMORY.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    found = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), "0")
    return int(found) * _KIB


def read_through(path: Path) -> None:
    """Have the kernel fetch a whole file at once."""
    with path.open("rb", buffering=0) as file:
        part = bytearray(_CHUNK)
        while file.readinto(part):
            pass


class Warmth:
    """Knows whether look-ups would wait for the disk, and reads the file beside them if so.

    `cold` may be asked by any thread. A file that would take more than half of the memory is left
    where it is: look-ups then go to a thread that may wait.
    """

    def __init__(
        self,
        path: Path,
        *,
        missing: Callable[[Path], int] = missing,
        available: Callable[[], int] = available_bytes,
    ) -> None:
        self._path = path
        self._missing = missing
        self._available = available
        self._stop = threading.Event()
        self._reading: threading.Thread | None = None
        self._looked_at: float | None = None
        self._told = False
        self.cold = False

    def look(self) -> None:
        """Judge anew, every ten seconds at most while it is warm; takes a millisecond."""
        now = time.monotonic()
        if not self.cold and self._looked_at is not None and now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        try:
            self.cold = self._missing(self._path) > MISSING
            if self.cold and (self._reading is None or not self._reading.is_alive()):
                self._warm()
        except OSError as error:  # somebody took the file away: what is open stays readable
            log.warning("mirror.not_read", detail=type(error).__name__)

    def stop(self) -> None:
        """Read no further; for a worker thread."""
        self._stop.set()
        if self._reading is not None:
            self._reading.join()

    def _warm(self) -> None:
        size, available = self._path.stat().st_size, self._available()
        if available and size > SHARE * available:
            if not self._told:
                log.warning("mirror.larger_than_memory", bytes=size, available_bytes=available)
            self._told = True
            return
        self._reading = threading.Thread(target=self._read, name="mirror-warming", daemon=True)
        self._reading.start()

    def _read(self) -> None:
        began = time.monotonic()
        try:
            with self._path.open("rb", buffering=0) as file:
                part = bytearray(_CHUNK)
                while not self._stop.is_set():
                    started = time.monotonic()
                    if not file.readinto(part):
                        break
                    # others need the disk, too: it has half of the time to itself
                    self._stop.wait(time.monotonic() - started)
            self.cold = self._missing(self._path) > MISSING
        except OSError as error:
            log.warning("mirror.not_read", detail=type(error).__name__)
            return
        log.info("mirror.warmed", cold=self.cold, seconds=round(time.monotonic() - began, 3))
