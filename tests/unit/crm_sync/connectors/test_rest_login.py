"""Rarer ways to sign in: sessions in bodies and cookies, consent by a person, several keys."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from support.crm_records import HandClock, answered
from support.rest_peer import SECRET, Asked, RestPeer, put, reply

from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.plugin import plugin
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.errors import AuthError
from gateway.core.ports import HttpAnswer

CALL = {"create": {"path": "/calls", "body": {"subject": "{{ title }}"}}}


class Challenger:
    """A CRM with one address, a challenge, and sessions that end inside HTTP 200."""

    def __init__(self) -> None:
        self.session = ""
        self.logins = 0
        self.calls: list[dict[str, Any]] = []

    def handle(self, asked: Asked) -> HttpAnswer:
        """Do what `operation` says."""
        operation = asked.one("operation") or asked.form["operation"]
        if operation == "getchallenge":
            return reply({"success": True, "result": {"token": f"t{self.logins}"}})
        if operation == "login":
            wanted = hashlib.md5(f"t{self.logins}{SECRET}".encode(), usedforsecurity=False)
            if asked.form["accessKey"] != wanted.hexdigest():
                return reply({"success": False, "error": {"code": "INVALID_USER_CREDENTIALS"}})
            self.logins += 1
            self.session = f"session-{self.logins}"
            return reply(
                {"success": True, "result": {"sessionName": self.session, "userId": "19x1"}}
            )
        carried = asked.one("sessionName") if asked.method == "GET" else asked.form["sessionName"]
        if carried != self.session:
            return reply({"success": False, "error": {"code": "INVALID_SESSIONID"}})
        if operation == "query":
            return reply({"success": True, "result": []})
        assert "sessionName" not in asked.query
        self.calls.append(json.loads(asked.form["element"]))
        return reply({"success": True, "result": {"id": f"18x{len(self.calls)}"}})


CHALLENGED: dict[str, Any] = {
    "sign_in": {
        "type": "steps",
        "username": "fd",
        "steps": [
            {
                "method": "GET",
                "path": "/webservice.php",
                "query": {"operation": "getchallenge", "username": "{{ username }}"},
                "extract": {"token": "result.token"},
            },
            {
                "path": "/webservice.php",
                "form": {
                    "operation": "login",
                    "username": "{{ username }}",
                    "accessKey": "{{ (login.token ~ secret) | md5 }}",
                },
                "extract": {"session": "result.sessionName", "user": "result.userId"},
            },
        ],
        "query": {"sessionName": "{{ login.session }}"},
        "body": {"sessionName": "{{ login.session }}"},
    },
    "errors": {"ok": "success", "code": "error.code", "auth": ["INVALID_SESSIONID"]},
    "search": [
        {
            "path": "/webservice.php",
            "query": {"operation": "query", "query": "SELECT * FROM C WHERE phone='{{ number }}';"},
            "numbers": ["digits"],
            "items": "result",
        }
    ],
    "call": {
        "create": {
            "path": "/webservice.php",
            "id": "result.id",
            "form": {"operation": "create", "elementType": "Events"},
            "body_field": "element",
            "body": {"subject": "{{ title }}", "assigned_user_id": "{{ login.user }}"},
        }
    },
}


async def test_session_is_query_of_questions_and_field_of_forms_and_is_renewed() -> None:
    """The session ends while we do not look; the CRM says so with HTTP 200."""
    crm = Challenger()
    writer = RestPeer(crm.handle).writer(**CHALLENGED)
    receipt = await put(writer, answered("c.1"))
    assert receipt.external_id == "18x1"
    crm.session = "ended"
    await put(writer, answered("c.2"))
    assert (crm.logins, len(crm.calls)) == (2, 2)
    assert {one["assigned_user_id"] for one in crm.calls} == {"19x1"}


async def test_refused_challenge_is_an_auth_error_with_the_crms_code() -> None:
    """The administrator reads that the key is wrong, not that a step gave nothing."""
    writer = RestPeer(Challenger().handle).writer(**{**CHALLENGED, "secret": "another-key"})
    with pytest.raises(AuthError) as caught:
        await put(writer, answered())
    assert "INVALID_USER_CREDENTIALS" in caught.value.detail


async def test_trial_of_a_challenge_shows_neither_key_nor_digest_nor_session() -> None:
    """`check --try` is for a screen that others may see."""
    crm = Challenger()
    peer = RestPeer(crm.handle)
    table = {"name": "crm", "kind": "rest", "url": "https://crm.example.com", "secret": SECRET}
    settings = RestSettings.model_validate({**table, **CHALLENGED})
    trial = await plugin.try_out(settings, peer, HandClock(), answered())
    assert [one.step for one in trial.exchanges[:3]] == ["sign-in", "sign-in", "search"]
    shown = json.dumps([(one.request, one.answer) for one in trial.exchanges])
    digest = hashlib.md5(f"t0{SECRET}".encode(), usedforsecurity=False).hexdigest()
    assert not any(word in shown for word in (SECRET, digest, "session-1"))
    assert crm.calls == []


async def test_cookie_and_token_of_a_login_page_are_carried() -> None:
    """Some interfaces are those of the CRM's own pages."""

    def handle(asked: Asked) -> HttpAnswer:
        if asked.path == "/login":
            cookies = "sid=abc-123; Path=/; HttpOnly\nlang=it"
            return reply({"ok": True}, set_cookie=cookies, x_csrf_token="csrf-9")
        good = asked.headers.get("cookie") == "sid=abc-123"
        return (
            reply({}) if good and asked.headers["x-csrf-token"] == "csrf-9" else reply(status=401)
        )

    step = {
        "path": "/login",
        "body": {"usr": "{{ username }}", "pwd": "{{ secret }}"},
        "extract_cookies": {"sid": "sid"},
        "extract_headers": {"csrf": "X-CSRF-Token"},
    }
    sign_in = {
        "type": "steps",
        "username": "fd",
        "steps": [step],
        "headers": {"Cookie": "sid={{ login.sid }}", "X-CSRF-Token": "{{ login.csrf }}"},
    }
    await put(RestPeer(handle).writer(sign_in=sign_in, call=CALL), answered())


