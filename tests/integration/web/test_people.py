"""People, rights and the audit log as administrators, supervisors and agents meet them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from aiohttp import ClientResponse, ClientWebSocketResponse
from support.store import an_effect, an_ended_call
from support.web import PASSWORD, WebBench, running_web

from gateway.store.calls import save_call
from gateway.store.credentials import create_token
from gateway.store.database import Connection
from gateway.store.outbox import enqueue
from gateway.store.people import Role, User, add_user
from gateway.store.setup_links import create_setup_link
from gateway.store.teams import put_teams
from gateway.web.services import PeopleOptions

NOW = datetime.now(UTC)
ROOT = User(login="root", name="Root", role=Role.ADMIN)
PIA = User(login="pia", name="Pia", role=Role.PRIVACY)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give the usual four people, an administrator and a privacy officer."""
    async with running_web(tmp_path) as bench:
        for user in (ROOT, PIA):
            bench.tokens[user.login] = await bench.db.write(
                lambda conn, user=user: _added(conn, user)  # type: ignore[misc]
            )
        yield bench


def _added(conn: Connection, user: User) -> str:
    add_user(conn, user, password_hash=None, now=NOW)
    return create_token(conn, user.login, now=NOW)[1]


async def send(
    bench: WebBench, method: str, path: str, body: object = None, login: str = "root"
) -> ClientResponse:
    """Send JSON with somebody's token."""
    return await bench.client.request(
        method, f"{bench.url}/api/v1{path}", json=body, headers=bench.bearer(login)
    )


async def slug(answer: ClientResponse) -> str:
    """Return the last word of a problem's type."""
    return str((await answer.json(content_type=None))["type"].rpartition(":")[2])


async def _until_closed(socket: ClientWebSocketResponse) -> None:
    while not (await socket.receive(timeout=30)).type.name.startswith("CLOS"):
        pass


async def sign_in(bench: WebBench, login: str, **more: str) -> ClientResponse:
    """Sign somebody in by password."""
    body = {"username": login, "password": PASSWORD, **more}
    return await bench.client.post(f"{bench.url}/api/v1/session", json=body)


async def test_set_up_link_makes_the_first_administrator_once(bench: WebBench) -> None:
    """No default account: whoever has the link is the administrator, nobody after them."""
    ways = await (await bench.client.get(bench.url + "/api/v1/session")).json()
    assert ways == {"setup": True, "oidc": None, "oidc_url": None}
    secret = await bench.db.write(lambda conn: create_setup_link(conn, now=datetime.now(UTC)))
    body = {"secret": secret, "login": "capo", "name": "Capo", "password": PASSWORD}
    made = await bench.client.post(bench.url + "/api/v1/setup", json=body)
    assert made.status == 201, await made.text()
    cookie = {"Cookie": f"filodiretto={made.cookies['filodiretto'].value}"}
    me = await (await bench.client.get(bench.url + "/api/v1/me", headers=cookie)).json()
    assert (me["login"], me["role"]) == ("capo", "admin")
    again = await bench.client.post(bench.url + "/api/v1/setup", json=body | {"login": "due"})
    assert (again.status, await slug(again)) == (410, "setup-link-over")
    assert (await sign_in(bench, "capo")).status == 200


async def test_administrator_adds_changes_and_shuts_out(office: WebBench) -> None:
    """What changes is felt at once: the person's page closes, their session is over."""
    body = {"login": "ugo", "role": "agent", "extensions": ["hq:1001"], "password": PASSWORD}
    made = await send(office, "POST", "/users", body)
    assert made.status == 201, await made.text()
    assert (await made.json())["shared"] == ["hq:1001"]
    cookie = f"filodiretto={(await sign_in(office, 'ugo')).cookies['filodiretto'].value}"
    own = {"Cookie": cookie, "Origin": office.url}
    socket = await office.client.ws_connect(office.url + "/api/v1/events", headers=own)
    shut_out = send(office, "PATCH", "/users/ugo", {"disabled": True})
    changed, _ = await asyncio.gather(shut_out, _until_closed(socket))
    assert changed.status == 200, await changed.text()
    assert socket.close_code == 4401
    assert (await office.client.get(office.url + "/api/v1/me", headers=own)).status == 401
    assert (await sign_in(office, "ugo")).status == 401
    last = await send(office, "PATCH", "/users/root", {"role": "agent"})
    assert (last.status, await slug(last)) == (409, "last-administrator")
    for login in ("anna", "sara", "paula", "pia"):
        assert (await send(office, "GET", "/users", login=login)).status == 403


