"""What the entry point `rest` gives to the worker and the configuration."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from pydantic import BaseModel

from crm_sync.connectors.rest.cautions import live_words
from crm_sync.connectors.rest.directory import RestDirectory
from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.rest.trial import try_out
from crm_sync.connectors.trial import Caution, Sample, Trial
from gateway.core.crm import CrmDirectory
from gateway.core.ports import Clock, CrmCapabilities, CrmWriter, HttpClient, Tier
from gateway.core.record import CallRecord
from gateway.core.writing import Creation

TIERS = {"header": Tier.A, "own_id": Tier.A, "marker": Tier.B, "none": Tier.C}


@dataclass(frozen=True, slots=True, kw_only=True)
class RestPlugin:
    """The connector for `kind = "rest"`."""

    kind: str = "rest"
    settings_model: type[RestSettings] = RestSettings
    capabilities: CrmCapabilities = field(
        default=CrmCapabilities(tier=Tier.C, updates=False, search_lag_s=None)
    )
    """What can be promised without knowing the description."""

    def capabilities_of(self, settings: RestSettings) -> CrmCapabilities:
        """Return what this description promises: its tier follows from its idempotency."""
        call = settings.call
        tier = TIERS[call.idempotency]
        return CrmCapabilities(
            tier=tier,
            updates=call.update is not None,
            search_lag_s=call.search_lag_s if tier is Tier.B else None,
            tasks=settings.task is not None,
            creates=frozenset(
                creation
                for creation, table in (
                    (Creation.CONTACT, settings.contact),
                    (Creation.LEAD, settings.lead),
                )
                if table is not None
            ),
        )

    def open(self, settings: RestSettings, http: HttpClient, clock: Clock) -> CrmWriter:
        """Return the writer of one `[[crm]]` table; ConfigError if its secret is not usable."""
        return RestWriter(settings, http, clock)

    def open_directory(
        self, settings: RestSettings, http: HttpClient, clock: Clock
    ) -> CrmDirectory | None:
        """Return the people of one `[[crm]]` table, None if it tells neither list nor search."""
        if not settings.mirror.list and not settings.search:
            return None
        return RestDirectory(settings, http, clock)

    async def try_out(
        self,
        settings: BaseModel,
        http: HttpClient,
        clock: Clock,
        record: CallRecord,
        samples: Sequence[Sample] = (),
    ) -> Trial:
        """Show sign-in, search and the requests that would be written; write nothing."""
        return await try_out(cast("RestSettings", settings), http, clock, record, samples)

    def cautions(self, settings: BaseModel) -> Sequence[Caution]:
        """Return what is doubtful in a valid description."""
        return live_words(cast("RestSettings", settings))


plugin = RestPlugin()
