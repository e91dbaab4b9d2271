"""Signing in and out, and who one is."""

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from gateway.core.errors import StoreError
from gateway.desk.subscription import CloseCode
from gateway.store.credentials import create_session, end_session
from gateway.store.database import Connection
from gateway.store.passwords import hash_password, needs_rehash, verify_password
from gateway.store.people import Role, get_user, password_hash_of, refresh_password_hash
from gateway.web.access import PUBLIC, SIGNED_IN, Principal
from gateway.web.answers import answer
from gateway.web.cookies import cookie_name, drop_cookie, set_cookie
from gateway.web.identity import bearer_of, check, not_signed_in
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
from gateway.web.second_factor import (
    TOTP_ENROLMENT,
    TOTP_NOT_ASKED,
    TOTP_NOT_BEGUN,
    TOTP_REQUIRED,
    TOTP_WRONG,
    SecondFactor,
    enrolment_json,
)
from gateway.web.services import Services
from gateway.web.shapes.session import CredentialsBody, Enrolment, Me, SignedIn, SignInBody
from gateway.web.trail import TRAIL
from gateway.web.validation import body_of
from gateway.web.watch import WATCH

WRONG_CREDENTIALS: Final = ProblemKind(
    slug="wrong-credentials",
    status=401,
    title="Wrong name or password",
    detail="The user name or the password is wrong.",
)

NOT_EMBEDDED: Final = ProblemKind(
    slug="not-embedded",
    status=403,
    title="The page is not embedded here",
    detail="No other site may show the page. An administrator names it in web.frame_ancestors.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Somebody proved who they are: by `password`, `token`, `oidc` or `setup`."""

    login: str
    how: str
    token_id: str | None = None
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)


