"""One attempt at one effect: search or write, and what its result means."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from crm_sync.breaker import Breaker
from crm_sync.planning import Planned, Unwanted
from crm_sync.retry import (
    Attempt,
    Decision,
    Delivered,
    Drop,
    Park,
    Retry,
    RetryPolicy,
    SearchFirst,
    decide,
    must_ask_a_person,
)
from crm_sync.steady import SteadyTime
from gateway.core.errors import AdapterError, AmbiguousError, RejectedError, StoreError
from gateway.core.ports import CrmCapabilities, CrmWriter, Receipt, Tier
from gateway.store.outbox import Leased

log = structlog.get_logger(__name__)

STORE_PAUSE: Final = timedelta(seconds=1)
NOT_FOUND_YET = "An earlier attempt may have been done; the CRM is searched first."
NOBODY_KNOWS = "An earlier attempt may have been done, and this CRM cannot be asked. Look there."
TOO_FRESH = "The CRM's search may not find yet what was written of this call a moment ago."

Planning = Callable[[Leased], Awaitable[Planned | Unwanted | None]]


class Delivery:
    """Knows one connector's promise; keeps no state but the breaker's."""

    def __init__(
        self,
        name: str,
        capabilities: CrmCapabilities,
        writer: CrmWriter,
        *,
        time: SteadyTime,
        breaker: Breaker,
        policy: RetryPolicy,
        dice: Callable[[], float],
        attempt_s: float,
        plan: Planning,
    ) -> None:
        self._name = name
        self._capabilities = capabilities
        self._writer = writer
        self._time = time
        self._breaker = breaker
        self._policy = policy
        self._dice = dice
        self._attempt_s = attempt_s
        self._plan = plan

    async def attempt(self, leased: Leased) -> Decision:
        """Try once and return what becomes of the effect; never raises but when cancelled."""
        if leased.last_ambiguous and must_ask_a_person(self._capabilities):
            self._breaker.abandoned()
            return Park(cause=NOBODY_KNOWS)
        searchable = self._searchable_at(leased)
        if searchable is not None:
            self._breaker.abandoned()
            return searchable
        planned = await self._planned(leased)
        if isinstance(planned, Drop | Retry):
            self._breaker.abandoned()
            return planned
        # gather gives whatever is raised as a value: a mistake in one connector must neither end
        # the worker nor be taken for an answer
        [result] = await asyncio.gather(self._limited(leased, planned), return_exceptions=True)
        if isinstance(result, Receipt):
            if self._breaker.succeeded():
                log.info("crm.recovered_link", connector=self._name)
            return Delivered(receipt=result)
        return self._judge(leased, result)

    def _searchable_at(self, leased: Leased) -> SearchFirst | None:
        """Tier B: wait until what an earlier attempt wrote can be found."""
        lag_s = self._capabilities.search_lag_s
        if self._capabilities.tier is not Tier.B or not leased.last_ambiguous or lag_s is None:
            return None
        tried_at = leased.tried_at or leased.effect.occurred_at
        at = tried_at + timedelta(seconds=lag_s)
        return SearchFirst(at=at, cause=NOT_FOUND_YET) if at > self._time.now() else None

    async def _planned(self, leased: Leased) -> Planned | Drop | Retry | None:
        """Return how the effect is written, or why not now, or not at all."""
        try:
            planned = await self._plan(leased)
        except StoreError as error:
            later = self._time.now() + STORE_PAUSE
            return Retry(at=later, cause=error.message)
        if isinstance(planned, Unwanted):
            return Drop(cause=planned.cause)
        return self._fresh(planned) or planned

    def _fresh(self, planned: Planned | None) -> Retry | None:
        """Tier B: wait until the record of an earlier effect of the call can be found."""
        lag_s = self._capabilities.search_lag_s
        written_at = planned.written_at if planned is not None else None
        if self._capabilities.tier is not Tier.B or lag_s is None or written_at is None:
            return None
        at = written_at + timedelta(seconds=lag_s)
        if at <= self._time.now():
            return None
        return Retry(at=at, cause=TOO_FRESH)

    async def _limited(self, leased: Leased, planned: Planned | None) -> Receipt:
        try:
            async with asyncio.timeout(self._attempt_s):
                return await self._send(leased, planned)
        except TimeoutError as error:
            raise AmbiguousError(
                "The CRM took too long over this call.",
                adapter=self._name,
                remedy="It is tried again by itself; if it stays so, look at the CRM's load.",
            ) from error

    async def _send(self, leased: Leased, planned: Planned | None) -> Receipt:
        effect = leased.effect
        # what follows on a record looks for it by itself, and finding it is not yet bringing it
        # up to date
        follows = planned is not None and planned.plan.follows
        if leased.last_ambiguous and self._capabilities.tier is Tier.B and not follows:
            found = await self._writer.find_written(idempotency_key=effect.key)
            if found is not None:
                return found
        return await self._writer.write(
            effect.record if planned is None else planned.record,
            idempotency_key=effect.key,
            kind=effect.kind,
            occurred_at=effect.occurred_at,
            plan=None if planned is None else planned.plan,
        )

    def _judge(self, leased: Leased, result: BaseException) -> Decision:
        now = self._time.now()
        if not isinstance(result, AdapterError):
            log.error(
                "crm.connector_failed",
                connector=self._name,
                error=type(result).__name__,
                where=_where(result),
            )
            result = RejectedError(
                "The connector made a mistake with this call; it may or may not be written.",
                adapter=self._name,
                remedy="Look in the CRM and report the log entry crm.connector_failed.",
                detail=type(result).__name__,
            )
        if self._breaker.failed(result, now):
            log.warning(
                "crm.link_paused", connector=self._name, cause=self._breaker.state(now).cause
            )
        return decide(
            result,
            attempt=Attempt(number=leased.attempt, at=now, waiting_since=leased.effect.occurred_at),
            capabilities=self._capabilities,
            policy=self._policy,
            dice=self._dice,
        )


def _where(error: BaseException) -> str:
    """Return file and line; the text of a foreign error may hold a customer's data."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
