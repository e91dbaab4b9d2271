"""A back-fill with everything around it: a history that fails when told to, calls that are up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from support.crm_records import answered

from gateway.core.errors import TransientError
from gateway.core.ids import CallId, call_id
from gateway.core.ports import Recalled
from gateway.core.record import CallRecord, EndKind
from gateway.runtime.backfill import BackFill
from gateway.runtime.gaps import GapRecorder
from gateway.store import calls, effects, gaps
from gateway.store.calls import CallFilter
from gateway.store.database import Connection, Database

PBX = "pbx"
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GAP = timedelta(minutes=7)


def found(root: str = "1795290244.12", **changes: object) -> Recalled:
    """Return a call as CEL tells it."""
    record = answered(root)
    record = replace(
        record,
        id=call_id(PBX, root),
        pbx=PBX,
        linkedid=root,
        sources=("cel",),
        end=EndKind.BACKFILLED,
        started_at=NOON,
        ended_at=NOON + timedelta(minutes=1),
    )
    return Recalled(record=replace(record, **changes), channels=(root,))  # type: ignore[arg-type]


@dataclass
class Written:
    """A history that holds what the test wrote, and fails when told to."""

    source: str = "cel"
    pages: list[Sequence[Recalled]] = field(default_factory=list)
    failures: int = 0
    asked: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)

    async def since(
        self, mark: datetime, *, open_calls: Collection[str] = ()
    ) -> AsyncIterator[Sequence[Recalled]]:
        """Yield the pages written so far."""
        self.asked.append((mark, frozenset(open_calls)))
        if self.failures:
            self.failures -= 1
            raise TransientError("The table cannot be read.", adapter="fake", remedy="Start it.")
        for page in self.pages:
            yield page


@dataclass
class Up:
    """A pipeline with calls that are up."""

    live: set[CallId] = field(default_factory=set)
    halves: set[CallId] = field(default_factory=set)
    ending: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    def live_ids(self) -> frozenset[CallId]:
        """Return them."""
        return frozenset(self.live)

    async def caught_up(self) -> None:
        """Wait for the ends that a test has yet to store."""
        for store in self.ending:
            await store()
        self.ending.clear()

    def dressed(self, record: CallRecord) -> CallRecord:
        """Name the line."""
        return replace(record, line="Sales")

    def is_half(self, record: CallRecord) -> bool:
        """Return whether the test says so."""
        return record.id in self.halves


@dataclass
class Rig:
    """Everything around one back-fill."""

    db: Database
    history: Written
    up: Up
    part: BackFill
    recorder: GapRecorder
    woken: list[int]

    async def gap(self) -> None:
        """Let a gap open and close."""
        self.part.opened(PBX, NOON)
        self.part.closed(PBX, NOON + GAP)

    async def until(self, met: Callable[[], Awaitable[object]]) -> None:
        """Wait for something to become true."""
        async with asyncio.timeout(45):
            while not await met():  # noqa: ASYNC110 - the store is asked
                await asyncio.sleep(0.01)

    async def done(self) -> gaps.Gap:
        """Wait until the gap's calls were looked for and return it."""

        async def looked() -> object:
            return [gap for gap in await self.gaps() if gap.source not in {"", "snapshot"}]

        await self.until(looked)
        return (await self.gaps())[0]

    async def gaps(self) -> tuple[gaps.Gap, ...]:
        """Return all gaps."""
        return await self.db.read(gaps.list_gaps)

    async def calls(self) -> tuple[CallRecord, ...]:
        """Return what the store holds."""
        return (await self.db.read(lambda conn: calls.list_calls(conn, CallFilter()))).items

    async def effects(self) -> list[effects.StoredEffect]:
        """Return what waits for the CRM."""
        return list(await self.db.read(_effects))


def _effects(conn: Connection) -> Sequence[effects.StoredEffect]:
    return effects.list_effects(conn).items
