"""Click-to-call for systems that call us: a secret of their own, fields in their own words."""

import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl
from uuid import uuid4

import orjson
from aiohttp import web

from gateway.desk.controlled import Person
from gateway.desk.inbound import Asked, Door, Fields, Wish
from gateway.desk.roster import Roster
from gateway.store.requests import RequestState
from gateway.web.access import CALLS_DIAL, PUBLIC, ROLE_SCOPES
from gateway.web.answers import answer
from gateway.web.control import REQUEST_FAILED
from gateway.web.keys import LIMITS, SERVICES
from gateway.web.problems import (
    BAD_REQUEST,
    FORBIDDEN,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    NOT_POSSIBLE,
    TOO_LARGE,
    TOO_MANY_ATTEMPTS,
    WRONG_MEDIA_TYPE,
    Problem,
    ProblemKind,
)
from gateway.web.refusals import NUMBER_DENIED, PBX_PROBLEMS, TOO_MANY_CALLS
from gateway.web.routes import API, Repeat, Route, Tag, Upload
from gateway.web.shapes.consumers import InboundPath, InboundQuery, InboundTaken
from gateway.web.trail import TRAIL
from gateway.web.validation import params_of, read_limited

MOST_BYTES: Final = 64 * 1024
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

WRONG_SECRET: Final = ProblemKind(
    slug="wrong-secret",
    status=401,
    title="The secret is wrong or missing",
    detail="The request does not hold the secret that [[inbound]] asks for, where it asks for it.",
)
NOTHING_ASKED: Final = ProblemKind(
    slug="nothing-asked",
    status=422,
    title="Number or user missing",
    detail="The number to call or the user whose phone rings is missing: compare the fields that "
    "[[inbound]] names with those that are sent.",
)
UNKNOWN_USER: Final = ProblemKind(
    slug="unknown-user",
    status=404,
    title="Nobody here",
    detail="Nobody here has this login or extension: name the user in `users` of [[inbound]].",
)


async def inbound(request: web.Request) -> web.Response:
    """Answer `POST` (where allowed `GET`) `/api/v1/inbound/{name}`: ring the user's phone, dial."""
    services = request.app[SERVICES]
    door = services.inbound.get(params_of(request, InboundPath).id)
    if door is None:
        raise Problem(NOT_FOUND, "No system of this name is configured in [[inbound]].")
    if request.method == "GET" and not door.allow_get:
        raise Problem(METHOD_NOT_ALLOWED, "Send a POST, or set allow_get in [[inbound]].")
    asked = await _asked(request)
    _let_in(request, door, asked)
    if not door.concerns(asked):
        return answer({"id": None, "state": "ignored", "detail": "This asks for no call."})
    wish = door.wish(asked)
    if wish is None:
        raise Problem(NOTHING_ASKED)
    return await _dial(request, door, wish)


async def _asked(request: web.Request) -> Asked:
    body = await read_limited(request, MOST_BYTES)
    return Asked(
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query),
        fields=_fields(request.content_type, body),
        body=body,
    )


def _fields(media_type: str, body: bytes) -> Fields:
    """Read a form or JSON; some systems send JSON and do not say so."""
    if not body.strip():
        return {}
    try:
        if media_type == FORM:
            return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=1000))
        if media_type.endswith("json") or body.lstrip()[:1] == b"{":
            read = orjson.loads(body)
            if isinstance(read, Mapping):
                return read
    except ValueError as error:
        raise Problem(BAD_REQUEST, "The body can be read neither as JSON nor as a form.") from error
    raise Problem(WRONG_MEDIA_TYPE, "Send the fields as a JSON object, a form or a query.")


def _let_in(request: web.Request, door: Door, asked: Asked) -> None:
    """Check the secret; who guesses is slowed down like at the sign-in."""
    limits, address = request.app[LIMITS], request.remote or ""
    wait_s = limits.take(login=None, address=address)
    if wait_s > 0:
        headers = {"Retry-After": str(round(wait_s) or 1)}
        raise Problem(TOO_MANY_ATTEMPTS, headers=headers)
    if not door.lets_in(asked):
        raise Problem(WRONG_SECRET)
    limits.refund(login=None, address=address)


async def _dial(request: web.Request, door: Door, wish: Wish) -> web.Response:
    services = request.app[SERVICES]
    if services.controls is None:
        raise Problem(NOT_POSSIBLE, "No PBX of this installation can be controlled.")
    person, extension = _whose(request, door, wish.user)
    said = wish.key or request.headers.get("Idempotency-Key") or uuid4().hex
    key = hashlib.sha256(f"inbound\n{door.name}\n{said}".encode()).hexdigest()
    placed = await services.controls.dialling.dial(
        person, wish.number, key=key, pbx=door.pbx, extension=extension
    )
    request.app[TRAIL].note(person.login, "calls.dialled", str(placed.call_id), by=door.name)
    if placed.state is RequestState.FAILED:
        raise Problem(REQUEST_FAILED, f"{placed.cause} {placed.remedy}".strip())
    words = placed.cause or "The phone rings first; once it is answered the number is dialled."
    call = str(placed.call_id) if placed.call_id is not None else None
    return answer({"id": call, "state": placed.state.value, "detail": words}, status=202)


def _whose(request: web.Request, door: Door, user: str) -> tuple[Person, str | None]:
    """Return whose phone rings, found by login or extension, with the extension if it was that."""
    roster = request.app[SERVICES].roster
    people = [one for one in roster.users() if not one.disabled]
    by_login = next((one for one in people if one.login == user), None)
    place, _, extension = user.rpartition(":")
    found = by_login or next(
        (one for one in people if _has(roster, one.login, place or door.pbx, extension)), None
    )
    if found is None:
        raise Problem(UNKNOWN_USER)
    if CALLS_DIAL not in ROLE_SCOPES[found.role]:
        raise Problem(FORBIDDEN, "This person's role places no calls.")
    person = Person(
        login=found.login, name=found.name, extensions=roster.extensions_of(found.login)
    )
    return person, None if by_login is not None else extension


def _has(roster: Roster, login: str, pbx: str | None, extension: str) -> bool:
    """Whether somebody has an extension, on this PBX or, where none is named, on any."""
    return any(
        theirs == extension and (pbx is None or place in {"", pbx})
        for place, theirs in roster.extensions_of(login)
    )


def _route(method: str, summary: str) -> Route:
    return Route(
        method=method,
        path=f"{API}/inbound/{{id}}",
        access=PUBLIC,
        handler=inbound,
        tag=Tag.CONTROL,
        summary=summary,
        detail="For CRMs that call us. The secret is that of the system's `[[inbound]]` table, "
        "which also says what its fields mean; limits and numbers are those of click-to-call.",
        params=InboundPath,
        query=InboundQuery,
        upload=Upload(types=(JSON, FORM), limit=MOST_BYTES),
        answers={200: InboundTaken, 202: InboundTaken},
        problems=(
            *PBX_PROBLEMS,
            BAD_REQUEST,
            METHOD_NOT_ALLOWED,
            TOO_LARGE,
            WRONG_MEDIA_TYPE,
            WRONG_SECRET,
            NOTHING_ASKED,
            UNKNOWN_USER,
            NUMBER_DENIED,
            TOO_MANY_CALLS,
            TOO_MANY_ATTEMPTS,
            REQUEST_FAILED,
        ),
        repeat=Repeat.OWN,
        with_head=False,
    )


ROUTES: Final = (
    _route("POST", "Click-to-call for a system that sends its own fields"),
    _route("GET", "The same for systems that can only GET, where it is allowed"),
)
