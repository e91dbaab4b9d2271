"""Sign-in by a real OpenID provider: code with PKCE, there and back."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.components import missing
from support.identity import (
    CLIENT,
    SECRET,
    ProviderMissingError,
    RunningProvider,
    free_port,
    running_provider,
)
from support.web import WebBench, running_web

from gateway.store.identities import bind_identity
from gateway.store.people import Role, User, get_user, put_user, set_disabled
from gateway.web.oidc_provider import IdentityRules, ProviderOptions
from gateway.web.services import PeopleOptions, Services

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

Opened = Callable[..., AbstractAsyncContextManager[WebBench]]
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def port() -> int:
    """Return the port of our own page: the provider has to know where it sends people back."""
    return free_port()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[RunningProvider]:
    """Give a running provider that knows us."""
    folder = tmp_path_factory.mktemp("provider")
    callback = f"http://127.0.0.1:{port}/api/v1/session/oidc/callback"
    try:
        with running_provider(folder, callback) as running:
            yield running
    except ProviderMissingError as error:
        missing("OpenID provider", str(error))


@pytest.fixture
def opened(tmp_path: Path, provider: RunningProvider, port: int) -> Opened:
    """Return a way to run our application with rules for the provider's accounts."""

    @asynccontextmanager
    async def run(secret: str = SECRET, **rules: Any) -> AsyncIterator[WebBench]:  # noqa: ANN401
        options = ProviderOptions(issuer=provider.issuer, client_id=CLIENT, secret=secret)
        people = PeopleOptions(identities=IdentityRules(provider=options, **rules))

        def extend(services: Services) -> Services:
            return replace(services, people=people)

        async with running_web(tmp_path, port=port, extend=extend) as bench:
            yield bench

    return run


async def me(bench: WebBench, cookie: str) -> dict[str, Any]:
    """Return who a session stands for."""
    answer = await bench.client.get(bench.url + "/api/v1/me", headers={"Cookie": cookie})
    assert answer.status == 200, await answer.text()
    found: dict[str, Any] = await answer.json()
    return found


async def bind(bench: WebBench, issuer: str, login: str, subject: str) -> None:
    """Bind an account as an administrator would."""
    await bench.db.write(
        lambda conn: bind_identity(conn, login, issuer=issuer, subject=subject, now=NOW)
    )


async def test_bound_account_signs_in_and_nobody_else(
    opened: Opened, provider: RunningProvider
) -> None:
    """`sub` decides; the same name at the provider opens no account here by itself."""
    async with opened() as bench:
        assert await provider.sign_in(bench, "anna") == ("/#oidc=unknown", "")
        await bind(bench, provider.issuer, "luca", "1")
        where, cookie = await provider.sign_in(bench, "anna")
        assert where == "/"
        assert (await me(bench, cookie))["login"] == "luca"
        await bench.db.write(lambda conn: set_disabled(conn, "luca", disabled=True))
        assert await provider.sign_in(bench, "anna") == ("/#oidc=disabled", "")


ROLES = {"responsabili": Role.SUPERVISOR, "centralino": Role.AGENT}


async def test_unknown_people_are_made_only_if_groups_say_so(
    opened: Opened, provider: RunningProvider
) -> None:
    """A company lets its groups decide; who is in none of them stays outside."""
    async with opened(create=True, roles=ROLES) as bench:
        assert await provider.sign_in(bench, "ugo") == ("/#oidc=group", "")
        # a user of that name is here already and not bound: their account is not taken
        assert await provider.sign_in(bench, "anna") == ("/#oidc=unknown", "")


async def test_name_binds_an_account_only_if_the_configuration_says_so(
    opened: Opened, provider: RunningProvider
) -> None:
    """Where logins are the same in both places, nobody has to bind fifty accounts by hand."""
    async with opened(bind_by="preferred_username", roles=ROLES) as bench:
        where, cookie = await provider.sign_in(bench, "luca")
        assert where == "/"
        found = await me(bench, cookie)
        assert (found["login"], found["role"]) == ("luca", "supervisor")


async def test_groups_do_not_take_the_last_administrator_away(
    opened: Opened, provider: RunningProvider
) -> None:
    """Whoever made the first account may stand in no group of administrators at the provider."""
    async with opened(bind_by="preferred_username", roles=ROLES) as bench:
        boss = User(login="luca", name="Luca", role=Role.ADMIN)
        await bench.db.write(lambda conn: put_user(conn, boss, now=NOW))
        assert await provider.sign_in(bench, "luca") == ("/#oidc=last-administrator", "")
        second = User(login="root", name="Root", role=Role.ADMIN)
        await bench.db.write(lambda conn: put_user(conn, second, now=NOW))
        where, cookie = await provider.sign_in(bench, "luca")
        assert (where, (await me(bench, cookie))["role"]) == ("/", "supervisor")


async def test_new_person_is_made_with_name_and_role(
    opened: Opened, provider: RunningProvider
) -> None:
    """On the first day nobody has to type fifty names."""
    async with opened(create=True) as bench:
        where, cookie = await provider.sign_in(bench, "ugo")
        assert (where, (await me(bench, cookie))["name"]) == ("/", "Ugo Neri")
        made = await bench.db.read(lambda conn: get_user(conn, "ugo"))
        assert made is not None
        assert made.role is Role.AGENT
        where, again = await provider.sign_in(bench, "ugo")
        assert (await me(bench, again))["login"] == "ugo"


async def test_way_back_counts_once_and_only_in_the_browser_that_went(
    opened: Opened, provider: RunningProvider
) -> None:
    """A stolen or planted address signs nobody in."""
    async with opened(create=True) as bench:
        back, cookie = await provider.walk(bench, "ugo")

        async def go(address: str, headers: dict[str, str]) -> str:
            answer = await bench.client.get(address, headers=headers, allow_redirects=False)
            return answer.headers["Location"]

        assert await go(back, {}) == "/#oidc=expired"
        _, other = await provider.walk(bench, "ugo")
        assert await go(back, {"Cookie": other}) == "/#oidc=expired"
        assert await go(back.replace("state=", "state=x"), {"Cookie": cookie}) == "/#oidc=expired"
        assert await go(back, {"Cookie": cookie}) == "/"
        assert await go(back, {"Cookie": cookie}) == "/#oidc=refused"


async def test_wrong_secret_and_absent_provider_are_told_apart(
    opened: Opened, provider: RunningProvider
) -> None:
    """One is ours to correct, the other passes by itself; passwords go on working."""
    async with opened(secret="another") as bench:
        assert await provider.sign_in(bench, "anna") == ("/#oidc=refused", "")
        ways = await (await bench.client.get(bench.url + "/api/v1/session")).json()
        assert ways["oidc_url"] == "/api/v1/session/oidc"