async def test_supervisor_of_a_team_sees_its_calls_and_receipts_only(office: WebBench) -> None:
    """Object checks are in the data layer: lists, single records, receipts and retries."""
    mine = an_ended_call(1, rung=(("1001",),), answered_by="1001", final_talker="1001")
    other = an_ended_call(2, rung=(("1002",),), answered_by="1002", final_talker="1002")
    for record in (mine, other):
        effect = an_effect(record)
        await office.db.write(
            lambda conn, record=record: save_call(conn, record, state=None) and None  # type: ignore[misc]
        )
        await office.db.write(lambda conn, effect=effect: enqueue(conn, effect))  # type: ignore[misc]
    assert len(await office.items("/api/v1/calls", "sara")) == 2
    for login in ("anna", "sara"):
        await office.db.write(lambda conn, login=login: put_teams(conn, login, ["north"]))  # type: ignore[misc]
    await office.watch.check_all()
    assert [call["id"] for call in await office.items("/api/v1/calls", "sara")] == [str(mine.id)]
    assert (await office.get(f"/api/v1/calls/{other.id}", "sara")).status == 404
    receipts = await office.items("/api/v1/outbox", "sara")
    assert [receipt["call_id"] for receipt in receipts] == [str(mine.id)]
    hidden = an_effect(other).key
    assert (await send(office, "POST", f"/outbox/{hidden}/retry", login="sara")).status == 409
    assert await office.items("/api/v1/calls", "root") == []
    assert len(await office.items("/api/v1/outbox", "root")) == 2
    (team,) = await office.items("/api/v1/teams", "root")
    assert (team["name"], team["supervisors"], team["configured"]) == ("north", ["sara"], False)


async def test_phone_for_a_day_brings_its_calls_until_it_is_left(office: WebBench) -> None:
    """Hot-desking: who sits there gets the pops; somebody's own phone is not to be had."""
    taken = await send(office, "POST", "/me/extension", {"extension": "2001"}, "anna")
    assert taken.status == 200, await taken.text()
    held = [one for one in (await taken.json())["extensions"] if one["held"]]
    assert [one["extension"] for one in held] == ["2001"]
    assert office.services.roster.who_has("hq", "2001") == ("anna",)
    for body, login in (({"extension": "2001"}, "luca"), ({"extension": "1002"}, "anna")):
        refused = await send(office, "POST", "/me/extension", body, login)
        assert (refused.status, await slug(refused)) == (409, "phone-taken")
    over = {"extension": "2001", "take_over": True}
    assert (await send(office, "POST", "/me/extension", over, "luca")).status == 200
    assert office.services.roster.who_has("hq", "2001") == ("luca",)
    assert (await send(office, "DELETE", "/me/extension", login="luca")).status == 204
    assert (await send(office, "DELETE", "/me/extension", login="luca")).status == 404
    assert office.services.roster.who_has("hq", "2001") == ()
    for outside in ("0612345678", "00390612345678", "3331234567"):  # a customer's: not one's calls
        refused = await send(office, "POST", "/me/extension", {"extension": outside}, "luca")
        assert refused.status == 422
    denied = await send(office, "POST", "/me/extension", {"extension": "2002"}, "paula")
    assert denied.status == 403


async def test_token_never_does_more_than_its_maker(office: WebBench) -> None:
    """A narrow token must not make a wide one, nor change how its owner signs in."""
    made = await send(office, "POST", "/tokens", {"scopes": ["contacts:read"]}, "anna")
    assert made.status == 201, await made.text()
    token = await made.json()
    office.tokens["narrow"] = token["value"]
    wide = await send(office, "POST", "/tokens", {"scopes": ["calls:read"]}, "narrow")
    assert wide.status == 403
    more = await (await send(office, "POST", "/tokens", {}, "narrow")).json()
    assert more["scopes"] == ["contacts:read"]
    assert (await send(office, "POST", "/me/totp", login="narrow")).status == 403
    assert (await send(office, "DELETE", f"/tokens/{token['id']}", login="luca")).status == 404
    assert (await send(office, "DELETE", f"/tokens/{token['id']}", login="anna")).status == 204
    assert (await office.get("/api/v1/contacts", "narrow")).status == 401


async def test_narrow_token_ends_no_other_way_in_of_its_owner(office: WebBench) -> None:
    """A token on a wallboard must not sign its owner out, nor end what else they made."""
    others = await (await send(office, "POST", "/tokens", {}, "anna")).json()
    made = await send(office, "POST", "/tokens", {"scopes": ["calls:read"]}, "anna")
    narrow = await made.json()
    office.tokens["narrow"] = narrow["value"]
    child = await (await send(office, "POST", "/tokens", {}, "narrow")).json()
    assert (await send(office, "DELETE", "/me/sessions", login="narrow")).status == 403
    assert (await send(office, "DELETE", f"/tokens/{others['id']}", login="narrow")).status == 403
    assert (await send(office, "DELETE", f"/tokens/{child['id']}", login="narrow")).status == 204
    assert (await send(office, "DELETE", f"/tokens/{narrow['id']}", login="narrow")).status == 204
    assert (await send(office, "DELETE", "/me/sessions", login="anna")).status == 200


