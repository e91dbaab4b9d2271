"""What every connector must do with a call that is told at the ring and at the end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import entry_points
from zoneinfo import ZoneInfo

import pytest
from support.connector_rigs import REAL, ConnectorRig, kind_of, variants
from support.crm_records import MORNING, HandClock, answered, effect
from support.peer_http import Received
from support.worker_rig import Rig, worker_rig

from crm_sync.http import GuardedHttp
from crm_sync.planning import Planner
from crm_sync.policy import Moment, Policy
from crm_sync.wording import Wording
from gateway.core.ports import CrmCapabilities, CrmWriter, Effect
from gateway.core.record import CallRecord, CallState
from gateway.runtime.clock import SystemClock
from gateway.store.database import Database
from gateway.store.outbox import EffectState

PLUGINS = {point.name: point.load() for point in entry_points(group="filodiretto.connectors")}
ROME = ZoneInfo("Europe/Rome")
every_connector = pytest.mark.parametrize(
    "connector",
    [
        pytest.param(name, marks=(pytest.mark.integration,) if kind_of(name) in REAL else ())
        for name in variants(PLUGINS)
        if name != "webhook"  # it posts each telling: making one record of them is the receiver's
    ],
)
pytestmark = pytest.mark.timeout(120)


def ringing(ended: CallRecord) -> CallRecord:
    """Return a call as it was while it rang."""
    return replace(
        ended,
        state=CallState.LIVE,
        outcome=None,
        answered_by=None,
        final_talker=None,
        answered_at=None,
        ended_at=None,
    )


def capabilities_of(rig: ConnectorRig, connector: str) -> CrmCapabilities:
    """Return what this rig's settings promise; those without updates hear of the end alone."""
    plugin = PLUGINS[kind_of(connector)]
    found: CrmCapabilities = plugin.capabilities_of(plugin.settings_model.model_validate(rig.table))
    return found


@pytest.fixture
async def writer(rig: ConnectorRig, connector: str) -> AsyncIterator[CrmWriter]:
    """Give the connector, opened as the daemon opens it."""
    async with GuardedHttp(adapter="crm", allow_private=True, total_s=2.0) as http:
        plugin = PLUGINS[kind_of(connector)]
        settings = plugin.settings_model.model_validate(rig.table)
        yield plugin.open(settings, http, SystemClock())


async def delivered(worker: Rig, one: Effect) -> EffectState:
    """Wait until an effect is settled, letting pauses pass."""
    await worker.put(one)
    async with asyncio.timeout(60):
        while True:
            row = await worker.row(one)
            if row.settled_at is not None:
                return row.state
            if row.state is EffectState.PENDING:
                worker.later(60)
            await asyncio.sleep(0.05)


@every_connector
async def test_ring_and_end_are_one_call(
    rig: ConnectorRig, connector: str, writer: CrmWriter, db: Database
) -> None:
    """Though the CRM made the record at the ring and its answer never came."""
    capabilities = capabilities_of(rig, connector)
    if not capabilities.updates:
        return  # the configuration refuses to tell it anything but the end
    lost, record = False, answered("w.1")

    async def fate(request: Received) -> bool:
        nonlocal lost
        lose = rig.is_write(request) and not lost
        lost = lost or lose
        return not lose

    rig.front.default = rig.served(fate)
    policy = Policy(when=Moment.RING)
    wording = Wording("crm", policy, zone=ROME, language="it")
    planner = Planner(policy, wording, own=lambda _e164: None, zone=ROME)
    clock = HandClock(MORNING + timedelta(hours=1))
    async with worker_rig(
        db,
        {"crm": writer},
        capabilities=capabilities,
        clock=clock,
        planners={"crm": planner},
    ) as worker:
        for one in (effect(ringing(record), kind="call.started"), effect(record)):
            assert await delivered(worker, one) is EffectState.DELIVERED
    assert len(await rig.calls()) == 1
