"""What the entry point `salesforce` gives to the worker and the configuration."""

from dataclasses import dataclass, field

from crm_sync.connectors.salesforce.directory import SalesforceDirectory
from crm_sync.connectors.salesforce.link import SalesforceWriter
from crm_sync.connectors.salesforce.settings import SalesforceSettings
from gateway.core.crm import CrmDirectory
from gateway.core.ports import Clock, CrmCapabilities, CrmWriter, HttpClient, Tier
from gateway.core.writing import Creation

PROMISE = CrmCapabilities(tier=Tier.A, tasks=True, creates=frozenset(Creation))


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforcePlugin:
    """The connector for `kind = "salesforce"`."""

    kind: str = "salesforce"
    settings_model: type[SalesforceSettings] = SalesforceSettings
    capabilities: CrmCapabilities = field(default=PROMISE)

    def capabilities_of(self, settings: SalesforceSettings) -> CrmCapabilities:  # noqa: ARG002
        """Return the promise: the same for every table of this kind."""
        return self.capabilities

    def open(self, settings: SalesforceSettings, http: HttpClient, clock: Clock) -> CrmWriter:
        """Return the writer of one `[[crm]]` table; ConfigError if its secret is not usable."""
        return SalesforceWriter(settings, http, clock)

    def open_directory(
        self, settings: SalesforceSettings, http: HttpClient, clock: Clock
    ) -> CrmDirectory:
        """Return the people of one `[[crm]]` table, for the mirror."""
        return SalesforceDirectory(settings, http, clock)


plugin = SalesforcePlugin()
