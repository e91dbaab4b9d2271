"""One `[[trunk]]` table of kind "sip": a provider's account, or a hosted PBX's."""

import ipaddress
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from adapters.sip.caller import CallerSource
from gateway.core.errors import ConfigError

PLACEHOLDER = "CHANGE_ME"


class SipSettings(BaseModel):
    """What is to be known of one trunk; `name` is part of every call's identity."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Literal["sip"] = "sip"
    """Which adapter reads this table."""
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")
    """What calls, pages and logs call this trunk; renaming it makes new calls of old ones."""
    registrar: str = Field(default="", max_length=253)
    """Where to register: a name or an address, with `:port` if it is not 5060.

    Empty for a trunk that is authenticated by its addresses (`allow_from`).
    """
    username: str = Field(default="", max_length=80)
    """The account's user name; it should be one of its own (docs/trunks.md)."""
    login: str = Field(default="", max_length=80)
    """The name to sign in with, where the provider gave another than `username`."""
    secret: SecretStr | None = Field(default=None, min_length=1)
    """The account's password; prefer `secret_file`."""
    secret_file: Path | None = None
    """A file that holds the password alone."""
    listen: str = "0.0.0.0:5062"
    """Address and UDP port for the calls."""
    allow_from: tuple[str, ...] = ()
    """Addresses or networks that may send calls; empty: those of the registrar."""
    shared: bool = False
    """Whether other phones register with this account too: without it their presence stops us."""
    expires_s: int = Field(default=120, ge=30, le=3600)
    """For how long one registration is asked for."""
    rings: tuple[str, ...] = ()
    """Extensions whose phones ring with this trunk: their people get the pops."""
    caller: CallerSource = CallerSource.AUTO
    """Which header the caller's number is taken from."""
    plain_cancel: Literal["abandoned", "answered"] = "abandoned"
    """What it means that a call is taken back without a reason (docs/trunks.md)."""
    gives_up_s: float | None = Field(default=None, ge=1, le=600)
    """After how long the telephone system stops ringing; taken back then without a reason, a call
    was missed."""
    ring_limit_s: float = Field(default=180.0, ge=5, le=3600)
    """After how long a call that is never taken back counts as missed."""
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    """Country of the numbers (ISO 3166); default: the gateway's."""
    area_code: str | None = Field(default=None, pattern=r"^\d{1,6}$")
    """Area code put before local numbers."""

    @property
    def outside_prefix(self) -> str | None:
        """Nobody dials through a trunk of this kind."""
        return None

    @property
    def peers(self) -> dict[str, str]:
        """A trunk leads to no PBX of ours."""
        return {}

    @property
    def presentation_query(self) -> str:
        """SIP itself tells what may be shown."""
        return ""

    @property
    def bind(self) -> tuple[str, int]:
        """Return address and port to listen on."""
        host, _, port = self.listen.rpartition(":")
        return host, int(port)

    @property
    def server(self) -> tuple[str, int]:
        """Return name and port of the registrar, ("", 0) without one."""
        if not self.registrar:
            return "", 0
        host, colon, port = self.registrar.partition(":")
        return host, int(port) if colon else 5060

    @field_validator("listen", "registrar")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, colon, port = value.partition(":")
        good = not colon or (port.isascii() and port.isdigit() and int(port) <= 65535)  # noqa: PLR2004
        if value and (not host or not good or ":" in port):
            raise ValueError('write an IPv4 address or a name, and a port: "192.0.2.10:5060"')
        return value

    @field_validator("allow_from")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ipaddress.ip_network(one)
            except ValueError as error:
                raise ValueError(f'"{one}" is no address or network like "192.0.2.0/24"') from error
        return value

    @model_validator(mode="before")
    @classmethod
    def _no_placeholder(cls, data: Any) -> Any:  # noqa: ANN401  # whatever TOML holds
        for key, value in data.items() if isinstance(data, dict) else ():
            if isinstance(value, str) and PLACEHOLDER in value:
                raise ValueError(f"{key} still holds the placeholder {PLACEHOLDER}")
        return data

    @model_validator(mode="after")
    def _account_or_addresses(self) -> Self:
        if ":" not in self.listen or self.listen.endswith(":0"):
            # A registration outlives the process: after a restart it must be the same place.
            raise ValueError('listen needs an address and a fixed port, like "0.0.0.0:5062"')
        if not self.registrar and not self.allow_from:
            raise ValueError(
                "needs a registrar to register at, or allow_from for a trunk that sends calls"
                " to our address without a registration"
            )
        if self.registrar and not self.username:
            raise ValueError("username is missing: the account to register")
        secrets = (self.secret is not None) + (self.secret_file is not None)
        if self.registrar and secrets != 1:
            raise ValueError("needs exactly one of secret and secret_file")
        return self

    def password(self) -> str:
        """Return the password, read anew each time; "" for a trunk without a registration.

        Raises ConfigError if its file cannot be used.
        """
        if self.secret is not None:
            return self.secret.get_secret_value()
        if self.secret_file is None:
            return ""
        where = f"trunk.{self.name}.secret_file"
        try:
            text = self.secret_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"The password file {self.secret_file} cannot be read.",
                where=where,
                remedy="Create it, readable for the user Filodiretto runs as, "
                "with the password alone.",
            ) from error
        if not text or PLACEHOLDER in text:
            raise ConfigError(
                f"The password file {self.secret_file} is empty or still holds the placeholder.",
                where=where,
                remedy="Write the password of the SIP account into it.",
            )
        return text
