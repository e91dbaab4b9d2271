"""Reads what a request carries into the models that its route declares, before any handler runs."""

import hashlib
from collections.abc import Iterable
from typing import Final, TypeVar

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from gateway.web.faults import MAX_NAME, field_errors
from gateway.web.origins import SAFE_METHODS
from gateway.web.paging import CURSOR, SYNCED, unbound
from gateway.web.problems import (
    INVALID,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    NOT_JSON,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    FieldError,
    Problem,
)
from gateway.web.repeats import DIGEST
from gateway.web.routes import JSON, Route, route_of
from gateway.web.shapes.base import Body, PageParams

Model = TypeVar("Model", bound=BaseModel)

PARAMS: Final = web.RequestKey("params", BaseModel)
QUERY: Final = web.RequestKey("query", BaseModel)
BODY: Final = web.RequestKey("body", BaseModel)
CHUNK: Final = 64 * 1024
NO_TEXT: Final = "holds characters that are no text"
_NUL: Final = rb"\u0000"
NO_OBJECT: Final = frozenset({"json_invalid", "model_type"})


class Nothing(Body):
    """The body or query of a route that has none."""


def params_of(request: web.Request, model: type[Model]) -> Model:
    """Return the parameters of the path."""
    return _of(request.get(PARAMS), model)


def query_of(request: web.Request, model: type[Model]) -> Model:
    """Return the parameters of the query."""
    return _of(request.get(QUERY), model)


def body_of(request: web.Request, model: type[Model]) -> Model:
    """Return the body; where it is optional and absent, the model with its defaults."""
    return _of(request.get(BODY), model)


def _of(value: BaseModel | None, model: type[Model]) -> Model:
    if not isinstance(value, model):
        raise TypeError("The handler asks for a model that its route does not declare.")
    return value


@web.middleware
async def validate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what is not as declared; stands behind the guard, so strangers are not even read."""
    route = route_of(request)
    if route is None:
        return await handler(request)
    check_accept(request, route.produces)
    if route.params is not None:
        request[PARAMS] = _read_params(request, route.params)
    request[QUERY] = _read_query(request, route.query or Nothing)
    if route.upload is None:
        await _read_body(request, route)
    return await handler(request)


def check_accept(request: web.Request, produces: str) -> None:
    """Refuse a request that cannot take the answer (RFC 9110 section 12.5.1)."""
    header = request.headers.get("Accept")
    if not header:
        return
    fitting = {"*/*", produces, produces.partition("/")[0] + "/*"}
    for part in header.split(","):
        name, _, rest = part.partition(";")
        refused = rest.replace(" ", "").lower() in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
        if name.strip().lower() in fitting and not refused:
            return
    raise Problem(NOT_ACCEPTABLE, f"This address answers as {produces}; let Accept include it.")


def _read_params(request: web.Request, model: type[BaseModel]) -> BaseModel:
    try:
        _check_text(request.match_info.items())
        return model.model_validate(dict(request.match_info))
    except ValidationError as error:
        found = field_errors(error, in_body=False)
        words = "; ".join(f"{item.parameter} {item.detail}" for item in found)
        raise Problem(NOT_FOUND, f"There is nothing at this address: {words}.") from error


def _read_query(request: web.Request, model: type[BaseModel]) -> BaseModel:
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given:
            repeated = FieldError(parameter=name[:MAX_NAME], detail="may be given once only")
            raise _invalid([repeated])
        given[name] = value
    try:
        _check_text(given.items())
        if CURSOR in given and SYNCED not in given and issubclass(model, PageParams):
            given[CURSOR] = unbound(request, given[CURSOR])
        return model.model_validate(given)
    except ValidationError as error:
        raise _invalid(field_errors(error, in_body=False)) from error


async def _read_body(request: web.Request, route: Route) -> None:
    sent = await read_limited(request, route.max_body) if request.can_read_body else b""
    if request.method in SAFE_METHODS:
        return
    request[DIGEST] = hashlib.sha256(sent).digest()
    if sent:
        check_type(request, (JSON,))
    elif route.body is not None and not route.body_optional:
        raise Problem(NOT_JSON)
    if _NUL in sent and (odd := _with_nul(_json_of(sent))) is not None:
        raise _invalid([FieldError(pointer=f"#{odd}", detail=NO_TEXT)])
    try:
        request[BODY] = (route.body or Nothing).model_validate_json(sent or b"{}", strict=True)
    except ValidationError as error:
        if any(item["type"] in NO_OBJECT and not item["loc"] for item in error.errors()):
            raise Problem(NOT_JSON) from error
        raise _invalid(field_errors(error, in_body=True)) from error


async def read_limited(request: web.Request, limit: int) -> bytes:
    """Return the whole body; raises Problem 413 before more than `limit` bytes are in memory."""
    sent = bytearray()
    if (request.content_length or 0) > limit:
        raise Problem(TOO_LARGE, f"The request body may have at most {limit} bytes here.")
    async for chunk in request.content.iter_chunked(CHUNK):
        sent += chunk
        if len(sent) > limit:
            raise Problem(TOO_LARGE, f"The request body may have at most {limit} bytes here.")
    return bytes(sent)


def check_type(request: web.Request, types: tuple[str, ...]) -> None:
    """Refuse a body of another media type: forms of other sites cannot send these unasked."""
    if request.content_type not in types:
        words = " or ".join(types)
        raise Problem(WRONG_MEDIA_TYPE, f"Send the body as {words} and say so in Content-Type.")


def _check_text(given: Iterable[tuple[str, str]]) -> None:
    """Refuse what no database stores: U+0000, and halves of surrogate pairs."""
    for name, value in given:
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            odd = FieldError(parameter=name[:MAX_NAME], detail=NO_TEXT)
            raise _invalid([odd])


def _with_nul(document: object) -> str | None:
    """Return where a text holds U+0000, which no database stores; None if none does."""
    waiting: list[tuple[str, object]] = [("", document)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str) and "\0" in value:
            return place
        if isinstance(value, list):
            waiting.extend((f"{place}/{number}", one) for number, one in enumerate(value))
        elif isinstance(value, dict):
            if any("\0" in name for name in value):
                return place
            waiting.extend((f"{place}/{_escaped(name)}", one) for name, one in value.items())
    return None


def _escaped(name: str) -> str:
    return name[:MAX_NAME].replace("~", "~0").replace("/", "~1")  # RFC 6901


def _json_of(sent: bytes) -> object:
    try:
        return orjson.loads(sent)
    except orjson.JSONDecodeError:
        return None  # the model says what is wrong


def _invalid(errors: list[FieldError]) -> Problem:
    words = "; ".join(f"{item.pointer or item.parameter} {item.detail}" for item in errors)
    return Problem(INVALID, f"{words[:1].upper()}{words[1:]}." if words else None, errors=errors)
