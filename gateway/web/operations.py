"""How the installation stands: people, links, times without a link."""

from typing import Final

from aiohttp import web

from gateway.core.record import time_json
from gateway.desk.links import link_json
from gateway.store.gaps import gap_page
from gateway.web.access import EVENTS_READ, OPERATORS, Access
from gateway.web.answers import answer_list, page_of
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.operations import (
    AgentPage,
    AgentsQuery,
    GapPage,
    GapsQuery,
    LinkPage,
    LinksQuery,
    QueuePage,
    QueuesQuery,
)
from gateway.web.validation import query_of


async def agents(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/agents`: who has which extension, and what its phone does."""
    board, query = request.app[SERVICES].queues, query_of(request, AgentsQuery)
    page, following = page_of(request.app[SERVICES].roster.users(), query, lambda user: user.login)

    def phone(pbx: str, extension: str) -> dict[str, object]:
        return board.extension_json(pbx, extension) if board is not None else {}

    return answer_list(
        request,
        [
            {
                "login": user.login,
                "name": user.name,
                "extensions": [
                    {"pbx": pbx or None, "extension": extension, **phone(pbx, extension)}
                    for pbx, extension in user.extensions
                ],
            }
            for user in page
        ],
        following,
    )


async def queues(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/queues`: who waits how long, and who serves them."""
    board = request.app[SERVICES].queues
    found = board.queues_json(request[PRINCIPAL].login) if board is not None else []
    query = query_of(request, QueuesQuery)
    return answer_list(request, *page_of(found, query, lambda one: f"{one['pbx']}:{one['queue']}"))


async def pbxs(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/pbxs`: each link in words, with what to do if it is not up."""
    states, query = request.app[SERVICES].links.states(), query_of(request, LinksQuery)
    page, following = page_of(states, query, lambda state: state.pbx)
    return answer_list(request, [link_json(state) for state in page], following)


async def gaps(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/gaps`: the times in which calls may have been missed."""
    query = query_of(request, GapsQuery)
    page, following = await request.app[SERVICES].db.read(
        lambda conn: gap_page(
            conn, pbx=query.pbx, since=query.since, limit=query.limit, cursor=query.cursor
        )
    )
    return answer_list(
        request,
        [
            {
                "id": str(gap.id),
                "pbx": gap.pbx,
                "from": time_json(gap.from_at),
                "to": time_json(gap.to_at),
                "source": gap.source or None,
                "recovered": gap.recovered,
                "unknown": gap.unknown,
            }
            for gap in page
        ],
        following,
    )


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/queues",
        access=Access(scope=EVENTS_READ),
        handler=queues,
        tag=Tag.OPERATIONS,
        summary="The queues one serves or oversees: who waits, who serves",
        query=QueuesQuery,
        answers={200: QueuePage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="GET",
        path=f"{API}/agents",
        access=Access(scope=EVENTS_READ),
        handler=agents,
        tag=Tag.OPERATIONS,
        summary="People, their extensions, and what their phones do",
        query=AgentsQuery,
        answers={200: AgentPage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="GET",
        path=f"{API}/pbxs",
        access=Access(scope=EVENTS_READ),
        handler=pbxs,
        tag=Tag.OPERATIONS,
        summary="The links to the telephone systems, with what to do if one is not up",
        query=LinksQuery,
        answers={200: LinkPage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="GET",
        path=f"{API}/gaps",
        access=Access(roles=OPERATORS, scope=EVENTS_READ),
        handler=gaps,
        tag=Tag.OPERATIONS,
        summary="Times without a link, in which calls may have been missed",
        query=GapsQuery,
        answers={200: GapPage},
        problems=(BAD_CURSOR,),
    ),
)
