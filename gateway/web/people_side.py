"""Everything about people that the application is made of: routes, audit log, identity provider."""

from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from gateway.web import (
    account,
    auditlog,
    oidc,
    people,
    people_import,
    privacy,
    setup,
    tokens,
)
from gateway.web.keys import SERVICES
from gateway.web.oidc import PROVIDER
from gateway.web.oidc_provider import Provider
from gateway.web.trail import TRAIL, AuditTrail, auditing

ROUTES: Final = (
    *setup.ROUTES,
    *oidc.ROUTES,
    *account.ROUTES,
    *people.ROUTES,
    *people_import.ROUTES,
    *tokens.ROUTES,
    *auditlog.ROUTES,
    *privacy.ROUTES,
)


def install(app: web.Application) -> None:
    """Make the parts and have them run as long as the application."""
    services = app[SERVICES]
    app[TRAIL] = AuditTrail(services.db, services.clock)
    app.cleanup_ctx.append(auditing)
    rules = services.people.identities
    if rules is not None:
        app[PROVIDER] = Provider(rules.provider)
        app.cleanup_ctx.append(_provider)


async def _provider(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[PROVIDER].close()