@pytest.fixture
def two_keys(tmp_path: Path) -> tuple[RestPeer, RestWriter]:
    """Give a peer and a writer that signs in with two keys and a signature."""
    (tmp_path / "app").write_text("app-key-7\n", encoding="utf-8")
    sign_in = {
        "type": "none",
        "secret_files": {"app": str(tmp_path / "app")},
        "headers": {
            "X-App": "{{ secrets.app }}",
            "Authorization": "Basic {{ (secret ~ ':X') | base64 }}",
            "X-Signature": "{{ (now | unix | string) | hmac(secret) }}",
        },
        "query": {"ts": "{{ now | unix }}"},
    }
    peer = RestPeer(lambda _asked: reply({}))
    return peer, peer.writer(sign_in=sign_in, call=CALL)


async def test_several_keys_and_signatures_are_templates_of_the_sign_in(
    two_keys: tuple[RestPeer, RestWriter],
) -> None:
    """An application's key beside a user's token, a password that is a fixed letter, a digest."""
    peer, writer = two_keys
    await put(writer, answered())
    [asked] = peer.asked
    assert asked.headers["x-app"] == "app-key-7"
    assert asked.headers["authorization"] == "Basic cGVlci1zZWNyZXQtMTpY"
    assert len(asked.headers["x-signature"]) == 64
    assert asked.one("ts") == "1791016200"


async def test_constants_are_asked_for_once_and_named_everywhere() -> None:
    """Our own user's id is needed in each record; nobody wants to look it up by hand."""

    def handle(asked: Asked) -> HttpAnswer:
        return reply({"me": {"id": 42}} if asked.path == "/me" else {})

    peer = RestPeer(handle)
    writer = peer.writer(
        constants=[{"path": "/me", "extract": {"user": "me.id"}}],
        search=[{"path": "/people", "query": {"as": "{{ constant.user }}"}, "numbers": ["e164"]}],
        call={"create": {"path": "/calls", "body": {"owner": "{{ user or constant.user }}"}}},
    )
    for number in range(3):
        await put(writer, answered(f"k.{number}"))
    assert len(peer.to("/me")) == 1
    assert [one.json for one in peer.to("/calls")] == [{"owner": 42}] * 3
    assert peer.to("/people")[0].one("as") == "42"
    only = {"create": {"path": "/calls"}, "only_if": "{{ constant.user == 42 }}"}
    constants = [{"path": "/me", "extract": {"user": "me.id"}}]
    await put(peer.writer(constants=constants, call=only), answered())
    assert len(peer.to("/calls")) == 4


