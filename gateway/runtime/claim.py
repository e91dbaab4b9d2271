"""One daemon per data directory: a lock that the system gives back when the process dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gateway.core.errors import ConfigError

NAME: Final = "lock"
# A daemon that was told to stop closes its store last; whoever restarts it need not wait first.
PATIENCE_S: Final = 3.0
POLL_S: Final = 0.05


@contextmanager
def claimed(data_dir: Path, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold `data_dir` while the block runs; blocks up to `patience_s`, so not on an event loop.

    Raises ConfigError if another daemon holds it or nothing can be written there.
    """
    where = f"gateway.data_dir = {data_dir}"
    try:
        lock = os.open(data_dir / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"The data directory cannot be written: {error.strerror}.",
            where=where,
            remedy="Name a directory that the user running Filodiretto may write to.",
        ) from error
    try:
        if not _locked(lock, time.monotonic() + patience_s):
            raise ConfigError(
                "Another Filodiretto daemon uses this data directory.",
                where=where,
                remedy="Stop that one, or give this one a directory of its own.",
            )
        yield
    finally:
        os.close(lock)


def _locked(lock: int, end: float) -> bool:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(POLL_S)
        else:
            return True
