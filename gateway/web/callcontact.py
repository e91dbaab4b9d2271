"""Who is in one call, because a person says so: nothing is remembered about the number."""

from dataclasses import replace
from typing import Final

from aiohttp import web

from gateway.core.matching import MatchResult
from gateway.core.record import MatchKind
from gateway.desk.shown import shown
from gateway.store.contacts import get_contact
from gateway.web.access import CALLS_WRITE, Access
from gateway.web.answers import answer
from gateway.web.calls import call_id_of
from gateway.web.handoffs import call_of
from gateway.web.keys import SERVICES
from gateway.web.problems import NOT_FOUND, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.call import CallPath
from gateway.web.shapes.call import CallRecord as CallRecordShape
from gateway.web.shapes.marks import CallContactBody
from gateway.web.validation import body_of


async def link(request: web.Request) -> web.Response:
    """Answer `PUT /api/v1/calls/{id}/contact`: this call is with that contact."""
    services, wanted = request.app[SERVICES], body_of(request, CallContactBody).contact
    record = await call_of(request, call_id_of(request))
    contact = await services.db.read(lambda conn: get_contact(conn, wanted))
    if contact is None:
        raise Problem(NOT_FOUND, "There is no such contact.")
    result = MatchResult(kind=MatchKind.EXACT, contact=contact)
    services.desk.choose(record.id, result)
    given = await services.follow_ups.giving.give(record.id, result)
    if given is None:  # it is up, and stores its contact with its next event
        return answer(shown(replace(record, contact=result.reference())))
    services.desk.show_again(given, services.clock.now())
    return answer(shown(given))


ROUTES: Final = (
    Route(
        method="PUT",
        path=f"{API}/calls/{{id}}/contact",
        access=Access(scope=CALLS_WRITE),
        handler=link,
        tag=Tag.CALLS,
        summary="Say who is in this call, and only in this one",
        detail="For withheld numbers, and for numbers that should not be remembered as somebody's. "
        "POST /api/v1/match/choice remembers it for the number.",
        params=CallPath,
        body=CallContactBody,
        answers={200: CallRecordShape},
        problems=(NOT_FOUND,),
    ),
)
