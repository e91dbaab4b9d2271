"""The configuration file: one frozen model, every mistake reported at once with its remedy."""

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from crm_sync.connectors.settings import ConnectorSettings
from gateway.core.errors import ConfigError
from gateway.core.numbers import NumberPlan
from gateway.runtime import plugins
from gateway.runtime.mistakes import explain, suggestion
from gateway.runtime.settings_consumers import InboundSettings, WebhooksSettings
from gateway.runtime.settings_desk import DeskSettings
from gateway.runtime.settings_people import Extensions, OidcSettings, Section, TeamSettings
from gateway.runtime.settings_retention import RetentionSettings

DEFAULT_PATHS = (Path("filodiretto.toml"), Path("/etc/filodiretto/filodiretto.toml"))
PREFIX = "FILODIRETTO__"
DEFAULT_KINDS = {"pbx": "asterisk"}
LOOPBACK = re.compile(r"^(127\.\d+\.\d+\.\d+|localhost|\[::1\]|::1)$")
AreaCode = Annotated[str, StringConstraints(pattern=r"^\d{1,6}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


def _known_country(value: str) -> str:
    try:
        return NumberPlan(value).country
    except ConfigError as error:
        raise ValueError('not a country; write its two letters, like "IT"') from error


Country = Annotated[str, AfterValidator(_known_country)]


class GatewaySettings(Section):
    """`[gateway]`: where things are and which country this is."""

    data_dir: Path = Path("/var/lib/filodiretto")
    country: Country = "IT"
    language: Literal["it", "en"] = "it"
    timezone: str = "Europe/Rome"
    node: Name = "a"

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError('not a time zone; write one like "Europe/Rome"') from error
        return value


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


class TrunkSettings(Section):
    """`[[trunk]]`: how the numbers of one of a PBX's trunks are read, if not as the PBX's."""

    name: str
    kind: Literal["asterisk"] = "asterisk"
    pbx: str
    country: Country | None = None
    area_code: AreaCode | None = None


class LineSettings(Section):
    """`[[line]]`: which of our numbers was called."""

    did: str
    label: str
    office: str = ""
    language: str = ""
    greeting: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A valid configuration: the common part, and each PBX and CRM in its plugin's own model."""

    settings: Settings
    pbxs: tuple[PbxSettings, ...] = ()
    crms: tuple[ConnectorSettings, ...] = ()
    path: Path | None = None


def find_file(path: Path | None) -> Path:
    """Return the file to read; ConfigError says where it was looked for."""
    if path is not None:
        if not path.is_file():
            raise ConfigError("there is no such configuration file", where=str(path), remedy=_COPY)
        return path
    for candidate in DEFAULT_PATHS:
        if candidate.is_file():
            return candidate
    raise ConfigError(
        "there is no configuration file",
        where=" or ".join(str(candidate) for candidate in DEFAULT_PATHS),
        remedy=_COPY,
    )


_COPY = "copy config/filodiretto.example.toml there and fill it in, or name a file with -c"


def load(path: Path | None = None) -> Loaded:
    """Read, override from the environment, validate; every mistake is in one ConfigError."""
    path = find_file(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}", where=str(path), remedy=_TOML) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path), remedy=_READ) from error
    return parse(data, path=path)


_TOML = "strings need quotes, tables are [name], repeated tables are [[name]]"
_READ = "the file must be UTF-8 text that the user running Filodiretto may read"


def parse(
    data: Mapping[str, Any], *, path: Path | None = None, model: type[Settings] = Settings
) -> Loaded:
    """Validate a mapping as `load` does a file."""
    problems = list(_unknown_overrides()) if model.overridable else []
    data, sip_trunks = _apart(data)
    try:
        settings = model(**data)
    except ValidationError as error:
        problems += explain(error, Settings, "")
        settings = None
    home = settings.gateway if settings else GatewaySettings()
    tables = {
        name: getattr(settings, name) if settings else _tables(data, name)
        for name in ("pbx", "crm")
    }
    pbxs = _plugin_tables(tables["pbx"], "pbx", plugins.adapter, home, problems)
    crms = _plugin_tables(tables["crm"], "crm", plugins.connector, home, problems)
    pbxs += _plugin_tables(sip_trunks, "trunk", plugins.adapter, home, problems)
    tables["pbx"] = (*tables["pbx"], *sip_trunks)
    for name, found in tables.items():
        problems += _doubles(name, [str(table.get("name")) for table in found])
    if settings is not None:
        problems += _doubles("team", [team.name for team in settings.team])
        problems += _doubles("inbound", [door.name for door in settings.inbound])
    known = {str(table.get("name")) for table in tables["pbx"]}
    for index, trunk in enumerate(settings.trunk if settings else ()):
        if trunk.pbx not in known:
            problems.append(f'trunk[{index}].pbx: there is no [[pbx]] with name = "{trunk.pbx}"')
    if problems or settings is None:
        raise ConfigError(
            "the configuration is not valid:\n" + "\n".join(f"  {line}" for line in problems),
            where=str(path or ""),
            remedy="correct the file; nothing was started",
        )
    return Loaded(
        settings=settings,
        pbxs=cast("tuple[PbxSettings, ...]", pbxs),
        crms=cast("tuple[ConnectorSettings, ...]", crms),
        path=path,
    )


def _apart(
    data: Mapping[str, Any],
) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    """Take the trunks out that have an adapter of their own: calls come from them as from a PBX."""
    sip = [table for table in _tables(data, "trunk") if table.get("kind") == "sip"]
    rest = [table for table in _tables(data, "trunk") if table.get("kind") != "sip"]
    return ({**data, "trunk": rest} if sip else data), sip


def _tables(data: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    tables = data.get(key, ())
    return tables if isinstance(tables, list) and all(isinstance(t, dict) for t in tables) else ()


def _unknown_overrides() -> Iterator[str]:
    """Name the variables that are ours by their prefix and override nothing."""
    known = sorted(Settings.model_fields)
    for variable in sorted(name for name in os.environ if name.upper().startswith(PREFIX)):
        section = variable[len(PREFIX) :].split("__")[0].lower()
        if section not in known:
            yield f"{variable}: unknown section: {suggestion(section, known)}"


def _doubles(table: str, names: Sequence[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f'{table}: two tables have name = "{name}": names are identities, make them differ'


def _plugin_tables(
    tables: Sequence[Mapping[str, Any]],
    name: str,
    find: Callable[[str], Any],
    home: GatewaySettings,
    problems: list[str],
) -> tuple[BaseModel, ...]:
    """Validate each table by the model of its plugin; country and language default to ours."""
    models = []
    for index, table in enumerate(tables):
        where = f"{name}[{index}]"
        try:
            model: type[BaseModel] = find(
                table.get("kind", DEFAULT_KINDS.get(name, ""))
            ).settings_model
            inherited = {
                key: getattr(home, key)
                for key in ("country", "language", "timezone")
                if key in model.model_fields
            }
            models.append(model.model_validate({**inherited, **table}))
        except ValidationError as error:
            problems += explain(error, model, where)
        except ConfigError as error:
            problems.append(f"{where}.{error.where}: {error.message}: {error.remedy}")
    return tuple(models)
