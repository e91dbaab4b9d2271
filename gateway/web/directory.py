"""Who a number is and why, over REST; with the other routes of the directory."""

from functools import partial
from typing import Final

from aiohttp import web

from gateway.core.marks import Mark
from gateway.core.match_steps import say
from gateway.core.matching import look_up_key
from gateway.core.record import MatchKind, time_json
from gateway.desk.composition import contact_json, match_json
from gateway.store.look_up import find, with_reasons
from gateway.store.mirror import MirrorBusy
from gateway.web import contact_import, contacts, marks
from gateway.web.answers import answer
from gateway.web.directory_access import READ
from gateway.web.keys import SERVICES
from gateway.web.numbers import number_of
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.directory import MatchAnswer, MatchQuery
from gateway.web.validation import query_of
from gateway.web.wording import language_of


async def match(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/match?number=`: what a pop would say about this number, step by step."""
    services, query = request.app[SERVICES], query_of(request, MatchQuery)
    number = number_of(request, query.number)
    try:
        result = services.find(number)
    except MirrorBusy:
        result = await services.db.read(partial(find, number=number, own=services.own))
    e164 = look_up_key(number)
    if result.kind is MatchKind.NONE and e164 is not None and services.own(e164) is None:
        result = await services.db.read(partial(with_reasons, result=result, e164=e164))
    contact = result.contact
    told = match_json(result)
    language = query.lang or language_of(request)
    return answer(
        {
            "number": {
                "raw": number.raw,
                "e164": number.e164,
                "extension": number.extension,
                "presentation": number.presentation.value,
            },
            "match": {**told, "steps": [say(step, language) for step in result.steps]},
            "known": result.known,
            "contact": contact_json(contact) if contact is not None else None,
            "candidates": [contact_json(candidate) for candidate in result.candidates],
            "reasons": [reason.value for reason in result.reasons],
            "choice": _mark_json(result.choice),
            "ignored": _mark_json(result.ignored),
        }
    )


def _mark_json(mark: Mark | None) -> dict[str, object] | None:
    if mark is None:
        return None
    return {"by": mark.by, "at": time_json(mark.at), "reason": mark.reason}


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/match",
        access=READ,
        handler=match,
        tag=Tag.DIRECTORY,
        summary="Who a number is, with every step of the decision",
        query=MatchQuery,
        answers={200: MatchAnswer},
    ),
    *contacts.ROUTES,
    *marks.ROUTES,
    *contact_import.ROUTES,
)
