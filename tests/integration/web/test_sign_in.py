"""Signing in, the guards against other sites, and what roles and scopes allow."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from support.web import PASSWORD, WebBench, running_web

from gateway.store.credentials import create_token, list_tokens, revoke_token
from gateway.store.people import set_disabled
from gateway.web.services import WebOptions

SESSION = "/api/v1/session"
EVIL = "https://evil.example"


async def sign_in(
    bench: WebBench, username: object = "anna", password: object = PASSWORD, **headers: str
) -> ClientResponse:
    """Send a login and a password."""
    body = {"username": username, "password": password}
    return await bench.client.post(bench.url + SESSION, json=body, headers=headers)


async def problem(answer: ClientResponse) -> str:
    """Return the last word of a problem's type, after checking that it is a whole problem."""
    assert answer.content_type == "application/problem+json"
    body = await answer.json(content_type=None)
    assert set(body) - {"errors"} == {"type", "title", "status", "detail"}
    assert body["status"] == answer.status
    assert "Traceback" not in body["detail"]
    return str(body["type"].rpartition(":")[2])


async def test_password_gives_a_cookie_that_scripts_and_other_sites_cannot_use(
    bench: WebBench,
) -> None:
    """The cookie is all that an attacker could steal, so it is as closed as it can be."""
    answer = await sign_in(bench)
    assert answer.status == 200
    assert (await answer.json())["extensions"] == [
        {
            "pbx": "hq",
            "extension": "1001",
            "held": False,
            "shared_with": [],
            "registered": None,
        }
    ]
    header = answer.headers["Set-Cookie"]
    assert header.startswith("filodiretto=")
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in header
    assert "Secure" not in header  # plain HTTP, and only on loopback
    cookie = {"Cookie": f"filodiretto={answer.cookies['filodiretto'].value}"}
    me = await bench.client.get(bench.url + "/api/v1/me", headers=cookie)
    assert (await me.json())["login"] == "anna"


async def test_cookie_over_tls_is_bound_to_the_host(tmp_path: Path) -> None:
    """Behind TLS no other host of the domain can set or read it."""
    options = WebOptions(version="t", public_url="https://desk.example", secure=True)
    async with running_web(tmp_path, options=options) as bench:
        answer = await sign_in(bench, Origin="https://desk.example")
        header = answer.headers["Set-Cookie"]
        assert header.startswith("__Host-filodiretto=")
        assert "Secure" in header
        assert "Domain" not in header
        assert "Strict-Transport-Security" in answer.headers
        assert (await sign_in(bench, Origin=bench.url)).status == 403


async def test_bearer_token_opens_a_session(bench: WebBench) -> None:
    """The first page signs in by token; the session ends with the token."""
    cookie = await bench.cookie("anna")
    url = bench.url + "/api/v1/me"
    assert (await bench.client.get(url, headers=cookie)).status == 200
    (token,) = await bench.db.read(lambda conn: list_tokens(conn, "anna"))
    now = datetime.now(UTC)
    await bench.db.write(lambda conn: revoke_token(conn, token.id, now=now))
    assert (await bench.client.get(url, headers=cookie)).status == 401
    assert (await bench.get("/api/v1/me")).status == 401


@pytest.mark.parametrize(
    ("username", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("anna", PASSWORD + "x")]
)
async def test_wrong_sign_in_does_not_say_what_was_wrong(
    bench: WebBench, username: str, password: str
) -> None:
    """Nobody learns which logins exist."""
    answer = await sign_in(bench, username, password)
    assert answer.status == 401
    assert await problem(answer) == "wrong-credentials"
    assert "Set-Cookie" not in answer.headers


async def test_disabled_user_cannot_sign_in(bench: WebBench) -> None:
    """Who left the company stays out, with the right password too."""
    await bench.db.write(lambda conn: set_disabled(conn, "anna", disabled=True))
    assert (await sign_in(bench)).status == 401


async def test_guessing_is_slowed_down_per_login_before_hashing(bench: WebBench) -> None:
    """After five wrong passwords also the right one has to wait, for others nothing changes."""
    for _ in range(5):
        assert (await sign_in(bench, password="guess")).status == 401
    answer = await sign_in(bench)
    assert answer.status == 429
    assert await problem(answer) == "too-many-attempts"
    assert 0 < int(answer.headers["Retry-After"]) <= 30
    assert (await sign_in(bench, "luca")).status == 200


