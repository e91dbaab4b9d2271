"""Every route: its policy, its errors, its headers; and what each person may read."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from aiohttp import ClientResponse, web
from structlog.testing import capture_logs
from support.desk import MARTA, inbound
from support.web import WebBench

from gateway.core.errors import ConfigError, StoreCause, StoreError
from gateway.core.ids import EffectKey, effect_key
from gateway.core.ports import Effect, LinkPhase, LinkState
from gateway.core.record import CallRecord, CallState, Outcome, Party, Presentation
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.database import Database
from gateway.store.gaps import open_gap
from gateway.store.mirror import MirrorBusy
from gateway.store.outbox import dead, enqueue, lease
from gateway.web.app import ROUTES, create_app
from gateway.web.routes import Route
from gateway.web.services import Degraded

NOW = datetime.now(UTC).replace(microsecond=0)
OPEN = {
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/docs"),
    ("GET", "/api/v1/openapi.json"),
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/session"),
    ("POST", "/api/v1/session/totp"),
    ("POST", "/api/v1/setup"),
    ("GET", "/api/v1/session/oidc"),
    ("GET", "/api/v1/session/oidc/callback"),
    ("POST", "/api/v1/crms/{id}/changed"),
    ("POST", "/api/v1/inbound/{id}"),
    ("GET", "/api/v1/inbound/{id}"),
}
CLOSED = [route for route in ROUTES if (route.method, route.path) not in OPEN]


async def problem(answer: ClientResponse) -> str:
    """Return the last word of a problem's type, after checking that it is a whole problem."""
    assert answer.content_type == "application/problem+json"
    body = orjson.loads(await answer.read())
    assert set(body) - {"errors"} == {"type", "title", "status", "detail"}
    assert body["status"] == answer.status
    assert "Traceback" not in body["detail"]
    return str(body["type"].rpartition(":")[2])


async def store(bench: WebBench, root: str, minutes: int = 5, **changes: Any) -> CallRecord:  # noqa: ANN401
    """Store an ended call, by default one that Anna answered."""
    known: dict[str, Any] = {
        "rung": (("1001",),),
        "answered_by": "1001",
        "outcome": Outcome.ANSWERED,
        "state": CallState.ENDED,
        "started_at": NOW - timedelta(minutes=minutes),
    }
    record = inbound(root, **(known | changes))
    await bench.db.write(lambda conn: save_call(conn, record, state=None))
    return record


async def effect(bench: WebBench, record: CallRecord) -> EffectKey:
    """Put an effect of a call into the outbox."""
    key = effect_key(record.id, "odoo", "call.ended", 0)
    one = Effect(
        key=key,
        connector="odoo",
        kind="call.ended",
        ordinal=0,
        record=record,
        occurred_at=NOW,
        not_before=NOW,
    )
    await bench.db.write(lambda conn: enqueue(conn, one))
    return key


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: f"{route.method} {route.path}")
async def test_stranger_gets_nothing_but_the_door(bench: WebBench, route: Route) -> None:
    """Every address that is not meant for everybody asks who one is."""
    path = route.path.replace("{id}", str(uuid4())).replace("{name}", "hq:carrier")
    answer = await bench.client.request(route.method, bench.url + path)
    assert answer.status == 401
    assert await problem(answer) == "not-signed-in"


