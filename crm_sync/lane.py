"""One connector's effects on their way: leased, sent side by side, settled."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import structlog

from crm_sync.breaker import Breaker, BreakerPolicy, ConnectorState
from crm_sync.delivery import Delivery
from crm_sync.planning import Planned, Plans, Unwanted
from crm_sync.retry import (
    Dead,
    Decision,
    Delivered,
    Drop,
    Hold,
    Park,
    Retry,
    RetryPolicy,
    SearchFirst,
)
from crm_sync.steady import SteadyTime
from gateway.core.errors import StoreCause, StoreError
from gateway.core.ports import Clock, CrmCapabilities, CrmWriter, Effect, Receipt, Tier
from gateway.store import outbox
from gateway.store.database import Connection, Database
from gateway.store.outbox import Leased

log = structlog.get_logger(__name__)

T = TypeVar("T")
STORE_PAUSE_S: Final = 1.0
# A timer is never trusted for longer: another process may have put something into the outbox.
LOOK_AGAIN_S: Final = 5.0
SHORTEST_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLimits:
    """How much goes on at once and how long it may take.

    `ahead` times as many effects are leased as go on, where a doubt costs nothing: the worker of
    one that was handed out may have died before it was sent, and nobody knows.
    """

    concurrency: int = 4
    ahead: int = 4
    lease_s: float = 30.0
    attempt_s: float = 90.0
    stop_s: float = 15.0


class Lane:
    """Everything between the outbox and one connector. Owned by `Worker`."""

    def __init__(
        self,
        name: str,
        capabilities: CrmCapabilities,
        writer: CrmWriter,
        *,
        db: Database,
        clock: Clock,
        time: SteadyTime,
        owner: str,
        on_receipt: Callable[[Effect, Receipt], None],
        retry: RetryPolicy,
        breaker: BreakerPolicy,
        limits: LaneLimits,
        dice: Callable[[], float],
        planner: Plans | None = None,
    ) -> None:
        self._name = name
        self._planner = planner
        self._db = db
        self._clock = clock
        self._time = time
        self._owner = owner
        self._on_receipt = on_receipt
        self._limits = limits
        self._breaker = Breaker(breaker, dice)
        self._delivery = Delivery(
            name,
            capabilities,
            writer,
            time=time,
            breaker=self._breaker,
            policy=retry,
            dice=dice,
            attempt_s=limits.attempt_s,
            plan=self._plan,
        )
        doubts_are_free = capabilities.tier in {Tier.A, Tier.A_STAR}
        self._ahead = limits.concurrency * limits.ahead if doubts_are_free else 0
        self._hand: deque[Leased] = deque()
        self._more = False
        self._in_flight: set[str] = set()
        self._wanted = asyncio.Event()
        self._stopping = False
        self._store_trouble = False

    def wake(self) -> None:
        """Look at the outbox now."""
        self._wanted.set()

    def stop(self) -> None:
        """Lease nothing more."""
        self._stopping = True
        self._wanted.set()

    def state(self) -> ConnectorState:
        """Return how the connector does."""
        return self._breaker.state(self._time.now())

    async def run(self) -> None:
        """Deliver until `stop`; then wait for what is in flight, but not for ever."""
        try:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as flights:
                while not self._stopping:
                    self._wanted.clear()
                    found = await self._lease()
                    self._hand.extend(found)
                    self._start(flights)
                    await self._wait()
                await self._give_back()
                limit.reschedule(asyncio.get_running_loop().time() + self._limits.stop_s)
        except TimeoutError:
            log.warning("crm.stragglers", connector=self._name, effects=sorted(self._in_flight))

    def _start(self, flights: asyncio.TaskGroup) -> None:
        """Send what is in hand, as much as may go on at once."""
        while self._hand:
            free = self._limits.concurrency - len(self._in_flight)
            if self._breaker.allowance(self._time.now(), free) <= 0:
                return
            leased = self._hand.popleft()
            key = str(leased.effect.key)
            if key in self._in_flight:  # we slept through our own lease
                continue
            self._in_flight.add(key)
            self._breaker.started()
            flights.create_task(self._fly(leased, flights))

    async def _give_back(self) -> None:
        """Let others send what is in hand; none of it was sent."""
        if self._hand:
            keys = [one.effect.key for one in self._hand]
            self._hand.clear()
            work = partial(outbox.release, owner=self._owner, keys=keys, now=self._time.now())
            await self._try_store(partial(self._db.write, work))

    async def _lease(self) -> list[Leased]:
        now = self._time.now()
        ahead = self._ahead if self._breaker.opens_at() is None else 0
        if not ahead:
            await self._give_back()  # the connector rests, or one effect alone tries
        most = self._breaker.allowance(now, self._limits.concurrency - len(self._in_flight))
        if most <= 0 or len(self._hand) >= max(most, ahead // 4):
            return []
        most += ahead - len(self._hand)
        if not self._more and not await self._is_due(now):
            return []
        work = partial(
            outbox.lease,
            owner=self._owner,
            now=now,
            limit=most,
            lease_s=self._limits.lease_s,
            connectors=(self._name,),
        )
        found = await self._try_store(partial(self._db.write, work)) or []
        self._more = len(found) == most
        return found

    async def _is_due(self, now: datetime) -> bool:
        """Look before asking for the writer: mostly there is nothing."""
        due = await self._try_store(
            partial(self._db.read, partial(outbox.next_due, connectors=(self._name,)))
        )
        return due is not None and due <= now

    async def _wait(self) -> None:
        """Sleep until there may be something to do."""
        pause_s = min(await self._pause_s(), LOOK_AGAIN_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._wanted.wait()

    async def _pause_s(self) -> float:
        now = self._time.now()
        if self._store_trouble:
            return STORE_PAUSE_S
        if len(self._in_flight) >= self._limits.concurrency:
            return LOOK_AGAIN_S
        if self._breaker.allowance(now, 1) == 0:
            opens_at = self._breaker.opens_at() or now
            return (opens_at - now).total_seconds() if opens_at > now else LOOK_AGAIN_S
        if self._more:
            return 0.0
        due = await self._try_store(
            partial(self._db.read, partial(outbox.next_due, connectors=(self._name,)))
        )
        # what is due but was not handed out is locked by another node: do not spin on it
        return LOOK_AGAIN_S if due is None else max(SHORTEST_S, (due - now).total_seconds())

    async def _fly(self, leased: Leased, flights: asyncio.TaskGroup) -> None:
        """Take one effect to its decision while its lease is kept alive."""
        key = leased.effect.key
        try:
            late = self._time.now() > leased.lease_until - timedelta(
                seconds=self._limits.lease_s / 2
            )
            if late and not await self._still_ours(leased):
                self._breaker.abandoned()
                return
            attempt = flights.create_task(self._delivery.attempt(leased))
            while not (await asyncio.wait({attempt}, timeout=self._limits.lease_s / 3))[0]:
                if not await self._still_ours(leased):
                    attempt.cancel()
                    self._breaker.abandoned()
                    log.warning("crm.lease_lost", connector=self._name, effect=str(key))
                    return
            await self._settle(leased, attempt.result())
        finally:
            self._in_flight.discard(str(key))
            self._wanted.set()

    async def _plan(self, leased: Leased) -> Planned | Unwanted | None:
        """Return how the policy has an effect written; None without a policy. Raises StoreError."""
        planner, effect = self._planner, leased.effect
        if planner is None:
            return None
        if not planner.asks_store(effect):
            return planner.plan(effect)
        now = self._time.now()
        return await self._db.read(partial(planner.plan_with_store, leased=leased, now=now))

    async def _still_ours(self, leased: Leased) -> bool:
        key = leased.effect.key
        work = partial(
            outbox.renew,
            owner=self._owner,
            keys=(key,),
            now=self._time.now(),
            lease_s=self._limits.lease_s,
        )
        held = await self._try_store(partial(self._db.write, work))
        return held is None or key in held

    async def _settle(self, leased: Leased, decision: Decision) -> None:
        """Make the decision durable; a store that refuses for a while is waited for."""
        key, owner = leased.effect.key, self._owner
        match decision:
            case Delivered(receipt=receipt):
                at = self._clock.now()
                await self._insist(lambda conn: outbox.delivered(conn, key, receipt, at))
                self._tell(leased.effect, receipt)
            case Retry(at=at, cause=cause, ambiguous=ambiguous):
                await self._insist(
                    lambda conn: outbox.retry_at(
                        conn, key, at, cause, ambiguous=ambiguous, owner=owner
                    )
                )
            case SearchFirst(at=at, cause=cause):
                await self._insist(
                    lambda conn: outbox.retry_at(conn, key, at, cause, ambiguous=True, owner=owner)
                )
            case Hold(cause=cause):
                at = self._breaker.opens_at() or self._time.now()
                await self._insist(lambda conn: outbox.retry_at(conn, key, at, cause, owner=owner))
            case Park(cause=cause):
                await self._insist(lambda conn: outbox.park(conn, key, cause, owner=owner))
            case Dead(cause=cause):
                await self._insist(lambda conn: outbox.dead(conn, key, cause, owner=owner))
            case Drop(cause=cause):
                await self._insist(lambda conn: outbox.unwanted(conn, key, cause, owner=owner))
        self._log(leased, decision)

    def _tell(self, effect: Effect, receipt: Receipt) -> None:
        try:
            self._on_receipt(effect, receipt)
        except Exception:  # a listener's mistake must not undo a delivery
            log.exception("crm.listener_failed", connector=self._name)

    def _log(self, leased: Leased, decision: Decision) -> None:
        facts = {
            "connector": self._name,
            "effect": str(leased.effect.key),
            "call_id": str(leased.effect.record.id),
            "kind": leased.effect.kind,
            "attempt": leased.attempt,
        }
        match decision:
            case Delivered():
                log.info("crm.delivered", **facts)
            case Dead(cause=cause):
                log.error("crm.dead_letter", cause=cause, **facts)
            case Park(cause=cause):
                log.error("crm.parked", cause=cause, **facts)
            case Drop(cause=cause):
                log.info("crm.not_needed", cause=cause, **facts)
            case Retry(cause=cause) | SearchFirst(cause=cause) | Hold(cause=cause):
                log.debug("crm.waits", cause=cause, **facts)

    async def _insist(self, work: Callable[[Connection], T]) -> None:
        while True:
            try:
                await self._db.write(work)
            except StoreError as error:
                self._note_store(error)
                if error.cause is StoreCause.CLOSED:
                    return
                await asyncio.sleep(STORE_PAUSE_S)
            else:
                self._store_trouble = False
                return

    async def _try_store(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Return what the store says, None while it refuses."""
        try:
            answer = await ask()
        except StoreError as error:
            self._note_store(error)
            return None
        self._store_trouble = False
        return answer

    def _note_store(self, error: StoreError) -> None:
        if not self._store_trouble and error.cause is not StoreCause.CLOSED:
            log.error("crm.store_refused", cause=error.message, remedy=error.remedy)
        self._store_trouble = True
