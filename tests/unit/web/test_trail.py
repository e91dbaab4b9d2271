"""The audit log behind the requests: each entry once, whoever stores it."""

import asyncio
from pathlib import Path

import pytest
from support.empty_store import open_store

from gateway.core.errors import StoreCause, StoreError
from gateway.runtime.clock import SystemClock
from gateway.store.audit import AuditFilter, list_audit
from gateway.store.database import Connection, Database
from gateway.web.trail import AuditTrail


async def subjects(db: Database) -> list[str]:
    """Return what the log says, oldest first."""
    page = await db.read(lambda conn: list_audit(conn, AuditFilter(limit=200)))
    return [row.entry.subject for row in reversed(page.items)]


async def test_stored_by_two_at_once_is_stored_once(tmp_path: Path) -> None:
    """Whoever reads the log has it stored first, while it is being stored anyway."""
    db = await open_store(tmp_path)
    trail = AuditTrail(db, SystemClock())
    for number in range(40):
        trail.note("ada", "call.seen", str(number))
        if number % 10 == 0:
            await asyncio.gather(trail.flush(), trail.flush(), trail.flush())
    await trail.flush()
    assert await subjects(db) == [str(number) for number in range(40)]
    await db.close()


async def test_refused_by_the_store_is_kept_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage of the store delays the log; it drops nothing and turns nothing round."""
    db = await open_store(tmp_path)
    trail = AuditTrail(db, SystemClock())
    trail.note("ada", "call.seen", "first")
    trail.note("ada", "call.seen", "second")
    with monkeypatch.context() as patch:

        async def refuse(work: object) -> Connection:
            raise StoreError("The disk is full.", cause=StoreCause.FULL, remedy="Make room.")

        patch.setattr(db, "write", refuse)
        with pytest.raises(StoreError):
            await trail.flush()
    trail.note("ada", "call.seen", "third")
    await trail.flush()
    assert await subjects(db) == ["first", "second", "third"]
    await db.close()
