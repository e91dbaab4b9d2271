"""Calls over REST: lists and single records, each person only what they took part in."""

from uuid import UUID

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.core.ids import CallId
from gateway.core.record import CallState, Direction, Outcome
from gateway.desk.shown import shown
from gateway.store.calls import CallFilter, get_call, list_calls
from gateway.web.answers import (
    answer,
    only_known,
    query_choice,
    query_int,
    query_limit,
    query_text,
    query_time,
)
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import Problem

MAX_CHANGE = 2**62
FILTERS = (
    "from",
    "to",
    "number",
    "contact",
    "agent",
    "queue",
    "outcome",
    "direction",
    "state",
    "updated_after",
    "cursor",
    "limit",
)


async def calls(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/calls`, newest first, or with `updated_after` in the order of changes."""
    services = request.app[SERVICES]
    wanted = _filter(request)
    try:
        page = await services.db.read(lambda conn: list_calls(conn, wanted))
    except UsageError as error:
        raise Problem(422, error.message, slug="bad-cursor") from error
    body: dict[str, object] = {"items": [shown(item) for item in page.items], "next": page.next}
    if wanted.updated_after is not None:
        body["updated_after"] = str(page.last_change)
    return answer(body)


async def call(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/calls/{id}`; somebody else's call does not exist for an agent."""
    services, visible_to = request.app[SERVICES], request[PRINCIPAL].visible_to
    call_id = read_call_id(request.match_info["id"])
    record = await services.db.read(lambda conn: get_call(conn, call_id, visible_to=visible_to))
    if record is None:
        raise Problem(404, "There is no such call, or it is not yours to see.")
    return answer(shown(record))


def read_call_id(text: str) -> CallId:
    """Return the id of a call; raises Problem 404 for what can be none."""
    try:
        return CallId(UUID(text))
    except ValueError:
        raise Problem(404, "There is no such call: its id is a UUID.") from None


def _filter(request: web.Request) -> CallFilter:
    only_known(request, *FILTERS)
    cursor = query_text(request, "cursor")
    after = None
    if query_text(request, "updated_after") is not None:
        after = query_int(request, "updated_after", default=0, maximum=MAX_CHANGE)
        if cursor is not None:  # the cursor of such a list is a change number itself
            after, cursor = query_int(request, "cursor", default=0, maximum=MAX_CHANGE), None
    return CallFilter(
        since=query_time(request, "from"),
        until=query_time(request, "to"),
        number=_number(request),
        contact=query_text(request, "contact"),
        agent=query_text(request, "agent"),
        visible_to=request[PRINCIPAL].visible_to,
        queue=query_text(request, "queue"),
        outcome=query_choice(request, "outcome", Outcome),
        direction=query_choice(request, "direction", Direction),
        state=query_choice(request, "state", CallState),
        updated_after=after,
        cursor=cursor,
        limit=query_limit(request),
    )


def _number(request: web.Request) -> str | None:
    """Return the number to search for: as E.164 if it is one, however it was written."""
    text = query_text(request, "number", limit=80)
    if text is None:
        return None
    text = text.strip()  # a plus sign that was not percent-encoded arrives as a space
    parsed = request.app[SERVICES].plan.parse(text)
    return parsed.e164 or text
