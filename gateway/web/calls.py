"""Calls over REST: lists and single records, each person only what they took part in."""

from typing import Final

from aiohttp import web

from gateway.core.ids import CallId
from gateway.core.record import time_json
from gateway.desk.shown import shown
from gateway.store.calls import CallFilter, get_call, list_calls
from gateway.store.cursors import bad_cursor
from gateway.web.access import CALLS_READ, Access
from gateway.web.answers import answer, answer_page
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.numbers import number_of
from gateway.web.problems import BAD_CURSOR, NOT_FOUND, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.call import MAX_CHANGE, CallPage, CallPath, CallRecord, CallsQuery
from gateway.web.validation import params_of, query_of

CHANGE_DIGITS: Final = 19


async def calls(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/calls`, newest first, or with `updated_after` in the order of changes."""
    services = request.app[SERVICES]
    wanted = _filter(request, query_of(request, CallsQuery))
    page = await services.db.read(lambda conn: list_calls(conn, wanted))
    synced = str(page.last_change) if wanted.updated_after is not None else None
    items = [shown(item) for item in page.items]
    gone = [
        {"id": str(one.call_id), "reason": one.reason.value, "at": time_json(one.at)}
        for one in page.gone
    ]
    found = {"items": items, "next": page.next, "updated_after": synced, "gone": gone}
    # what changed since has change numbers for cursors, good for any filter
    return answer_page(request, found) if synced is None else answer(found)


async def call(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/calls/{id}`; somebody else's call does not exist for an agent."""
    services, visible_to = request.app[SERVICES], request[PRINCIPAL].visible_to
    call_id = call_id_of(request)
    record = await services.db.read(lambda conn: get_call(conn, call_id, visible_to=visible_to))
    if record is None:
        raise Problem(NOT_FOUND, "There is no such call, or it is not yours to see.")
    return answer(shown(record))


def call_id_of(request: web.Request) -> CallId:
    """Return the call that a path names."""
    return CallId(params_of(request, CallPath).id)


def _filter(request: web.Request, query: CallsQuery) -> CallFilter:
    after, cursor = query.updated_after, query.cursor
    if after is not None and cursor is not None:
        # the cursor of such a list is a change number itself
        after, cursor = _change(cursor), None
    return CallFilter(
        since=query.since,
        until=query.until,
        number=_number(request, query.number),
        contact=query.contact,
        agent=query.agent,
        visible_to=request[PRINCIPAL].visible_to,
        queue=query.queue,
        outcome=query.outcome,
        direction=query.direction,
        state=query.state,
        updated_after=after,
        cursor=cursor,
        limit=query.limit,
    )


def _change(cursor: str) -> int:
    known = cursor.isascii() and cursor.isdigit() and len(cursor) <= CHANGE_DIGITS
    if not known or int(cursor) > MAX_CHANGE:
        raise bad_cursor()
    return int(cursor)


def _number(request: web.Request, text: str | None) -> str | None:
    """Return the number to search for: as E.164 if it is one, however it was written."""
    if text is None:
        return None
    return number_of(request, text).e164 or text.strip()


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/calls",
        access=Access(scope=CALLS_READ),
        handler=calls,
        tag=Tag.CALLS,
        summary="Calls, newest first, or what changed since the last time",
        query=CallsQuery,
        answers={200: CallPage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="GET",
        path=f"{API}/calls/{{id}}",
        access=Access(scope=CALLS_READ),
        handler=call,
        tag=Tag.CALLS,
        summary="One call",
        params=CallPath,
        answers={200: CallRecord},
        problems=(NOT_FOUND,),
    ),
)
