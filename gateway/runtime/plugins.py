"""Adapters and connectors, found through their entry points; nothing here knows a vendor's name."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, cast, runtime_checkable

from pydantic import BaseModel

from gateway.core.control import OriginateTold
from gateway.core.crm import CrmDirectory
from gateway.core.errors import ConfigError
from gateway.core.findings import Finding
from gateway.core.numbers import NumberPlan
from gateway.core.ports import (
    CallHistory,
    Clock,
    CrmCapabilities,
    CrmWriter,
    HttpClient,
    LinkState,
    MysteryCaller,
    PbxControl,
    PbxSource,
    TrunkMonitor,
)
from gateway.core.trunkforms import (
    Comparison,
    Filled,
    FormField,
    Provider,
    RenderedTrunk,
    TrunkLook,
)

ADAPTERS = "filodiretto.adapters"
CONNECTORS = "filodiretto.connectors"


class AdapterPlugin(Protocol):
    """One kind of telephone system (`[[pbx]] kind`)."""

    @property
    def kind(self) -> str:
        """Its name in the configuration."""

    @property
    def settings_model(self) -> type[BaseModel]:
        """What its tables may hold."""

    @property
    def italian(self) -> Mapping[str, str]:
        """What its errors say in Italian, sentence by sentence."""

    def source(
        self,
        settings: Any,
        clock: Clock,
        report: Callable[[LinkState], None],
    ) -> PbxSource:
        """Return the stream of one PBX; `settings` is an instance of `settings_model`."""

    def history(self, settings: Any, plan: NumberPlan) -> CallHistory | None:
        """Return what the PBX itself wrote about its calls, None if that is not configured."""

    def control(
        self, settings: Any, clock: Clock, told: Callable[[OriginateTold], None]
    ) -> PbxControl | None:
        """Return the hands at one PBX, None if the settings name no user for them."""

    def monitor(self, settings: Any, clock: Clock) -> TrunkMonitor | None:
        """Return who looks after the trunks of one PBX, None if nobody can."""

    async def probe(self, settings: Any, clock: Clock) -> Sequence[Finding]:
        """Look at the PBX without changing it, for `filodiretto check`."""


class ConnectorPlugin(Protocol):
    """One kind of CRM (`[[crm]] kind`)."""

    kind: str
    settings_model: type[BaseModel]
    capabilities: CrmCapabilities
    """What can be promised without knowing the settings."""

    def capabilities_of(self, settings: Any) -> CrmCapabilities:
        """Return what one CRM is promised; `settings` is an instance of `settings_model`."""

    def open(self, settings: Any, http: HttpClient, clock: Clock) -> CrmWriter:
        """Return the writer of one CRM; `settings` is an instance of `settings_model`."""


@runtime_checkable
class WithDirectory(Protocol):
    """A connector plugin whose CRM has people that can be mirrored and asked for."""

    def open_directory(self, settings: Any, http: HttpClient, clock: Clock) -> CrmDirectory | None:
        """Return the people of one CRM, None if its settings describe none."""


class TrunkFormKit(Protocol):
    """Renders, compares and checks the configuration of one kind of PBX's trunks.

    All raise FormError for a form that cannot be rendered and UsageError for an unknown template.
    """

    def fields(self) -> Sequence[FormField]:
        """Return the form's fields in their order."""

    def providers(self) -> Sequence[Provider]:
        """Return the templates."""

    def render(
        self, values: Filled, *, provider: str | None = None, secret: str | None = None
    ) -> RenderedTrunk:
        """Return a trunk as text, with a placeholder unless `secret` is given."""

    def compare(
        self, values: Filled, *, text: str, source: str, provider: str | None = None
    ) -> Comparison:
        """Return how a file's `text` differs from the form."""

    async def look(
        self, settings: Any, clock: Clock, values: Filled, *, provider: str | None = None
    ) -> TrunkLook:
        """Ask a PBX what it has of the trunk, without changing it."""


@runtime_checkable
class WithTrunkForms(Protocol):
    """An adapter plugin whose PBXs' trunks can be rendered from a form."""

    @property
    def trunk_forms(self) -> TrunkFormKit:
        """Who renders them."""


def trunk_forms(kind: str) -> TrunkFormKit | None:
    """Return who renders the trunks of a kind of PBX, None if nobody does."""
    plugin = adapter(kind)
    return plugin.trunk_forms if isinstance(plugin, WithTrunkForms) else None


@runtime_checkable
class WithMysteryCalls(Protocol):
    """An adapter plugin that can place mystery calls through the trunks of its systems."""

    def mystery_caller(self, settings: Any, clock: Clock, hands: Any) -> MysteryCaller | None:
        """Return who places them, None if the settings do not let anybody.

        `hands` is what the plugin's own `control` gave for the same settings.
        """


def all_trunk_forms() -> Sequence[TrunkFormKit]:
    """Return who renders trunks, of every adapter that is installed."""
    kits = [trunk_forms(kind) for kind in sorted(_points(ADAPTERS))]
    return [kit for kit in kits if kit is not None]


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}


@cache
def _load(group: str, kind: str) -> object:
    return _points(group)[kind].load()


def adapter(kind: str) -> AdapterPlugin:
    """Return the adapter of a `[[pbx]] kind`; ConfigError names the ones installed."""
    return cast("AdapterPlugin", _find(ADAPTERS, kind))


def connector(kind: str) -> ConnectorPlugin:
    """Return the connector of a `[[crm]] kind`; ConfigError names the ones installed."""
    return cast("ConnectorPlugin", _find(CONNECTORS, kind))


def _find(group: str, kind: str) -> object:
    known = _points(group)
    if kind not in known:
        raise ConfigError(
            f'kind = "{kind}" is not installed' if kind else "missing",
            where="kind",
            remedy=f"use one of: {', '.join(sorted(known))}",
        )
    return _load(group, kind)
