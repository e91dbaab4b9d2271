"""The web application: all routes, and the order of what surrounds them."""

import asyncio
from typing import Final

from aiohttp import web

from gateway.web import (
    callcontact,
    calls,
    control,
    crms,
    desk,
    directory,
    documentation,
    events,
    handoffs,
    health,
    hours,
    inbound,
    logbooks,
    missed,
    mystery,
    operations,
    page,
    people_side,
    promises,
    receipts,
    session,
    stream,
    timeline,
    troubles,
    trunkforms,
    trunks,
    webhooks,
    wrapups,
)
from gateway.web.guards import catch_up, explain, guard
from gateway.web.headers import add_security_headers
from gateway.web.keys import HASHING, LIMITS, SERVICES
from gateway.web.limits import SignInLimits
from gateway.web.repeats import RUNNING, once
from gateway.web.routes import DECLARED, MAX_BODY, declare, require_declarations
from gateway.web.services import Services
from gateway.web.strangers import quote_nobody
from gateway.web.validation import validate
from gateway.web.watch import WATCH, Watch, watching

HASHES_AT_ONCE: Final = 2

# Each module declares its own; the order is that of the documentation.
ROUTES: Final = (
    *session.ROUTES,
    *desk.ROUTES,
    *calls.ROUTES,
    *callcontact.ROUTES,
    *control.ROUTES,
    *handoffs.ROUTES,
    *wrapups.ROUTES,
    *directory.ROUTES,
    *timeline.ROUTES,
    *promises.ROUTES,
    *hours.ROUTES,
    *missed.ROUTES,
    *events.ROUTES,
    *stream.ROUTES,
    *operations.ROUTES,
    *mystery.ROUTES,
    *trunkforms.ROUTES,
    *trunks.ROUTES,
    *receipts.ROUTES,
    *crms.ROUTES,
    *logbooks.ROUTES,
    *troubles.ROUTES,
    *webhooks.ROUTES,
    *inbound.ROUTES,
    *people_side.ROUTES,
    *health.ROUTES,
    *page.ROUTES,
    *documentation.ROUTES,
)


def create_app(services: Services) -> web.Application:
    """Build the application; its start fails with ConfigError if a route is not declared."""
    quote_nobody()
    around = [explain, page.astray, guard, validate, once, catch_up]
    app = web.Application(middlewares=around, client_max_size=MAX_BODY)
    app[SERVICES] = services
    app[LIMITS] = SignInLimits(services.clock)
    app[HASHING] = asyncio.Semaphore(HASHES_AT_ONCE)
    app[WATCH] = Watch(services)
    app[DECLARED] = {}
    people_side.install(app)
    app[documentation.DOCUMENTATION] = documentation.Documentation(ROUTES, services.options.version)
    app[RUNNING] = set()
    for route in (*ROUTES, *page.PLACE_ROUTES):
        declare(app, route)
    app.on_startup.extend((require_declarations, page.read_page))
    app.on_response_prepare.append(add_security_headers)
    app.on_shutdown.append(events.say_goodbye)
    app.cleanup_ctx.append(watching)
    return app
