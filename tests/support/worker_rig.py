"""A worker on a real SQLite with writers that do as they are told and time that stands still."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from support.crm_records import MORNING, HandClock

from crm_sync.breaker import BreakerPolicy
from crm_sync.lane import LaneLimits
from crm_sync.planning import Planner
from crm_sync.worker import Worker, WorkerOptions
from gateway.core.ids import EffectKey
from gateway.core.ports import CrmCapabilities, CrmWriter, Effect, Receipt, Tier
from gateway.core.record import CallRecord
from gateway.core.writing import WritePlan
from gateway.store import outbox
from gateway.store.database import Database

T = TypeVar("T")
Act = Callable[[], Awaitable[Receipt]]
TIER_A = CrmCapabilities(tier=Tier.A)
PATIENT = BreakerPolicy(failures=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One write as the CRM saw it."""

    key: EffectKey
    kind: str
    record: CallRecord


@dataclass(slots=True)
class ScriptedWriter:
    """A CRM in memory: acts as `script` says, then confirms everything. `ledger` is the truth."""

    script: list[Exception | Act] = field(default_factory=list)
    ledger: list[Written] = field(default_factory=list)
    attempts: list[EffectKey] = field(default_factory=list)
    searches: list[EffectKey] = field(default_factory=list)
    findable: bool = True

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,
        kind: str,
        occurred_at: datetime,  # noqa: ARG002 - the port's signature
        plan: WritePlan | None = None,  # noqa: ARG002
    ) -> Receipt:
        """Do the next thing of the script."""
        self.attempts.append(idempotency_key)
        act = self.script.pop(0) if self.script else None
        if isinstance(act, Exception):
            raise act
        receipt = Receipt(external_id=str(idempotency_key)) if act is None else await act()
        self.ledger.append(Written(key=idempotency_key, kind=kind, record=record))
        return receipt

    async def find_written(self, *, idempotency_key: EffectKey) -> Receipt | None:
        """Look into the ledger."""
        self.searches.append(idempotency_key)
        known = any(one.key == idempotency_key for one in self.ledger)
        return Receipt(external_id="found") if known and self.findable else None

    async def probe(self) -> str:
        """Be there."""
        return "scripted"

    def committed_then(self, error: Exception, effect: Effect) -> Act:
        """Return an act that writes and then loses the answer."""

        async def act() -> Receipt:
            self.ledger.append(Written(key=effect.key, kind=effect.kind, record=effect.record))
            raise error

        return act


@dataclass(slots=True)
class Rig:
    """The worker under test and what happened."""

    db: Database
    clock: HandClock
    worker: Worker
    receipts: list[tuple[Effect, Receipt]]
    running: asyncio.Task[None]

    async def put(self, *effects: Effect) -> None:
        """Store effects as the pipeline does, and wake the worker."""
        await self.db.write(lambda conn: [outbox.enqueue(conn, one) for one in effects])
        self.worker.wake()

    async def row(self, effect: Effect) -> outbox.StoredEffect:
        """Return one row of the outbox."""
        found = await self.db.read(lambda conn: outbox.get_effect(conn, effect.key))
        assert found is not None
        return found

    async def reaches(self, effect: Effect, state: outbox.EffectState) -> outbox.StoredEffect:
        """Wait until an effect is in a state."""
        return await self.until(lambda: self.row(effect), lambda row: row.state is state)

    async def waits(self, effect: Effect) -> outbox.StoredEffect:
        """Wait until an effect was tried and waits for its next try."""
        return await self.until(
            lambda: self.row(effect),
            lambda row: row.state is outbox.EffectState.PENDING and row.cause is not None,
        )

    async def until(self, ask: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> T:
        """Ask until the answer is good; fail after twenty seconds."""
        for _ in range(4000):
            answer = await ask()
            if good(answer):
                return answer
            await asyncio.sleep(0.005)
        raise AssertionError(answer)

    def later(self, seconds: float) -> None:
        """Let time pass for clock and worker."""
        self.clock.forward(seconds)
        self.worker.wake()


@asynccontextmanager
async def worker_rig(
    db: Database,
    writers: Mapping[str, CrmWriter],
    *,
    capabilities: CrmCapabilities = TIER_A,
    breaker: BreakerPolicy = PATIENT,
    limits: LaneLimits | None = None,
    clock: HandClock | None = None,
    node: str = "a",
    listeners: Sequence[Callable[[Effect, Receipt], None]] = (),
    planners: Mapping[str, Planner] | None = None,
) -> AsyncIterator[Rig]:
    """Run a worker whose time is an hour after the calls and whose dice always show zero."""
    clock = clock or HandClock(MORNING + timedelta(hours=1))
    receipts: list[tuple[Effect, Receipt]] = []

    def heard(effect: Effect, receipt: Receipt) -> None:
        receipts.append((effect, receipt))
        for listener in listeners:
            listener(effect, receipt)

    worker = Worker(
        db,
        {name: (capabilities, writer) for name, writer in writers.items()},
        clock,
        node,
        heard,
        options=WorkerOptions(breaker=breaker, lane=limits or LaneLimits()),
        dice=lambda: 0.0,
        planners=planners,
    )
    async with asyncio.TaskGroup() as group:
        running = group.create_task(worker.run())
        yield Rig(db=db, clock=clock, worker=worker, receipts=receipts, running=running)
        worker.stop()
        running.cancel()
