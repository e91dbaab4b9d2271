"""Signing in and out, and who one is."""

import asyncio
import math
from typing import Final

from aiohttp import web

from gateway.desk.subscription import CloseCode
from gateway.store.credentials import ABSOLUTE, create_session, end_session
from gateway.store.passwords import hash_password, needs_rehash, verify_password
from gateway.store.people import get_user, password_hash_of, refresh_password_hash
from gateway.web.access import PUBLIC, SIGNED_IN, Principal
from gateway.web.answers import answer
from gateway.web.identity import bearer_of, check, cookie_name, cookie_of, not_signed_in
from gateway.web.keys import HASHING, LIMITS, PRINCIPAL, SERVICES
from gateway.web.origins import check_origin
from gateway.web.problems import (
    INVALID,
    NOT_SIGNED_IN,
    TOO_MANY_ATTEMPTS,
    WRONG_ORIGIN,
    Problem,
    ProblemKind,
)
from gateway.web.routes import API, Repeat, Route, Tag
from gateway.web.services import Services
from gateway.web.shapes.session import Me, SignInBody
from gateway.web.validation import body_of

WRONG_CREDENTIALS: Final = ProblemKind(
    slug="wrong-credentials",
    status=401,
    title="Wrong name or password",
    detail="The user name or the password is wrong.",
)


async def sign_in(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/session`: a login and password, or a Bearer token, for a cookie."""
    services = request.app[SERVICES]
    # a page of somebody else must not sign its visitors in here
    check_origin(request, services.options.public_url, required=False)
    login, token_id = await _who(request)
    earlier = cookie_of(request)
    now = services.clock.now()
    if earlier is not None:
        await services.db.write(lambda conn: end_session(conn, earlier))
    secret = await services.db.write(
        lambda conn: create_session(conn, login, now=now, token_id=token_id)
    )
    principal = await check(services, secret, by_cookie=True)
    if principal is None:
        raise not_signed_in()
    response = answer(await _me(services, principal))
    _set_cookie(response, secret, secure=services.options.secure)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/session`: ends the session and closes its pages' sockets."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    response = web.Response(status=204)
    if principal.by_cookie:
        await services.db.write(lambda conn: end_session(conn, principal.secret))
        for socket in services.hub.sockets():
            if socket.credential == principal.credential:
                socket.close(CloseCode.SIGNED_OUT)
        secure = services.options.secure
        response.del_cookie(
            cookie_name(secure=secure), path="/", secure=secure, httponly=True, samesite="Lax"
        )
    return response


async def me(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/me`."""
    return answer(await _me(request.app[SERVICES], request[PRINCIPAL]))


async def _who(request: web.Request) -> tuple[str, str | None]:
    """Return the login that proves itself, and its token if it did so by one."""
    services = request.app[SERVICES]
    bearer = bearer_of(request)
    if bearer is None:
        return await _by_password(request), None
    principal = await check(services, bearer, by_cookie=False)
    if principal is None:
        _take_attempt(request, login="")
        raise not_signed_in()
    return principal.login, principal.token_id


async def _by_password(request: web.Request) -> str:
    services = request.app[SERVICES]
    body = body_of(request, SignInBody)
    if body.username is None or body.password is None:
        raise Problem(INVALID, 'The body needs "username" and "password", or send a Bearer token.')
    login, password = body.username.strip(), body.password
    _take_attempt(request, login=login)
    stored = await services.db.read(lambda conn: password_hash_of(conn, login))
    async with request.app[HASHING]:
        right = await asyncio.to_thread(verify_password, stored, password)
        if stored is not None and right and needs_rehash(stored):
            fresh = await asyncio.to_thread(hash_password, password)
            await services.db.write(lambda conn: refresh_password_hash(conn, login, stored, fresh))
    if not right:
        raise Problem(WRONG_CREDENTIALS)
    request.app[LIMITS].forgive(login=login, address=request.remote or "")
    return login


def _take_attempt(request: web.Request, *, login: str) -> None:
    wait = request.app[LIMITS].take(login=login, address=request.remote or "")
    if wait > 0:
        seconds = str(math.ceil(wait))
        raise Problem(TOO_MANY_ATTEMPTS, headers={"Retry-After": seconds})


def _set_cookie(response: web.Response, secret: str, *, secure: bool) -> None:
    response.set_cookie(
        cookie_name(secure=secure),
        secret,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


async def _me(services: Services, principal: Principal) -> dict[str, object]:
    user = await services.db.read(lambda conn: get_user(conn, principal.login))
    extensions = user.extensions if user is not None else ()
    return {
        "login": principal.login,
        "name": principal.name,
        "role": principal.role.value,
        "extensions": [
            {"pbx": pbx or None, "extension": extension} for pbx, extension in extensions
        ],
        "scopes": sorted(principal.scopes),
    }


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/session",
        access=PUBLIC,
        handler=sign_in,
        tag=Tag.SESSION,
        summary="Sign in for a cookie, by name and password or by a Bearer token",
        body=SignInBody,
        body_optional=True,
        answers={200: Me},
        problems=(INVALID, NOT_SIGNED_IN, WRONG_CREDENTIALS, WRONG_ORIGIN, TOO_MANY_ATTEMPTS),
        repeat=Repeat.IGNORE,
    ),
    Route(
        method="DELETE",
        path=f"{API}/session",
        access=SIGNED_IN,
        handler=sign_out,
        tag=Tag.SESSION,
        summary="Sign out: the session ends and its event streams close",
        answers={204: None},
    ),
    Route(
        method="GET",
        path=f"{API}/me",
        access=SIGNED_IN,
        handler=me,
        tag=Tag.SESSION,
        summary="Who one is and what one may",
        answers={200: Me},
    ),
)
