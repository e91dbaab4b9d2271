"""An empty store with all tables, made once: an upgrade costs more than most tests take."""

import asyncio
import tempfile
from functools import cache
from pathlib import Path

from gateway.store.database import Database
from gateway.store.maintenance import upgrade


@cache
def _empty() -> bytes:
    """Return what an upgraded SQLite file holds: all of it, its last connection being closed."""
    with tempfile.TemporaryDirectory(prefix="filodiretto-store-") as folder:
        path = Path(folder) / "store.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()


def lay_store(path: Path) -> str:
    """Put an upgraded, empty database there unless there is one, and return its address."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(_empty())
    return f"sqlite:///{path}"


async def open_store(folder: Path, name: str = "store.db") -> Database:
    """Open the store of a test's own folder, laid there at the first time."""
    return await Database.open(await asyncio.to_thread(lay_store, folder / name))


async def open_daemons_store(folder: Path) -> Database:
    """Open the store of a daemon whose configuration lies in a folder, before or while it runs."""
    return await open_store(folder / "data", "filodiretto.db")
