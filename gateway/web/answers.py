"""JSON in and out: one way to answer, one way to read a body, one way to read a query."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import orjson
from aiohttp import web

from gateway.web.problems import Problem

Choice = TypeVar("Choice", bound=StrEnum)

MAX_LIMIT = 500


def answer(data: Mapping[str, object], *, status: int = 200) -> web.Response:
    """Return a JSON object."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def answer_list(items: Sequence[object], following: str | None = None) -> web.Response:
    """Return a list as every route writes it: `{"items": […], "next": cursor|null}`."""
    return answer({"items": items, "next": following})


async def read_object(request: web.Request) -> dict[str, object]:
    """Return the JSON object of a body; raises Problem 400 if there is none."""
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Problem(400, "The body must be a JSON object.", slug="not-json")
    return body


def read_text(body: Mapping[str, object], name: str, *, limit: int) -> str:
    """Return a text member of a body; raises Problem 422 if it is missing or too long."""
    value = body.get(name)
    if not isinstance(value, str) or not value or len(value) > limit:
        raise Problem(422, f'The body needs a text "{name}" of at most {limit} characters.')
    return value


def query_text(request: web.Request, name: str, *, limit: int = 200) -> str | None:
    """Return a query parameter, None if absent or empty; raises Problem 422 if it is too long."""
    value = request.query.get(name, "")
    if len(value) > limit:
        raise Problem(422, f"The parameter {name} is longer than {limit} characters.")
    return value or None


def only_known(request: web.Request, *names: str) -> None:
    """Raise Problem 422 for a query parameter that does not exist.

    A filter with a typo would otherwise answer everything.
    """
    for name in request.query:
        if name not in names:
            raise Problem(422, f"There is no such parameter; there are: {', '.join(names)}.")


def query_time(request: web.Request, name: str) -> datetime | None:
    """Return a time with its zone; raises Problem 422 for anything but RFC 3339."""
    text = query_text(request, name)
    if text is None:
        return None
    try:
        # a plus sign that was not percent-encoded arrives as a space
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Problem(
            422, f"The parameter {name} must be a time like 2026-11-21T14:02:00Z (RFC 3339)."
        )
    return at.astimezone(UTC)


def query_choice(request: web.Request, name: str, choices: type[Choice]) -> Choice | None:
    """Return one of the known words; raises Problem 422 for another one."""
    text = query_text(request, name)
    if text is None:
        return None
    try:
        return choices(text)
    except ValueError:
        words = ", ".join(choices)
        raise Problem(422, f"The parameter {name} must be one of: {words}.") from None


def query_int(
    request: web.Request, name: str, *, default: int, maximum: int, minimum: int = 0
) -> int:
    """Return a whole number of that range; raises Problem 422 for anything else."""
    text = query_text(request, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or not minimum <= int(text) <= maximum:
        raise Problem(422, f"The parameter {name} must be a number from {minimum} to {maximum}.")
    return int(text)


def query_limit(request: web.Request) -> int:
    """Return how many items a list may have, from 1 to 500; 50 if nothing is asked."""
    return query_int(request, "limit", default=50, minimum=1, maximum=MAX_LIMIT)
