"""Sends what waits in the outbox: one lane per connector, so that none waits for another."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from crm_sync.breaker import BreakerPolicy, ConnectorState
from crm_sync.lane import Lane, LaneLimits
from crm_sync.planning import Plans
from crm_sync.retry import RetryPolicy
from crm_sync.steady import SteadyTime
from gateway.core.errors import StoreError
from gateway.core.ports import Clock, CrmCapabilities, CrmWriter, Effect, Receipt
from gateway.store import outbox
from gateway.store.database import Database

log = structlog.get_logger(__name__)

STORE_PAUSE_S: Final = 1.0
Listener = Callable[[Effect, Receipt], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """How hard the worker tries; the defaults suit every connector."""

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    lane: LaneLimits = field(default_factory=LaneLimits)


class Worker:
    """Delivers effects until stopped. `node` owns the leases: one worker per node at a time.

    `on_receipt` is called after the receipt is durable; what it raises is logged. `dice` gives
    numbers in [0, 1) for the jitter of pauses.
    """

    def __init__(
        self,
        db: Database,
        writers: Mapping[str, tuple[CrmCapabilities, CrmWriter]],
        clock: Clock,
        node: str,
        on_receipt: Listener,
        *,
        options: WorkerOptions | None = None,
        dice: Callable[[], float] = random.random,
        planners: Mapping[str, Plans] | None = None,
    ) -> None:
        self._db = db
        self._node = node
        self._clock = clock
        self._time = SteadyTime(clock)
        self._on_receipt = on_receipt
        self._options = options or WorkerOptions()
        self._dice = dice
        self._stopping = asyncio.Event()
        self._running: asyncio.TaskGroup | None = None
        self._lanes: dict[str, Lane] = {}
        for name, (capabilities, writer) in writers.items():
            self.add(name, capabilities, writer, planner=(planners or {}).get(name))

    def add(
        self,
        name: str,
        capabilities: CrmCapabilities,
        writer: CrmWriter,
        *,
        planner: Plans | None = None,
    ) -> None:
        """Deliver to one more connector, or to one of this name in another way, from now on."""
        self.remove(name)
        lane = Lane(
            name,
            capabilities,
            writer,
            db=self._db,
            clock=self._clock,
            time=self._time,
            owner=self._node,
            on_receipt=self._on_receipt,
            retry=self._options.retry,
            breaker=self._options.breaker,
            limits=self._options.lane,
            dice=self._dice,
            planner=planner,
        )
        self._lanes[name] = lane
        if self._running is not None and not self._stopping.is_set():
            self._running.create_task(lane.run())

    def remove(self, name: str) -> None:
        """Deliver nothing more to a connector; what is in flight ends by itself."""
        lane = self._lanes.pop(name, None)
        if lane is not None:
            lane.stop()

    def wake(self) -> None:
        """Look at the outbox now: something was put into it, or a person said retry."""
        for lane in self._lanes.values():
            lane.wake()

    def stop(self) -> None:
        """Start nothing more; `run` returns when what is in flight has ended or its time is up."""
        self._stopping.set()
        for lane in self._lanes.values():
            lane.stop()

    def states(self) -> Mapping[str, ConnectorState]:
        """Return how each connector does, for health and the page."""
        return {name: lane.state() for name, lane in self._lanes.items()}

    async def run(self) -> None:
        """Deliver until `stop` or cancellation; store and connector failures do not end it."""
        await self._take_back()
        async with asyncio.TaskGroup() as lanes:
            self._running = lanes
            for lane in self._lanes.values():
                lanes.create_task(lane.run())
            await self._stopping.wait()

    async def _take_back(self) -> None:
        """Take over what an earlier life of this node had in flight when it died."""
        while not self._stopping.is_set():
            work = partial(outbox.recover, owner=self._node, now=self._time.now())
            try:
                taken = await self._db.write(work)
            except StoreError as error:
                log.warning("crm.store_refused", cause=error.message, remedy=error.remedy)
                await asyncio.sleep(STORE_PAUSE_S)
            else:
                if taken:
                    log.info("crm.recovered", effects=taken)
                return
