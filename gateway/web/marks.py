"""Whose number it is and which to ignore, as people say over REST."""

from functools import partial
from typing import Final

from aiohttp import web

from gateway.core.forms import is_too_wide
from gateway.core.ids import CallId
from gateway.core.marks import Mark, MarkKind
from gateway.core.matching import look_up_key
from gateway.core.numbers import PhoneNumber
from gateway.core.record import time_json
from gateway.store.contacts import get_contact
from gateway.store.cursors import read_cursor, write_cursor
from gateway.store.database import Connection
from gateway.store.look_up import find
from gateway.store.marks import list_marks, revoke_mark, set_mark
from gateway.web.answers import answer, answer_list
from gateway.web.directory_access import READ, WRITE
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.numbers import as_written, number_of
from gateway.web.problems import INVALID, NOT_FOUND, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.marks import (
    Choice,
    ChoiceBody,
    Ignored,
    IgnoredBody,
    IgnoredPage,
    IgnoredQuery,
    NumberQuery,
)
from gateway.web.validation import body_of, query_of

NO_KEY: Final = (
    "This is a withheld number, an extension or a short code: nobody can be chosen for it."
)


async def choose(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/match/choice`: remember whose number it is."""
    services, body = request.app[SERVICES], body_of(request, ChoiceBody)
    principal = request[PRINCIPAL]
    number = number_of(request, body.number)
    e164 = look_up_key(number)
    if e164 is None:
        raise Problem(INVALID, NO_KEY)
    mark = Mark(
        kind=MarkKind.CHOICE,
        e164=e164,
        by=principal.login,
        at=services.clock.now(),
        contact_id=body.contact,
    )

    def work(conn: Connection) -> bool:
        if get_contact(conn, body.contact) is None:
            return False
        set_mark(conn, mark)
        return True

    if not await services.db.write(work):
        raise Problem(NOT_FOUND, "There is no such contact.")
    services.contacts_changed()
    if body.call is not None:
        await _give(request, CallId(body.call), e164)
    return answer(
        {"number": e164, "contact": body.contact, "by": mark.by, "at": time_json(mark.at)},
        status=201,
    )


async def unchoose(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/match/choice?number=`."""
    return await _revoke(request, MarkKind.CHOICE)


async def ignore(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/ignored`."""
    services, body = request.app[SERVICES], body_of(request, IgnoredBody)
    key = _key(request, body.number)
    if is_too_wide(key):
        raise Problem(
            INVALID,
            "This would ignore a whole country, or nearly: write three digits more before the *.",
        )
    mark = Mark(
        kind=MarkKind.IGNORED,
        e164=key,
        by=request[PRINCIPAL].login,
        at=services.clock.now(),
        reason=body.reason,
    )
    await services.db.write(partial(set_mark, mark=mark))
    services.contacts_changed()
    return answer(_ignored_json(mark), status=201)


async def unignore(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/ignored?number=`."""
    return await _revoke(request, MarkKind.IGNORED)


async def ignored(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/ignored`."""
    query = query_of(request, IgnoredQuery)
    after = "" if query.cursor is None else str(read_cursor(query.cursor, str)[0])
    page, following = await request.app[SERVICES].db.read(
        partial(list_marks, kind=MarkKind.IGNORED, after=after, limit=query.limit)
    )
    cursor = None if following is None else write_cursor(following)
    return answer_list(request, [_ignored_json(mark) for mark in page], cursor)


async def _revoke(request: web.Request, kind: MarkKind) -> web.Response:
    services = request.app[SERVICES]
    e164 = _key(request, query_of(request, NumberQuery).number)
    work = partial(revoke_mark, e164=e164, kind=kind, at=services.clock.now())
    if not await services.db.write(work):
        raise Problem(NOT_FOUND, "Nothing is remembered about this number.")
    services.contacts_changed()
    return web.Response(status=204)


def _key(request: web.Request, text: str) -> str:
    """Return E.164 or a range; raises Problem for what is neither."""
    written, plan = as_written(text), request.app[SERVICES].plan
    key = look_up_key(number_of(request, text)) or plan.prefix(written)
    if key is None:
        raise Problem(
            INVALID, "Write a whole number, or the beginning of one with * behind it: 02 1234*"
        )
    return key


async def _give(request: web.Request, call: CallId, e164: str) -> None:
    """Give an ended call to who was chosen; a live one gets it from the directory by itself."""
    services, visible_to = request.app[SERVICES], request[PRINCIPAL].visible_to
    result = await services.db.read(partial(find, number=PhoneNumber(e164, e164)))
    giving = services.follow_ups.giving
    given = await giving.give(call, result, number=e164, visible_to=visible_to)
    if given is not None:
        services.desk.show_again(given, services.clock.now())


def _ignored_json(mark: Mark) -> dict[str, object]:
    return {
        "number": mark.e164,
        "reason": mark.reason or "",
        "by": mark.by,
        "at": time_json(mark.at),
    }


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/match/choice",
        access=WRITE,
        handler=choose,
        tag=Tag.DIRECTORY,
        summary="Remember whose number it is",
        detail="The next call from it is matched to this contact, because somebody chose it. An "
        "ended `call` is given the contact at once; earlier calls stay as they are.",
        body=ChoiceBody,
        answers={201: Choice},
        problems=(NOT_FOUND, INVALID),
    ),
    Route(
        method="DELETE",
        path=f"{API}/match/choice",
        access=WRITE,
        handler=unchoose,
        tag=Tag.DIRECTORY,
        summary="Forget whose number it is",
        query=NumberQuery,
        answers={204: None},
        problems=(NOT_FOUND, INVALID),
    ),
    Route(
        method="GET",
        path=f"{API}/ignored",
        access=READ,
        handler=ignored,
        tag=Tag.DIRECTORY,
        summary="Numbers that nobody need see",
        query=IgnoredQuery,
        answers={200: IgnoredPage},
    ),
    Route(
        method="POST",
        path=f"{API}/ignored",
        access=WRITE,
        handler=ignore,
        tag=Tag.DIRECTORY,
        summary="Ignore a number or a range",
        body=IgnoredBody,
        answers={201: Ignored},
        problems=(INVALID,),
    ),
    Route(
        method="DELETE",
        path=f"{API}/ignored",
        access=WRITE,
        handler=unignore,
        tag=Tag.DIRECTORY,
        summary="Ignore it no longer",
        query=NumberQuery,
        answers={204: None},
        problems=(NOT_FOUND, INVALID),
    ),
)
