"""The keys that every `[[crm]]` table shares; each connector adds its own."""

from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from gateway.core.errors import ConfigError
from gateway.core.record import Direction

PLACEHOLDER: Final = "CHANGE_ME"


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _no_placeholder(cls, data: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
        for key, value in data.items() if isinstance(data, dict) else ():
            if isinstance(value, str) and PLACEHOLDER in value:
                raise ValueError(f"{key} still holds the placeholder {PLACEHOLDER}")
        return data


class PolicyTable(Table):
    """`policy`: which calls this CRM hears of."""

    directions: tuple[Direction, ...] = Field(
        default=(Direction.INBOUND, Direction.OUTBOUND), min_length=1
    )
    """Calls of these directions; internal ones only if named here."""
    interest: Literal["all", "known"] = "all"
    """`known`: only calls with people whom the directory knows."""
    when: Literal["end"] = "end"
    """When a call is written."""


class ConnectorSettings(Table):
    """What a connector of any kind may be told."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    """What calls and lists call this CRM; part of every effect's identity."""
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
    """Which calls are written."""
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
        where = f"crm.{self.name}.secret_file"
        try:
            text = Path(self.secret_file or "").read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"The file {self.secret_file} cannot be read.",
                where=where,
                remedy="Create it, readable for the user Filodiretto runs as; the secret alone.",
            ) from error
        if not text or PLACEHOLDER in text:
            raise ConfigError(
                f"The file {self.secret_file} is empty or still holds the placeholder.",
                where=where,
                remedy="Write the password or key of the CRM into it.",
            )
        return text