async def test_required_second_factor_is_set_up_at_the_first_sign_in(tmp_path: Path) -> None:
    """Supervisors need it, agents do not; a code counts once, a recovery code too."""
    people = PeopleOptions(require_totp=True)
    async with running_web(
        tmp_path, extend=lambda services: replace(services, people=people)
    ) as bench:
        assert (await sign_in(bench, "anna")).status == 200
        assert await slug(await sign_in(bench, "sara")) == "totp-enrolment-required"
        credentials = {"username": "sara", "password": PASSWORD}
        url = f"{bench.url}/api/v1/session/totp"
        made = await (await bench.client.post(url, json=credentials)).json()
        assert made["uri"].startswith("otpauth://totp/Filodiretto:sara?secret=")
        assert made["qr"].startswith("data:image/svg+xml;base64,")
        code = pyotp.TOTP(made["secret"]).now()
        first = await sign_in(bench, "sara", code=code)
        assert first.status == 200, await first.text()
        codes = (await first.json())["recovery_codes"]
        assert len(set(codes)) == 10
        assert await slug(await sign_in(bench, "sara")) == "totp-required"
        assert await slug(await sign_in(bench, "sara", code=code)) == "totp-wrong"
        assert (await sign_in(bench, "sara", code=codes[0].lower())).status == 200
        assert await slug(await sign_in(bench, "sara", code=codes[0])) == "totp-wrong"
        stored = (tmp_path / "store.db").read_bytes()
        assert made["secret"].encode() not in stored
        assert (await bench.get("/api/v1/me", "sara")).status == 200  # tokens are not asked
        for _ in range(6):
            answer = await sign_in(bench, "sara", code="000000")
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) > 0


async def test_second_factor_of_ones_own_is_asked_until_it_is_given_up(office: WebBench) -> None:
    """Anybody may have one; a lost telephone is an administrator's matter."""
    cookie = (await sign_in(office, "anna")).cookies["filodiretto"].value
    own = {"Cookie": f"filodiretto={cookie}", "Origin": office.url, "X-Filodiretto": "1"}

    async def mine(path: str, body: object = None) -> ClientResponse:
        url = f"{office.url}/api/v1/me/totp{path}"
        return await office.client.post(url, json=body, headers=own)

    assert await slug(await mine("/confirm", {"code": "123456"})) == "totp-not-begun"
    totp = pyotp.TOTP((await (await mine("")).json())["secret"])
    assert (await sign_in(office, "anna")).status == 200  # begun is not confirmed
    assert await slug(await mine("/confirm", {"code": "abcdef"})) == "totp-wrong"
    confirmed = await mine("/confirm", {"code": totp.now()})
    codes = (await confirmed.json())["recovery_codes"]
    assert len(codes) == 10
    assert await slug(await sign_in(office, "anna")) == "totp-required"
    users = {one["login"]: one for one in await office.items("/api/v1/users", "root")}
    assert (users["anna"]["second_factor"], users["luca"]["second_factor"]) == (True, False)
    assert (await mine("/remove", {"code": codes[0]})).status == 204
    assert (await sign_in(office, "anna")).status == 200
    totp = pyotp.TOTP((await (await mine("")).json())["secret"])
    assert (await mine("/confirm", {"code": totp.now()})).status == 200
    assert (await send(office, "DELETE", "/users/anna/totp", login="anna")).status == 403
    assert (await send(office, "DELETE", "/users/anna/totp")).status == 204
    assert (await office.client.get(f"{office.url}/api/v1/me", headers=own)).status == 401
    assert (await sign_in(office, "anna")).status == 200


async def test_audit_tells_who_saw_and_did_what(office: WebBench) -> None:
    """For privacy officers and administrators only, and who reads it stands in it."""
    await sign_in(office, "anna")
    await office.client.post(
        office.url + "/api/v1/session", json={"username": "anna", "password": "wrong"}
    )
    await office.get("/api/v1/calls", "anna")
    await office.get("/api/v1/match?number=0612345678", "anna")
    await send(office, "PATCH", "/users/luca", {"name": "Luca G."})
    for login in ("anna", "sara", "paula"):
        assert (await office.get("/api/v1/audit", login)).status == 403
    items = await office.items("/api/v1/audit", "pia")
    told = {(item["actor"], item["action"], item["subject"]) for item in items}
    assert {
        ("anna", "session.started", "anna"),
        (None, "session.refused", "anna"),
        ("anna", "calls.listed", None),
        ("anna", "contacts.matched", None),
        ("root", "user.changed", "luca"),
        ("pia", "audit.read", None),
    } <= told
    assert [item["no"] for item in items] == sorted((item["no"] for item in items), reverse=True)
    page = await (await office.get("/api/v1/audit?limit=2", "root")).json()
    following = await office.items(f"/api/v1/audit?limit=2&cursor={page['next']}", "root")
    assert following[0]["no"] < page["items"][-1]["no"]
    mine = await office.items("/api/v1/audit?actor=root&action=user.changed", "root")
    assert [item["detail"] for item in mine] == [{"fields": ["name"]}]
