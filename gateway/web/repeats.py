"""Requests that come twice: what an Idempotency-Key promises.

The same key with the same request is done once and answered again; with another request it is a
mistake. What failed is forgotten, so that it may be tried again under the same key.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.core.errors import AmbiguousError, StoreCause, StoreError
from gateway.store.repeats import KnownRequest, finish, release, take
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import INVALID, KEY_REUSED, FieldError, Problem, ProblemKind
from gateway.web.routes import Repeat, Route, route_of

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
MAX_KEY: Final = 200
MAX_KEPT: Final = 256 * 1024
# A request that takes longer was cut off by the end of the process that did it.
UNFINISHED_AFTER: Final = timedelta(seconds=60)
FIRST_ERROR: Final = 400
# What an answer says of itself beside its body: where the thing is, and which state of it this was.
KEPT_HEADERS: Final = ("Location", "ETag")

IN_PROGRESS: Final = ProblemKind(
    slug="request-in-progress",
    status=409,
    title="It is being done",
    detail="The request under this Idempotency-Key is being done; ask again in a moment.",
)
LEFT_UNFINISHED: Final = ProblemKind(
    slug="left-unfinished",
    status=409,
    title="Nobody knows whether it was done",
    detail="The gateway was stopped while it did the request under this Idempotency-Key. Look "
    "whether it was done before you ask again under a new key.",
)
ANSWER_NOT_KEPT: Final = ProblemKind(
    slug="answer-not-kept",
    status=409,
    title="Done, the answer is not kept",
    detail="The request under this Idempotency-Key was done. Its answer holds a secret or is "
    "very long, so it was not kept.",
)

DIGEST: Final = web.RequestKey("digest", bytes)
RUNNING: Final = web.AppKey("running", set[str])


def key_of(request: web.Request) -> str | None:
    """Return the Idempotency-Key of a request; raises Problem 422 for one that cannot be."""
    key = request.headers.get(HEADER)
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        detail = f"must have 1 to {MAX_KEY} printable ASCII characters"
        error = FieldError(parameter=HEADER, detail=detail)
        raise Problem(INVALID, f"{HEADER} {detail}.", errors=[error])
    return key


def takes_key(route: Route) -> bool:
    """Whether a route takes an Idempotency-Key: every POST of somebody who is known does."""
    known = route.method == "POST" and not route.access.public
    return known and route.repeat is not Repeat.IGNORE


@web.middleware
async def once(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Do a POST under a key once; stands behind sign-in and validation."""
    route = route_of(request)
    if route is None or not takes_key(route) or route.repeat is Repeat.OWN:
        return await handler(request)
    key = key_of(request)
    if key is None:
        return await handler(request)
    db, now = request.app[SERVICES].db, request.app[SERVICES].clock.now()
    login = request[PRINCIPAL].login
    name = hashlib.sha256(f"{login}\n{key}".encode()).hexdigest()
    fingerprint = _fingerprint(request, route, key)
    try:
        known = await db.write(lambda conn: take(conn, name, fingerprint=fingerprint, now=now))
    except StoreError as error:
        if error.cause is StoreCause.CONFLICT:  # another node took it at the same moment
            raise Problem(IN_PROGRESS, headers={"Retry-After": "1"}) from error
        raise
    if known is not None:
        if known.fingerprint != fingerprint:
            raise Problem(KEY_REUSED)
        lost = name not in request.app[RUNNING] and now - known.created_at > UNFINISHED_AFTER
        return _again(known, route, lost=lost)
    return await _first(request, handler, route, name)


async def _first(
    request: web.Request, handler: Handler, route: Route, name: str
) -> web.StreamResponse:
    """Do the request; keep the answer if it was done, forget the key if it was not."""
    db, running = request.app[SERVICES].db, request.app[RUNNING]
    running.add(name)
    done: web.StreamResponse | None = None
    try:
        done = await handler(request)
    except (AmbiguousError, asyncio.CancelledError):
        # nobody knows, or the gateway stops while the store still does it: the key stays taken
        raise
    except BaseException:
        with suppress(StoreError):
            await db.write(lambda conn: release(conn, name))
        raise
    finally:
        running.discard(name)
    status, body = done.status, _body(done)
    headers = {name: done.headers[name] for name in KEPT_HEADERS if name in done.headers}
    kept = None if route.repeat is Repeat.REFUSE or len(body or "") > MAX_KEPT else body
    with suppress(StoreError):  # it is done: what is not kept now is answered as left unfinished
        if status < FIRST_ERROR:
            await db.write(
                lambda conn: finish(conn, name, status=status, body=kept, headers=headers)
            )
        else:
            await db.write(lambda conn: release(conn, name))
    return done


def _again(known: KnownRequest, route: Route, *, lost: bool) -> web.Response:
    if known.status is None:
        if lost:
            raise Problem(LEFT_UNFINISHED)
        raise Problem(IN_PROGRESS, headers={"Retry-After": "1"})
    headers: Mapping[str, str] = {**known.headers, REPLAYED: "true"}
    if known.body is not None:
        return web.Response(
            status=known.status, text=known.body, headers=headers, content_type=route.produces
        )
    if route.answers.get(known.status) is not None:
        raise Problem(ANSWER_NOT_KEPT)
    return web.Response(status=known.status, headers=headers)


def _body(done: web.StreamResponse) -> str | None:
    return done.text or None if isinstance(done, web.Response) else None


def _fingerprint(request: web.Request, route: Route, key: str) -> str:
    """Return what tells this request from another, worth nothing without the key.

    What a route with secrets was sent is left out: a password must not be guessed from a hash.
    """
    sent = b"" if route.repeat is Repeat.REFUSE else request.get(DIGEST, b"")
    size = request.content_length if route.upload is not None else ""
    place = f"{request.method}\n{request.rel_url}\n{request.content_type}\n{size}\n".encode()
    return hmac.new(key.encode(), place + sent, hashlib.sha256).hexdigest()
