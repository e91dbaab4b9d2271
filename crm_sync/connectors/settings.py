"""The keys that every `[[crm]]` table shares; each connector adds its own."""

from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from crm_sync.connectors.policy_table import PolicyTable
from crm_sync.connectors.table import PLACEHOLDER, Table
from gateway.core.errors import ConfigError

__all__ = ["ConnectorSettings", "MirrorTable", "PolicyTable", "Table", "UsersSettings"]


SHORTEST_HOOK_SECRET: Final = 16


class MirrorTable(Table):
    """`mirror`: whether the CRM's contacts, companies and leads come into the directory."""

    enabled: bool = True
    """Bring them in; `false` leaves only the look-up beside the pop."""
    poll_s: float = Field(default=300.0, ge=5, le=86_400)
    """How often it is asked for what changed."""
    sweep_at: str = Field(default="03:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When everything is gone through each night, to find deletions; in UTC."""
    look_up: bool = True
    """Ask the CRM beside the pop for a number that the directory lacks."""
    look_up_per_s: float = Field(default=2.0, gt=0)
    """Look-ups a second; more are left out, they never wait."""
    look_up_burst: int = Field(default=5, ge=1)
    """Look-ups at once."""
    hook_secret: SecretStr | None = Field(default=None, min_length=SHORTEST_HOOK_SECRET)
    """Lets the CRM say "look again"; prefer `hook_secret_file`."""
    hook_secret_file: Path | None = None
    """A file that holds that secret alone."""


class ConnectorSettings(Table):
    """What a connector of any kind may be told."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    """What calls and lists call this CRM; part of every effect's identity."""
    label: str = Field(default="", max_length=40)
    """What people call it; empty: the product's name, else `name`."""
    kind: str
    """Which connector reads this table."""
    url: str = Field(max_length=2000)
    """Where the CRM is reached."""
    secret: SecretStr | None = Field(default=None, min_length=1)
    """Password, key or token; prefer `secret_file`."""
    secret_file: Path | None = None
    """A file that holds the secret alone."""
    allow_private: bool = False
    """Allow addresses of this machine and the local network, and plain HTTP to them."""
    country: str = Field(default="IT", pattern=r"^[A-Z]{2}$")
    """Country of numbers written without a country code; default: the gateway's."""
    language: Literal["it", "en"] = "it"
    """Language of notes; default: the gateway's."""
    policy: PolicyTable = PolicyTable()
    """Which calls are written, and how."""
    mirror: MirrorTable = MirrorTable()
    """How its people come into the directory."""
    rate_per_s: float = Field(default=10.0, gt=0)
    """Requests a second the CRM allows us, on average."""
    burst: int = Field(default=20, ge=1)
    """Requests it allows at once."""

    @field_validator("url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError('write the whole address, like "https://crm.example.com"')
        if parts.username is not None or parts.password is not None:
            raise ValueError(
                "credentials do not belong in an address: use username and secret_file"
            )
        return value

    @model_validator(mode="after")
    def _encrypted_or_private(self) -> Self:
        if self.url.startswith("http:") and not self.allow_private:
            raise ValueError(
                "plain HTTP shows customers' data to the network: use https, or set"
                " allow_private = true for a CRM on the premises"
            )
        return self

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError("needs exactly one of secret and secret_file")
        return self

    def read_secret(self) -> str:
        """Return the secret from where it is (its last line break is dropped).

        Raises ConfigError if the file cannot be read, is empty or still holds the placeholder.
        """
        if self.secret is not None:
            return self.secret.get_secret_value()
        return _secret_in(self.secret_file or Path(), f"crm.{self.name}.secret_file")

    def read_hook_secret(self) -> str | None:
        """Return the secret with which the CRM says "look again", None if it may not.

        Raises ConfigError like `read_secret`.
        """
        table = self.mirror
        if table.hook_secret is not None:
            return table.hook_secret.get_secret_value()
        if table.hook_secret_file is None:
            return None
        where = f"crm.{self.name}.mirror.hook_secret_file"
        secret = _secret_in(table.hook_secret_file, where)
        if len(secret) < SHORTEST_HOOK_SECRET:
            raise ConfigError(
                "The secret is so short that it could be guessed.",
                where=where,
                remedy=f"Write at least {SHORTEST_HOOK_SECRET} characters into the file.",
            )
        return secret


class UsersSettings(ConnectorSettings):
    """The table of a CRM whose users are found by what their extension is mapped to."""

    users: dict[str, str] = Field(default_factory=dict)
    """The user of each extension, by a name of theirs in the CRM."""


def _secret_in(path: Path, where: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The file {path} cannot be read.",
            where=where,
            remedy="Create it, readable for the user Filodiretto runs as; the secret alone.",
        ) from error
    if not text or PLACEHOLDER in text:
        raise ConfigError(
            f"The file {path} is empty or still holds the placeholder.",
            where=where,
            remedy="Write the password or key of the CRM into it.",
        )
    return text
