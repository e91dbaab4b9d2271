"""One `[[crm]]` table of kind "webhook"."""

from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from crm_sync.connectors.policy_table import PolicyTable
from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.connectors.webhook.signature import key_of
from gateway.core.errors import ConfigError


class WebhookSettings(ConnectorSettings):
    """Where calls are posted, and the secret they are signed with (`whsec_…`)."""

    kind: Literal["webhook"] = "webhook"
    """Which connector reads this table."""

    former_secret: SecretStr | None = None
    """The secret before, while the receiver changes over: both sign."""
    policy: PolicyTable = PolicyTable(missed_task=False)
    """Which calls are posted; tasks for missed ones only if `missed_task` says so."""
    rate_per_s: float = Field(default=50.0, gt=0)
    """Calls a second the receiver takes."""
    burst: int = Field(default=100, ge=1)
    """Calls at once."""

    @field_validator("policy")
    @classmethod
    def _tasks_if_asked_for(cls, value: PolicyTable) -> PolicyTable:
        """Send tasks to a receiver only if somebody says that it understands them."""
        wanted = value.missed_task is True
        return value.model_copy(update={"missed_task": wanted})

    @model_validator(mode="after")
    def _usable_secret(self) -> Self:
        for secret in (self.secret, self.former_secret):
            try:
                if secret is not None:
                    key_of(secret.get_secret_value())
            except ConfigError as error:
                raise ValueError(f"{error.message} {error.remedy}") from error
        return self
