"""How the REST connector shows who it is: tokens renewed once, kept, and never shown."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from support.crm_records import HandClock
from support.peer_http import Received
from support.rest_rig import MemoryHttp

from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.errors import AuthError

SECRET = "client-secret-1"


class Issuer:
    """An OAuth2 server in front of an interface; each refresh token may be used once."""

    def __init__(self, refresh: str = "refresh-0") -> None:
        self.refresh, self.given, self.access = refresh, 0, ""
        self.http = MemoryHttp(self.handle)

    def handle(self, request: Received) -> tuple[int, object]:
        """Give a token, or answer who has one."""
        if request.path == "/token":
            form = dict(parse_qsl(request.body.decode()))
            if form.get("client_secret") != SECRET:
                return 401, {"error": "invalid_client"}
            if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh:
                return 400, {"error": "invalid_grant"}
            self.given += 1
            self.access, self.refresh = f"access-{self.given}", f"refresh-{self.given}"
            answer = {"access_token": self.access, "expires_in": 3600}
            return 200, {**answer, "refresh_token": self.refresh}
        good = request.headers.get("authorization") == f"Bearer {self.access}"
        return (200, {}) if good else (401, {})


def writer(http: MemoryHttp, sign_in: dict[str, Any], clock: HandClock | None = None) -> RestWriter:
    """Return a writer that signs in like this."""
    table = {
        "name": "crm",
        "kind": "rest",
        "url": "https://crm.example.com",
        "secret": SECRET,
        "sign_in": sign_in,
        "probe": {"path": "/me"},
        "call": {"create": {"path": "/calls"}},
    }
    return RestWriter(RestSettings.model_validate(table), http, clock or HandClock())


def refreshing(folder: Path) -> dict[str, Any]:
    """Return a sign-in by refresh token, whose first one the administrator has written."""
    (folder / "first").write_text("refresh-0\n", encoding="utf-8")
    return {
        "type": "oauth2",
        "grant": "refresh_token",
        "token_path": "/token",
        "client_id": "fd",
        "refresh_token_file": str(folder / "first"),
        "token_file": str(folder / "kept"),
    }


CREDENTIALS = {"type": "oauth2", "token_path": "/token", "client_id": "fd"}


async def test_many_requests_at_once_ask_for_one_token() -> None:
    """Some servers end all tokens of a client that asks too often."""
    issuer = Issuer()
    one = writer(issuer.http, CREDENTIALS)
    await asyncio.gather(*(one.probe() for _ in range(10)))
    assert issuer.given == 1


async def test_token_is_renewed_before_it_ends_and_when_it_is_refused() -> None:
    """An hour later, and after somebody revoked it."""
    issuer, clock = Issuer(), HandClock()
    one = writer(issuer.http, CREDENTIALS, clock)
    await one.probe()
    clock.forward(3600)
    await one.probe()
    assert issuer.given == 2
    issuer.access = "revoked"
    await asyncio.gather(*(one.probe() for _ in range(5)))
    assert issuer.given == 3


async def test_refresh_token_is_kept_encrypted_for_the_next_start(tmp_path: Path) -> None:
    """The one the administrator wrote is used up by the first renewal."""
    issuer = Issuer()
    await writer(issuer.http, refreshing(tmp_path)).probe()
    kept = (tmp_path / "kept").read_bytes()
    assert b"refresh-1" not in kept
    assert SECRET.encode() not in kept
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0
    await writer(issuer.http, refreshing(tmp_path)).probe()
    assert issuer.refresh == "refresh-2"


async def test_token_renewed_by_another_process_is_read_again(tmp_path: Path) -> None:
    """`check` beside the daemon uses up the refresh token the daemon has read."""
    issuer, clock = Issuer(), HandClock()
    daemon = writer(issuer.http, refreshing(tmp_path), clock)
    await daemon.probe()
    await writer(issuer.http, refreshing(tmp_path)).probe()
    clock.forward(3600)
    await daemon.probe()
    assert issuer.refresh == "refresh-3"


async def test_writer_and_mirror_send_no_refresh_token_twice(tmp_path: Path) -> None:
    """Some servers take a used one for stolen and end the whole consent."""
    issuer = Issuer()
    both = [writer(issuer.http, refreshing(tmp_path)) for _ in range(2)]
    await asyncio.gather(*(one.session.sign_in() for one in both))
    assert len(issuer.http.requests) == issuer.given == 2


async def test_refused_client_is_an_auth_error_without_the_secret() -> None:
    """The connector pauses and says what to look at."""
    issuer = Issuer()
    table = {**CREDENTIALS, "client_in": "header"}
    with pytest.raises(AuthError) as caught:
        await writer(issuer.http, table).probe()
    assert SECRET not in f"{caught.value} {caught.value.remedy} {caught.value.detail}"


async def test_challenge_is_answered_step_by_step_and_again_when_the_session_ends() -> None:
    """Some CRMs give a challenge, want md5(challenge + key) and end sessions with HTTP 200."""
    session = {"number": 0}

    def handle(request: Received) -> tuple[int, object]:
        if request.path.startswith("/challenge"):
            return 200, {"result": {"token": "abc"}}
        if request.path == "/login":
            expected = hashlib.md5(f"abc{SECRET}".encode(), usedforsecurity=False).hexdigest()
            if dict(parse_qsl(request.body.decode())) != {"user": "fd", "answer": expected}:
                return 200, {"error": "WRONG"}
            session["number"] += 1
            return 200, {"session": f"s{session['number']}"}
        good = request.path == f"/me?session=s{session['number']}"
        return 200, {"ok": True} if good else {"error": "SESSION_ENDED"}

    sign_in = {
        "type": "steps",
        "username": "fd",
        "steps": [
            {
                "method": "GET",
                "path": "/challenge",
                "query": {"user": "{{ username }}"},
                "extract": {"challenge": "result.token"},
            },
            {
                "path": "/login",
                "form": {"user": "fd", "answer": "{{ (login.challenge ~ secret) | md5 }}"},
                "extract": {"session": "session"},
            },
        ],
        "query": {"session": "{{ login.session }}"},
    }
    http = MemoryHttp(handle)
    table = {"name": "crm", "kind": "rest", "url": "https://crm.example.com", "secret": SECRET}
    table |= {"sign_in": sign_in, "errors": {"code": "error", "auth": ["SESSION_ENDED"]}}  # type: ignore[dict-item]  # as TOML
    table |= {"probe": {"path": "/me"}, "call": {"create": {"path": "/calls"}}}  # type: ignore[dict-item]  # as TOML
    one = RestWriter(RestSettings.model_validate(table), http, HandClock())
    await one.probe()
    session["number"] += 1
    await one.probe()
    assert session["number"] == 3
    assert SECRET not in json.dumps([seen.path for seen in http.requests])


@pytest.mark.parametrize(
    ("sign_in", "header", "path"),
    [
        ({"type": "bearer"}, f"Bearer {SECRET}", "/me"),
        ({"type": "header", "prefix": "Token "}, f"Token {SECRET}", "/me"),
        ({"type": "query", "name": "api_token"}, None, f"/me?api_token={SECRET}"),
        ({"type": "basic", "username": "fd"}, "Basic ZmQ6Y2xpZW50LXNlY3JldC0x", "/me"),
    ],
)
async def test_simple_sign_in_is_added_to_each_request(
    sign_in: dict[str, Any], header: str | None, path: str
) -> None:
    """Four ways in which a key is carried."""
    http = MemoryHttp(lambda _request: (200, {}))
    await writer(http, sign_in).probe()
    assert http.requests[0].headers.get("authorization") == header
    assert http.requests[0].path == path