async def test_route_without_a_policy_stops_the_start(bench: WebBench) -> None:
    """A forgotten policy must not be an open door."""

    async def forgotten(request: web.Request) -> web.Response:
        return web.Response(text=str(request.path))

    app = create_app(bench.services)
    app.router.add_get("/api/v1/forgotten", forgotten)
    runner = web.AppRunner(app)
    with pytest.raises(ConfigError) as caught:
        await runner.setup()
    assert caught.value.where.endswith(" /api/v1/forgotten")
    await runner.cleanup()


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("GET", "/api/v1/calls/17", 404, "not-found"),
        ("GET", f"/api/v1/calls/{uuid4()}", 404, "not-found"),
        ("GET", "/api/v1/contacts/x", 404, "not-found"),
        ("POST", "/api/v1/outbox/17/retry", 404, "not-found"),
        ("POST", f"/api/v1/outbox/{uuid4()}/retry", 409, "conflict"),
        ("PATCH", "/api/v1/calls", 405, "method-not-allowed"),
        ("GET", "/api/v1/calls?limit=x", 422, "invalid"),
        ("GET", "/api/v1/calls?limit=-1", 422, "invalid"),
        ("GET", "/api/v1/calls?limit=0", 422, "invalid"),
        ("GET", "/api/v1/calls?outcom=missed", 422, "invalid"),
        ("GET", "/api/v1/calls?limit=9999", 422, "invalid"),
        ("GET", "/api/v1/calls?outcome=great", 422, "invalid"),
        ("GET", "/api/v1/calls?from=yesterday", 422, "invalid"),
        ("GET", "/api/v1/calls?from=2026-11-21T10:00:00", 422, "invalid"),
        ("GET", "/api/v1/calls?cursor=nonsense", 422, "bad-cursor"),
        ("GET", "/api/v1/calls?updated_after=x", 422, "invalid"),
        ("GET", "/api/v1/match", 422, "invalid"),
        ("GET", "/api/v1/match?number=" + "1" * 81, 422, "invalid"),
        ("GET", "/api/v1/outbox?state=lost", 422, "invalid"),
    ],
)
async def test_mistake_is_answered_with_cause_and_remedy(
    bench: WebBench, method: str, path: str, status: int, kind: str
) -> None:
    """A program can tell errors apart by type, a person by the sentence."""
    answer = await bench.client.request(method, bench.url + path, headers=bench.bearer("sara"))
    assert answer.status == status
    assert await problem(answer) == kind


async def test_wrong_method_says_which_are_allowed(bench: WebBench) -> None:
    """RFC 9110 section 15.5.6."""
    answer = await bench.client.put(bench.url + "/healthz", headers=bench.bearer("sara"))
    assert answer.headers["Allow"] == "GET,HEAD"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "kind"),
    [
        (b"a=1", "application/x-www-form-urlencoded", 415, "wrong-media-type"),
        (b"{}", "text/plain", 415, "wrong-media-type"),
        (b"{", "application/json", 400, "not-json"),
        (b"[]", "application/json", 400, "not-json"),
        (b"\xff", "application/json", 400, "not-json"),
        (b'"' + b"x" * 70_000 + b'"', "application/json", 413, "too-large"),
    ],
)
async def test_body_that_is_no_small_json_object_is_refused(
    bench: WebBench, body: bytes, content_type: str, status: int, kind: str
) -> None:
    """Forms of other sites cannot send JSON without asking; huge bodies fill no memory."""
    headers = {"Content-Type": content_type}
    answer = await bench.client.post(bench.url + "/api/v1/session", data=body, headers=headers)
    assert answer.status == status
    assert await problem(answer) == kind


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (rb'{"name": "a\u0000"}', "#/name"),
        (rb'{"numbers": [{"number": "06"}, {"number": "\u0000"}]}', "#/numbers/1/number"),
        (rb'{"fields": {"a\u0000": "b"}}', "#/fields"),
    ],
)
async def test_text_that_no_database_stores_is_pointed_at(
    bench: WebBench, body: bytes, pointer: str
) -> None:
    """PostgreSQL has no place for U+0000; what one agent sends must not look like its outage."""
    headers = bench.bearer("anna") | {"Content-Type": "application/json"}
    answer = await bench.client.post(f"{bench.url}/api/v1/contacts", data=body, headers=headers)
    assert (answer.status, (await answer.json())["errors"][0]["pointer"]) == (422, pointer)
    shown = rb'{"name": "\\u0000"}'
    answer = await bench.client.post(f"{bench.url}/api/v1/contacts", data=shown, headers=headers)
    assert answer.status == 201


async def test_unexpected_fault_is_500_without_a_word_about_the_inside(bench: WebBench) -> None:
    """A traceback is for the log."""
    bench.directory.failure = RuntimeError("secret detail")
    with capture_logs() as logs:
        answer = await bench.get("/api/v1/match?number=1")
    assert [(entry["event"], entry["path"]) for entry in logs] == [
        ("web.request_failed", "/api/v1/match")
    ]
    assert answer.status == 500
    assert "secret" not in await answer.text()
    assert await problem(answer) == "internal"


