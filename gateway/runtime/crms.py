"""The CRM side, put together from the configuration: writers, policies, the worker."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from crm_sync.breaker import BreakerPhase
from crm_sync.bucket import TokenBucket
from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.http import GuardedHttp
from crm_sync.planning import Planner, Plans
from crm_sync.policies import all_effects, due_by
from crm_sync.policy import Policy
from crm_sync.wording import Wording
from crm_sync.worker import Worker
from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.errors import ConfigError
from gateway.core.events import CallEvent
from gateway.core.ports import Clock, CrmCapabilities, CrmWriter, Effect, Receipt
from gateway.runtime import plugins
from gateway.runtime.settings import Settings
from gateway.store.database import Database
from gateway.store.mirror import Own, no_own_numbers
from gateway.web.services import Degraded

UTC: Final = ZoneInfo("UTC")


def policy_of(settings: ConnectorSettings) -> Policy:
    """Return what a CRM hears of calls; ConfigError for what its connector cannot keep."""
    capabilities = plugins.connector(settings.kind).capabilities_of(settings)
    try:
        return settings.policy.policy(capabilities)
    except ValueError as error:
        where = f"crm.{settings.name}.policy"
        raise ConfigError(str(error), where=where, remedy="See docs/policies.md.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What policies know of the place: which numbers are ours, its time zone, when it is open."""

    own: Own = no_own_numbers
    zone: ZoneInfo = UTC
    calendars: CalendarBook = NO_CALENDARS


def site_of(settings: Settings, *, own: Own, calendars: CalendarBook) -> Site:
    """Return the place that a configuration describes."""
    return Site(own=own, zone=ZoneInfo(settings.gateway.timezone), calendars=calendars)


def planner_of(settings: ConnectorSettings, site: Site) -> Planner:
    """Return what plans a CRM's effects; ConfigError for a template that cannot be read."""
    policy = policy_of(settings)
    wording = Wording(settings.name, policy, zone=site.zone, language=settings.language)
    return Planner(policy, wording, own=site.own, zone=site.zone, calendars=site.calendars)


def keep_days_of(crms: Sequence[ConnectorSettings]) -> dict[str, int]:
    """Return how long what was sent is kept, for the CRMs whose policy says so."""
    return {crm.name: days for crm in crms if (days := crm.policy.keep_days) is not None}


def open_http(settings: ConnectorSettings, clock: Clock, stack: AsyncExitStack) -> GuardedHttp:
    """Return one CRM's HTTP client within its limits; `stack` closes it."""
    bucket = TokenBucket(rate_per_s=settings.rate_per_s, burst=settings.burst, clock=clock)
    http = GuardedHttp(adapter=settings.name, allow_private=settings.allow_private, bucket=bucket)
    stack.push_async_callback(http.close)
    return http


async def open_writer(
    settings: ConnectorSettings, clock: Clock, stack: AsyncExitStack
) -> tuple[CrmCapabilities, CrmWriter]:
    """Return a connector's promise and its writer, whose HTTP client `stack` closes."""
    return writer_of(settings, open_http(settings, clock, stack), clock)


def writer_of(
    settings: ConnectorSettings, http: GuardedHttp, clock: Clock
) -> tuple[CrmCapabilities, CrmWriter]:
    """Return a connector's promise and its writer on a client."""
    plugin = plugins.connector(settings.kind)
    return plugin.capabilities_of(settings), plugin.open(settings, http, clock)


class CrmSide:
    """All configured CRMs; `effects` is what the pipeline asks at each call event."""

    def __init__(
        self,
        worker: Worker,
        policies: dict[str, Policy],
        clock: Clock,
        https: dict[str, GuardedHttp],
    ) -> None:
        self.worker = worker
        self.https = https
        """Each CRM's own client, for whoever else asks it: its limits are the tenant's."""
        self._policies = policies
        self._clock = clock

    @classmethod
    async def open(
        cls,
        crms: Sequence[ConnectorSettings],
        db: Database,
        clock: Clock,
        stack: AsyncExitStack,
        *,
        node: str,
        on_receipt: Callable[[Effect, Receipt], None],
        site: Site,
    ) -> "CrmSide":
        """Open every connector; ConfigError names the table that cannot be used."""
        https = {crm.name: open_http(crm, clock, stack) for crm in crms}
        writers = {crm.name: writer_of(crm, https[crm.name], clock) for crm in crms}
        planners = {crm.name: planner_of(crm, site) for crm in crms}
        worker = Worker(db, writers, clock, node, on_receipt, planners=planners)
        policies = {name: one.policy for name, one in planners.items()}
        return cls(worker, policies, clock, https)

    def register(
        self,
        name: str,
        capabilities: CrmCapabilities,
        writer: CrmWriter,
        *,
        policy: Policy,
        planner: Plans,
    ) -> None:
        """Write to one more connector from now on, without a restart."""
        self.worker.add(name, capabilities, writer, planner=planner)
        self._policies[name] = policy

    def unregister(self, name: str) -> None:
        """Write nothing more to a connector that was registered."""
        self._policies.pop(name, None)
        self.worker.remove(name)

    def effects(self, event: CallEvent) -> Sequence[Effect]:
        """Return what the CRMs have to be told because of `event`."""
        if not self._policies:
            return ()
        now = self._clock.now()
        return [due_by(effect, now) for effect in all_effects(event, self._policies)]

    def paused(self) -> Sequence[Degraded]:
        """Return the CRMs that do not answer."""
        return tuple(
            Degraded(part=f"crm {name}", cause=state.cause, since=state.since)
            for name, state in self.worker.states().items()
            if state.phase is not BreakerPhase.CLOSED and state.since is not None
        )
