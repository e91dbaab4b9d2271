"""Errors on the wire: RFC 9457 problem details, for a person to read and a program to tell apart.

`type` never changes once published; `detail` says cause and remedy and holds no personal data.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import orjson
from aiohttp import web

PREFIX: Final = "urn:filodiretto:problem:"

SLUGS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "bad-request",
        401: "not-signed-in",
        403: "forbidden",
        404: "not-found",
        405: "method-not-allowed",
        409: "conflict",
        413: "too-large",
        415: "json-only",
        422: "invalid",
        429: "too-many-attempts",
        500: "internal",
        501: "not-possible",
        503: "unavailable",
    }
)
DETAILS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "The request could not be understood.",
        404: "There is nothing at this address; the addresses are listed in the documentation.",
        405: "This address exists but not with this method; see the Allow header.",
        413: "The request body is larger than this address accepts.",
        500: "Something failed on our side; the log of the gateway has the cause.",
    }
)


class Problem(Exception):  # noqa: N818 - a problem is what RFC 9457 calls it
    """Raise to answer with problem details; `slug` tells problems of one status apart."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        slug: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.slug = slug
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        """Return the answer to send."""
        return problem_response(self.status, self.detail, slug=self.slug, headers=self.headers)


def problem_response(
    status: int,
    detail: str | None = None,
    *,
    slug: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Build an `application/problem+json` answer."""
    name = slug or SLUGS.get(status, f"http-{status}")
    body = {
        "type": PREFIX + name,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or DETAILS.get(status) or HTTPStatus(status).description,
    }
    return web.Response(
        status=status,
        body=orjson.dumps(body),
        headers=dict(headers or {}),
        content_type="application/problem+json",
    )


def from_http_error(error: web.HTTPException) -> web.Response:
    """Turn an error that aiohttp raised into problem details, keeping the headers that matter."""
    kept = {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}
    return problem_response(error.status, headers=kept)
