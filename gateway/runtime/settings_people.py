"""The tables of the configuration about people: teams, extensions, the company's own sign-in."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from gateway.core.errors import ConfigError, UsageError
from gateway.store.people import Role, place_of
from gateway.store.teams import Team

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _place(text: str) -> str:
    try:
        place_of(text)
    except UsageError as error:
        raise ValueError('not an extension or queue; write "1001" or "hq:1001"') from error
    return text


Place = Annotated[str, AfterValidator(_place)]


class TeamSettings(Section):
    """`[[team]]`: whose calls its supervisors see, and when its queues are open."""

    name: str = Field(min_length=1, max_length=64)
    queues: tuple[Place, ...] = ()
    members: tuple[str, ...] = ()
    calendar: str = ""

    def team(self) -> Team:
        """Return the team as the roster wants it."""
        return Team(
            name=self.name,
            queues=tuple(place_of(queue) for queue in self.queues),
            members=self.members,
        )


class OidcSettings(Section):
    """`[oidc]`: sign-in by the company's identity provider (OpenID Connect, code with PKCE)."""

    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = Field(default=None, min_length=1)
    client_secret_file: Path | None = None
    label: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    bind_by: Literal["", "preferred_username", "email"] = ""
    create: bool = False
    create_role: Role = Role.AGENT
    groups_claim: str = "groups"
    roles: dict[str, Role] = Field(default_factory=dict)
    clock_skew_s: int = Field(default=60, ge=0, le=300)

    @field_validator("issuer")
    @classmethod
    def _https(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "http" and parts.hostname in LOOPBACK:
            return value
        if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
            raise ValueError('write the address, like "https://login.example.com/realms/office"')
        return value

    @field_validator("scopes")
    @classmethod
    def _openid(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in value:
            raise ValueError('one of the scopes must be "openid"')
        return value

    @model_validator(mode="after")
    def _one_secret_at_most(self) -> "OidcSettings":
        if self.client_secret is not None and self.client_secret_file is not None:
            raise ValueError("needs only one of client_secret and client_secret_file")
        return self

    def secret(self) -> str | None:
        """Return the client's secret, None for a public client; raises ConfigError."""
        if self.client_secret is not None:
            return self.client_secret.get_secret_value()
        if self.client_secret_file is None:
            return None
        try:
            text = self.client_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                "The file with the client's secret cannot be read.",
                where="oidc.client_secret_file",
                remedy="Let the user that runs Filodiretto read it.",
            ) from error
        if not text:
            raise ConfigError(
                "The file with the client's secret is empty.",
                where="oidc.client_secret_file",
                remedy="Put the secret alone into it.",
            )
        return text


Extensions = dict[Place, str | tuple[str, ...]]


def extension_map(written: Extensions) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return `[extensions]` as (pbx, extension) and logins."""
    return {
        place_of(place): (logins,) if isinstance(logins, str) else tuple(logins)
        for place, logins in written.items()
    }
