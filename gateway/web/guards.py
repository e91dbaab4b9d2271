"""What every request passes: errors become problem details, then sign-in, origin and scope."""

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.core.errors import StoreError, UsageError
from gateway.web.access import policy_of
from gateway.web.identity import identify, not_signed_in
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.origins import SAFE_METHODS, check_json, check_origin, check_unsafe
from gateway.web.problems import Problem, from_http_error, problem_response

log = structlog.get_logger(__name__)

FIRST_ERROR = 400


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure with problem details and never with a traceback."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPException as error:
        if error.status < FIRST_ERROR:
            raise
        return from_http_error(error)
    except UsageError as error:
        return problem_response(422, f"{error.message} {error.remedy}".strip())
    except StoreError as error:
        log.warning("web.store_failed", cause=error.cause.value, path=_path(request))
        return problem_response(503, error.message, headers={"Retry-After": "5"})
    except Exception:
        log.exception("web.request_failed", method=request.method, path=_path(request))
        return problem_response(500)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let through who may call the route; cookies count only together with our own origin."""
    policy = policy_of(request)
    if policy is None or policy.public:
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
    if unsafe:
        check_json(request)
    if not policy.allows(principal):
        raise Problem(403, "Your role or your token's scopes do not include this.")
    request[PRINCIPAL] = principal
    return await handler(request)


def _path(request: web.Request) -> str:
    """Return the route's pattern: what people put into addresses does not belong in logs."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""
