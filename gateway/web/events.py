"""The event stream over a WebSocket (RFC 6455): one writer, one reader that only listens for life.

A browser cannot see the protocol's own pings, so a page may send the text `ping`; the answer
`{"type":"pong"}` goes through the same queue as everything else and so proves the whole way.
"""

import asyncio
from typing import Final

from aiohttp import ClientConnectionResetError, WSMsgType, web

from gateway.desk.frames import Frame
from gateway.desk.subscription import CloseCode, Subscription
from gateway.web.access import EVENTS_READ, Access
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.frames import EventsQuery
from gateway.web.shapes.frames import Frame as FrameShape
from gateway.web.validation import query_of
from gateway.web.watch import WATCH

HEARTBEAT_S: Final = 20.0
CLOSE_TIMEOUT_S: Final = 5.0
MAX_MESSAGE: Final = 1024
PONG: Final = Frame(seq=0, head=b'{"type":"pong"', data=b"")


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
    await socket.prepare(request)
    subscription = services.hub.subscribe(principal.login, since, credential=principal.credential)
    watch = request.app[WATCH]
    try:
        await watch.opened(subscription, principal)
        await _serve(request, socket, subscription)
    finally:
        watch.gone(subscription)
        services.hub.unsubscribe(subscription)
    return socket


async def _serve(
    request: web.Request, socket: web.WebSocketResponse, subscription: Subscription
) -> None:
    """Write until the subscription is closed, or until the page is gone."""
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(_write(socket, subscription))
        listener = group.create_task(_listen(socket, subscription))
        closer = group.create_task(_close(request, socket, subscription, writer))
        await asyncio.wait((listener, closer), return_when=asyncio.FIRST_COMPLETED)
        writer.cancel()
        listener.cancel()
        if subscription.code is None:
            closer.cancel()


async def _write(socket: web.WebSocketResponse, subscription: Subscription) -> None:
    try:
        while await _write_some(socket, subscription):
            pass
    except ClientConnectionResetError:
        return


async def _write_some(socket: web.WebSocketResponse, subscription: Subscription) -> bool:
    """Write what there is; a function of its own so that nothing keeps the frames afterwards."""
    frames = await subscription.take()
    for frame in frames:
        await socket.send_frame(frame.body, WSMsgType.TEXT)
    return bool(frames)


async def _close(
    request: web.Request,
    socket: web.WebSocketResponse,
    subscription: Subscription,
    writer: asyncio.Task[None],
) -> None:
    """End the socket as soon as the subscription is closed, also if nobody reads it any more."""
    code = await subscription.closed()
    writer.cancel()
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await socket.close(code=code, message=code.name.lower().encode())
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()


async def _listen(socket: web.WebSocketResponse, subscription: Subscription) -> None:
    async for message in socket:
        if message.type is WSMsgType.TEXT and message.data == "ping":
            subscription.offer(PONG)


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
        frames=FrameShape,
        with_head=False,
    ),
)
