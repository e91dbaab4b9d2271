"""Holds every answer of the application to what its route declares."""

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from gateway.web.expected import expected_problems
from gateway.web.problems import INTERNAL, Problem
from gateway.web.routes import Route, route_of
from gateway.web.shapes.problem import Problem as ProblemShape

FIRST_ERROR = 400
FREE = {404, 405}
# the page itself, for a person who opened an address that leads nowhere
ASTRAY = (404, "text/html")


@web.middleware
async def verify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 500 with the reason instead of something that is not as declared."""
    answer = await handler(request)
    route = route_of(request)
    reason = _deviation(route, answer) if isinstance(answer, web.Response) else None
    if reason is None:
        return answer
    return Problem(INTERNAL, f"Not as declared: {reason}").response()


def _deviation(route: Route | None, answer: web.Response) -> str | None:
    body = answer.body if isinstance(answer.body, bytes) else b""
    try:
        if route is None and (answer.status, answer.content_type) == ASTRAY:
            return None
        if answer.status >= FIRST_ERROR:
            return _problem(route, answer.status, body)
        if route is None or answer.status not in route.answers:
            return f"status {answer.status}"
        shape = route.answers[answer.status]
        if shape is not None:
            shape.model_validate_json(body, strict=True)
        elif body and route.produces not in {answer.content_type, "*/*"}:
            return f"a body of {answer.content_type}"
    except ValidationError as error:
        return str(error)
    return None


def _problem(route: Route | None, status: int, body: bytes) -> str | None:
    said = ProblemShape.model_validate_json(body, strict=True)
    if route is None:
        return None if status in FREE else f"status {status} without a route"
    kinds = {(kind.type, kind.status) for kind in expected_problems(route)}
    return None if (said.type, status) in kinds else f"problem {said.type}"
