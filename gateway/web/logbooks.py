"""Earlier calls and a CRM over REST: dry runs, retroactive logging, contacts on demand."""

from typing import Final

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.core.ids import CallId
from gateway.store.people import Role
from gateway.store.sight import Sight
from gateway.web.access import CALLS_READ, OUTBOX_READ, OUTBOX_WRITE, Access
from gateway.web.answers import answer
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import CONFLICT, Problem
from gateway.web.routes import API, Repeat, Route, Tag
from gateway.web.services import EarlierCalls
from gateway.web.shapes.call import CallPath
from gateway.web.shapes.crm import CrmPath
from gateway.web.shapes.logbook import (
    ContactBody,
    ContactOrdered,
    DaysQuery,
    DryRun,
    DryRunBody,
    LogBody,
    LogProgress,
    Relogged,
)
from gateway.web.validation import body_of, params_of, query_of

CONTACTS_WRITE: Final = "contacts:write"
_ADMIN: Final = frozenset({Role.ADMIN})
_OVERSEERS: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})


async def dry_run(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/crms/{id}/dry-run`; who sees not all calls sees no whole numbers."""
    name, body, visible_to = _name(request), body_of(request, DryRunBody), _seen(request)
    try:
        found = await _books(request).dry_run(
            name,
            body.first,
            body.last,
            limit=body.limit,
            masked=visible_to is not None,
            visible_to=visible_to,
        )
    except UsageError as error:
        raise _conflict(error) from error
    return answer(found)


async def log(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/crms/{id}/log`: put the calls of some days into the outbox."""
    body = body_of(request, LogBody)
    try:
        done = await _books(request).log(_name(request), body.first, body.last, per_s=body.per_s)
    except UsageError as error:
        raise _conflict(error) from error
    request.app[SERVICES].wake_outbox()
    return answer(done, status=202)


async def progress(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/crms/{id}/log`."""
    query = query_of(request, DaysQuery)
    try:
        found = await _books(request).progress(_name(request), query.first, query.last)
    except UsageError as error:
        raise _conflict(error) from error
    return answer(found)


async def ask_contact(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/calls/{id}/contact`: make a contact of the caller in a CRM."""
    call_id, crm = CallId(params_of(request, CallPath).id), body_of(request, ContactBody).crm
    try:
        key = await _books(request).ask_contact(crm, call_id, _seen(request))
    except UsageError as error:
        raise _conflict(error) from error
    request.app[SERVICES].wake_outbox()
    return answer({"id": str(key), "call_id": str(call_id), "crm": crm}, status=202)


def _books(request: web.Request) -> EarlierCalls:
    books = request.app[SERVICES].earlier_calls
    if books is None:
        raise Problem(CONFLICT, "No CRM is linked. Add a [[crm]] table.")
    return books


def _name(request: web.Request) -> str:
    return params_of(request, CrmPath).id


def _seen(request: web.Request) -> Sight | None:
    return request[PRINCIPAL].visible_to


def _conflict(error: UsageError) -> Problem:
    return Problem(CONFLICT, f"{error.message} {error.remedy}".strip())


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/crms/{{id}}/dry-run",
        access=Access(roles=_OVERSEERS, scope=CALLS_READ),
        handler=dry_run,
        tag=Tag.CRM,
        summary="What a CRM would get of the calls of some days; nothing is written",
        detail="Only of calls one may see. The numbers that belong to nobody are masked for who "
        "does not see all calls.",
        params=CrmPath,
        body=DryRunBody,
        body_optional=True,
        answers={200: DryRun},
        problems=(CONFLICT,),
        repeat=Repeat.IGNORE,
    ),
    Route(
        method="POST",
        path=f"{API}/crms/{{id}}/log",
        access=Access(roles=_ADMIN, scope=OUTBOX_WRITE),
        handler=log,
        tag=Tag.CRM,
        summary="Write the calls of some days to a CRM, each once",
        detail="They get the keys that live calls have: doing it twice writes nothing twice. No "
        "tasks are made of calls that were missed then.",
        params=CrmPath,
        body=LogBody,
        answers={202: Relogged},
        problems=(CONFLICT,),
    ),
    Route(
        method="GET",
        path=f"{API}/crms/{{id}}/log",
        access=Access(roles=_OVERSEERS, scope=OUTBOX_READ),
        handler=progress,
        tag=Tag.CRM,
        summary="How far a CRM is with the calls of some days",
        params=CrmPath,
        query=DaysQuery,
        answers={200: LogProgress},
        problems=(CONFLICT,),
    ),
    Route(
        method="POST",
        path=f"{API}/calls/{{id}}/contact",
        access=Access(scope=CONTACTS_WRITE),
        handler=ask_contact,
        tag=Tag.CRM,
        summary="Make a contact of an unknown caller in a CRM",
        detail='For CRMs whose policy says `create = "ask"`; once for each call.',
        params=CallPath,
        body=ContactBody,
        answers={202: ContactOrdered},
        problems=(CONFLICT,),
    ),
)
