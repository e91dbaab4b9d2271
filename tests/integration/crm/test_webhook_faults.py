"""A webhook receiver with every fault a release survives; judged by what the receiver holds."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook
from support.crm_records import MORNING, HandClock, answered, effect
from support.peer_http import (
    Behaviour,
    PeerServer,
    answer,
    cut,
    drip,
    huge,
    never,
)
from support.worker_rig import worker_rig

from crm_sync.connectors.webhook.plugin import plugin
from crm_sync.connectors.webhook.signature import verify
from crm_sync.http import MAX_BODY_BYTES, GuardedHttp
from gateway.core.ports import CrmWriter
from gateway.runtime.clock import SystemClock
from gateway.store.database import Database
from gateway.store.outbox import EffectState

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
PAGE = b"<!DOCTYPE html><form>Sign in</form>"


@pytest.fixture
async def hook(peer: PeerServer) -> AsyncIterator[CrmWriter]:
    """Give the real writer with a short temper."""
    settings = plugin.settings_model.model_validate(
        {
            "name": "hook",
            "kind": "webhook",
            "url": f"{peer.url}/calls",
            "secret": SECRET,
            "allow_private": True,
        }
    )
    async with GuardedHttp(adapter="hook", allow_private=True, total_s=0.2) as http:
        yield plugin.open(settings, http, SystemClock())


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(answer(500), id="500"),
        pytest.param(answer(502), id="502"),
        pytest.param(answer(503, headers={"Retry-After": "1"}), id="503-retry-after"),
        pytest.param(answer(429, headers={"Retry-After": "1"}), id="429-retry-after"),
        pytest.param(answer(408), id="408"),
        pytest.param(answer(401), id="401"),
        pytest.param(answer(200, PAGE), id="login-page-200"),
        pytest.param(never(), id="commit-then-time-out"),
        pytest.param(cut(), id="commit-then-cut"),
        pytest.param(drip(0.01), id="slow-drip"),
    ],
)
async def test_call_arrives_after_a_fault(
    db: Database, peer: PeerServer, hook: CrmWriter, fault: Behaviour
) -> None:
    """However often it was sent: one id, equal bytes, and each a valid signature."""
    peer.script = [fault, fault, fault]
    one = effect(answered(), connector="hook")
    clock = HandClock(MORNING + timedelta(hours=1))
    async with worker_rig(db, {"hook": hook}, capabilities=plugin.capabilities, clock=clock) as rig:
        await rig.put(one)
        for number in (1, 2, 3):
            await rig.until(lambda: rig.row(one), lambda row, n=number: row.attempts == n)  # type: ignore[misc]  # a bound default
            row = await rig.waits(one)
            assert row.cause
            rig.later(700)
        await rig.reaches(one, EffectState.DELIVERED)
    assert len(peer.requests) == 4
    assert {seen.headers["webhook-id"] for seen in peer.requests} == {str(one.key)}
    assert len({seen.body for seen in peer.requests}) == 1
    for seen in peer.requests:
        assert verify(SECRET, seen.headers, seen.body)["type"] == "call.ended"
        Webhook(SECRET).verify(seen.body, dict(seen.headers))


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        pytest.param(answer(400), "refused this call", id="400"),
        pytest.param(answer(410), "no more calls", id="410"),
        pytest.param(answer(404), "nothing at this address", id="404"),
        pytest.param(answer(302, headers={"Location": "/x"}), "redirects", id="redirect"),
        pytest.param(huge(2 * MAX_BODY_BYTES), "larger than 2 MiB", id="huge-body"),
    ],
)
async def test_call_that_is_refused_is_seen_and_stops_nobody(
    db: Database, peer: PeerServer, hook: CrmWriter, fault: Behaviour, says: str
) -> None:
    """Its cause and a retry wait in the list; the next call goes out."""
    peer.script = [fault]
    bad, good = (effect(answered(root), connector="hook") for root in ("1.1", "1.2"))
    async with worker_rig(db, {"hook": hook}, capabilities=plugin.capabilities) as rig:
        await rig.put(bad)
        row = await rig.reaches(bad, EffectState.DEAD)
        assert row.cause is not None
        assert says in row.cause
        await rig.put(good)
        await rig.reaches(good, EffectState.DELIVERED)
