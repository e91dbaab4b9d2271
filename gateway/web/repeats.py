"""Requests that come twice: what an Idempotency-Key promises."""

from typing import Final

from aiohttp import web

from gateway.web.problems import INVALID, FieldError, Problem

HEADER: Final = "Idempotency-Key"
MAX_KEY: Final = 200


def key_of(request: web.Request) -> str | None:
    """Return the Idempotency-Key of a request; raises Problem 422 for one that cannot be."""
    key = request.headers.get(HEADER)
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isprintable()):
        detail = f"must have 1 to {MAX_KEY} printable characters"
        raise Problem(INVALID, errors=[FieldError(parameter=HEADER, detail=detail)])
    return key
