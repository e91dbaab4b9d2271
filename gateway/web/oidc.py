"""Sign-in by the company's identity provider: there, back, and who that is here.

The way back is a GET, as OpenID Connect has it; what protects it is the sealed cookie of the
browser that began, with state, nonce and PKCE verifier. A second factor is the provider's affair.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import orjson
import structlog
from aiohttp import web

from gateway.core.errors import AdapterError, FilodirettoError, UsageError
from gateway.store import people
from gateway.store.audit import AuditEntry, append
from gateway.store.database import Connection
from gateway.store.identities import bind_identity, has_identity, is_bound, login_of
from gateway.store.people import Role, User
from gateway.web.access import PUBLIC
from gateway.web.cookies import set_cookie
from gateway.web.keys import SERVICES
from gateway.web.oidc_provider import Attempt, Claims, IdentityRules, Provider
from gateway.web.origins import origin_of
from gateway.web.problems import NOT_FOUND, TOO_MANY_ATTEMPTS, Problem
from gateway.web.routes import Route, Tag
from gateway.web.session import Proof, open_session, refund, take_attempt
from gateway.web.setup import OIDC_PATH
from gateway.web.shapes.session import CallbackQuery
from gateway.web.trail import TRAIL
from gateway.web.validation import query_of
from gateway.web.watch import WATCH

CALLBACK: Final = f"{OIDC_PATH}/callback"
COOKIE: Final = "filodiretto-oidc"
VALID: Final = timedelta(minutes=10)
MAX_COOKIE: Final = 4096
FOUND: Final = 303

PROVIDER: Final = web.AppKey("provider", Provider)

log = structlog.get_logger(__name__)


class RefusedError(FilodirettoError):
    """Somebody is known to the provider but may not come in; `reason` is for the page."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


