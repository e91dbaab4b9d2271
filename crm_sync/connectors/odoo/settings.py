"""One `[[crm]]` table of kind "odoo"."""

from typing import Literal

from pydantic import Field

from crm_sync.connectors.settings import ConnectorSettings


class OdooSettings(ConnectorSettings):
    """Which Odoo, which database in it, and as whom; `secret` is a password or an API key."""

    kind: Literal["odoo"] = "odoo"
    """Which connector reads this table."""
    database: str = Field(min_length=1, max_length=63)
    """Name of the database; a server may hold several."""
    username: str = Field(min_length=1, max_length=254)
    """Login of the account that writes; see docs/crm.md for the groups it needs."""
    rate_per_s: float = Field(default=50.0, gt=0)
    """Requests a second; a call takes three or four."""
    burst: int = Field(default=100, ge=1)
    """Requests at once."""
    users: dict[str, str] = Field(default_factory=dict)
    """Login in Odoo of each extension, `{ "1002" = "anna@example.com" }`; also `"hq:1002"`."""
