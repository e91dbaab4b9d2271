"""Where requests of a browser may come from: exactly our own pages."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from gateway.web.problems import GUARD_HEADER_MISSING, WRONG_ORIGIN, Problem

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
GUARD_HEADER: Final = "X-Filodiretto"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def origin_of(url: str) -> str:
    """Return the origin of an address as browsers write it (RFC 6454 section 6.2)."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = parts.port
    tail = "" if port is None or port == DEFAULT_PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme}://{host}{tail}"


def own_origins(request: web.Request, public_url: str | None) -> frozenset[str]:
    """Return the origins of our own pages: of `public_url`, else of the listener.

    The listener is asked, never the Host header: that one a rebinding name server can choose. A
    loopback listener has several names for the same machine.
    """
    if public_url:
        return frozenset({origin_of(public_url)})
    name = request.transport.get_extra_info("sockname") if request.transport is not None else None
    if not name:
        return frozenset()
    scheme = "https" if request.secure else "http"
    host, port = str(name[0]), int(name[1])
    hosts = ("127.0.0.1", "localhost", "::1", host) if ip_address(host).is_loopback else (host,)
    written = (f"[{name}]" if ":" in name else name for name in hosts)
    return frozenset(origin_of(f"{scheme}://{name}:{port}") for name in written)


def check_origin(request: web.Request, public_url: str | None, *, required: bool) -> None:
    """Refuse a request that a page of somebody else sends; raises Problem 403."""
    origin = request.headers.get("Origin")
    if origin is None and not required:
        return
    if origin is None or origin not in own_origins(request, public_url):
        raise Problem(WRONG_ORIGIN)


def check_unsafe(request: web.Request) -> None:
    """Ask an unsafe request that a cookie authenticates for the header no form can send."""
    if request.headers.get(GUARD_HEADER) != "1":
        raise Problem(GUARD_HEADER_MISSING)
