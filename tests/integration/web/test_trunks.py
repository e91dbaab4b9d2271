"""Trunks over REST and the event stream: state, history, and only to who may read them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from support.web import WebBench, frame, running_web

from gateway.core.record import time_json
from gateway.core.trunks import (
    NO_WORDS,
    AlarmKind,
    ContactStatus,
    RegistrationState,
    TrunkAlarm,
    TrunkContact,
    TrunkFailure,
    TrunkKind,
    TrunkRef,
    TrunkRegistration,
    TrunkState,
)
from gateway.core.trunkwords import NO_ANSWER, call_failed
from gateway.desk.trunks import TrunkDesk, TrunkView
from gateway.store.database import Connection
from gateway.store.trunk_points import TrunkPoint, begin_of, put_point
from gateway.store.trunks import put_state
from gateway.web.services import Services

pytestmark = pytest.mark.integration

REF = TrunkRef(pbx="hq", name="carrier")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WELL = TrunkView(
    ref=REF,
    kind=TrunkKind.ASTERISK,
    state=TrunkState.UP,
    since=NOW,
    words=NO_WORDS,
    registration=TrunkRegistration(state=RegistrationState.REGISTERED, server="far.example"),
    contacts=(
        TrunkContact(address="sip:far.example", status=ContactStatus.REACHABLE, rtt_ms=12.5),
    ),
    channels=2,
    peak_today=5,
    limit=10,
    last_call_at=NOW,
    failure=TrunkFailure(at=NOW, code=503, words=call_failed(34, 503)),
)
DOWN = replace(
    WELL,
    state=TrunkState.DOWN,
    words=NO_ANSWER,
    alarms=(TrunkAlarm(kind=AlarmKind.DOWN, since=NOW, words=NO_ANSWER),),
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give the application with a trunk that is well."""

    def extend(services: Services) -> Services:
        desk = TrunkDesk(services.hub, services.roster, services.clock)
        desk.show(WELL)
        return replace(services, trunks=desk)

    async with running_web(tmp_path, extend=extend) as running:
        yield running


def desk_of(bench: WebBench) -> TrunkDesk:
    """Return the trunks."""
    assert bench.services.trunks is not None
    return bench.services.trunks


async def test_operator_sees_each_trunk_and_an_agent_none(bench: WebBench) -> None:
    """By `PBX:NAME`, or by the name alone as long as only one PBX has it."""
    (trunk,) = await bench.items("/api/v1/trunks", "paula")
    assert (trunk["state"], trunk["channels"]) == ("up", {"now": 2, "peak_today": 5, "limit": 10})
    assert trunk["registration"]["state"] == "registered"
    assert trunk["contacts"] == [
        {"address": "sip:far.example", "status": "reachable", "rtt_ms": 12.5}
    ]
    assert trunk["failure"]["code"] == 503
    assert "SIP 503" in trunk["failure"]["words"]["it"]["cause"]
    assert trunk["test"]["possible"] is False
    for name in ("carrier", "hq:carrier"):
        answer = await bench.get(f"/api/v1/trunks/{name}", "sara")
        assert await answer.json() == trunk
    desk_of(bench).show(replace(WELL, ref=TrunkRef(pbx="branch", name="carrier")))
    assert (await bench.get("/api/v1/trunks/carrier", "paula")).status == 404
    assert (await bench.get("/api/v1/trunks/branch:carrier", "paula")).status == 200
    for path in ("", "/hq:carrier", "/hq:carrier/history"):
        assert (await bench.get(f"/api/v1/trunks{path}", "anna")).status == 403


async def test_change_is_told_to_operators_alone(bench: WebBench) -> None:
    """A page that opens gets the trunks of this moment, then what becomes different."""
    async with await bench.socket("paula") as paula, await bench.socket("anna") as anna:
        hello = await frame(paula)
        first = [await frame(paula) for _ in range(hello["data"]["follow"])]
        assert [one["data"]["state"] for one in first if one["type"] == "trunk.state"] == ["up"]
        desk_of(bench).show(DOWN)
        desk_of(bench).show(DOWN)
        told = await frame(paula)
        assert told["type"] == "trunk.state"
        assert told["data"]["alarms"][0]["words"]["it"]["cause"] == "L'altro capo non risponde."
        desk_of(bench).show(WELL)
        assert (await frame(paula))["data"]["state"] == "up", "the same state was told twice"
        bench.services.hub.publish("anna", "presence", {"items": []}, NOW)
        greeted = await frame(anna)
        types = [(await frame(anna))["type"] for _ in range(greeted["data"]["follow"] + 1)]
        assert "trunk.state" not in types
        assert types[-1] == "presence"


async def test_history_has_the_states_and_figures_of_a_time(bench: WebBench) -> None:
    """With the state that was on when it began; without parameters it is the last day."""

    def write(conn: Connection) -> None:
        put_state(conn, REF, NOW - 3 * HOUR, TrunkState.UP, NO_WORDS)
        put_state(conn, REF, NOW - HOUR, TrunkState.DOWN, NO_ANSWER)
        point = TrunkPoint(
            at=begin_of(NOW - HOUR), watched_s=300, calls=3, failed=1, channels=2, rtt_ms=30.0
        )
        put_point(conn, REF, point)

    await bench.db.write(write)
    span = f"from={quote((NOW - 2 * HOUR).isoformat())}&to={quote((NOW).isoformat())}"
    answer = await bench.get(f"/api/v1/trunks/hq:carrier/history?{span}", "paula")
    history = await answer.json()
    assert history["step_s"] == 300
    assert [(one["state"], one["until"] is None) for one in history["states"]] == [
        ("up", False),
        ("down", True),
    ]
    assert history["states"][1]["words"]["it"]["cause"] == "L'altro capo non risponde."
    assert history["points"] == [
        {
            "at": time_json(begin_of(NOW - HOUR)),
            "rtt_ms": 30.0,
            "channels": 2,
            "calls": 3,
            "failed": 1,
        }
    ]
    assert (await bench.get("/api/v1/trunks/carrier/history", "paula")).status == 200
    wrong = f"from={quote((NOW).isoformat())}&to={quote((NOW - HOUR).isoformat())}"
    assert (await bench.get(f"/api/v1/trunks/carrier/history?{wrong}", "paula")).status == 422
    early = "to=0001-01-01T00:00:00Z"
    assert (await bench.get(f"/api/v1/trunks/carrier/history?{early}", "paula")).status == 422
