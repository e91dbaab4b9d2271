"""Promised call-backs over REST: everybody who looks after customers sees them."""

from typing import Final
from uuid import UUID

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.core.history import Customer, Promise
from gateway.core.record import time_json
from gateway.core.text import clean_text
from gateway.desk.history import promise_json
from gateway.desk.promises import PromiseChange as Wanted
from gateway.store.customers import customer_for
from gateway.store.database import Connection
from gateway.store.promises import PromiseFilter, list_promises
from gateway.web.access import CONTACTS_READ, INTERACTIONS_WRITE, Access
from gateway.web.answers import answer, answer_list
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR, FORBIDDEN, INVALID, NOT_FOUND
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes import promise as shapes
from gateway.web.shapes.promise import MAX_TEXT, PromiseBody, PromiseChange, PromisePath
from gateway.web.typed import e164_of
from gateway.web.validation import body_of, params_of, query_of


async def promises(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/promises`, the first due first."""
    query = query_of(request, shapes.PromisesQuery)
    e164 = e164_of(request, query.number) if query.number is not None else None
    named = query.contact is not None or e164 is not None

    def work(conn: Connection) -> tuple[tuple[Promise, ...], str | None]:
        customer = None
        if named:
            customer = customer_for(conn, contact_id=query.contact, e164=e164)
            if customer is None:  # a contact that is no more: its promises stay under its id
                customer = Customer(contact_id=query.contact, e164=e164)
        wanted = PromiseFilter(
            state=query.state,
            to_do=query.to_do,
            customer=customer,
            assignee=query.assignee,
            due_before=query.due_before,
            cursor=query.cursor,
            limit=query.limit,
        )
        return list_promises(conn, wanted)

    page, following = await request.app[SERVICES].db.read(work)
    return answer_list(request, [_json(request, promise) for promise in page], following)


async def make(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/promises`."""
    body, principal, services = (
        body_of(request, PromiseBody),
        request[PRINCIPAL],
        request.app[SERVICES],
    )
    e164 = e164_of(request, body.number) if body.number is not None else None
    if body.contact_id is None and e164 is None:
        raise UsageError(
            "A promise is made to somebody.", remedy='Name a "contact_id" or a "number".'
        )
    promise = Promise(
        id="",
        contact_id=body.contact_id,
        e164=e164,
        text=_text(body.text),
        due_at=body.due_at,
        made_by=principal.login,
        made_at=services.clock.now(),
        assignee=body.assignee or principal.login,
        made_in=_id(body.call_id),
    )
    return answer(_json(request, await services.follow_ups.promises.make(promise)), status=201)


async def change(request: web.Request) -> web.Response:
    """Answer `PATCH /api/v1/promises/{id}`."""
    body, principal = body_of(request, PromiseChange), request[PRINCIPAL]
    wanted = Wanted(
        text=_text(body.text) if body.text is not None else None,
        due_at=body.due_at,
        assignee=body.assignee,
        free="assignee" in body.model_fields_set and body.assignee is None,
        state=body.state,
    )
    changed = await request.app[SERVICES].follow_ups.promises.change(
        str(params_of(request, PromisePath).id),
        wanted,
        login=principal.login,
        oversees=principal.oversees,
    )
    return answer(_json(request, changed))


def _json(request: web.Request, promise: Promise) -> dict[str, object]:
    opens_at = request.app[SERVICES].follow_ups.promises.opens_at(promise)
    return {**promise_json(promise), "opens_at": time_json(opens_at)}


def _text(text: str) -> str:
    cleaned = clean_text(text, limit=MAX_TEXT)
    if cleaned is None:
        raise UsageError("The text of a promise is empty.", remedy="Say what was promised.")
    return cleaned


def _id(call: UUID | None) -> str | None:
    return str(call) if call is not None else None


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/promises",
        access=Access(scope=CONTACTS_READ),
        handler=promises,
        tag=Tag.HISTORY,
        summary="Promised call-backs, the first due first",
        query=shapes.PromisesQuery,
        answers={200: shapes.PromisePage},
        problems=(BAD_CURSOR, INVALID),
    ),
    Route(
        method="POST",
        path=f"{API}/promises",
        access=Access(scope=INTERACTIONS_WRITE),
        handler=make,
        tag=Tag.HISTORY,
        summary="Promise somebody a call",
        detail="It is kept by itself when the customer is talked with, in either direction and on "
        "any of their numbers, after it was made and up to 15 minutes after `due_at`. From "
        "`due_at` on it is broken, that is overdue, and its assignee gets `promise.due`, once. "
        "Talked with later it stays broken, with nothing left to do. A time at which nobody is "
        "there is taken, and answered with `opens_at`, the next opening; `promise.due` then comes "
        "at that opening.",
        body=PromiseBody,
        answers={201: shapes.TimedPromise},
        problems=(INVALID,),
    ),
    Route(
        method="PATCH",
        path=f"{API}/promises/{{id}}",
        access=Access(scope=INTERACTIONS_WRITE),
        handler=change,
        tag=Tag.HISTORY,
        summary="Change, hand over, keep or withdraw a promise",
        detail="By whoever made it, owes it or supervises; one that nobody owes by anybody.",
        params=PromisePath,
        body=PromiseChange,
        answers={200: shapes.TimedPromise},
        problems=(NOT_FOUND, FORBIDDEN, INVALID),
    ),
)
