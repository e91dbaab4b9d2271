"""How the trunks are, and how they were."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from aiohttp import web

from gateway.core.record import time_json
from gateway.desk.trunks import TrunkDesk, TrunkView, words_json
from gateway.store.trunk_points import points_between, step_of
from gateway.store.trunks import states_between
from gateway.web.access import EVENTS_READ, OPERATORS, Access
from gateway.web.answers import answer, answer_list, page_of
from gateway.web.keys import SERVICES
from gateway.web.problems import BAD_CURSOR, INVALID, NOT_FOUND, FieldError, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.trunks import (
    HistoryQuery,
    Trunk,
    TrunkHistory,
    TrunkPage,
    TrunkParams,
    TrunksQuery,
)
from gateway.web.validation import params_of, query_of

DAY: Final = timedelta(days=1)
LONGEST: Final = timedelta(days=366)
EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
ACCESS: Final = Access(roles=OPERATORS, scope=EVENTS_READ)


def trunk_of(request: web.Request) -> TrunkView:
    """Return the trunk that the path names; 404 if it names none, or several."""
    desk = request.app[SERVICES].trunks
    name = params_of(request, TrunkParams).name
    view = desk.find(name) if desk is not None else None
    if view is None:
        raise Problem(NOT_FOUND, "There is no such trunk; GET /api/v1/trunks lists them.")
    return view


def desk_of(request: web.Request) -> TrunkDesk | None:
    """Return the trunks, None where nobody looks after any."""
    return request.app[SERVICES].trunks


async def trunks(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/trunks`: each trunk with its state in words."""
    desk, query = desk_of(request), query_of(request, TrunksQuery)
    views = desk.trunks() if desk is not None else ()
    page, following = page_of(views, query, lambda view: str(view.ref))
    return answer_list(request, [desk.trunk_json(view) for view in page] if desk else [], following)


async def trunk(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/trunks/{name}`."""
    view, desk = trunk_of(request), desk_of(request)
    return answer(desk.trunk_json(view) if desk is not None else {})


async def history(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/trunks/{name}/history`: states and figures of some time."""
    ref, query = trunk_of(request).ref, query_of(request, HistoryQuery)
    services = request.app[SERVICES]
    to_at = query.to or services.clock.now()
    from_at = query.from_at or max(to_at, EARLIEST) - DAY
    if not timedelta(0) < to_at - from_at <= LONGEST:
        wrong = FieldError(parameter="from", detail="must be before `to`, by a year at most")
        raise Problem(INVALID, errors=(wrong,))
    read = services.db.read
    spans = await read(partial(states_between, ref=ref, from_at=from_at, to_at=to_at))
    points = await read(partial(points_between, ref=ref, from_at=from_at, to_at=to_at))
    return answer(
        {
            "step_s": step_of(to_at - from_at),
            "states": [
                {
                    "at": time_json(span.at),
                    "until": time_json(span.until),
                    "state": span.state.value,
                    **words_json(span.words),
                }
                for span in spans
            ],
            "points": [
                {
                    "at": time_json(point.at),
                    "rtt_ms": point.rtt_ms,
                    "channels": point.channels,
                    "calls": point.calls,
                    "failed": point.failed,
                }
                for point in points
            ],
        }
    )


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/trunks",
        access=ACCESS,
        handler=trunks,
        tag=Tag.OPERATIONS,
        summary="The trunks: how they are, since when, and what to do",
        query=TrunksQuery,
        answers={200: TrunkPage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="GET",
        path=f"{API}/trunks/{{name}}",
        access=ACCESS,
        handler=trunk,
        tag=Tag.OPERATIONS,
        summary="One trunk",
        params=TrunkParams,
        answers={200: Trunk},
        problems=(NOT_FOUND,),
    ),
    Route(
        method="GET",
        path=f"{API}/trunks/{{name}}/history",
        access=ACCESS,
        handler=history,
        tag=Tag.OPERATIONS,
        summary="The states of a trunk, its round trips and its calls in some time",
        params=TrunkParams,
        query=HistoryQuery,
        answers={200: TrunkHistory},
        problems=(NOT_FOUND,),
    ),
)
