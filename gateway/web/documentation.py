"""`/api/v1/openapi.json` for programs and `/docs` for people; made once, when first asked for."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import orjson
from aiohttp import web

from gateway.web.access import PUBLIC
from gateway.web.expected import expected_problems
from gateway.web.headers import CSP, ancestors
from gateway.web.keys import SERVICES
from gateway.web.manual import render
from gateway.web.openapi import describe
from gateway.web.problems import METHOD_NOT_ALLOWED
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.document import OpenApi


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Document and page as sent; `policy` lets the page's own style through and nothing else."""

    document: bytes
    page: bytes
    policy: str


class Documentation:
    """Describes routes, once and off the event loop's thread."""

    def __init__(self, routes: Sequence[Route], version: str) -> None:
        self._routes = routes
        self._version = version
        self._lock = asyncio.Lock()
        self._written: Written | None = None

    async def written(self) -> Written:
        """Return document and page."""
        async with self._lock:
            if self._written is None:
                self._written = await asyncio.to_thread(self._write)
            return self._written

    def _write(self) -> Written:
        document = describe(self._routes, version=self._version)
        style = files("gateway.web").joinpath("page/docs.css").read_text(encoding="utf-8")
        digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
        kinds = {kind for route in self._routes for kind in expected_problems(route)}
        page = render(document, kinds | {METHOD_NOT_ALLOWED}, style)
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        return Written(
            document=orjson.dumps(document),
            page=page.encode(),
            policy=f"{policy}form-action 'none'",
        )


DOCUMENTATION: Final = web.AppKey("documentation", Documentation)


async def openapi(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/openapi.json`."""
    written = await request.app[DOCUMENTATION].written()
    return web.Response(
        body=written.document,
        content_type="application/json",
        headers={"Cache-Control": "no-cache"},
    )


async def docs(request: web.Request) -> web.Response:
    """Answer `GET /docs`."""
    written = await request.app[DOCUMENTATION].written()
    who = ancestors(request.app[SERVICES].options.frame_ancestors)
    return web.Response(
        body=written.page,
        content_type="text/html",
        charset="utf-8",
        headers={CSP: f"{written.policy}; {who}", "Cache-Control": "no-cache"},
    )


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/openapi.json",
        access=PUBLIC,
        handler=openapi,
        tag=Tag.SYSTEM,
        summary="This description",
        answers={200: OpenApi},
    ),
    Route(
        method="GET",
        path="/docs",
        access=PUBLIC,
        handler=docs,
        tag=Tag.SYSTEM,
        summary="This description for people",
        answers={200: None},
        produces="text/html",
    ),
)
