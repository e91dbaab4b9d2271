"""Notes that go with a call to the next agent, and ticking off the first thing of a card."""

from typing import Final

from aiohttp import web

from gateway.core.handoff import Handoff
from gateway.core.ids import CallId
from gateway.core.record import CallRecord, time_json
from gateway.desk.shown import extensions_of
from gateway.store.calls import get_call
from gateway.store.ticks import Tick
from gateway.web.access import CALLS_READ, CALLS_WRITE, Access
from gateway.web.answers import answer, answer_list, page_of
from gateway.web.calls import call_id_of
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR, NOT_FOUND, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.call import CallPath
from gateway.web.shapes.handoff import Done, DoneBody, HandoffBody, HandoffPage, HandoffsQuery
from gateway.web.shapes.handoff import Handoff as HandoffShape
from gateway.web.validation import body_of, query_of


async def handoffs(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/calls/{id}/handoff`: everybody's notes, oldest first."""
    record = await _call(request)
    notes = await request.app[SERVICES].handoffs.left_with(record.id)
    query = query_of(request, HandoffsQuery)
    page, following = page_of(notes, query, lambda note: f"{note.at.isoformat()} {note.by}")
    return answer_list(request, [_json(note) for note in page], following)


async def leave(request: web.Request) -> web.Response:
    """Answer `PUT /api/v1/calls/{id}/handoff`: write, change or take back one's own note."""
    record = await _call(request)
    return answer(_json(await leave_note(request, record, body_of(request, HandoffBody))))


async def leave_note(request: web.Request, record: CallRecord, body: HandoffBody) -> Handoff:
    """Keep somebody's note with a call and show it to whom the call rings."""
    services, login = request.app[SERVICES], request[PRINCIPAL].login
    own = {
        extension
        for pbx, extension in services.roster.extensions_of(login)
        if pbx in {"", record.pbx}
    }
    return await services.handoffs.leave(
        record.id,
        Handoff(
            at=services.clock.now(),
            by=login,
            extension=next(iter(sorted(own & extensions_of(record))), ""),
            reason=body.reason,
            done=body.done,
            wants=body.wants,
            note=body.note,
            said=tuple(body.said),
            verified=body.verified,
        ),
    )


async def done(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/calls/{id}/done`: the first thing of the card was done."""
    record = await _call(request)
    services = request.app[SERVICES]
    contact = record.contact.id if record.contact is not None else None
    tick = Tick(
        kind=body_of(request, DoneBody).kind,
        by=request[PRINCIPAL].login,
        at=services.clock.now(),
        contact_id=contact,
        e164=record.outside_number,
    )
    made = await services.handoffs.tick(record.id, tick)
    return answer({"kind": made.kind, "by": made.by, "at": time_json(made.at)}, status=201)


async def call_of(request: web.Request, call_id: CallId) -> CallRecord:
    """Return the call that a person may see, and that which it became part of instead of it."""
    services, visible_to = request.app[SERVICES], request[PRINCIPAL].visible_to
    record = await services.db.read(lambda conn: get_call(conn, call_id, visible_to=visible_to))
    if record is not None and record.merged_into is not None:
        into = record.merged_into
        record = await services.db.read(lambda conn: get_call(conn, into)) or record
    if record is None:
        raise Problem(NOT_FOUND, "There is no such call, or it is not yours to see.")
    return record


async def _call(request: web.Request) -> CallRecord:
    return await call_of(request, call_id_of(request))


def _json(note: Handoff) -> dict[str, object]:
    return {
        "by": note.by or None,
        "extension": note.extension or None,
        "at": time_json(note.at),
        "reason": note.reason or None,
        "done": note.done or None,
        "wants": note.wants or None,
        "note": note.note or None,
        "said": list(note.said),
        "verified": note.verified,
    }


_PATH: Final = f"{API}/calls/{{id}}/handoff"
ROUTES: Final = (
    Route(
        method="GET",
        path=_PATH,
        access=Access(scope=CALLS_READ),
        handler=handoffs,
        tag=Tag.CALLS,
        summary="The notes left with a call for whoever takes it over",
        params=CallPath,
        query=HandoffsQuery,
        answers={200: HandoffPage},
        problems=(BAD_CURSOR, NOT_FOUND),
    ),
    Route(
        method="PUT",
        path=_PATH,
        access=Access(scope=CALLS_WRITE),
        handler=leave,
        tag=Tag.CALLS,
        summary="Leave a note with a call",
        detail="It is on the next agent's card before they speak, however the call gets there.",
        params=CallPath,
        body=HandoffBody,
        answers={200: HandoffShape},
        problems=(NOT_FOUND,),
    ),
    Route(
        method="POST",
        path=f"{API}/calls/{{id}}/done",
        access=Access(scope=CALLS_WRITE),
        handler=done,
        tag=Tag.CALLS,
        summary="Tick off the first thing of a card",
        params=CallPath,
        body=DoneBody,
        answers={201: Done},
        problems=(NOT_FOUND,),
    ),
)
