"""What a route is: its address, who may call it, what goes in, what comes out, in one place.

The same declaration lets requests in, validates them, describes them in the OpenAPI document and
on `/docs`, and holds answers to their shape in the tests. Without any part of it the start fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from gateway.core.errors import ConfigError
from gateway.web.access import Access
from gateway.web.problems import ProblemKind

API: Final = "/api/v1"
JSON: Final = "application/json"
MAX_BODY: Final = 64 * 1024


class Tag(StrEnum):
    """The chapters of the documentation."""

    SESSION = "Session"
    CALLS = "Calls"
    CONTROL = "Call control"
    DIRECTORY = "Directory"
    HISTORY = "History"
    EVENTS = "Events"
    OPERATIONS = "Operations"
    CRM = "CRM"
    PEOPLE = "People"
    SYSTEM = "System"


class Repeat(StrEnum):
    """What a POST does when an Idempotency-Key comes again within 24 h.

    `answer`: the kept answer once more. `refuse`: 409, because the answer holds a secret, which is
    never kept. `own`: the handler sees to it. `ignore`: the route takes no key.
    """

    ANSWER = "answer"
    REFUSE = "refuse"
    OWN = "own"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A body that is a file: it is put on disk as it comes, up to `limit` bytes."""

    types: tuple[str, ...]
    limit: int
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address.

    `answers` maps each status of success to the shape of its body, None for an empty one.
    `problems` are the kinds that the handler raises by itself; those of sign-in, rights, reading
    and validation are added by what the route is. `produces` is the media type of success,
    `frames` the shape of what a stream consists of.
    """

    method: str
    path: str
    access: Access
    handler: Handler
    tag: Tag
    summary: str
    answers: Mapping[int, type[BaseModel] | None]
    detail: str = ""
    params: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    body_optional: bool = False
    frames: type[BaseModel] | None = None
    upload: Upload | None = None
    max_body: int = MAX_BODY
    problems: tuple[ProblemKind, ...] = ()
    produces: str = JSON
    repeat: Repeat = field(default=Repeat.ANSWER)
    with_head: bool = True

    def __post_init__(self) -> None:
        """Refuse a route that does not say what it is."""
        if not self.summary or not self.answers or (("{" in self.path) != bool(self.params)):
            raise ConfigError(
                "A route is not described, so the start is refused.",
                where=f"{self.method} {self.path}",
                remedy="Give it a summary, its answers, and a model of its path's parameters.",
            )


Declared = dict[tuple[str, str], Route]
DECLARED: Final = web.AppKey("declared", Declared)


def declare(app: web.Application, route: Route) -> None:
    """Add a route to the application; HEAD goes with GET unless the answer is a stream."""
    methods = ("GET", "HEAD") if route.method == "GET" and route.with_head else (route.method,)
    for method in methods:
        app.router.add_route(method, route.path, route.handler)
        app[DECLARED][method, route.path] = route


def route_of(request: web.Request) -> Route | None:
    """Return the route that a request was resolved to; None for 404 and 405."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    return request.app[DECLARED].get((request.match_info.route.method, resource.canonical))


async def require_declarations(app: web.Application) -> None:
    """Stop the start if an address has no declaration: a forgotten policy must not open it."""
    for route in app.router.routes():
        path = route.resource.canonical if route.resource is not None else ""
        if (route.method, path) not in app[DECLARED]:
            raise ConfigError(
                "A route has no access policy and no description, so the start is refused.",
                where=f"{route.method} {path}",
                remedy="Declare it as a Route.",
            )
