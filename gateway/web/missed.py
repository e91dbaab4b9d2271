"""Customers who wait to be called back, over REST: listed, taken, given back."""

from typing import Final

from aiohttp import web

from gateway.desk.refusals import NotNowError
from gateway.store.missed import MissedFilter
from gateway.web.access import CALLS_READ, CALLS_WRITE, Access
from gateway.web.answers import answer, answer_page
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR, CONFLICT, FORBIDDEN, NOT_FOUND, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.missed import MissedCustomer, MissedPage, MissedPath, MissedQuery
from gateway.web.validation import params_of, query_of


async def missed(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/missed`: one item for each customer, in the order of urgency."""
    query, principal = query_of(request, MissedQuery), request[PRINCIPAL]
    wanted = MissedFilter(
        is_open=query.state == "open",
        queue=query.queue,
        claimed_by=query.claimed_by,
        claimed=query.claimed,
        cursor=query.cursor,
        limit=query.limit,
    )
    page = await request.app[SERVICES].follow_ups.missed.page(wanted, principal.login)
    return answer_page(request, page)


async def claim(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/missed/{id}/claim`: of several who try at once one gets it."""
    desk, identifier = request.app[SERVICES].follow_ups.missed, params_of(request, MissedPath).id
    try:
        item = await desk.claim(str(identifier), request[PRINCIPAL].login)
    except NotNowError as error:
        raise Problem(CONFLICT, f"{error.message} {error.remedy}") from error
    return answer(desk.told(item))


async def release(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/missed/{id}/release`."""
    desk, identifier = request.app[SERVICES].follow_ups.missed, params_of(request, MissedPath).id
    principal = request[PRINCIPAL]
    try:
        item = await desk.release(str(identifier), principal.login, oversees=principal.oversees)
    except NotNowError as error:
        raise Problem(CONFLICT, f"{error.message} {error.remedy}") from error
    return answer(desk.told(item))


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/missed",
        access=Access(scope=CALLS_READ),
        handler=missed,
        tag=Tag.HISTORY,
        summary="Customers to call back, the most urgent first",
        detail="One item for each customer across numbers and queues. It closes by itself when "
        "they are talked with, in either direction. Who stands in a team does not see those "
        "who called only other teams' queues. Withheld numbers are only counted.",
        query=MissedQuery,
        answers={200: MissedPage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="POST",
        path=f"{API}/missed/{{id}}/claim",
        access=Access(scope=CALLS_WRITE),
        handler=claim,
        tag=Tag.HISTORY,
        summary="Take a customer over, to call them back",
        params=MissedPath,
        answers={200: MissedCustomer},
        problems=(NOT_FOUND, CONFLICT),
    ),
    Route(
        method="POST",
        path=f"{API}/missed/{{id}}/release",
        access=Access(scope=CALLS_WRITE),
        handler=release,
        tag=Tag.HISTORY,
        summary="Give a customer back to the list",
        params=MissedPath,
        answers={200: MissedCustomer},
        problems=(NOT_FOUND, FORBIDDEN, CONFLICT),
    ),
)
