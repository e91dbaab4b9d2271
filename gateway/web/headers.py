"""Security headers on every answer (RELIABILITY, Defaults)."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateway.web.keys import SERVICES

CSP: Final = "Content-Security-Policy"
COMMON: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
HSTS: Final = "max-age=31536000"


def ancestors(sources: tuple[str, ...]) -> str:
    """Return the CSP directive that says who may embed us; nobody unless configured."""
    return "frame-ancestors " + (" ".join(sources) if sources else "'none'")


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Complete the headers just before they are sent; what a handler set stays."""
    options = request.app[SERVICES].options
    for name, value in COMMON.items():
        response.headers.setdefault(name, value)
    who = ancestors(options.frame_ancestors)
    response.headers.setdefault(CSP, f"default-src 'none'; {who}")
    if not options.frame_ancestors:
        response.headers.setdefault("X-Frame-Options", "DENY")
    if options.secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    response.headers.popall("Server", None)
