"""What every request passes: errors become problem details, sign-in, origin, scope, the store."""

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.core.errors import StoreError
from gateway.web.audited import record
from gateway.web.identity import identify, not_signed_in
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.origins import SAFE_METHODS, check_origin, check_unsafe
from gateway.web.problems import (
    BAD_REQUEST,
    FORBIDDEN,
    INTERNAL,
    UNAVAILABLE,
    WRONG_MEDIA_TYPE,
    Problem,
    from_http_error,
)
from gateway.web.refusals import RETRY_S, problem_of
from gateway.web.routes import API, route_of
from gateway.web.wording import in_words_of

log = structlog.get_logger(__name__)

FIRST_ERROR = 400
LATER = {"Retry-After": RETRY_S}
NOT_ENCODED_SO = "The body is not as its Content-Encoding says; send it without one."


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure with problem details and never with a traceback."""
    try:
        return await handler(request)
    except Problem as problem:
        return _told(request, problem)
    except web.HTTPException as error:
        if error.status < FIRST_ERROR:
            raise
        return _told(request, from_http_error(error))
    except StoreError as error:
        log.warning("web.store_failed", cause=error.cause.value, path=_path(request))
        return _told(request, Problem(UNAVAILABLE, error.message, headers=LATER))
    except Exception as error:
        known = _by_client(request, error) or problem_of(error)
        if known is None:
            log.exception("web.request_failed", method=request.method, path=_path(request))
            known = Problem(INTERNAL)
        return _told(request, known)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let through who may call the route; cookies count only together with our own origin."""
    route = route_of(request)
    if route is None or route.access.public:
        return await handler(request)
    principal = await identify(request)
    if principal is None:
        raise not_signed_in()
    unsafe = request.method not in SAFE_METHODS
    if principal.by_cookie:
        # browsers send Origin with every unsafe request and every WebSocket handshake
        socket = request.headers.get("Upgrade", "").lower() == "websocket"
        public_url = request.app[SERVICES].options.public_url
        check_origin(request, public_url, required=unsafe or socket)
        if unsafe:
            check_unsafe(request)
    if not route.access.allows(principal):
        raise Problem(FORBIDDEN)
    request[PRINCIPAL] = principal
    response = await handler(request)
    record(request, route, principal, response)
    return response


@web.middleware
async def catch_up(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the store know of all calls that are over: a frame told of one before it is written."""
    route = route_of(request)
    if route is not None and route.path.startswith(API):
        await request.app[SERVICES].caught_up()
    return await handler(request)


def _by_client(request: web.Request, error: Exception) -> Problem | None:
    """Return what a client did wrong while it sent, None for anything else."""
    if isinstance(error, web.RequestPayloadError):
        # RFC 9110 section 15.5.16 counts the encoding in
        return Problem(WRONG_MEDIA_TYPE, NOT_ENCODED_SO)
    gone = isinstance(error, ConnectionResetError) and request.transport is None
    return Problem(BAD_REQUEST) if gone else None  # gone: nobody reads the answer


def _told(request: web.Request, problem: Problem) -> web.Response:
    problem.detail = in_words_of(request, problem.detail)
    return problem.response()


def _path(request: web.Request) -> str:
    """Return the route's pattern: what people put into addresses does not belong in logs."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""
