"""Errors on the wire: RFC 9457 problem details, for a person to read and a program to tell apart.

A `type` never changes once published; `detail` says cause and remedy and holds no personal data.
`/docs#problem-SLUG` explains each type; the header `Link` with `rel="help"` leads there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import orjson
from aiohttp import web

PREFIX: Final = "urn:filodiretto:problem:"
CONTENT_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKind:
    """One type of problem: `title` never varies, `detail` is said if a handler knows no better."""

    slug: str
    status: int
    title: str
    detail: str

    @property
    def type(self) -> str:
        """Return the stable identifier."""
        return PREFIX + self.slug


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one field: `pointer` into the body (RFC 6901) or `parameter`'s name."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def json(self) -> dict[str, str]:
        """Return the member of `errors`; what does not apply is left out."""
        place = (("pointer", self.pointer), ("parameter", self.parameter))
        return {name: text for name, text in place if text is not None} | {"detail": self.detail}


def _kind(slug: str, status: int, title: str, detail: str) -> ProblemKind:
    return ProblemKind(slug=slug, status=status, title=title, detail=detail)


BAD_REQUEST: Final = _kind(
    "bad-request", 400, "Not understood", "The request could not be understood."
)
NOT_JSON: Final = _kind(
    "not-json", 400, "The body is no JSON object", "The body must be a JSON object."
)
NOT_SIGNED_IN: Final = _kind(
    "not-signed-in",
    401,
    "Not signed in",
    "Sign in first: POST /api/v1/session, or send a valid token as Authorization: Bearer.",
)
FORBIDDEN: Final = _kind(
    "forbidden", 403, "Not allowed", "Your role or your token's scopes do not include this."
)
WRONG_ORIGIN: Final = _kind(
    "wrong-origin",
    403,
    "From another site",
    "The request does not come from a page of this gateway. If the page is served under "
    "another address, set public_url in [web] to it.",
)
GUARD_HEADER_MISSING: Final = _kind(
    "guard-header-missing",
    403,
    "A header is missing",
    "Requests that change something and use the cookie need the header X-Filodiretto: 1.",
)
NOT_FOUND: Final = _kind(
    "not-found",
    404,
    "Not found",
    "There is nothing at this address; the addresses are listed in the documentation.",
)
METHOD_NOT_ALLOWED: Final = _kind(
    "method-not-allowed",
    405,
    "Method not allowed",
    "This address exists but not with this method; see the Allow header.",
)
NOT_ACCEPTABLE: Final = _kind(
    "not-acceptable",
    406,
    "No such form of answer",
    "This address does not answer in a form that the Accept header allows.",
)
CONFLICT: Final = _kind(
    "conflict", 409, "Not in this state", "It exists, but not in a state in which this can be done."
)
TOO_LARGE: Final = _kind(
    "too-large", 413, "Too large", "The request body is larger than this address accepts."
)
WRONG_MEDIA_TYPE: Final = _kind(
    "wrong-media-type",
    415,
    "Wrong kind of body",
    "The body must be JSON: send Content-Type: application/json.",
)
INVALID: Final = _kind(
    "invalid", 422, "Not valid", "Something in the request is not as it must be; see errors."
)
BAD_CURSOR: Final = _kind(
    "bad-cursor",
    422,
    "Not a cursor of this list",
    "The cursor is not one that this list returned. Start again without a cursor.",
)
KEY_REUSED: Final = _kind(
    "key-reused",
    422,
    "Key used for another request",
    "This Idempotency-Key was used for another request before. Choose a new one for every request.",
)
TOO_MANY_ATTEMPTS: Final = _kind(
    "too-many-attempts",
    429,
    "Too many attempts",
    "Too many attempts to sign in. Wait as long as Retry-After says.",
)
INTERNAL: Final = _kind(
    "internal",
    500,
    "A fault on our side",
    "Something failed on our side; the log of the gateway has the cause.",
)
NOT_POSSIBLE: Final = _kind(
    "not-possible", 501, "Cannot be done here", "This PBX, phone or installation cannot do that."
)
UNAVAILABLE: Final = _kind(
    "unavailable", 503, "Not now", "A part that is needed is not available; try again."
)

_FOR_STATUS: Final[Mapping[int, ProblemKind]] = {
    kind.status: kind
    for kind in (
        BAD_REQUEST,
        NOT_SIGNED_IN,
        FORBIDDEN,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        NOT_ACCEPTABLE,
        CONFLICT,
        TOO_LARGE,
        WRONG_MEDIA_TYPE,
        INVALID,
        INTERNAL,
        NOT_POSSIBLE,
        UNAVAILABLE,
    )
}


class Problem(Exception):  # noqa: N818 - a problem is what RFC 9457 calls it
    """Raise to answer with problem details; the route declares the kinds that it answers."""

    def __init__(
        self,
        kind: ProblemKind,
        detail: str | None = None,
        *,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or kind.detail)
        self.kind = kind
        self.detail = detail or kind.detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        """Return the answer to send."""
        body: dict[str, object] = {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [error.json() for error in self.errors]
        link = {"Link": f'</docs#problem-{self.kind.slug}>; rel="help"'}
        return web.Response(
            status=self.kind.status,
            body=orjson.dumps(body),
            headers=link | self.headers,
            content_type=CONTENT_TYPE,
        )


def from_http_error(error: web.HTTPException) -> Problem:
    """Turn an error that aiohttp raised into problem details, keeping the headers that matter."""
    kept = {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}
    known = _FOR_STATUS.get(error.status)
    if known is None:
        status = HTTPStatus(error.status)
        known = _kind(f"http-{status}", status, status.phrase, status.description or status.phrase)
    return Problem(known, headers=kept)