async def sign_in(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/session`: a login and password, or a Bearer token, for a cookie."""
    services = request.app[SERVICES]
    # a page of somebody else must not sign its visitors in here
    check_origin(request, services.options.public_url, required=False)
    embedded = body_of(request, SignInBody).embed
    if embedded and not services.options.frame_ancestors:
        raise Problem(NOT_EMBEDDED)
    proof = await _who(request)
    principal = await open_session(request, proof, embedded=embedded)
    me = me_json(services, principal)
    codes = list(proof.recovery_codes) if proof.recovery_codes else None
    response = answer({**me, "recovery_codes": codes})
    set_cookie(response, principal.secret, secure=services.options.secure, embedded=embedded)
    return response


async def open_session(request: web.Request, proof: Proof, *, embedded: bool = False) -> Principal:
    """Open a session for somebody who proved who they are, in place of the browser's earlier one.

    Raises Problem 401 if their right ended meanwhile.
    """
    services = request.app[SERVICES]
    name = cookie_name(secure=services.options.secure, embedded=embedded)
    earlier, now = request.cookies.get(name), services.clock.now()

    def renew(conn: Connection) -> str:
        if earlier is not None:
            end_session(conn, earlier)
        return create_session(
            conn, proof.login, now=now, token_id=proof.token_id, embedded=embedded
        )

    secret = await services.db.write(renew)
    principal = await check(services, secret, by_cookie=True)
    if principal is None:
        raise not_signed_in()
    request.app[TRAIL].note(
        proof.login, "session.started", proof.login, how=proof.how, address=request.remote
    )
    return principal


async def sign_out(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/session`: ends the session and closes its pages' sockets."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    response = web.Response(status=204)
    if principal.by_cookie:
        await services.db.write(lambda conn: end_session(conn, principal.secret))
        request.app[TRAIL].note(principal.login, "session.ended", principal.login)
        with suppress(StoreError):  # a phone held by this session is free again
            await request.app[WATCH].check_all()
        for socket in services.hub.sockets():
            if socket.credential == principal.credential:
                socket.close(CloseCode.SIGNED_OUT)
        drop_cookie(request, response, secure=services.options.secure)
    return response


async def me(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/me`."""
    return answer(me_json(request.app[SERVICES], request[PRINCIPAL]))


async def begin_totp(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/session/totp`: set a second factor up at the first sign-in."""
    check_origin(request, request.app[SERVICES].options.public_url, required=False)
    body = body_of(request, CredentialsBody)
    login = await proved_password(request, body.username, body.password)
    factor = SecondFactor(request.app[SERVICES])
    if not factor.is_required(login, await _role_of(request, login)):
        raise Problem(TOTP_NOT_ASKED)
    refund(request, login)
    return answer(enrolment_json(await factor.begin(login)))


async def _who(request: web.Request) -> Proof:
    """Return who proves themselves."""
    services = request.app[SERVICES]
    bearer = bearer_of(request)
    if bearer is None:
        return await _by_password(request)
    principal = await check(services, bearer, by_cookie=False)
    if principal is None:
        take_attempt(request, login=None)
        raise not_signed_in()
    return Proof(login=principal.login, token_id=principal.token_id, how="token")


async def _by_password(request: web.Request) -> Proof:
    body = body_of(request, SignInBody)
    if body.username is None or body.password is None:
        raise Problem(INVALID, 'The body needs "username" and "password", or send a Bearer token.')
    login = await proved_password(request, body.username, body.password)
    codes = await _second_factor(request, login, body.code)
    request.app[LIMITS].forgive(login=login, address=request.remote or "")
    return Proof(login=login, how="password", recovery_codes=codes)


async def _second_factor(request: web.Request, login: str, code: str | None) -> tuple[str, ...]:
    """Ask for a code where one is needed; returns recovery codes after the very first one.

    Only a wrong code costs an attempt: the step before it told nothing but that it is needed.
    """
    factor = SecondFactor(request.app[SERVICES])
    stored = await factor.stored(login)
    if stored is not None and stored.confirmed:
        if code is None:
            refund(request, login)
            raise Problem(TOTP_REQUIRED)
        if not await factor.check(login, code):
            request.app[TRAIL].note("", "session.refused", login, how="code")
            raise Problem(TOTP_WRONG)
        return ()
    if not factor.is_required(login, await _role_of(request, login)):
        return ()
    if stored is None or code is None:
        refund(request, login)
        raise Problem(TOTP_ENROLMENT)
    codes = await factor.confirm(login, code)
    request.app[TRAIL].note(login, "totp.confirmed", login)
    return codes


async def proved_password(request: web.Request, username: str, password: str) -> str:
    """Return the login whose password this is; an attempt is taken before anything is hashed.

    Raises Problem 401 and 429. The attempt is given back only by whoever calls this.
    """
    services, login = request.app[SERVICES], username.strip()
    take_attempt(request, login=login)
    stored = await services.db.read(lambda conn: password_hash_of(conn, login))
    async with request.app[HASHING]:
        right = await asyncio.to_thread(verify_password, stored, password)
        if stored is not None and right and needs_rehash(stored):
            fresh = await asyncio.to_thread(hash_password, password)
            await services.db.write(lambda conn: refresh_password_hash(conn, login, stored, fresh))
    if not right:
        # what was typed may be a password in the wrong field: only logins are written down
        known = login if stored is not None else ""
        request.app[TRAIL].note("", "session.refused", known, address=request.remote)
        raise Problem(WRONG_CREDENTIALS)
    return login


async def _role_of(request: web.Request, login: str) -> Role:
    found = await request.app[SERVICES].db.read(lambda conn: get_user(conn, login))
    if found is None:
        raise Problem(WRONG_CREDENTIALS)
    return found.role


def refund(request: web.Request, login: str | None) -> None:
    """Give an attempt back that guessed nothing."""
    request.app[LIMITS].refund(login=login, address=request.remote or "")


def take_attempt(request: web.Request, *, login: str | None) -> None:
    """Use an attempt of the address, and of a login if one is tried; raises Problem 429."""
    wait = request.app[LIMITS].take(login=login, address=request.remote or "")
    if wait > 0:
        seconds = str(math.ceil(wait))
        raise Problem(TOO_MANY_ATTEMPTS, headers={"Retry-After": seconds})


def me_json(services: Services, principal: Principal) -> dict[str, object]:
    """Return who somebody is, which phones are theirs now, and what they may."""
    board, held = (
        services.queues,
        {
            (desk.pbx, desk.extension)
            for desk in services.roster.desks()
            if desk.login == principal.login
        },
    )
    return {
        "login": principal.login,
        "name": principal.name,
        "role": principal.role.value,
        "extensions": [
            {
                "pbx": pbx or None,
                "extension": extension,
                "held": (pbx, extension) in held,
                "shared_with": list(others),
                "registered": None if board is None else board.registered(pbx, extension),
            }
            for pbx, extension, others in services.roster.sharing(principal.login)
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
        answers={200: SignedIn},
        detail="Where a second factor is needed the answer says so (`totp-required`, "
        "`totp-enrolment-required`); send the same again with `code`.",
        problems=(
            INVALID,
            NOT_SIGNED_IN,
            WRONG_CREDENTIALS,
            WRONG_ORIGIN,
            TOO_MANY_ATTEMPTS,
            TOTP_REQUIRED,
            TOTP_WRONG,
            TOTP_ENROLMENT,
            TOTP_NOT_BEGUN,
            NOT_EMBEDDED,
        ),
        repeat=Repeat.IGNORE,
    ),
    Route(
        method="POST",
        path=f"{API}/session/totp",
        access=PUBLIC,
        handler=begin_totp,
        tag=Tag.SESSION,
        summary="Set up the second factor that one's role needs, at the first sign-in",
        detail="Scan the QR code, then sign in with the first code: the answer holds ten "
        "recovery codes, once.",
        body=CredentialsBody,
        answers={200: Enrolment},
        problems=(INVALID, WRONG_CREDENTIALS, WRONG_ORIGIN, TOO_MANY_ATTEMPTS, TOTP_NOT_ASKED),
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
