"""The first visit: how one may sign in here, and the one-time link that makes the first admin."""

import asyncio
from typing import Final

from aiohttp import web

from gateway.store.audit import AuditEntry, append
from gateway.store.database import Connection
from gateway.store.passwords import hash_password
from gateway.store.people import Role, User
from gateway.store.setup_links import (
    LinkOverError,
    check_setup_link,
    has_admin,
    use_setup_link,
)
from gateway.web.access import PUBLIC
from gateway.web.answers import answer
from gateway.web.cookies import set_cookie
from gateway.web.keys import HASHING, SERVICES
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
from gateway.web.session import Proof, me_json, open_session, take_attempt
from gateway.web.shapes.session import Me, SetupBody, Ways
from gateway.web.validation import body_of
from gateway.web.watch import WATCH

LINK_OVER: Final = ProblemKind(
    slug="setup-link-over",
    status=410,
    title="The set-up link is over",
    detail="This set-up link is not valid any more: it works once, for 15 minutes. Make a new "
    "one with `filodiretto setup-link`.",
)
OIDC_PATH: Final = f"{API}/session/oidc"


async def ways(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/session`: what the sign-in page offers."""
    services = request.app[SERVICES]
    rules = services.people.identities
    return answer(
        {
            "setup": not await services.db.read(has_admin),
            "oidc": None if rules is None else rules.label or rules.provider.issuer,
            "oidc_url": None if rules is None else OIDC_PATH,
        }
    )


async def set_up(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/setup`: makes the first administrator and signs them in."""
    services = request.app[SERVICES]
    check_origin(request, services.options.public_url, required=False)
    body, now = body_of(request, SetupBody), services.clock.now()
    take_attempt(request, login=None)
    admin = User(login=body.login, name=body.name or body.login, role=Role.ADMIN)
    entry = AuditEntry(at=now, actor=body.login, action="setup.done", subject=body.login, detail={})
    try:
        # before the costly hash, and again in the transaction that uses it up
        await services.db.read(lambda conn: check_setup_link(conn, body.secret, now=now))
        async with request.app[HASHING]:
            hashed = await asyncio.to_thread(hash_password, body.password)

        def work(conn: Connection) -> None:
            use_setup_link(conn, body.secret, admin, password_hash=hashed, now=now)
            append(conn, (entry,))

        await services.db.write(work)
    except LinkOverError as error:
        raise Problem(LINK_OVER) from error
    await request.app[WATCH].check_all()
    principal = await open_session(request, Proof(login=admin.login, how="setup"))
    response = answer(me_json(services, principal), status=201)
    set_cookie(response, principal.secret, secure=services.options.secure)
    return response


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/session",
        access=PUBLIC,
        handler=ways,
        tag=Tag.SESSION,
        summary="How one may sign in here",
        answers={200: Ways},
    ),
    Route(
        method="POST",
        path=f"{API}/setup",
        access=PUBLIC,
        handler=set_up,
        tag=Tag.SESSION,
        summary="Make the first administrator, with the secret of a set-up link",
        body=SetupBody,
        answers={201: Me},
        problems=(INVALID, NOT_SIGNED_IN, WRONG_ORIGIN, TOO_MANY_ATTEMPTS, LINK_OVER),
        repeat=Repeat.IGNORE,
    ),
)
