"""The page that people work with: its first file at its own addresses, its parts by their names."""

import asyncio
import secrets
from html import escape
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ConfigDict, Field

from gateway.web.access import PUBLIC
from gateway.web.built import Built, read_built
from gateway.web.headers import CSP, ancestors
from gateway.web.keys import SERVICES
from gateway.web.problems import NOT_FOUND, Problem
from gateway.web.routes import Route, Tag
from gateway.web.shapes.base import Params

HTML: Final = "text/html"
# Addresses that the page itself reads; any other address is no page of ours.
PLACES: Final = (
    "/missed",
    "/missed/{id}",
    "/contacts",
    "/contacts/{id}",
    "/contacts/{id}/edit",
    "/calls",
    "/calls/{id}",
    "/promises",
    "/colleagues",
    "/profile",
    "/trunks",
    "/trunks/{id}",
    "/trunks/systems/{id}",
    "/call",
    "/embed",
)
# What programs ask for: they are told in problem details that there is nothing.
FOR_PROGRAMS: Final = frozenset({"api", "assets", "docs"})
FOR_EVER: Final = "public, max-age=31536000, immutable"
NOTHING_BUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Filodiretto</title></head><body>
<h1>Filodiretto {version}</h1>
<p>The gateway works. Its page has not been built: run <code>tools/desk.sh</code> in the folder of
the sources and start the gateway again. The interface for programs is at
<a href="/docs">/docs</a>.</p>
<p lang="it">Il gateway funziona. La sua pagina non è stata costruita: eseguire
<code>tools/desk.sh</code> nella cartella dei sorgenti e riavviare il gateway. L’interfaccia per i
programmi è su <a href="/docs">/docs</a>.</p>
</body></html>
"""

BUILT: Final[web.AppKey[Built | None]] = web.AppKey("built")


class PlaceQuery(Params):
    """Whatever the page is told in its address: the page reads it, we do not."""

    model_config = ConfigDict(extra="allow", frozen=True)


class PlacePath(Params):
    """What the page shows."""

    id: str = Field(min_length=1, max_length=200, description="What it shows.")


class AssetPath(Params):
    """Which part of the page."""

    name: str = Field(min_length=1, max_length=200, description="The name of the file.")


async def read_page(app: web.Application) -> None:
    """Read the page once, at the start, off the event loop's thread."""
    app[BUILT] = await asyncio.to_thread(read_built)


async def show_page(request: web.Request) -> web.Response:
    """Answer with the page; who is not signed in gets the same file and signs in there."""
    options = request.app[SERVICES].options
    built = request.app[BUILT]
    if built is None:
        text = NOTHING_BUILT.format(version=escape(options.version))
        return web.Response(text=text, content_type=HTML)
    nonce = secrets.token_urlsafe(16)
    return web.Response(
        body=built.with_nonce(nonce),
        content_type=HTML,
        charset="utf-8",
        headers={CSP: policy(nonce, options.frame_ancestors)},
    )


@web.middleware
async def astray(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show the page, with status 404, to who opened an address that leads nowhere: it says so."""
    nowhere = isinstance(request.match_info.http_exception, web.HTTPNotFound)
    if not nowhere or request.app[BUILT] is None or not _is_visit(request):
        return await handler(request)
    response = await show_page(request)
    response.set_status(HTTPStatus.NOT_FOUND)
    return response


async def show_asset(request: web.Request) -> web.Response:
    """Answer with a part of the page; its name says what is in it, so browsers keep it for ever."""
    built = request.app[BUILT]
    asset = built.assets.get(request.match_info["name"]) if built is not None else None
    if asset is None:
        raise Problem(NOT_FOUND)
    headers = {"Cache-Control": FOR_EVER, "Content-Type": asset.media_type}
    body = asset.body
    if asset.packed is not None:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = asset.packed
    return web.Response(body=body, headers=headers)


def policy(nonce: str, frame_ancestors: tuple[str, ...]) -> str:
    """Return the page's Content-Security-Policy: our own files, our own API, our own socket.

    The nonce is for the style elements that the components of the page make (Mantine).
    """
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
        "connect-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
        f"base-uri 'none'; form-action 'self'; {ancestors(frame_ancestors)}"
    )


def _is_visit(request: web.Request) -> bool:
    """Return whether a browser asks on behalf of a person (source: Fetch Metadata; else Accept)."""
    if request.method != "GET" or request.path.split("/")[1] in FOR_PROGRAMS:
        return False
    navigates = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    return navigates and HTML in request.headers.get("Accept", "")


def _place(path: str) -> Route:
    return Route(
        method="GET",
        path=path,
        access=PUBLIC,
        handler=show_page,
        tag=Tag.SYSTEM,
        summary="The page that people work with",
        params=PlacePath if "{" in path else None,
        query=PlaceQuery,
        answers={200: None},
        produces=HTML,
    )


ROUTES: Final = (_place("/"),)
# Addresses for browsers; the documentation is for programs.
PLACE_ROUTES: Final = (
    *(_place(path) for path in PLACES),
    Route(
        method="GET",
        path="/assets/{name}",
        access=PUBLIC,
        handler=show_asset,
        tag=Tag.SYSTEM,
        summary="A part of the page",
        params=AssetPath,
        answers={200: None},
        problems=(NOT_FOUND,),
        produces="*/*",
    ),
)
