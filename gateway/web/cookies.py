"""The cookies that carry a session: one for the page itself, one for the page in another site.

The embedded view's own cookie is partitioned (CHIPS): the browser keeps it for the pair of our
site and the one around it, so that neither signs the other in or out.
"""

from typing import Final

from aiohttp import web

from gateway.store.credentials import ABSOLUTE

MAX_SECRET: Final = 256
EMBEDDED: Final = "-embedded"


def cookie_name(*, secure: bool, embedded: bool = False) -> str:
    """Return the cookie's name: the prefix binds it to TLS and to this host (RFC 6265bis)."""
    name = "__Host-filodiretto" if secure else "filodiretto"
    return name + EMBEDDED if embedded else name


def cookie_of(request: web.Request, *, secure: bool) -> str | None:
    """Return the session's secret, None without one; the page's own goes before the embedded."""
    for embedded in (False, True):
        secret = request.cookies.get(cookie_name(secure=secure, embedded=embedded))
        if secret and len(secret) <= MAX_SECRET:
            return secret
    return None


def set_cookie(
    response: web.Response, secret: str, *, secure: bool, embedded: bool = False
) -> None:
    """Give a browser its session; scripts and other sites cannot use it."""
    _set(response, secret, secure=secure, embedded=embedded, max_age=int(ABSOLUTE.total_seconds()))


def drop_cookie(request: web.Request, response: web.Response, *, secure: bool) -> None:
    """Take the session's cookie away again, whichever the browser sent."""
    for embedded in (False, True):
        if cookie_name(secure=secure, embedded=embedded) in request.cookies:
            _set(response, "", secure=secure, embedded=embedded, max_age=0)


def _set(response: web.Response, value: str, *, secure: bool, embedded: bool, max_age: int) -> None:
    """Write the header.

    Within another site browsers take only `SameSite=None; Secure`, on loopback too. `Partitioned`
    is unknown to the standard library before Python 3.14.
    """
    name = cookie_name(secure=secure, embedded=embedded)
    if embedded:
        response.headers.add(
            "Set-Cookie",
            f"{name}={value}; HttpOnly; Max-Age={max_age}; Path=/; SameSite=None; Secure; "
            "Partitioned",
        )
        return
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