async def test_store_out_of_order_is_503_with_its_remedy(
    bench: WebBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The administrator reads what to do, the program when to come back."""

    async def broken(db: Database, work: object) -> None:
        raise StoreError("The disk is full: make room.", cause=StoreCause.FULL)

    monkeypatch.setattr(Database, "read", broken)
    answer = await bench.get("/api/v1/calls")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"
    assert orjson.loads(await answer.read())["detail"] == "The disk is full: make room."


async def test_ready_only_when_everything_is_there(bench: WebBench) -> None:
    """A load balancer sends nobody to a gateway that knows nothing yet."""
    bench.ready.lacking.append("pbx hq: first snapshot")
    answer = await bench.client.get(bench.url + "/readyz")
    assert answer.status == 503
    assert await problem(answer) == "not-ready"
    assert (await bench.client.get(bench.url + "/healthz")).status == 200
    bench.ready.lacking.clear()
    assert (await (await bench.client.get(bench.url + "/readyz")).json())["status"] == "ready"
    since = datetime.now(UTC) - timedelta(seconds=90)
    bench.ready.weak.append(Degraded(part="crm odoo", cause="no answer", since=since))
    body = await (await bench.client.get(bench.url + "/readyz")).json()
    assert body["status"] == "degraded"
    assert body["degraded"][0]["part"] == "crm odoo"
    assert 90 <= body["degraded"][0]["age_s"] < 100


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/me", "/nothing"])
async def test_every_answer_carries_the_security_headers(bench: WebBench, path: str) -> None:
    """Errors too: they can be framed and sniffed like anything else."""
    headers = (await bench.client.get(bench.url + path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert "Server" not in headers


async def test_agent_lists_only_calls_of_the_own_extension(bench: WebBench) -> None:
    """Object checks live in the data layer, for lists and for single calls."""
    mine = await store(bench, "2.1")
    other = await store(bench, "2.2", rung=(("1002",),), answered_by="1002")
    assert [item["id"] for item in await bench.items("/api/v1/calls")] == [str(mine.id)]
    assert (await bench.get(f"/api/v1/calls/{mine.id}")).status == 200
    assert (await bench.get(f"/api/v1/calls/{other.id}")).status == 404
    assert len(await bench.items("/api/v1/calls", "sara")) == 2
    assert await bench.items("/api/v1/calls?agent=luca") == []


async def test_withheld_number_is_masked_in_lists_too(bench: WebBench) -> None:
    """The page shows nowhere what the caller hides."""
    hidden = Party(number="3331234567", e164="+393331234567", presentation=Presentation.WITHHELD)
    record = await store(bench, "2.3", caller=hidden)
    for path in ("/api/v1/calls", f"/api/v1/calls/{record.id}"):
        text = await (await bench.get(path, "sara")).text()
        assert '"anonymous"' in text
        assert "3331234567" not in text


async def test_calls_are_filtered_and_paged(bench: WebBench) -> None:
    """Each filter of the list narrows it, and the cursor goes on where the page ended."""
    for number in range(5):
        await store(bench, f"3.{number}", minutes=number)
    await store(bench, "3.9", minutes=60, outcome=Outcome.MISSED, answered_by=None)
    first = await (await bench.get("/api/v1/calls?limit=4")).json()
    rest = await (await bench.get(f"/api/v1/calls?limit=4&cursor={first['next']}")).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (4, 2, None)
    assert len(await bench.items("/api/v1/calls?outcome=missed")) == 1
    hour_ago = (NOW - timedelta(minutes=30)).isoformat()
    assert len(await bench.items(f"/api/v1/calls?from={hour_ago}")) == 5
    assert len(await bench.items(f"/api/v1/calls?to={hour_ago}")) == 1
    assert len(await bench.items("/api/v1/calls?number=333 123 4567&queue=Assistenza")) == 6
    assert await bench.items("/api/v1/calls?state=live") == []


async def test_changes_can_be_followed_by_number(bench: WebBench) -> None:
    """A program that syncs asks for what changed since the last time."""
    for number in range(3):
        await store(bench, f"4.{number}")
    page = await (await bench.get("/api/v1/calls?updated_after=0&limit=2", "sara")).json()
    assert len(page["items"]) == 2
    again = f"/api/v1/calls?updated_after=0&limit=2&cursor={page['next']}"
    rest = await (await bench.get(again, "sara")).json()
    assert len(rest["items"]) == 1
    done = await (await bench.get(f"/api/v1/calls?updated_after={rest['updated_after']}")).json()
    assert done["items"] == []


async def test_match_explains_itself_whatever_way_the_number_is_written(bench: WebBench) -> None:
    """Whoever asks why a name appeared gets the steps."""
    for written in ("%2B39 333 1234567", "+39 333 1234567", "333/1234567", "00393331234567"):
        body = await (await bench.get(f"/api/v1/match?number={written}")).json()
        assert body["number"]["e164"] == "+393331234567"
        assert body["match"]["kind"] == "exact"
        assert len(body["match"]["steps"]) == 3
        assert body["contact"]["name"] == "Marta Bellandi"


async def test_match_asks_the_store_while_the_mirror_is_busy(bench: WebBench) -> None:
    """REST may wait for what a pop may not."""
    bench.directory.failure = MirrorBusy("busy")
    body = await (await bench.get("/api/v1/match?number=3331234567")).json()
    assert body["match"]["kind"] == "none"


async def test_contacts_are_listed_found_and_shown(bench: WebBench) -> None:
    """The simple form of the directory."""
    await bench.db.write(lambda conn: save_contacts(conn, [MARTA]))
    (listed,) = await bench.items("/api/v1/contacts")
    assert listed["name"] == "Marta Bellandi"
    shown = await (await bench.get(f"/api/v1/contacts/{listed['id']}")).json()
    assert shown == listed
    assert await bench.items("/api/v1/contacts?number=3330000000") == []
    assert await bench.items("/api/v1/contacts?number=201") == []


async def test_receipts_are_those_of_the_own_calls(bench: WebBench) -> None:
    """An agent sees whether the own call was written, not what others did."""
    mine = await store(bench, "5.1")
    other = await store(bench, "5.2", rung=(("1002",),), answered_by="1002")
    key = await effect(bench, mine)
    await effect(bench, other)
    (listed,) = await bench.items("/api/v1/outbox")
    assert (listed["id"], listed["state"], listed["receipt"]) == (str(key), "pending", None)
    assert len(await bench.items(f"/api/v1/outbox?call={mine.id}")) == 1
    assert await bench.items(f"/api/v1/outbox?call={other.id}") == []
    assert len(await bench.items("/api/v1/outbox", "sara")) == 2
    first = await (await bench.get("/api/v1/outbox?limit=1", "sara")).json()
    rest = await bench.items(f"/api/v1/outbox?limit=1&cursor={first['next']}", "sara")
    assert [item["id"] for item in rest] == [str(key)]
    assert await bench.items("/api/v1/outbox?state=dead", "sara") == []


async def test_dead_letter_is_retried_by_who_may(bench: WebBench) -> None:
    """The supervisor has the button, the agent has not; the worker is woken."""
    key = await effect(bench, await store(bench, "5.3"))

    def refused(conn: Any) -> None:  # noqa: ANN401 - a store connection
        lease(conn, owner="w", now=NOW, limit=1, lease_s=30, connectors=["odoo"])
        dead(conn, key, "unknown field")

    await bench.db.write(refused)
    (listed,) = await bench.items("/api/v1/outbox?state=dead", "sara")
    assert listed["cause"] == "unknown field"
    url = f"{bench.url}/api/v1/outbox/{key}/retry"
    assert (await bench.client.post(url, headers=bench.bearer("anna"))).status == 403
    assert (await bench.client.post(url, headers=bench.bearer("sara"))).status == 202
    assert bench.woken == [True]
    (listed,) = await bench.items("/api/v1/outbox", "sara")
    assert listed["state"] == "pending"


async def test_links_and_gaps_are_told_in_words(bench: WebBench) -> None:
    """What is not known is shown as not known."""
    down = LinkState(
        pbx="hq", phase=LinkPhase.DOWN, since=NOW, cause="Refused.", remedy="Start Asterisk."
    )
    bench.services.links.report(down)
    (link,) = await bench.items("/api/v1/pbxs")
    assert (link["phase"], link["remedy"]) == ("down", "Start Asterisk.")
    assert link["words"] == {"en": {"cause": "Refused.", "remedy": "Start Asterisk."}}
    await bench.db.write(lambda conn: open_gap(conn, "hq", NOW))
    (gap,) = await bench.items("/api/v1/gaps", "sara")
    assert (gap["pbx"], gap["to"], gap["unknown"]) == ("hq", None, True)
    assert await bench.items("/api/v1/gaps?pbx=branch", "sara") == []


async def test_agents_are_listed_with_their_extensions(bench: WebBench) -> None:
    """So that a page can write a name where a record has a number."""
    people = {item["login"]: item for item in await bench.items("/api/v1/agents")}
    assert people["anna"]["extensions"] == [{"pbx": "hq", "extension": "1001"}]
    assert people["luca"]["extensions"] == [{"pbx": None, "extension": "1002"}]


async def test_head_asks_like_get(bench: WebBench) -> None:
    """Load balancers ask with HEAD."""
    assert (await bench.client.head(bench.url + "/healthz")).status == 200
    assert (await bench.client.head(bench.url + "/api/v1/me")).status == 401
