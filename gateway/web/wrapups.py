"""What agents say of their calls, over REST."""

from typing import Final

from aiohttp import web

from gateway.core.text import clean_lines
from gateway.desk.shown import shown
from gateway.web.access import CALLS_READ, CALLS_WRITE, Access
from gateway.web.answers import answer, answer_list, page_in_order
from gateway.web.calls import call_id_of
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR, FORBIDDEN, INVALID, NOT_FOUND
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.call import CallPath, CallRecord
from gateway.web.shapes.history import MAX_NOTE, Dispositions, DispositionsQuery, WrapUpBody
from gateway.web.validation import body_of, query_of


async def wrap_up(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/calls/{id}/wrap-up`: disposition and note of whoever asks."""
    body, principal = body_of(request, WrapUpBody), request[PRINCIPAL]
    record = await request.app[SERVICES].follow_ups.wrap_ups.say(
        call_id_of(request),
        login=principal.login,
        disposition=body.disposition,
        note=clean_lines(body.note, limit=MAX_NOTE) if body.note is not None else None,
        visible_to=principal.visible_to,
    )
    return answer(shown(record))


async def dispositions(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/dispositions`."""
    words = request.app[SERVICES].follow_ups.wrap_ups.dispositions
    return answer_list(request, *page_in_order(words, query_of(request, DispositionsQuery)))


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/calls/{{id}}/wrap-up",
        access=Access(scope=CALLS_WRITE),
        handler=wrap_up,
        tag=Tag.CALLS,
        summary="Say what a call of one's own was",
        detail="One wrap-up for each agent and call; saying it again replaces what was said. "
        "While the call is up or after it; the CRMs get it as call.updated, or with call.ended if "
        "that has not been sent yet.",
        params=CallPath,
        body=WrapUpBody,
        answers={200: CallRecord},
        problems=(NOT_FOUND, FORBIDDEN, INVALID),
    ),
    Route(
        method="GET",
        path=f"{API}/dispositions",
        access=Access(scope=CALLS_READ),
        handler=dispositions,
        tag=Tag.CALLS,
        summary="The dispositions an agent may choose from",
        query=DispositionsQuery,
        answers={200: Dispositions},
        problems=(BAD_CURSOR,),
    ),
)
