"""Switches that every tier shares: our code must not block the event loop."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

sys.path.insert(0, str(Path(__file__).parent))

SQLITE = (
    "sqlite3.Connection.execute",
    "sqlite3.Cursor.execute",
    "sqlite3.Cursor.fetchall",
)

# They ask the kernel for what it has in memory, or wait for microseconds.
HARMLESS = ("os.path.abspath", "os.getcwd", "threading.Lock.acquire", "threading.Lock.acquire_lock")


@pytest.fixture(autouse=True)
def _loop_is_not_blocked() -> Iterator[None]:
    """Raise where our code blocks the loop; the pop's own look-up is the one call site allowed."""
    with blockbuster_ctx(["gateway", "adapters", "crm_sync"]) as watched:
        for name in HARMLESS:
            watched.functions[name].deactivate()
        # a traceback on a terminal quotes the source
        watched.functions["os.stat"].can_block_in("linecache.py", {"checkcache", "updatecache"})
        watched.functions["os.stat"].can_block_in("rich/traceback.py", {"_render_stack"})
        for name in SQLITE:
            watched.functions[name].can_block_in("gateway/store/mirror.py", "find")
        yield
