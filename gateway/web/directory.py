"""The directory over REST: who a number is and why, and a simple list of contacts."""

from aiohttp import web

from gateway.core.numbers import PhoneNumber
from gateway.desk.composition import contact_json, match_json
from gateway.store.contacts import find, find_contacts, get_contact, list_contacts
from gateway.store.mirror import MirrorBusy
from gateway.web.answers import answer, answer_list, query_limit, query_text
from gateway.web.keys import SERVICES
from gateway.web.problems import Problem


async def match(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/match?number=`: what a pop would say about this number, step by step."""
    services = request.app[SERVICES]
    text = query_text(request, "number", limit=80)
    if text is None:
        raise Problem(422, "The parameter number is missing: /api/v1/match?number=%2B39061234567")
    number = _parse(request, text)
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
    services, limit = request.app[SERVICES], query_limit(request)
    text, after = query_text(request, "number", limit=80), query_text(request, "cursor") or ""
    if text is None:
        page, following = await services.db.read(
            lambda conn: list_contacts(conn, after=after, limit=limit)
        )
        return answer_list([contact_json(item) for item in page], following)
    e164 = _parse(request, text).e164
    if e164 is None:
        return answer_list([])
    hits = await services.db.read(lambda conn: find_contacts(conn, e164))
    return answer_list([contact_json(item) for item in hits])


async def contact(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/contacts/{id}`."""
    identifier = request.match_info["id"]
    found = await request.app[SERVICES].db.read(lambda conn: get_contact(conn, identifier))
    if found is None:
        raise Problem(404, "There is no such contact.")
    return answer(contact_json(found))


def _parse(request: web.Request, text: str) -> PhoneNumber:
    # a plus sign that was not percent-encoded arrives as a space
    written = f"+{text[1:]}" if text.startswith(" ") else text
    return request.app[SERVICES].plan.parse(written)
