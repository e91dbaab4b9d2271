"""Who a request comes from: a Bearer token, or the cookie of a session."""

from contextlib import suppress

from aiohttp import web

from gateway.core.errors import StoreError
from gateway.store.credentials import (
    SignedIn,
    find_session,
    find_token,
    touch_session,
    touch_token,
)
from gateway.web.access import ROLE_SCOPES, Principal
from gateway.web.cookies import MAX_SECRET, cookie_of
from gateway.web.keys import SERVICES
from gateway.web.problems import NOT_SIGNED_IN, Problem
from gateway.web.services import Services


def bearer_of(request: web.Request) -> str | None:
    """Return the Bearer value (RFC 6750), None without such a header; Problem 401 for others."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip() or len(secret) > MAX_SECRET:
        raise not_signed_in()
    return secret.strip()


async def identify(request: web.Request) -> Principal | None:
    """Return who makes the request, None for nobody we know; a Bearer goes before a cookie."""
    services = request.app[SERVICES]
    bearer = bearer_of(request)
    if bearer is not None:
        return await check(services, bearer, by_cookie=False)
    cookie = cookie_of(request, secure=services.options.secure)
    return None if cookie is None else await check(services, cookie, by_cookie=True)


async def check(services: Services, secret: str, *, by_cookie: bool) -> Principal | None:
    """Return whom a secret stands for at this moment; puts the idle limit off once a minute."""
    now = services.clock.now()
    find = find_session if by_cookie else find_token
    found = await services.db.read(lambda conn: find(conn, secret, now))
    if found is None:
        return None
    if found.touch_due:
        with suppress(StoreError):  # a full disk must not sign people out
            await _touch(services, found, secret, by_cookie=by_cookie)
    allowed = ROLE_SCOPES[found.role]
    return Principal(
        login=found.login,
        name=found.name,
        role=found.role,
        scopes=allowed if found.scopes is None else allowed & found.scopes,
        credential=found.credential,
        secret=secret,
        token_id=found.token_id,
        by_cookie=by_cookie,
        visible_to=services.roster.sight(found.login, found.role),
    )


def not_signed_in() -> Problem:
    """Return the answer to whom we do not know."""
    return Problem(NOT_SIGNED_IN, headers={"WWW-Authenticate": "Bearer"})


async def _touch(services: Services, found: SignedIn, secret: str, *, by_cookie: bool) -> None:
    now, token_id = services.clock.now(), found.token_id
    if by_cookie:
        await services.db.write(lambda conn: touch_session(conn, secret, now))
    elif token_id is not None:
        await services.db.write(lambda conn: touch_token(conn, token_id, now))
