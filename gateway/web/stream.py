"""The event stream as server-sent events: the frames of the WebSocket, one for each message.

`id` is `EPOCH:SEQ`, so that a browser's EventSource goes on by itself where it was cut off.
"""

import asyncio
from typing import Final

from aiohttp import ClientConnectionResetError, web

from gateway.core.cutting import cut
from gateway.desk.frames import Frame
from gateway.desk.subscription import Subscription
from gateway.web.access import EVENTS_READ, Access
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import INVALID, FieldError, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.frames import EventsQuery
from gateway.web.shapes.frames import Frame as FrameShape
from gateway.web.validation import query_of
from gateway.web.watch import WATCH

CONTENT_TYPE: Final = "text/event-stream"
HEARTBEAT_S: Final = 20.0
CLOSE_TIMEOUT_S: Final = 5.0
RETRY: Final = b"retry: 2000\n\n"
ALIVE: Final = b": alive\n\n"
LAST_EVENT_ID: Final = "Last-Event-ID"
MAX_ID: Final = 200


async def stream(request: web.Request) -> web.StreamResponse:
    """Answer `GET /api/v1/events/stream`: frames until reader, session or gateway goes."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    since = _last_event_id(request) or query_of(request, EventsQuery).since
    response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
    response.content_type = CONTENT_TYPE
    await response.prepare(request)
    subscription = services.hub.subscribe(principal.login, since, credential=principal.credential)
    watch = request.app[WATCH]
    try:
        await watch.opened(subscription, principal)
        await _serve(request, response, subscription, services.hub.epoch)
    finally:
        watch.gone(subscription)
        services.hub.unsubscribe(subscription)
    return response


def _last_event_id(request: web.Request) -> str | None:
    """Return where an EventSource that comes back was cut off."""
    given = request.headers.get(LAST_EVENT_ID)
    if given is not None and (len(given) > MAX_ID or not given.isascii()):
        error = FieldError(parameter=LAST_EVENT_ID, detail="is not an id of this stream")
        raise Problem(INVALID, errors=[error])
    return given or None


async def _serve(
    request: web.Request, response: web.StreamResponse, subscription: Subscription, epoch: str
) -> None:
    """Write until the subscription is closed; cut off a reader that does not take the rest."""
    async with asyncio.TaskGroup() as group:
        writer = group.create_task(_write(response, subscription, epoch))
        closer = group.create_task(subscription.closed())
        await asyncio.wait((writer, closer), return_when=asyncio.FIRST_COMPLETED)
        if not writer.done():
            await asyncio.wait((writer,), timeout=CLOSE_TIMEOUT_S)
        stuck = not writer.done()
        writer.cancel()
        closer.cancel()
        if stuck and request.transport is not None:
            cut(request.transport)


async def _write(response: web.StreamResponse, subscription: Subscription, epoch: str) -> None:
    """Write frames in order; a comment now and then shows that the way is still there."""
    try:
        await response.write(RETRY)
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    frames = await subscription.take()
            except TimeoutError:
                await response.write(ALIVE)
                continue
            if not frames:
                return
            await response.write(b"".join(message(frame, epoch) for frame in frames))
    except ClientConnectionResetError:
        return


def message(frame: Frame, epoch: str) -> bytes:
    """Return a frame as one message (HTML Standard, section 9.2.5); JSON holds no line break."""
    return b"id: %s:%d\ndata: %s\n\n" % (epoch.encode(), frame.seq, frame.body)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/events/stream",
        access=Access(scope=EVENTS_READ),
        handler=stream,
        tag=Tag.EVENTS,
        summary="The event stream as server-sent events",
        detail="Each message's data is one frame, its id `EPOCH:SEQ`; the header Last-Event-ID "
        "counts before `since`.",
        query=EventsQuery,
        answers={200: None},
        frames=FrameShape,
        produces=CONTENT_TYPE,
        problems=(INVALID,),
        with_head=False,
    ),
)
