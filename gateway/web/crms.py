"""The CRMs over REST: how they do, a sweep by hand, and their own word that something changed."""

from typing import Final

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.store.people import Role
from gateway.web.access import ADMINISTER, OUTBOX_READ, PUBLIC, Access
from gateway.web.answers import answer, answer_list, page_in_order
from gateway.web.keys import SERVICES
from gateway.web.problems import BAD_CURSOR, CONFLICT, FORBIDDEN, Problem
from gateway.web.routes import API, Repeat, Route, Tag, Upload
from gateway.web.shapes.base import WholePageParams
from gateway.web.shapes.crm import (
    CrmPage,
    CrmPath,
    HookHeard,
    HookQuery,
    SweepBody,
    SweepOrdered,
)
from gateway.web.validation import body_of, params_of, query_of

HOOK_HEADER: Final = "X-Hook-Secret"
_HOOK_LIMIT: Final = 64 * 1024
_ANY: Final = ("application/json", "application/x-www-form-urlencoded", "text/plain")


async def crms(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/crms`: how writing, mirroring and looking up do at each."""
    board = request.app[SERVICES].crms
    states = board.states() if board is not None else ()
    return answer_list(request, *page_in_order(states, query_of(request, WholePageParams)))


async def sweep(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/crms/{id}/sweep`: read everybody again, within seconds."""
    board, name = request.app[SERVICES].crms, params_of(request, CrmPath).id
    confirm = body_of(request, SweepBody).confirm
    if board is None:
        raise Problem(CONFLICT, "No CRM is linked. Add a [[crm]] table.")
    try:
        await board.sweep(name, confirm=confirm)
    except UsageError as error:
        raise Problem(CONFLICT, f"{error.message} {error.remedy}".strip()) from error
    return answer({"name": name, "confirm": confirm}, status=202)


async def changed(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/crms/{id}/changed`: the CRM says "look again"; its body is not read.

    A body could only be believed if it were signed; what it tells is asked of the CRM instead.
    """
    board, name = request.app[SERVICES].crms, params_of(request, CrmPath).id
    given = request.headers.get(HOOK_HEADER) or query_of(request, HookQuery).secret
    if board is None:
        raise Problem(FORBIDDEN)
    try:
        said = await board(name, {HOOK_HEADER.lower(): given}, b"")
    except UsageError as error:
        raise Problem(FORBIDDEN) from error
    return answer({"said": list(said)}, status=202)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/crms",
        access=Access(roles=frozenset({Role.SUPERVISOR, Role.ADMIN}), scope=OUTBOX_READ),
        handler=crms,
        tag=Tag.CRM,
        summary="How writing to each CRM, its mirror and its look-ups do",
        query=WholePageParams,
        answers={200: CrmPage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="POST",
        path=f"{API}/crms/{{id}}/sweep",
        access=Access(roles=frozenset({Role.ADMIN}), scope=ADMINISTER),
        handler=sweep,
        tag=Tag.CRM,
        summary="Read everybody in a CRM again, and take out who is gone",
        params=CrmPath,
        body=SweepBody,
        body_optional=True,
        answers={202: SweepOrdered},
        problems=(CONFLICT,),
    ),
    Route(
        method="POST",
        path=f"{API}/crms/{{id}}/changed",
        access=PUBLIC,
        handler=changed,
        tag=Tag.CRM,
        summary="For CRMs: say that something changed",
        detail="With the secret of `[crm.mirror]` in the header `X-Hook-Secret` or as `?secret=`. "
        "The body is not read; the CRM is asked for what changed.",
        params=CrmPath,
        query=HookQuery,
        upload=Upload(types=_ANY, limit=_HOOK_LIMIT, description="Anything; it is not read."),
        answers={202: HookHeard},
        problems=(FORBIDDEN,),
        repeat=Repeat.IGNORE,
    ),
)
