"""What the entry point `odoo` gives to the worker and the configuration."""

from dataclasses import dataclass, field

from crm_sync.connectors.odoo.directory import OdooDirectory
from crm_sync.connectors.odoo.link import OdooWriter
from crm_sync.connectors.odoo.settings import OdooSettings
from gateway.core.crm import CrmDirectory
from gateway.core.ports import Clock, CrmCapabilities, CrmWriter, HttpClient, Tier
from gateway.core.writing import Creation


@dataclass(frozen=True, slots=True, kw_only=True)
class OdooPlugin:
    """The connector for `kind = "odoo"`."""

    kind: str = "odoo"
    settings_model: type[OdooSettings] = OdooSettings
    capabilities: CrmCapabilities = field(
        default=CrmCapabilities(tier=Tier.A, tasks=True, creates=frozenset(Creation))
    )

    def capabilities_of(self, settings: OdooSettings) -> CrmCapabilities:  # noqa: ARG002
        """Return the promise: the same for every table of this kind."""
        return self.capabilities

    def open(self, settings: OdooSettings, http: HttpClient, clock: Clock) -> CrmWriter:
        """Return the writer of one `[[crm]]` table; ConfigError if its secret is not usable."""
        return OdooWriter(settings, http, clock)

    def open_directory(
        self, settings: OdooSettings, http: HttpClient, clock: Clock
    ) -> CrmDirectory | None:
        """Return the contacts, companies and leads of one `[[crm]]` table."""
        return OdooDirectory(settings, http, clock)


plugin = OdooPlugin()
