"""Switches that every tier shares: what is run, and that our code does not block the loop."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
# The daemon is started hundreds of times: it need not be compiled each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# How long one example takes is the machine's affair; the rest stays, that of CI too.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# What starts programs may have to wait long for a processor; a limit ends what hangs, no more.
PATIENCE = pytest.mark.timeout(120)

SQLITE = (
    "sqlite3.Connection.execute",
    "sqlite3.Cursor.execute",
    "sqlite3.Cursor.fetchall",
)

# They ask the kernel for what it has in memory, or wait for microseconds.
HARMLESS = ("os.path.abspath", "os.getcwd", "threading.Lock.acquire", "threading.Lock.acquire_lock")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what the live tests can be asked for."""
    group = parser.getgroup("filodiretto")
    group.addoption("--all", action="store_true", help="run the tests marked exhaustive as well")
    group.addoption("--seed", type=int, help="the seed of the random walk of calls")
    group.addoption("--minutes", type=float, help="how long the soak takes")
    group.addoption("--rate", type=float, help="how many calls a second the soak places")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes unless it was asked for, and be patient with real components."""
    for item in items:
        real = item.get_closest_marker("integration") or item.get_closest_marker("e2e")
        if real and not item.get_closest_marker("timeout"):
            item.add_marker(PATIENCE)
    if config.getoption("--all"):
        return
    left_out = [item for item in items if item.get_closest_marker("exhaustive")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


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
            watched.functions[name].can_block_in("gateway/store/mirror.py", "_ask")
        yield
