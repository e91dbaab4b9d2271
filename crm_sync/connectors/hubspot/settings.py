"""One `[[crm]]` table of kind "hubspot"."""

from types import MappingProxyType
from typing import Final, Literal

from pydantic import Field

from crm_sync.connectors.settings import UsersSettings
from gateway.core.record import Outcome

SEARCH_LAG_S: Final = 60.0
# labels of the call outcomes that every account begins with
USUAL_OUTCOMES: Final = MappingProxyType(
    {
        Outcome.ANSWERED: "Connected",
        Outcome.VOICEMAIL: "Left voicemail",
        Outcome.ABANDONED: "No answer",
        Outcome.MISSED: "No answer",
        Outcome.BUSY: "Busy",
        Outcome.REJECTED: "No answer",
    }
)


class HubSpotSettings(UsersSettings):
    """Which account: `secret` is the access token of a private app, `pat-…`."""

    kind: Literal["hubspot"] = "hubspot"
    """Which connector reads this table."""
    url: str = Field(default="https://api.hubapi.com", max_length=2000)
    """Where HubSpot's interface is; the token says which account."""
    unique_property: str = Field(default="", pattern=r"^([a-z][a-z0-9_]{0,99})?$")
    """Property with unique values that you made for calls and for tasks; makes it tier A."""
    search_lag_s: float = Field(default=SEARCH_LAG_S, ge=0)
    """After how many seconds a new call is surely found by HubSpot's search."""
    search_per_s: float = Field(default=4.0, gt=0)
    """Searches a second; HubSpot counts them apart from other requests."""
    rate_per_s: float = Field(default=9.0, gt=0)
    """Requests a second: 100 in 10 s for a private app of the smallest account."""
    burst: int = Field(default=50, ge=1)
    """Requests at once."""
    users: dict[str, str] = Field(default_factory=dict)
    """E-mail address (or owner id) of each extension, `{ "1002" = "anna@example.com" }`."""
    outcomes: dict[Outcome, str] = Field(default_factory=lambda: dict(USUAL_OUTCOMES))
    """Label of the call outcome in HubSpot for what the network did."""
