"""API tokens and sessions."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from support.store import NOON, after

from gateway.core.errors import UsageError
from gateway.store import credentials
from gateway.store.database import Connection, Database
from gateway.store.people import Role, User, add_user, set_disabled
from gateway.store.schema import api_tokens, sessions


@pytest.fixture
async def store(db: Database) -> Database:
    """Give a store with one agent."""
    anna = User(login="anna", name="Anna", role=Role.AGENT)
    await db.write(lambda conn: add_user(conn, anna, password_hash=None, now=NOON))
    return db


async def test_a_token_is_shown_once_and_stored_as_a_hash(store: Database) -> None:
    """Who steals the database cannot sign in with it."""
    token, secret = await store.write(
        lambda conn: credentials.create_token(conn, "anna", now=NOON, label="wallboard")
    )
    assert secret.startswith("fd_")
    row = (await store.read(lambda conn: conn.execute(select(api_tokens)).all()))[0]
    assert secret not in repr(row)
    assert secret.removeprefix("fd_") not in repr(row)
    assert await store.read(credentials.list_tokens) == (token,)


async def test_a_token_stands_for_its_user_with_its_scopes(store: Database) -> None:
    """A token may do less than its user, never more."""
    token, secret = await store.write(
        lambda conn: credentials.create_token(conn, "anna", now=NOON, scopes=["calls:read"])
    )
    found = await store.read(lambda conn: credentials.find_token(conn, secret, NOON))
    assert found == credentials.SignedIn(
        login="anna",
        name="Anna",
        role=Role.AGENT,
        scopes=frozenset({"calls:read"}),
        credential=f"token:{token.id}",
        token_id=token.id,
        expires_at=None,
        touch_due=True,
    )
    await store.write(lambda conn: credentials.touch_token(conn, token.id, NOON))
    again = await store.read(lambda conn: credentials.find_token(conn, secret, after(59)))
    assert again is not None
    assert not again.touch_due


async def test_revoking_a_token_revokes_what_was_made_with_it(store: Database) -> None:
    """Who found a token could have made others with it: they must not outlive it."""

    def make(made_with: str | None) -> Callable[[Connection], tuple[str, str]]:
        def work(conn: Connection) -> tuple[str, str]:
            token, secret = credentials.create_token(conn, "anna", now=NOON, made_with=made_with)
            return token.id, secret

        return work

    root, first = await store.write(make(None))
    child, second = await store.write(make(root))
    _, third = await store.write(make(child))
    _, other = await store.write(make(None))
    session = await store.write(
        lambda conn: credentials.create_session(conn, "anna", now=NOON, token_id=child)
    )
    ended = await store.write(lambda conn: credentials.revoke_token(conn, root, now=NOON))
    assert ended == 3
    for secret in (first, second, third):
        assert await store.read(partial(credentials.find_token, secret=secret, now=NOON)) is None
    assert await store.read(partial(credentials.find_session, secret=session, now=NOON)) is None
    assert await store.read(partial(credentials.find_token, secret=other, now=NOON)) is not None


async def test_a_token_ends_with_its_days(store: Database) -> None:
    """A forgotten token does not live for ever."""
    _, secret = await store.write(
        lambda conn: credentials.create_token(conn, "anna", now=NOON, days=1)
    )
    day = 86_400
    valid = [
        await store.read(lambda conn, at=at: credentials.find_token(conn, secret, after(at)))  # type: ignore[misc]
        for at in (day - 1, day)
    ]
    assert [found is not None for found in valid] == [True, False]


@pytest.mark.parametrize("days", [None, 30])
async def test_token_made_with_a_token_ends_no_later(store: Database, days: int | None) -> None:
    """A token for a day, once lost, must not make itself one for ever."""
    short, _ = await store.write(
        lambda conn: credentials.create_token(conn, "anna", now=NOON, days=1)
    )
    made, _ = await store.write(
        lambda conn: credentials.create_token(
            conn, "anna", now=after(60), days=days, made_with=short.id
        )
    )
    assert made.expires_at == short.expires_at


@pytest.mark.parametrize("value", ["", "fd_", "fd_x", "' OR ''='", "\udcff"])
async def test_a_value_that_is_no_token_stands_for_nobody(store: Database, value: str) -> None:
    """Whatever a client sends in its header, the answer is no."""
    await store.write(lambda conn: credentials.create_token(conn, "anna", now=NOON))
    assert await store.read(lambda conn: credentials.find_token(conn, value, NOON)) is None
    assert await store.read(lambda conn: credentials.find_session(conn, value, NOON)) is None


async def test_revoking_a_token_ends_it_and_the_sessions_opened_with_it(
    store: Database,
) -> None:
    """The page of somebody who signed in with a stolen token closes with it."""
    token, secret = await store.write(lambda conn: credentials.create_token(conn, "anna", now=NOON))
    cookie = await store.write(
        lambda conn: credentials.create_session(conn, "anna", now=NOON, token_id=token.id)
    )
    await store.write(lambda conn: credentials.revoke_token(conn, token.id, now=after(1)))
    assert await store.read(lambda conn: credentials.find_token(conn, secret, NOON)) is None
    assert await store.read(lambda conn: credentials.find_session(conn, cookie, NOON)) is None
    (listed,) = await store.read(lambda conn: credentials.list_tokens(conn, "anna"))
    assert listed.revoked_at == after(1)
    with pytest.raises(UsageError, match="no such valid token"):
        await store.write(lambda conn: credentials.revoke_token(conn, token.id, now=after(2)))


@pytest.mark.parametrize(
    ("login", "scopes", "days"),
    [("nobody", None, None), ("anna", ["calls:all"], None), ("anna", [], None), ("anna", None, 0)],
)
async def test_a_token_that_cannot_be_is_refused(
    store: Database, login: str, scopes: list[str] | None, days: int | None
) -> None:
    """A typo in a scope must not give a token that can do nothing, or everything."""
    with pytest.raises(UsageError) as refusal:
        await store.write(
            lambda conn: credentials.create_token(conn, login, now=NOON, scopes=scopes, days=days)
        )
    assert refusal.value.remedy
    assert await store.read(credentials.list_tokens) == ()


async def test_a_session_lives_while_it_is_used_and_twelve_hours_at_most(
    store: Database,
) -> None:
    """Idle 30 min, absolute 12 h; a request within the minute costs no write."""
    cookie = await store.write(lambda conn: credentials.create_session(conn, "anna", now=NOON))
    at = NOON
    steps = 0
    while True:
        at += timedelta(minutes=29)
        found = await store.read(lambda conn, at=at: credentials.find_session(conn, cookie, at))  # type: ignore[misc]
        if found is None:
            break
        steps += 1
        assert found.touch_due
        await store.write(lambda conn, at=at: credentials.touch_session(conn, cookie, at))  # type: ignore[misc]
        fresh = await store.read(lambda conn, at=at: credentials.find_session(conn, cookie, at))  # type: ignore[misc]
        assert fresh is not None
        assert not fresh.touch_due
    assert at - NOON > credentials.ABSOLUTE
    assert steps == 24


async def test_an_idle_session_ends(store: Database) -> None:
    """A screen left alone is nobody's after half an hour."""
    cookie = await store.write(lambda conn: credentials.create_session(conn, "anna", now=NOON))
    half_an_hour = NOON + credentials.IDLE
    early = half_an_hour - timedelta(seconds=1)
    find = credentials.find_session
    assert await store.read(lambda conn: find(conn, cookie, early)) is not None
    assert await store.read(lambda conn: find(conn, cookie, half_an_hour)) is None
    forget = credentials.forget_stale_sessions
    assert await store.write(lambda conn: forget(conn, early)) == 0
    assert await store.write(lambda conn: forget(conn, half_an_hour)) == 1


async def test_a_session_is_stored_as_a_hash_and_ends_at_sign_out(store: Database) -> None:
    """The cookie is the only copy of the secret."""
    cookie = await store.write(lambda conn: credentials.create_session(conn, "anna", now=NOON))

    def rows(conn: Connection) -> str:
        return repr(conn.execute(select(sessions)).all())

    assert cookie not in await store.read(rows)
    await store.write(lambda conn: credentials.end_session(conn, cookie))
    assert await store.read(lambda conn: credentials.find_session(conn, cookie, NOON)) is None
    assert await store.read(rows) == "[]"


async def test_a_disabled_users_token_stands_for_nobody(store: Database) -> None:
    """Disabling a person covers every way in."""
    _, secret = await store.write(lambda conn: credentials.create_token(conn, "anna", now=NOON))
    await store.write(lambda conn: set_disabled(conn, "anna", disabled=True))
    assert await store.read(lambda conn: credentials.find_token(conn, secret, NOON)) is None
    with pytest.raises(UsageError):
        await store.write(lambda conn: credentials.create_token(conn, "anna", now=NOON))
