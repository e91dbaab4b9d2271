"""The CRMs' people in the directory, put together: mirrors, look-ups beside the pop, state."""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Final

from crm_sync.breaker import ConnectorState
from crm_sync.bucket import TokenBucket
from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.mirror.absorber import Absorber
from crm_sync.mirror.beside import Beside, Place
from crm_sync.mirror.engine import CrmMirror
from crm_sync.mirror.guarded import Guarded
from crm_sync.mirror.status import MirrorPhase
from crm_sync.mirror.strangers import Strangers
from gateway.core.crm import CrmDirectory
from gateway.core.errors import UsageError
from gateway.core.events import CallEvent
from gateway.core.matching import MatchResult
from gateway.core.numbers import PhoneNumber
from gateway.core.ports import Clock, HttpClient
from gateway.core.record import time_json
from gateway.runtime import plugins
from gateway.runtime.crms import CrmSide
from gateway.store.database import Database
from gateway.store.kept_away import away
from gateway.store.mirror import Own, no_own_numbers
from gateway.store.mirrored_states import Order, order
from gateway.store.sealing import Sealer
from gateway.web.services import Degraded

Part = tuple[str, Callable[[], Awaitable[None]]]
Find = Callable[[PhoneNumber], MatchResult]
HOOK_HEADER: Final = "x-hook-secret"


def open_directory(
    settings: ConnectorSettings, http: HttpClient, clock: Clock
) -> CrmDirectory | None:
    """Return the people of one CRM, None if its connector or its settings have none."""
    plugin = plugins.connector(settings.kind)
    if not isinstance(plugin, plugins.WithDirectory):
        return None
    inner = plugin.open_directory(settings, http, clock)
    return None if inner is None else Guarded(inner, crm=settings.name)


class MirrorSide:
    """All mirrors; an observer of calls that has unknown callers looked up."""

    def __init__(
        self,
        crm: CrmSide,
        settings: Sequence[ConnectorSettings],
        db: Database,
        clock: Clock,
        *,
        node: str,
        sealer: Sealer,
        find: Find,
        own: Own = no_own_numbers,
        on_change: Callable[[], None],
    ) -> None:
        self._crm = crm
        self._settings = tuple(settings)
        self._db = db
        self._clock = clock
        self._node = node
        self._sealer = sealer
        self._on_change = on_change
        self._mirrors: dict[str, CrmMirror] = {}
        self._secrets: dict[str, str] = {}
        self._beside = Beside((), clock)
        self._strangers = Strangers(find, self._look_up, own)

    def open(self) -> None:
        """Open the directories of all CRMs that have one, on the clients of their writers."""
        places: list[Place] = []
        for settings in self._settings:
            secret = settings.read_hook_secret()
            if secret is not None:
                self._secrets[settings.name] = secret
            directory = open_directory(settings, self._crm.https[settings.name], self._clock)
            if directory is None:
                continue
            absorber = Absorber(
                settings.name,
                settings.country,
                db=self._db,
                clock=self._clock,
                on_change=self._on_change,
                away=partial(away, self._db, self._sealer),
            )
            mirror = CrmMirror(
                settings.mirror, directory, absorber, self._db, self._clock, node=self._node
            )
            self._mirrors[settings.name] = mirror
            if settings.mirror.look_up and directory.capabilities.finds:
                places.append(self._place(settings, directory, absorber, mirror))
        self._beside = Beside(places, self._clock)

    def parts(self) -> Sequence[Part]:
        """Return what runs, by name."""
        mirrors = [(f"mirror.{name}", one.run) for name, one in self._mirrors.items()]
        return (*mirrors, ("look_ups", self._beside.run))

    def observe(self, event: CallEvent) -> None:
        """Have the outside party of a live call looked up if the directory does not know them."""
        if self._mirrors:
            self._strangers.observe(event)

    def degraded(self) -> Sequence[Degraded]:
        """Return the mirrors that do not get on."""
        return tuple(
            Degraded(
                part=f"crm {name} people",
                cause=one.status.cause,
                since=one.status.since,
                remedy=one.status.remedy,
            )
            for name, one in self._mirrors.items()
            if one.status.phase is MirrorPhase.FAILING
        )

    def states(self) -> Sequence[Mapping[str, object]]:
        """Return each CRM with its writer, mirror and look-ups, as JSON."""
        writers = self._crm.worker.states()
        return [
            {
                "name": one.name,
                "kind": one.kind,
                "tier": plugins.connector(one.kind).capabilities_of(one).tier.value,
                "writer": _writer_json(writers[one.name]),
                "mirror": self._mirror_json(one.name),
                "look_ups": self._look_ups_json(one.name),
            }
            for one in self._settings
        ]

    async def sweep(self, name: str, *, confirm: bool) -> None:
        """Order a sweep; UsageError if this CRM has no mirror."""
        mirror = self._mirrors.get(name)
        if mirror is None:
            raise UsageError(
                "There is no mirror of such a CRM.",
                remedy="Name one of those that GET /api/v1/crms lists with a mirror.",
            )
        wanted = Order.CONFIRMED if confirm else Order.SWEEP
        await self._db.write(partial(order, crm=name, wanted=wanted))
        mirror.look_again()

    async def __call__(self, name: str, headers: Mapping[str, str], body: bytes) -> Sequence[str]:  # noqa: ARG002
        """Take a CRM's word that something changed: nothing else of the request is believed.

        Implements `gateway.core.ports.InboundHook`; UsageError for a wrong secret or name.
        """
        secret = self._secrets.get(name, "")
        given = headers.get(HOOK_HEADER, "")
        if not secret or not hmac.compare_digest(secret.encode(), given.encode()):
            raise UsageError(
                "This address or its secret is wrong.",
                remedy="Take both from the [crm.mirror] table of this CRM.",
            )
        mirror = self._mirrors.get(name)
        if mirror is not None:
            mirror.look_again()
        return ("looking again",)

    def _look_up(self, e164: str) -> None:
        self._beside.ask(e164)

    def _place(
        self,
        settings: ConnectorSettings,
        directory: CrmDirectory,
        absorber: Absorber,
        mirror: CrmMirror,
    ) -> Place:
        bucket = TokenBucket(
            rate_per_s=settings.mirror.look_up_per_s,
            burst=settings.mirror.look_up_burst,
            clock=self._clock,
        )
        return Place(
            directory=directory, absorber=absorber, bucket=bucket, sweep=lambda: mirror.sweep_no
        )

    def _mirror_json(self, name: str) -> dict[str, object] | None:
        mirror = self._mirrors.get(name)
        if mirror is None:
            return None
        status = mirror.status
        return {
            "phase": status.phase.value,
            "since": time_json(status.since),
            "cause": status.cause or None,
            "remedy": status.remedy or None,
            "people": status.people,
            "seen": status.seen,
            "per_s": status.per_s,
            "sweep_began_at": time_json(status.sweep_began_at),
            "swept_at": time_json(status.swept_at),
            "polled_at": time_json(status.polled_at),
            "next_at": time_json(status.next_at),
        }

    def _look_ups_json(self, name: str) -> dict[str, int] | None:
        counters = self._beside.counters(name)
        return None if counters is None else asdict(counters)


def _writer_json(state: ConnectorState) -> dict[str, object]:
    return {
        "phase": state.phase.value,
        "cause": state.cause or None,
        "since": time_json(state.since),
        "next_at": time_json(state.until),
    }
