"""What stands still on its way to a CRM, and what a person may do about it, over REST."""

from typing import Final

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.core.ids import EffectKey
from gateway.core.record import time_json
from gateway.store.outbox import EffectState, drop
from gateway.store.troubles import list_troubles, retry_all
from gateway.web.access import OUTBOX_READ, OUTBOX_WRITE, Access
from gateway.web.answers import answer, answer_list, page_in_order
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR, CONFLICT, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.base import WholePageParams
from gateway.web.shapes.outbox import EffectPath
from gateway.web.shapes.trouble import EffectDropped, RetriedAll, RetryAllBody, TroublePage
from gateway.web.validation import body_of, params_of, query_of


async def troubles(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/outbox/troubles`: causes with their numbers; of calls one may see."""
    db, principal = request.app[SERVICES].db, request[PRINCIPAL]
    found = await db.read(lambda conn: list_troubles(conn, visible_to=principal.receipts_of))
    page, following = page_in_order(found, query_of(request, WholePageParams))
    return answer_list(
        request,
        [
            {
                "connector": one.connector,
                "state": one.state.value,
                "cause": one.cause,
                "count": one.count,
                "since": time_json(one.since),
            }
            for one in page
        ],
        following,
    )


async def retry_many(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/outbox/retry`: try again at once what stood still for a cause."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    body, now = body_of(request, RetryAllBody), services.clock.now()
    count = await services.db.write(
        lambda conn: retry_all(
            conn,
            state=EffectState(body.state),
            connector=body.connector,
            cause=body.cause,
            by=principal.login,
            at=now,
            visible_to=principal.receipts_of,
        )
    )
    services.wake_outbox()
    return answer({"count": count}, status=202)


async def drop_effect(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/outbox/{id}/drop`: give an effect up; it stays in the list."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    key, now = EffectKey(params_of(request, EffectPath).id), services.clock.now()
    try:
        await services.db.write(
            lambda conn: drop(
                conn, key, by=principal.login, at=now, visible_to=principal.receipts_of
            )
        )
    except UsageError as error:
        raise Problem(CONFLICT, f"{error.message} {error.remedy}".strip()) from error
    services.wake_outbox()  # what waited behind it may go
    return answer({"id": str(key), "state": EffectState.DROPPED.value})


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/outbox/troubles",
        access=Access(scope=OUTBOX_READ),
        handler=troubles,
        tag=Tag.CRM,
        summary="Why effects stand still until somebody does something",
        query=WholePageParams,
        answers={200: TroublePage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="POST",
        path=f"{API}/outbox/retry",
        access=Access(scope=OUTBOX_WRITE),
        handler=retry_many,
        tag=Tag.CRM,
        summary="Try again at once everything that stands still for a cause",
        body=RetryAllBody,
        body_optional=True,
        answers={202: RetriedAll},
    ),
    Route(
        method="POST",
        path=f"{API}/outbox/{{id}}/drop",
        access=Access(scope=OUTBOX_WRITE),
        handler=drop_effect,
        tag=Tag.CRM,
        summary="Give an effect up for good; it stays in the list as dropped",
        params=EffectPath,
        answers={200: EffectDropped},
        problems=(CONFLICT,),
    ),
)