@pytest.mark.parametrize(
    ("username", "password"), [("", PASSWORD), (None, PASSWORD), (5, 5), ("a" * 201, "x")]
)
async def test_malformed_sign_in_is_invalid(
    bench: WebBench, username: object, password: object
) -> None:
    """Nonsense is refused before anybody is looked up."""
    answer = await sign_in(bench, username, password)
    assert answer.status == 422
    assert await problem(answer) == "invalid"


async def test_page_of_another_site_cannot_sign_its_visitor_in(bench: WebBench) -> None:
    """Else somebody would work in an account that the attacker reads."""
    answer = await sign_in(bench, Origin=EVIL)
    assert answer.status == 403
    assert await problem(answer) == "wrong-origin"


async def test_sign_out_ends_the_session(bench: WebBench) -> None:
    """The cookie is worth nothing afterwards, on any machine."""
    cookie = await bench.cookie() | {"Origin": bench.url, "X-Filodiretto": "1"}
    answer = await bench.client.delete(bench.url + SESSION, headers=cookie)
    assert answer.status == 204
    assert 'filodiretto=""' in answer.headers["Set-Cookie"]
    assert (await bench.client.get(bench.url + "/api/v1/me", headers=cookie)).status == 401


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"X-Filodiretto": "1"}, "wrong-origin"),
        ({"X-Filodiretto": "1", "Origin": EVIL}, "wrong-origin"),
        ({"X-Filodiretto": "1", "Origin": "null"}, "wrong-origin"),
        ({"Origin": "own"}, "guard-header-missing"),
        ({"Origin": "own", "X-Filodiretto": "yes"}, "guard-header-missing"),
    ],
)
async def test_cookie_alone_changes_nothing(
    bench: WebBench, headers: dict[str, str], kind: str
) -> None:
    """A form or a script of another site sends the cookie too, but never all of the rest."""
    sent = await bench.cookie() | headers
    if sent.get("Origin") == "own":
        sent["Origin"] = bench.url
    answer = await bench.client.delete(bench.url + SESSION, headers=sent)
    assert answer.status == 403
    assert await problem(answer) == kind


async def test_localhost_is_the_same_machine(bench: WebBench) -> None:
    """People type localhost; the page must work there too."""
    own = bench.url.replace("127.0.0.1", "localhost")
    cookie = await bench.cookie() | {"Origin": own, "X-Filodiretto": "1"}
    assert (await bench.client.delete(bench.url + SESSION, headers=cookie)).status == 204


async def test_host_header_cannot_make_an_origin_ours(bench: WebBench) -> None:
    """A name server that rebinds a name chooses Host, so Host is not asked."""
    cookie = await bench.cookie() | {
        "Origin": "http://evil.example",
        "Host": "evil.example",
        "X-Filodiretto": "1",
    }
    assert (await bench.client.delete(bench.url + SESSION, headers=cookie)).status == 403


async def test_bearer_needs_neither_origin_nor_header(bench: WebBench) -> None:
    """Programs are not browsers."""
    answer = await bench.client.delete(bench.url + SESSION, headers=bench.bearer("anna"))
    assert answer.status == 204


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "Bearer wrong", "fd_x"])
async def test_unknown_authorization_is_refused(bench: WebBench, header: str) -> None:
    """A wrong token is never ignored in favour of a cookie."""
    headers = await bench.cookie() | {"Authorization": header}
    answer = await bench.client.get(bench.url + "/api/v1/me", headers=headers)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert await problem(answer) == "not-signed-in"


async def test_scope_of_a_token_limits_its_user(bench: WebBench) -> None:
    """A token for reading contacts reads no calls."""
    now = datetime.now(UTC)
    _, secret = await bench.db.write(
        lambda conn: create_token(conn, "sara", now=now, scopes=["contacts:read"])
    )
    bench.tokens["scoped"] = secret
    assert (await bench.get("/api/v1/contacts", "scoped")).status == 200
    answer = await bench.get("/api/v1/calls", "scoped")
    assert answer.status == 403
    assert await problem(answer) == "forbidden"


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        ("anna", "/api/v1/gaps", 403),
        ("sara", "/api/v1/gaps", 200),
        ("paula", "/api/v1/gaps", 200),
        ("paula", "/api/v1/pbxs", 200),
        ("paula", "/api/v1/calls", 403),
        ("paula", "/api/v1/outbox", 403),
        ("paula", "/api/v1/match?number=1", 403),
    ],
)
async def test_role_decides(bench: WebBench, login: str, path: str, status: int) -> None:
    """Nobody has all rights by default."""
    assert (await bench.get(path, login)).status == status
