"""Which problems a route can answer: what its handler says, and what follows from what it is."""

from collections.abc import Iterator

from gateway.web.origins import SAFE_METHODS
from gateway.web.problems import (
    BAD_CURSOR,
    FORBIDDEN,
    GUARD_HEADER_MISSING,
    INTERNAL,
    INVALID,
    KEY_REUSED,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    NOT_JSON,
    NOT_SIGNED_IN,
    TOO_LARGE,
    UNAVAILABLE,
    WRONG_MEDIA_TYPE,
    WRONG_ORIGIN,
    ProblemKind,
)
from gateway.web.repeats import ANSWER_NOT_KEPT, IN_PROGRESS, LEFT_UNFINISHED, takes_key
from gateway.web.routes import Repeat, Route
from gateway.web.shapes.base import PageParams


def expected_problems(route: Route) -> tuple[ProblemKind, ...]:
    """Return the kinds, each once, by status."""
    kinds = dict.fromkeys((*route.problems, *_implied(route)))
    return tuple(sorted(kinds, key=lambda kind: kind.status))


def _implied(route: Route) -> Iterator[ProblemKind]:
    yield from (NOT_ACCEPTABLE, INVALID, INTERNAL, UNAVAILABLE)
    unsafe = route.method not in SAFE_METHODS
    if not route.access.public:
        yield from (NOT_SIGNED_IN, FORBIDDEN, WRONG_ORIGIN)
        if unsafe:
            yield GUARD_HEADER_MISSING
    if route.params is not None:
        yield NOT_FOUND
    if route.query is not None and issubclass(route.query, PageParams):
        yield BAD_CURSOR
    if unsafe:
        yield from (NOT_JSON, TOO_LARGE, WRONG_MEDIA_TYPE)
    if takes_key(route) and route.repeat is not Repeat.OWN:
        yield from (KEY_REUSED, IN_PROGRESS, LEFT_UNFINISHED, ANSWER_NOT_KEPT)
