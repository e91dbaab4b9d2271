"""What the child process is: its limits, and how it tells its parent what happens."""

import json
import os
import resource
import sys
import threading
from contextlib import suppress
from typing import Final

MEMORY: Final = 256 * 2**20
FILES: Final = 64


def limit() -> None:
    """Bound what this process can take from the machine; a flood must not slow the pops."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    threading.stack_size(512 * 1024)
    with suppress(OSError):
        os.nice(5)


def tell(event: str, **facts: object) -> None:
    """Write one line for the parent; without a parent there is nothing left to do."""
    try:
        sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        os._exit(0)


def leave(status: int = 0) -> None:
    """End at once: the library's threads are no daemons and would block."""
    sys.stdout.flush()
    os._exit(status)