async def go(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/session/oidc`: sends the browser to the provider."""
    services, rules = request.app[SERVICES], _rules(request)
    attempt = Attempt.fresh()
    try:
        url = await request.app[PROVIDER].sign_in_url(attempt, redirect_uri=_callback(request))
    except AdapterError as error:
        return _back(request, "away", error, rules)
    response = web.Response(status=FOUND, headers={"Location": url})
    sealed = services.people.sealer.seal(
        orjson.dumps([attempt.state, attempt.nonce, attempt.verifier])
    )
    response.set_cookie(
        COOKIE,
        sealed.decode(),
        max_age=int(VALID.total_seconds()),
        path=OIDC_PATH,
        secure=services.options.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


async def come_back(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/session/oidc/callback`: checks all of it and opens a session."""
    services, rules = request.app[SERVICES], _rules(request)
    query, attempt = query_of(request, CallbackQuery), _attempt(request)
    take_attempt(request, login=None)
    if attempt is None or not hmac.compare_digest(
        attempt.state.encode(), (query.state or "").encode()
    ):
        return _back(request, "expired", None, rules)
    if query.iss is not None and query.iss != rules.provider.issuer:  # RFC 9207
        return _back(request, "refused", None, rules)
    if query.code is None:
        return _back(request, "denied", None, rules)
    try:
        claims = await request.app[PROVIDER].claims(
            attempt, code=query.code, redirect_uri=_callback(request)
        )
        now = services.clock.now()
        login, changed = await services.db.write(lambda conn: _admit(conn, claims, rules, now))
    except AdapterError as error:
        return _back(request, "away" if error.retryable else "refused", error, rules)
    except RefusedError as error:
        return _back(request, error.reason, error, rules)
    refund(request, None)  # a whole office comes from one address, in the same five minutes
    if changed:
        await request.app[WATCH].check_all()
    principal = await open_session(request, Proof(login=login, how="oidc"))
    response = web.Response(status=FOUND, headers={"Location": "/"})
    set_cookie(response, principal.secret, secure=services.options.secure)
    response.del_cookie(COOKIE, path=OIDC_PATH)
    return response


def _admit(
    conn: Connection, claims: Claims, rules: IdentityRules, now: datetime
) -> tuple[str, bool]:
    """Return the login of a subject and whether anything about people changed.

    `sub` decides. A name or mail address counts only for the very first sign-in, and only if the
    configuration says so: both can change hands at the provider.
    """
    issuer, subject = rules.provider.issuer, str(claims["sub"])
    role = _role(claims, rules)
    login, changed = login_of(conn, issuer=issuer, subject=subject), False
    if login is None:
        if is_bound(conn, issuer=issuer, subject=subject):
            raise RefusedError("disabled", "The user is disabled.")
        login = _first_time(conn, claims, rules, role, now)
        bind_identity(conn, login, issuer=issuer, subject=subject, now=now)
        _note(conn, "identity.bound", login, now)
        changed = True
    found = people.get_user(conn, login)
    if found is not None and role is not None and found.role is not role:
        changing = User(login=login, name=found.name, role=role, extensions=found.extensions)
        try:
            people.put_user(conn, changing, now=now)
        except people.LastAdminError as error:
            # as somebody who may less they would leave nobody who may give the role away
            raise RefusedError("last-administrator", error.message) from error
        _note(conn, "user.changed", login, now, role=role.value)
        changed = True
    return login, changed


def _first_time(
    conn: Connection, claims: Claims, rules: IdentityRules, role: Role | None, now: datetime
) -> str:
    """Return the user an unknown subject becomes; raises RefusedError."""
    if rules.bind_by:
        verified = rules.bind_by != "email" or claims.get("email_verified") is True
        known = people.get_user(conn, str(claims.get(rules.bind_by, "")))
        if known is not None and verified:
            if known.disabled:
                raise RefusedError("disabled", "The user is disabled.")
            if has_identity(conn, known.login, issuer=rules.provider.issuer):
                raise RefusedError("unknown", "The user is bound to another account.")
            return known.login
    if not rules.create:
        raise RefusedError("unknown", "No user is bound to this account.")
    login = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
    name = str(claims.get("name") or login)[:120]
    if not name.isprintable():
        name = login
    user = User(login=login, name=name, role=role or rules.create_role)
    try:
        people.add_user(conn, user, password_hash=None, now=now)
    except UsageError as error:  # taken by somebody who is not bound: never theirs by name
        raise RefusedError("unknown", error.message) from error
    _note(conn, "user.added", login, now, role=user.role.value)
    return login


def _role(claims: Claims, rules: IdentityRules) -> Role | None:
    """Return the role of the first group that fits; None if groups decide nothing."""
    if not rules.roles:
        return None
    said = claims.get(rules.groups_claim)
    groups = {said} if isinstance(said, str) else set(said) if isinstance(said, list) else set()
    for group, role in rules.roles.items():
        if group in groups:
            return role
    raise RefusedError("group", "None of the groups may sign in here.")


def _note(conn: Connection, action: str, login: str, now: datetime, **detail: object) -> None:
    append(conn, (AuditEntry(at=now, actor=login, action=action, subject=login, detail=detail),))


def _rules(request: web.Request) -> IdentityRules:
    rules = request.app[SERVICES].people.identities
    if rules is None:
        raise Problem(NOT_FOUND, "No identity provider is configured: fill in [oidc].")
    return rules


def _callback(request: web.Request) -> str:
    """Return our address at the provider: of `public_url`, else of the listener, never of Host."""
    public_url = request.app[SERVICES].options.public_url
    if public_url:
        return origin_of(public_url) + CALLBACK
    name = request.transport.get_extra_info("sockname") if request.transport is not None else None
    host, port = (str(name[0]), int(name[1])) if name else ("127.0.0.1", 80)
    shown = f"[{host}]" if ":" in host else host
    return origin_of(f"{'https' if request.secure else 'http'}://{shown}:{port}") + CALLBACK


def _attempt(request: web.Request) -> Attempt | None:
    sealed = request.cookies.get(COOKIE, "")
    if not sealed or len(sealed) > MAX_COOKIE:
        return None
    opened = request.app[SERVICES].people.sealer.unseal(sealed.encode(), max_age=VALID)
    if opened is None:
        return None
    state, nonce, verifier = orjson.loads(opened)
    return Attempt(state=state, nonce=nonce, verifier=verifier)


def _back(
    request: web.Request, reason: str, error: FilodirettoError | None, rules: IdentityRules
) -> web.Response:
    """Send the browser to the sign-in page with a word for what went wrong."""
    detail = getattr(error, "detail", "") if error is not None else ""
    log.warning(
        "oidc.refused",
        reason=reason,
        issuer=rules.provider.issuer,
        cause=error.message if error is not None else "",
        detail=detail,
    )
    request.app[TRAIL].note("", "session.refused", how="oidc", reason=reason)
    where: Mapping[str, str] = {"oidc": reason}
    response = web.Response(status=FOUND, headers={"Location": f"/#{urlencode(where)}"})
    response.del_cookie(COOKIE, path=OIDC_PATH)
    return response


ROUTES: Final = (
    Route(
        method="GET",
        path=OIDC_PATH,
        access=PUBLIC,
        handler=go,
        tag=Tag.SESSION,
        summary="Sign in by the company's identity provider: sends a browser there",
        answers={FOUND: None},
        problems=(NOT_FOUND,),
        with_head=False,
    ),
    Route(
        method="GET",
        path=CALLBACK,
        access=PUBLIC,
        handler=come_back,
        tag=Tag.SESSION,
        summary="Where the identity provider sends the browser back to",
        query=CallbackQuery,
        answers={FOUND: None},
        problems=(NOT_FOUND, TOO_MANY_ATTEMPTS),
        with_head=False,
    ),
)
