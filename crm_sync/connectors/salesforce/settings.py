"""One `[[crm]]` table of kind "salesforce"."""

from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from crm_sync.connectors.settings import UsersSettings


class SalesforceSettings(UsersSettings):
    """Which org and as whom; `secret` is the private key (jwt) or the consumer secret."""

    kind: Literal["salesforce"] = "salesforce"
    """Which connector reads this table."""
    grant: Literal["jwt", "client_credentials"] = "jwt"
    """How we sign in: with a key of ours, or with the secret of the connected app."""
    client_id: str = Field(min_length=1, max_length=512)
    """Consumer key of the connected app."""
    username: str = Field(default="", max_length=254)
    """The integration user we act as; needed for `jwt`, in the app itself otherwise."""
    audience: str = "https://login.salesforce.com"
    """Where the key's assertion is for; a sandbox has https://test.salesforce.com."""
    api_version: str = Field(default="62.0", pattern=r"^\d{2,3}\.0$")
    """Version of the REST API."""
    external_id_field: str = Field(default="Filodiretto_Id__c", pattern=r"^[A-Za-z]\w{0,76}__c$")
    """Custom field on Activity: Text(36), unique, External ID."""
    status_done: str = "Completed"
    """Status of a call that is over."""
    status_open: str = "Not Started"
    """Status of a task that somebody has to do."""
    timezone: str = "UTC"
    """Zone that says on which day a call was; default: the gateway's."""
    leads: bool = True
    """Also look for leads."""
    deep_search: bool = True
    """Where the search index has nothing, ask for the digits however they are grouped (slower)."""
    users: dict[str, str] = Field(default_factory=dict)
    """Username (or 005… id) of each extension, `{ "1002" = "anna@example.com" }`."""

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError('write a zone like "Europe/Rome"') from error
        return value

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.grant == "jwt" and not self.username:
            raise ValueError("username: write the integration user that the key signs in as")
        return self
