"""A customer's timeline over REST, and the contacts by other channels that go onto it.

The timeline is the customer's: whoever may read contacts and calls sees that a colleague had them
on the telephone, how it went and what was noted. The whole record, with numbers and recordings,
stays with those who may see that call (`readable`).
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web

from gateway.core.calendars import CalendarBook
from gateway.core.errors import UsageError
from gateway.core.history import Customer, Interaction, TimelineItem
from gateway.core.text import clean_lines, clean_text
from gateway.desk.history import interaction_json, timeline_json
from gateway.desk.refusals import NotFoundError
from gateway.store.customers import exists
from gateway.store.database import Connection
from gateway.store.interactions import interaction_id, save_interaction
from gateway.store.timeline import TimelinePage, readable, timeline
from gateway.web.access import CALLS_READ, CONTACTS_READ, INTERACTIONS_WRITE, Access
from gateway.web.answers import answer, answer_list
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR, FORBIDDEN, INVALID, NOT_FOUND, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes import history as shapes
from gateway.web.shapes.directory import ContactPath
from gateway.web.shapes.history import MAX_NOTE, InteractionBody, TimelineQuery
from gateway.web.typed import e164_of
from gateway.web.validation import body_of, params_of, query_of

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(days=1)


async def contact_timeline(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/contacts/{id}/timeline`, newest first."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    if CALLS_READ not in principal.scopes:
        raise Problem(FORBIDDEN)
    contact_id, query = params_of(request, ContactPath).id, query_of(request, TimelineQuery)

    def work(conn: Connection) -> tuple[TimelinePage, frozenset[str]]:
        if not exists(conn, contact_id):
            raise NotFoundError("There is no such contact.")
        customer = Customer(contact_id=contact_id)
        page = timeline(conn, customer, cursor=query.cursor, limit=query.limit)
        return page, readable(conn, page.items, principal.visible_to)

    page, own = await services.db.read(work)
    items = [
        timeline_json(item, services.roster.who_has)
        | {
            "readable": item.id in own,
            "closed_hours": item.missed and _came_while_closed(item, services.follow_ups.calendars),
        }
        for item in page.items
    ]
    return answer_list(request, items, page.next)


def _came_while_closed(item: TimelineItem, calendars: CalendarBook) -> bool:
    calendar = calendars.of(pbx=item.pbx or "", line=item.line, queue=item.queue)
    return calendar is not None and not calendar.is_open(item.at)


async def interaction(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/interactions`: 201 for a new one, 200 for one told before."""
    told = _told(request, body_of(request, InteractionBody))

    def work(conn: Connection) -> tuple[Interaction, bool]:
        if told.contact_id is not None and not exists(conn, told.contact_id):
            raise UsageError("There is no such contact.", remedy="GET /api/v1/contacts lists them.")
        return save_interaction(conn, told)

    stored, new = await request.app[SERVICES].db.write(work)
    return answer(interaction_json(stored), status=201 if new else 200)


def _told(request: web.Request, body: InteractionBody) -> Interaction:
    now = request.app[SERVICES].clock.now()
    at = body.at or now
    if not EARLIEST <= at <= now + AHEAD:
        raise UsageError(
            "The interaction is of before 1970 or still to come.", remedy="Check its time."
        )
    source = body.source or request[PRINCIPAL].login
    return Interaction(
        id=interaction_id(source, body.external_id),
        channel=body.channel,
        direction=body.direction,
        at=at,
        source=clean_text(source, limit=120) or "",
        external_id=body.external_id,
        contact_id=body.contact_id,
        e164=e164_of(request, body.number) if body.number is not None else None,
        email=clean_text(body.email, limit=254) if body.email is not None else None,
        subject=clean_text(body.subject, limit=300) if body.subject is not None else None,
        summary=clean_lines(body.summary, limit=MAX_NOTE) if body.summary is not None else None,
        agent=clean_text(body.agent, limit=200) if body.agent is not None else None,
        url=body.url,
    )


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/contacts/{{id}}/timeline",
        access=Access(scope=CONTACTS_READ),
        handler=contact_timeline,
        tag=Tag.HISTORY,
        summary="What was between us and a customer, newest first",
        detail="Calls, contacts by other channels and promises. Needs `calls:read` too.",
        params=ContactPath,
        query=TimelineQuery,
        answers={200: shapes.TimelinePage},
        problems=(NOT_FOUND, FORBIDDEN, BAD_CURSOR),
    ),
    Route(
        method="POST",
        path=f"{API}/interactions",
        access=Access(scope=INTERACTIONS_WRITE),
        handler=interaction,
        tag=Tag.HISTORY,
        summary="Tell of a contact by another channel: mail, chat, form, visit …",
        body=InteractionBody,
        answers={201: shapes.Interaction, 200: shapes.Interaction},
        problems=(INVALID,),
    ),
)