class Consent:
    """An OAuth2 server that gives tokens for a code, once."""

    def __init__(self) -> None:
        self.codes = {"code-1"}
        self.refresh = ""
        self.given = 0

    def handle(self, asked: Asked) -> HttpAnswer:
        """Exchange codes and refresh tokens; judge bearers."""
        if asked.path != "/token":
            good = asked.headers.get("authorization") == f"Bearer access-{self.given}"
            return reply({}) if good else reply(status=401)
        form = asked.form
        if form["grant_type"] == "authorization_code":
            if form["code"] not in self.codes or form["redirect_uri"] != "https://fd/back":
                return reply({"error": "invalid_grant"}, 400)
            self.codes.remove(form["code"])
        elif form["refresh_token"] != self.refresh:
            return reply({"error": "invalid_grant"}, 400)
        self.given += 1
        self.refresh = f"refresh-{self.given}"
        token = {"access_token": f"access-{self.given}", "expires_in": 3600}
        return reply({**token, "refresh_token": self.refresh})


def consenting(folder: Path) -> dict[str, Any]:
    """Return a sign-in whose consent a person gives in a browser."""
    return {
        "type": "oauth2",
        "grant": "authorization_code",
        "token_path": "/token",
        "authorize_path": "/authorize",
        "redirect_uri": "https://fd/back",
        "client_id": "client-9",
        "scope": "calls contacts",
        "code_file": str(folder / "code"),
        "token_file": str(folder / "kept"),
    }


async def test_code_of_a_consent_is_used_once_and_its_token_renewed(tmp_path: Path) -> None:
    """The administrator copies the whole address the browser was sent to."""
    server = Consent()
    (tmp_path / "code").write_text("https://fd/back?state=x&code=code-1\n", encoding="utf-8")
    for _ in range(2):  # the second is the next start of the daemon
        await put(
            RestPeer(server.handle).writer(sign_in=consenting(tmp_path), call=CALL), answered()
        )
    assert server.given == 2
    assert b"refresh-2" not in (tmp_path / "kept").read_bytes()


@pytest.mark.parametrize("code", [None, "used-up"])
async def test_missing_consent_says_which_page_to_open(tmp_path: Path, code: str | None) -> None:
    """Nobody should have to put the address together from a manual."""
    if code is not None:
        (tmp_path / "code").write_text(code, encoding="utf-8")
    writer = RestPeer(Consent().handle).writer(sign_in=consenting(tmp_path), call=CALL)
    with pytest.raises(AuthError) as caught:
        await put(writer, answered())
    page = "https://crm.example.com/authorize?response_type=code&client_id=client-9"
    assert page in caught.value.remedy
    assert str(tmp_path / "code") in caught.value.remedy


async def test_token_request_may_be_json_with_fields_of_its_own() -> None:
    """Some issuers want an audience, some refuse forms."""

    def handle(asked: Asked) -> HttpAnswer:
        if asked.path == "/token":
            assert asked.json["audience"] == "crm"
            assert asked.json["grant_type"] == "client_credentials"
            return reply({"access_token": "a-1"})
        return (
            reply({}) if asked.headers.get("authorization") == "Bearer a-1" else reply(status=401)
        )

    sign_in = {"type": "oauth2", "token_path": "/token", "client_id": "x"}
    sign_in |= {"token_json": True, "token_fields": {"audience": "crm"}}  # type: ignore[dict-item]  # as TOML
    await put(RestPeer(handle).writer(sign_in=sign_in, call=CALL), answered())
