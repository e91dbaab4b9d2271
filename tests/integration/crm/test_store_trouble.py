"""A store that refuses for a while under a worker that has something in flight."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from support.crm_records import answered, effect
from support.worker_rig import ScriptedWriter, worker_rig

from crm_sync import lane, worker
from gateway.core.errors import StoreCause, StoreError
from gateway.core.ports import Receipt
from gateway.store.database import Connection, Database
from gateway.store.outbox import EffectState

T = TypeVar("T")


class FullDisk(Database):
    """A store whose disk is full while told so; reading goes on."""

    full = False
    refused = 0

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Refuse, or store."""
        if self.full:
            self.refused += 1
            raise StoreError("The disk is full.", cause=StoreCause.FULL)
        return await super().write(work)

    async def times_refused(self) -> int:
        """Return how often it did not store."""
        return self.refused


async def test_receipt_is_kept_until_the_store_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CRM confirmed; forgetting that would mean writing again."""
    monkeypatch.setattr(lane, "STORE_PAUSE_S", 0.02)
    monkeypatch.setattr(worker, "STORE_PAUSE_S", 0.02)
    db = await FullDisk.open(f"sqlite:///{tmp_path / 'store.db'}")
    assert isinstance(db, FullDisk)
    gate = asyncio.Event()

    async def slowly() -> Receipt:
        await gate.wait()
        return Receipt(external_id="7")

    crm, one, other = ScriptedWriter(script=[slowly]), effect(answered("1")), effect(answered("2"))
    try:
        async with worker_rig(db, {"crm": crm}) as rig:
            await rig.put(one)
            await rig.until(lambda: rig.row(one), lambda row: row.state is EffectState.LEASED)
            await db.write_nowait(lambda _conn: None)
            db.full = True
            gate.set()
            await rig.until(db.times_refused, lambda times: times > 1)
            db.full = False
            row = await rig.reaches(one, EffectState.DELIVERED)
            assert row.receipt == Receipt(external_id="7")
            await rig.put(other)
            await rig.reaches(other, EffectState.DELIVERED)
    finally:
        await db.close()
    assert [written.key for written in crm.ledger] == [one.key, other.key]
