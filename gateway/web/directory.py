"""The directory over REST: who a number is and why, and a simple list of contacts."""

from typing import Final

from aiohttp import web

from gateway.core.numbers import PhoneNumber
from gateway.desk.composition import contact_json, match_json
from gateway.store.contacts import find_contacts, get_contact, list_contacts
from gateway.store.look_up import find
from gateway.store.mirror import MirrorBusy
from gateway.web.access import CONTACTS_READ, Access
from gateway.web.answers import answer, answer_list
from gateway.web.keys import SERVICES
from gateway.web.problems import NOT_FOUND, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.directory import (
    Contact,
    ContactPage,
    ContactPath,
    ContactsQuery,
    MatchAnswer,
    MatchQuery,
)
from gateway.web.validation import params_of, query_of


async def match(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/match?number=`: what a pop would say about this number, step by step."""
    services = request.app[SERVICES]
    number = _parse(request, query_of(request, MatchQuery).number)
    try:
        result = services.find(number)
    except MirrorBusy:
        result = await services.db.read(lambda conn: find(conn, number))
    contact = result.contact
    return answer(
        {
            "number": {
                "raw": number.raw,
                "e164": number.e164,
                "presentation": number.presentation.value,
            },
            "match": match_json(result),
            "contact": contact_json(contact) if contact is not None else None,
            "candidates": [contact_json(candidate) for candidate in result.candidates],
        }
    )


async def contacts(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/contacts`: by id, or those with `number`."""
    services, query = request.app[SERVICES], query_of(request, ContactsQuery)
    if query.number is None:
        page, following = await services.db.read(
            lambda conn: list_contacts(conn, after=query.cursor or "", limit=query.limit)
        )
        return answer_list([contact_json(item) for item in page], following)
    e164 = _parse(request, query.number).e164
    if e164 is None:
        return answer_list([])
    hits = await services.db.read(lambda conn: find_contacts(conn, e164))
    return answer_list([contact_json(item) for item in hits])


async def contact(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/contacts/{id}`."""
    identifier = params_of(request, ContactPath).id
    found = await request.app[SERVICES].db.read(lambda conn: get_contact(conn, identifier))
    if found is None:
        raise Problem(NOT_FOUND, "There is no such contact.")
    return answer(contact_json(found))


def _parse(request: web.Request, text: str) -> PhoneNumber:
    # a plus sign that was not percent-encoded arrives as a space
    written = f"+{text[1:]}" if text.startswith(" ") else text
    return request.app[SERVICES].plan.parse(written)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/match",
        access=Access(scope=CONTACTS_READ),
        handler=match,
        tag=Tag.DIRECTORY,
        summary="Who a number is, with every step of the decision",
        query=MatchQuery,
        answers={200: MatchAnswer},
    ),
    Route(
        method="GET",
        path=f"{API}/contacts",
        access=Access(scope=CONTACTS_READ),
        handler=contacts,
        tag=Tag.DIRECTORY,
        summary="Contacts, by id, or those with a number",
        query=ContactsQuery,
        answers={200: ContactPage},
    ),
    Route(
        method="GET",
        path=f"{API}/contacts/{{id}}",
        access=Access(scope=CONTACTS_READ),
        handler=contact,
        tag=Tag.DIRECTORY,
        summary="One contact",
        params=ContactPath,
        answers={200: Contact},
        problems=(NOT_FOUND,),
    ),
)
