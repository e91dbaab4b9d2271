"""What the entry point `hubspot` gives to the worker and the configuration."""

from dataclasses import dataclass, field, replace

from crm_sync.connectors.hubspot.directory import HubSpotDirectory
from crm_sync.connectors.hubspot.link import HubSpotWriter
from crm_sync.connectors.hubspot.settings import SEARCH_LAG_S, HubSpotSettings
from gateway.core.crm import CrmDirectory
from gateway.core.ports import Clock, CrmCapabilities, CrmWriter, HttpClient, Tier
from gateway.core.writing import Creation

PROMISE = CrmCapabilities(
    tier=Tier.B, search_lag_s=SEARCH_LAG_S, tasks=True, creates=frozenset(Creation)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSpotPlugin:
    """The connector for `kind = "hubspot"`."""

    kind: str = "hubspot"
    settings_model: type[HubSpotSettings] = HubSpotSettings
    capabilities: CrmCapabilities = field(default=PROMISE)
    """What can be promised without a unique property."""

    def capabilities_of(self, settings: HubSpotSettings) -> CrmCapabilities:
        """Return the promise: A with a unique property, else B."""
        if settings.unique_property:
            return replace(self.capabilities, tier=Tier.A, search_lag_s=None)
        return replace(self.capabilities, search_lag_s=settings.search_lag_s)

    def open(self, settings: HubSpotSettings, http: HttpClient, clock: Clock) -> CrmWriter:
        """Return the writer of one `[[crm]]` table; ConfigError if its secret is not usable."""
        return HubSpotWriter(settings, http, clock)

    def open_directory(
        self, settings: HubSpotSettings, http: HttpClient, clock: Clock
    ) -> CrmDirectory:
        """Return the people of one `[[crm]]` table, for the mirror."""
        return HubSpotDirectory(settings, http, clock)


plugin = HubSpotPlugin()
