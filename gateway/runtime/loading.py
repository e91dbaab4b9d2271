"""Reading the configuration file: every mistake in it is reported at once, with its remedy."""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError

from crm_sync.connectors.settings import ConnectorSettings
from gateway.core.errors import ConfigError
from gateway.core.trunks import TrunkRef
from gateway.runtime import plugins
from gateway.runtime.calendar_mistakes import calendar_mistakes
from gateway.runtime.configured_forms import form_problems
from gateway.runtime.mistakes import explain, suggestion
from gateway.runtime.settings import PREFIX, GatewaySettings, PbxSettings, Settings
from gateway.runtime.settings_trunks import TrunkKeys

DEFAULT_PATHS: Final = (Path("filodiretto.toml"), Path("/etc/filodiretto/filodiretto.toml"))
DEFAULT_KINDS: Final = {"pbx": "asterisk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A valid configuration: the common part, and each PBX and CRM in its plugin's own model."""

    settings: Settings
    pbxs: tuple[PbxSettings, ...] = ()
    crms: tuple[ConnectorSettings, ...] = ()
    sip_trunks: Mapping[str, TrunkKeys] = field(default_factory=dict)
    path: Path | None = None

    def trunk_keys(self, ref: TrunkRef) -> TrunkKeys:
        """Return what the file says of one trunk, the defaults if it has no table."""
        if ref.pbx == ref.name and ref.name in self.sip_trunks:
            return self.sip_trunks[ref.name]
        said = (one for one in self.settings.trunk if (one.pbx, one.name) == (ref.pbx, ref.name))
        return next(said, TrunkKeys())


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
    data, sip_trunks, sip_keys = _apart(data)
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
    keys = _keys(sip_trunks, sip_keys, problems)
    tables["pbx"] = (*tables["pbx"], *sip_trunks)
    for name, found in tables.items():
        problems += _doubles(name, [str(table.get("name")) for table in found])
    if settings is not None:
        problems += _doubles("team", [team.name for team in settings.team])
        problems += _doubles("inbound", [door.name for door in settings.inbound])
        problems += _doubles("calendar", [one.name for one in settings.calendar])
        problems += calendar_mistakes(settings, keys)
    known = {str(table.get("name")) for table in tables["pbx"]}
    for index, trunk in enumerate(settings.trunk if settings else ()):
        if trunk.pbx not in known:
            problems.append(f'trunk[{index}].pbx: there is no [[pbx]] with name = "{trunk.pbx}"')
    named = cast("tuple[PbxSettings, ...]", pbxs)
    problems += form_problems(settings.trunk if settings else (), named)
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
        sip_trunks=keys,
        path=path,
    )


def _apart(
    data: Mapping[str, Any],
) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    """Take the trunks out that have an adapter of their own: calls come from them as from a PBX.

    What every kind of trunk may say is not the adapter's: it comes apart from the rest.
    """
    sip = [table for table in _tables(data, "trunk") if table.get("kind") == "sip"]
    rest = [table for table in _tables(data, "trunk") if table.get("kind") != "sip"]
    ours = TrunkKeys.model_fields
    keys = [{key: value for key, value in table.items() if key in ours} for table in sip]
    sip = [{key: value for key, value in table.items() if key not in ours} for table in sip]
    return ({**data, "trunk": rest} if sip else data), sip, keys


def _keys(
    tables: Sequence[Mapping[str, Any]], keys: Sequence[Mapping[str, Any]], problems: list[str]
) -> Mapping[str, TrunkKeys]:
    found = {}
    for index, (table, own) in enumerate(zip(tables, keys, strict=True)):
        try:
            found[str(table.get("name"))] = TrunkKeys.model_validate(own)
        except ValidationError as error:
            problems += explain(error, TrunkKeys, f"trunk[{index}]")
    return found


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
