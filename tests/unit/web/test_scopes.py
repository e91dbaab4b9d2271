"""What a token that was narrowed to some scopes can still do."""

from gateway.store.credentials import SCOPES
from gateway.web.access import ROLE_SCOPES
from gateway.web.app import ROUTES
from gateway.web.routes import Route

# About oneself, or the same for everybody who is signed in.
OF_ANYBODY = {
    "/api/v1/desk",
    "/api/v1/hours",
    "/api/v1/session",
    "/api/v1/tokens",
    "/api/v1/tokens/{id}",
    "/api/v1/trunks/providers",
}


def is_of_anybody(route: Route) -> bool:
    """Tell whether a route shows or changes nothing but one's own."""
    own = route.path == "/api/v1/me" or route.path.startswith("/api/v1/me/")
    return own or route.path in OF_ANYBODY


def test_everything_that_is_not_ones_own_asks_for_a_scope() -> None:
    """A lost token for reading contacts must not place test calls or write to a CRM."""
    unscoped = {
        f"{route.method} {route.path}"
        for route in ROUTES
        if not route.access.public and route.access.scope is None and not is_of_anybody(route)
    }
    assert unscoped == set()


def test_every_scope_that_a_route_asks_for_can_be_given_and_is_some_roles() -> None:
    """Else nobody could call the route."""
    asked = {route.access.scope for route in ROUTES if route.access.scope is not None}
    assert asked <= SCOPES
    assert asked <= frozenset().union(*ROLE_SCOPES.values())


def test_every_role_of_a_route_holds_its_scope() -> None:
    """A route that names a role lets it in."""
    shut_out = {
        (route.path, role)
        for route in ROUTES
        for role in route.access.roles
        if len(route.access.roles) < len(ROLE_SCOPES)
        and route.access.scope is not None
        and route.access.scope not in ROLE_SCOPES[role]
    }
    assert shut_out == set()
