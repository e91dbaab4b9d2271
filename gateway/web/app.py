"""The web application: routes with their policies, and the order of what surrounds them."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.desk.callcontrol import CallAction
from gateway.desk.members import MemberAction
from gateway.web import (
    calls,
    control,
    directory,
    events,
    health,
    operations,
    page,
    receipts,
    session,
)
from gateway.web.access import (
    CALLS_DIAL,
    CALLS_READ,
    CALLS_WRITE,
    CONTACTS_READ,
    EVENTS_READ,
    OPERATORS,
    OUTBOX_READ,
    OUTBOX_WRITE,
    POLICIES,
    PUBLIC,
    SIGNED_IN,
    Access,
    require_policies,
)
from gateway.web.guards import explain, guard
from gateway.web.headers import add_security_headers
from gateway.web.keys import HASHING, LIMITS, SERVICES
from gateway.web.limits import SignInLimits
from gateway.web.services import Services
from gateway.web.watch import WATCH, Watch, watching

MAX_BODY: Final = 64 * 1024
HASHES_AT_ONCE: Final = 2
API: Final = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address: who may call it and what answers."""

    method: str
    path: str
    access: Access
    handler: Handler


def _get(path: str, access: Access, handler: Handler) -> Route:
    return Route(method="GET", path=path, access=access, handler=handler)


def _post(path: str, access: Access, handler: Handler) -> Route:
    return Route(method="POST", path=path, access=access, handler=handler)


ROUTES: Final = (
    _get("/", PUBLIC, page.show_page),
    _get("/healthz", PUBLIC, health.healthz),
    _get("/readyz", PUBLIC, health.readyz),
    Route(method="POST", path=f"{API}/session", access=PUBLIC, handler=session.sign_in),
    Route(method="DELETE", path=f"{API}/session", access=SIGNED_IN, handler=session.sign_out),
    _get(f"{API}/me", SIGNED_IN, session.me),
    _get(f"{API}/calls", Access(scope=CALLS_READ), calls.calls),
    _get(f"{API}/calls/{{id}}", Access(scope=CALLS_READ), calls.call),
    _post(f"{API}/calls", Access(scope=CALLS_DIAL), control.dial),
    *(
        _post(f"{API}/calls/{{id}}/{action}", Access(scope=CALLS_WRITE), control.on_call(action))
        for action in CallAction
    ),
    _get(f"{API}/queues", Access(scope=EVENTS_READ), operations.queues),
    *(
        _post(
            f"{API}/queues/{{id}}/members/{action}",
            Access(scope=CALLS_WRITE),
            control.on_member(action),
        )
        for action in MemberAction
    ),
    *(
        _post(
            f"{API}/agents/{{id}}/{action}",
            Access(scope=CALLS_WRITE),
            control.on_agent(action),
        )
        for action in (MemberAction.PAUSE, MemberAction.UNPAUSE)
    ),
    _post(
        f"{API}/agents/{{id}}/message-waiting",
        Access(scope=CALLS_WRITE),
        control.message_waiting,
    ),
    _get(f"{API}/match", Access(scope=CONTACTS_READ), directory.match),
    _get(f"{API}/contacts", Access(scope=CONTACTS_READ), directory.contacts),
    _get(f"{API}/contacts/{{id}}", Access(scope=CONTACTS_READ), directory.contact),
    _get(f"{API}/agents", Access(scope=EVENTS_READ), operations.agents),
    _get(f"{API}/pbxs", Access(scope=EVENTS_READ), operations.pbxs),
    _get(f"{API}/gaps", Access(roles=OPERATORS), operations.gaps),
    _get(f"{API}/outbox", Access(scope=OUTBOX_READ), receipts.outbox),
    Route(
        method="POST",
        path=f"{API}/outbox/{{id}}/retry",
        access=Access(scope=OUTBOX_WRITE),
        handler=receipts.retry_effect,
    ),
    _get(f"{API}/events", Access(scope=EVENTS_READ), events.events),
)


def create_app(services: Services) -> web.Application:
    """Build the application; its start fails with ConfigError if a route has no policy."""
    app = web.Application(middlewares=[explain, guard], client_max_size=MAX_BODY)
    app[SERVICES] = services
    app[LIMITS] = SignInLimits(services.clock)
    app[HASHING] = asyncio.Semaphore(HASHES_AT_ONCE)
    app[WATCH] = Watch(services)
    app[POLICIES] = {}
    for route in ROUTES:
        declare(app, route)
    app.on_startup.extend((require_policies, page.read_page))
    app.on_response_prepare.append(add_security_headers)
    app.on_shutdown.append(events.say_goodbye)
    app.cleanup_ctx.append(watching)
    return app


def declare(app: web.Application, route: Route) -> None:
    """Add a route together with its policy; HEAD goes with GET."""
    app.router.add_route(route.method, route.path, route.handler)
    app[POLICIES][route.method, route.path] = route.access
    if route.method == "GET" and route.handler is not events.events:
        app.router.add_route("HEAD", route.path, route.handler)
        app[POLICIES]["HEAD", route.path] = route.access
