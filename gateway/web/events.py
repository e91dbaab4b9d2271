"""The event stream over a WebSocket (RFC 6455): frames out; what comes in is a sign of life.

A browser cannot see the protocol's own pings, so a page may send the text `ping`; the answer
`{"type":"pong"}` goes through the same queue as everything else and so proves the whole way.
"""

import asyncio
from typing import Final

from aiohttp import WSMsgType, web

from gateway.desk.frames import NO_SEQ, Frame
from gateway.desk.subscription import CloseCode, Subscription
from gateway.web.access import EVENTS_READ, Access
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.outlet import CLOSE_TIMEOUT_S, SocketOutlet
from gateway.web.problems import BAD_REQUEST, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.frames import EventsQuery
from gateway.web.shapes.frames import Frame as FrameShape
from gateway.web.validation import query_of
from gateway.web.watch import WATCH

HEARTBEAT_S: Final = 20.0
MAX_MESSAGE: Final = 1024
NO_SOCKET: Final = (
    "This address is a WebSocket. Open it with a WebSocket client, or ask /api/v1/events/stream."
)
PONG: Final = Frame(seq=NO_SEQ, rest=(b'{"type":"pong"}',))


async def events(request: web.Request) -> web.WebSocketResponse:
    """Answer `GET /api/v1/events`: frames until the page, the session or the gateway goes."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    since = query_of(request, EventsQuery).since
    # compression costs 100 KB a socket and twice the CPU for frames of 2 KB
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S,
        compress=False,
        max_msg_size=MAX_MESSAGE,
        timeout=CLOSE_TIMEOUT_S,
    )
    try:
        await socket.prepare(request)
    except web.HTTPBadRequest as error:
        raise Problem(BAD_REQUEST, NO_SOCKET) from error
    socket.headers.clear()  # they are sent, and a page stays for hours
    subscription = services.hub.subscribe(principal.login, since, credential=principal.credential)
    watch = request.app[WATCH]
    try:
        await watch.opened(subscription, principal)
        await _serve(request, socket, subscription)
    finally:
        watch.gone(subscription)
        services.hub.unsubscribe(subscription)
        _let_go(request, socket)
    return socket


async def _serve(
    request: web.Request, socket: web.WebSocketResponse, subscription: Subscription
) -> None:
    """Write until the subscription is closed, or until the page is gone."""
    transport = request.transport
    if transport is None:
        return
    async with asyncio.TaskGroup() as group:
        outlet = SocketOutlet(socket, transport, subscription, group)
        subscription.attach(outlet)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and message.data == "ping":
                    subscription.offer(PONG)
        finally:
            outlet.stop()
            subscription.detach()


def _let_go(request: web.Request, socket: web.WebSocketResponse) -> None:
    """Cut the circles that would keep all of a page that is gone until somebody looks for them.

    The socket keeps the error it ended with, whose traceback keeps the socket; the connection keeps
    the way to the socket by which it told of signs of life.
    """
    error = socket.exception()
    if error is not None:
        error.__traceback__ = error.__context__ = None
    request.protocol._data_received_cb = None  # noqa: SLF001 - aiohttp never does


async def say_goodbye(app: web.Application) -> None:
    """Tell every page that the gateway is going away; they come back by themselves."""
    app[SERVICES].hub.close(CloseCode.GOING_AWAY)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/events",
        access=Access(scope=EVENTS_READ),
        handler=events,
        tag=Tag.EVENTS,
        summary="The event stream as a WebSocket",
        query=EventsQuery,
        detail="Each text message is one frame; the text `ping` is answered by a `pong`. Closed "
        "with 1001 (the gateway goes away), 1013 (not read in time, or other rights: come back "
        "with `since`) or 4401 (signed out).",
        answers={101: None},
        problems=(BAD_REQUEST,),
        frames=FrameShape,
        with_head=False,
    ),
)
