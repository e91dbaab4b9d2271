"""One `[[crm]]` table of kind "rest": profile below, the administrator's own keys above."""

from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from crm_sync.connectors.rest.compiled import Compiled
from crm_sync.connectors.rest.mirror_tables import RestMirrorTable
from crm_sync.connectors.rest.profile import overlaid, profile_table
from crm_sync.connectors.rest.record_tables import (
    ContactTable,
    DealTable,
    SearchTable,
    WrittenTable,
)
from crm_sync.connectors.rest.tables import ErrorTable, ExtractTable, RequestTable, SignInTable
from crm_sync.connectors.settings import ConnectorSettings


class RestSettings(ConnectorSettings):
    """A CRM's interface in words: sign-in, searches, requests, and how answers are read."""

    kind: Literal["rest"] = "rest"
    """Which connector reads this table."""
    profile: str = ""
    """A CRM that is described already; keys of this table go before the profile's."""
    timezone: str = "UTC"
    """Zone of times written with `| when`; default: the gateway's."""
    sign_in: SignInTable = SignInTable()
    constants: tuple[ExtractTable, ...] = ()
    """Asked once after the sign-in; what they extract is `constant.NAME`."""
    search: tuple[SearchTable, ...] = ()
    mirror: RestMirrorTable = RestMirrorTable()
    """How its people come into the directory."""
    call: WrittenTable
    task: WrittenTable | None = None
    """Made for an inbound call that nobody took."""
    contact: ContactTable | None = None
    """How an unknown caller becomes a contact; whether: `policy.create`."""
    lead: ContactTable | None = None
    """The same for a lead."""
    deal: DealTable | None = None
    """The open deal or case of whoever calls, if there is exactly one."""
    errors: ErrorTable = ErrorTable()
    probe: RequestTable | None = None
    """A harmless request for `check`; default: the first search, for a number nobody has."""
    note_format: Literal["text", "html"] = "text"
    users: dict[str, str | int] = Field(default_factory=dict)
    """Extension (or "pbx:extension") to the CRM's user."""
    dispositions: dict[str, str] = Field(default_factory=dict)
    """What an agent chose to the CRM's word."""
    maps: dict[str, dict[str, str | int | bool]] = Field(default_factory=dict)
    """Tables of words for `| mapped("name")`; "*" is for all others."""

    @model_validator(mode="before")
    @classmethod
    def _from_profile(cls, data: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
        if not isinstance(data, dict) or not data.get("profile"):
            return data
        return overlaid(profile_table(str(data["profile"])), data)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError('write a zone like "Europe/Rome"') from error
        return value

    @model_validator(mode="after")
    def _tokens_encrypted(self) -> Self:
        path = self.sign_in.token_path
        plain = path.startswith("http://") and self.allow_private
        if path and not (path.startswith(("/", "https://")) or plain):
            raise ValueError(
                "sign_in.token_path: begin with / (it follows url) or https://, so that nobody"
                " reads the secret on its way"
            )
        return self

    @model_validator(mode="after")
    def _task_once(self) -> Self:
        if self.task is not None and "none" in {self.task.idempotency, self.call.idempotency}:
            raise ValueError(
                "task: two records for a call need idempotency for both, so that a lost answer"
                " doubles neither"
            )
        return self

    @model_validator(mode="after")
    def _strangers_found_again(self) -> Self:
        if (self.contact or self.lead) is not None and not self.search:
            raise ValueError(
                "contact and lead need a search: it is what keeps one caller one contact"
            )
        return self

    @model_validator(mode="after")
    def _templates_readable(self) -> Self:
        Compiled(self)
        return self
