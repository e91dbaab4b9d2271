"""The configuration file: one frozen model, every mistake reported at once with its remedy."""

import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.runtime.settings_calendars import CalendarSettings, known_timezone
from gateway.runtime.settings_consumers import InboundSettings, WebhooksSettings
from gateway.runtime.settings_desk import DeskSettings
from gateway.runtime.settings_people import Extensions, OidcSettings, Section, TeamSettings
from gateway.runtime.settings_retention import RetentionSettings
from gateway.runtime.settings_trunks import Country, TrunkSettings

PREFIX = "FILODIRETTO__"
LOOPBACK = re.compile(r"^(127\.\d+\.\d+\.\d+|localhost|\[::1\]|::1)$")
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class GatewaySettings(Section):
    """`[gateway]`: where things are, which country this is, and when it is open."""

    data_dir: Path = Path("/var/lib/filodiretto")
    country: Country = "IT"
    language: Literal["it", "en"] = "it"
    timezone: Annotated[str, AfterValidator(known_timezone)] = "Europe/Rome"
    node: Name = "a"
    calendar: str = ""


class DatabaseSettings(Section):
    """`[database]`: empty means the embedded SQLite in `data_dir`."""

    url: str = ""

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://")):
            raise ValueError('write "sqlite:////absolute/path.db" or "postgresql://user@host/name"')
        return value


class BusSettings(Section):
    """`[bus]`: how several nodes talk; one node needs none."""

    url: str = "memory:"

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: str) -> str:
        if value != "memory:":
            raise ValueError('only "memory:" works in this version: one node')
        return value


class WebSettings(Section):
    """`[web]`: the page and the API. Plain HTTP is for loopback only."""

    listen: str = "127.0.0.1:8080"
    public_url: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    frame_ancestors: tuple[str, ...] = ()
    require_totp: bool = False
    totp_exempt: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Address to listen on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """TCP port to listen on; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 - a port
            raise ValueError('write an address and a port, like "127.0.0.1:8080"')
        return value

    @field_validator("public_url")
    @classmethod
    def _origin_only(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or parts.path not in {"", "/"}):
            raise ValueError('write scheme and host only, like "https://desk.example.com"')
        return value.rstrip("/")

    @model_validator(mode="after")
    def _plain_only_on_loopback(self) -> "WebSettings":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together")
        if self.tls_cert is None and not LOOPBACK.match(self.host):
            raise ValueError(
                "plain HTTP is refused outside loopback: set tls_cert and tls_key, "
                'or listen on "127.0.0.1:8080" behind a reverse proxy'
            )
        return self


class MetricsSettings(Section):
    """`[metrics]`: off by default."""

    listen: str = ""


class LineSettings(Section):
    """`[[line]]`: which of our numbers was called, and when it is open."""

    did: str
    label: str
    office: str = ""
    language: str = ""
    greeting: str = ""
    calendar: str = ""


class DirectorySettings(Section):
    """`[directory]`: which numbers are nobody's, besides those of `[[line]]`.

    `own_numbers` are ours, whole or with `*` at their end: a call from them is no customer's.
    `ignored` says whether a call from an ignored number pops, with the reason, or not at all.
    """

    own_numbers: tuple[str, ...] = ()
    ignored: Literal["show", "suppress"] = "show"


class Settings(BaseSettings):
    """The whole file, overridden from the environment.

    `pbx` and `crm` hold the tables of the adapters and connectors as they are written.
    """

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__"
    )
    overridable: ClassVar[bool] = True

    gateway: GatewaySettings = GatewaySettings()
    database: DatabaseSettings = DatabaseSettings()
    bus: BusSettings = BusSettings()
    web: WebSettings = WebSettings()
    metrics: MetricsSettings = MetricsSettings()
    pbx: tuple[dict[str, Any], ...] = ()
    trunk: tuple[TrunkSettings, ...] = ()
    calendar: tuple[CalendarSettings, ...] = ()
    line: tuple[LineSettings, ...] = ()
    directory: DirectorySettings = DirectorySettings()
    desk: DeskSettings = DeskSettings()
    retention: RetentionSettings = RetentionSettings()
    team: tuple[TeamSettings, ...] = ()
    extensions: Extensions = Field(default_factory=dict)
    oidc: OidcSettings | None = None
    webhooks: WebhooksSettings = WebhooksSettings()
    inbound: tuple[InboundSettings, ...] = ()
    crm: tuple[dict[str, Any], ...] = ()
    dispositions: tuple[str, ...] = ()

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the store."""
        return self.database.url or f"sqlite:///{self.gateway.data_dir / 'filodiretto.db'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, where it may."""
        return (env_settings, init_settings) if cls.overridable else (init_settings,)


class FixedSettings(Settings):
    """The same, whatever the environment says: for the demonstration, which is nobody's site."""

    overridable: ClassVar[bool] = False


class PbxSettings(Protocol):
    """The keys of `[[pbx]]` that every adapter's model has."""

    @property
    def kind(self) -> str:
        """Which adapter."""

    @property
    def name(self) -> str:
        """Part of every call's identity."""

    @property
    def country(self) -> str | None:
        """ISO 3166; None is the gateway's."""

    @property
    def area_code(self) -> str | None:
        """Put before local numbers."""

    @property
    def outside_prefix(self) -> str | None:
        """Dialled for an outside line."""
