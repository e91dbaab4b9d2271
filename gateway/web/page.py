"""The first page: one HTML file whose script and style are allowed by their hashes."""

import asyncio
import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from aiohttp import web

from gateway.core.errors import ConfigError
from gateway.web.access import PUBLIC
from gateway.web.headers import CSP, ancestors
from gateway.web.keys import SERVICES
from gateway.web.routes import Route, Tag

_INLINE: Final = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The file and the Content-Security-Policy sources of what is written in it."""

    body: bytes
    script: str
    style: str

    def policy(self, frame_ancestors: tuple[str, ...]) -> str:
        """Return the policy: nothing but this file, our own API and our own socket."""
        return (
            f"default-src 'none'; script-src {self.script}; style-src {self.style}; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
            f"{ancestors(frame_ancestors)}"
        )


PAGE: Final = web.AppKey("page", Page)


def load_page() -> Page:
    """Read the packaged file and hash what stands in it; raises ConfigError if it is not whole."""
    body = files("gateway.web").joinpath("page/index.html").read_bytes()
    sources: dict[str, list[str]] = {}
    for match in _INLINE.finditer(body):
        digest = b64encode(hashlib.sha256(match[2]).digest()).decode()
        sources.setdefault(match[1].decode(), []).append(f"'sha256-{digest}'")
    if set(sources) != {"script", "style"}:
        raise ConfigError(
            "The page that belongs to this installation is damaged.",
            where="gateway/web/page/index.html",
            remedy="Install Filodiretto again.",
        )
    return Page(body=body, script=" ".join(sources["script"]), style=" ".join(sources["style"]))


async def read_page(app: web.Application) -> None:
    """Read the file once, at the start, off the event loop's thread."""
    app[PAGE] = await asyncio.to_thread(load_page)


async def show_page(request: web.Request) -> web.Response:
    """Answer `GET /`; who is not signed in gets the same file and signs in there."""
    page = request.app[PAGE]
    return web.Response(
        body=page.body,
        content_type="text/html",
        charset="utf-8",
        headers={
            CSP: page.policy(request.app[SERVICES].options.frame_ancestors),
            "Cache-Control": "no-cache",
        },
    )


ROUTES: Final = (
    Route(
        method="GET",
        path="/",
        access=PUBLIC,
        handler=show_page,
        tag=Tag.SYSTEM,
        summary="The page that people work with",
        answers={200: None},
        produces="text/html",
    ),
)
