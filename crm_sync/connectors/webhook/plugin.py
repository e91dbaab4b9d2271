"""What the entry point `webhook` gives to the worker and the configuration."""

from dataclasses import dataclass, field

from crm_sync.connectors.webhook.link import WebhookWriter
from crm_sync.connectors.webhook.settings import WebhookSettings
from gateway.core.ports import Clock, CrmCapabilities, CrmWriter, HttpClient, Tier
from gateway.core.writing import Creation


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPlugin:
    """The connector for `kind = "webhook"`."""

    kind: str = "webhook"
    settings_model: type[WebhookSettings] = WebhookSettings
    capabilities: CrmCapabilities = field(
        default=CrmCapabilities(tier=Tier.A_STAR, tasks=True, creates=frozenset(Creation))
    )

    def capabilities_of(self, settings: WebhookSettings) -> CrmCapabilities:  # noqa: ARG002
        """Return the promise: the same for every table of this kind."""
        return self.capabilities

    def open(self, settings: WebhookSettings, http: HttpClient, clock: Clock) -> CrmWriter:
        """Return the writer of one `[[crm]]` table; ConfigError if its secret is not usable."""
        return WebhookWriter(settings, http, clock)


plugin = WebhookPlugin()
