"""Entries of the directory: searched, made, changed and deleted over REST."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from aiohttp import web

from gateway.core.contact import Contact
from gateway.store.contact_edits import (
    ContactExistsError,
    NamelessError,
    NoSuchCompanyError,
    StaleEditError,
    change_contact,
    create_contact,
    remove_contact,
)
from gateway.store.contacts import (
    Stored,
    change_numbers,
    list_contacts,
    read_contact,
)
from gateway.store.cursors import read_cursor, write_cursor
from gateway.store.mirror import MirrorBusy
from gateway.store.mirror_search import Search, TooBroadError
from gateway.web.answers import answer, answer_list
from gateway.web.contact_json import contact_from, entry_json, patched, stored_json
from gateway.web.directory_access import READ, WRITE
from gateway.web.keys import SERVICES
from gateway.web.numbers import as_written, number_of
from gateway.web.problems import INVALID, NOT_FOUND, UNAVAILABLE, Problem, ProblemKind
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.contacts import (
    ContactBody,
    ContactPatch,
    DirectoryEntry,
    DirectoryPage,
    DirectoryQuery,
)
from gateway.web.shapes.directory import ContactPath
from gateway.web.validation import body_of, params_of, query_of

MAX_BODY: Final = 512 * 1024
CONTACT_EXISTS: Final = ProblemKind(
    slug="contact-exists",
    status=409,
    title="In the directory already",
    detail="This entry is in the directory already. Change the one that is there.",
)
EDITED_MEANWHILE: Final = ProblemKind(
    slug="edited-meanwhile",
    status=412,
    title="Changed by somebody else",
    detail="Somebody has changed this entry since it was read. Read it again, repeat the change.",
)
TOO_BROAD: Final = ProblemKind(
    slug="too-broad",
    status=422,
    title="Too many entries fit",
    detail="So many entries fit that the search takes too long. Search for more letters or digits.",
)
NOT_BOTH: Final = "Ask with q alone, or with number and company_id: q looks everywhere."
GONE: Final = "There is no such contact."
_DIGITS: Final = re.compile(r"[+0-9][0-9 ()./-]{2,}")
_ETAG: Final = re.compile(r'(?:W/)?"c([0-9]{1,18})"')


async def contacts(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/contacts`: all by id, a company's people, or what fits `q`."""
    services, query = request.app[SERVICES], query_of(request, DirectoryQuery)
    if query.q is not None:
        if query.number is not None or query.company_id is not None:
            raise Problem(INVALID, NOT_BOTH)
        return await _searched(request, query)
    e164 = None if query.number is None else number_of(request, query.number).e164
    if query.number is not None and e164 is None:
        return answer_list(request, [])
    after = "" if query.cursor is None else str(read_cursor(query.cursor, str)[0])
    page, following = await services.db.read(
        partial(
            list_contacts,
            after=after,
            limit=query.limit,
            company_id=query.company_id,
            e164=e164,
        )
    )
    cursor = None if following is None else write_cursor(following)
    return await _listed(request, page, cursor)


async def contact(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/contacts/{id}`."""
    identifier = params_of(request, ContactPath).id
    stored = await request.app[SERVICES].db.read(partial(read_contact, identifier=identifier))
    if stored is None:
        raise Problem(NOT_FOUND, GONE)
    return _tagged(stored)


async def create(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/contacts`."""
    services = request.app[SERVICES]
    draft = contact_from(body_of(request, ContactBody), services.plan)
    if draft.display_name is None:
        raise Problem(INVALID, "An entry needs a name or a company.")
    try:
        stored = await services.db.write(partial(create_contact, draft=draft))
    except ContactExistsError as error:
        raise _exists(error) from error
    except NoSuchCompanyError as error:
        raise Problem(INVALID, f"{error.message} {error.remedy}") from error
    services.contacts_changed()
    response = _tagged(stored, status=201)
    response.headers["Location"] = f"{API}/contacts/{stored.contact.id}"
    return response


async def change(request: web.Request) -> web.Response:
    """Answer `PATCH /api/v1/contacts/{id}`."""
    services, body = request.app[SERVICES], body_of(request, ContactPatch)
    try:
        stored = await services.db.write(
            partial(
                change_contact,
                identifier=params_of(request, ContactPath).id,
                edit=lambda entry: patched(entry, body, services.plan),
                expected=_expected(request, body.change),
            )
        )
    except StaleEditError as error:
        raise Problem(EDITED_MEANWHILE) from error
    except ContactExistsError as error:
        raise _exists(error) from error
    except (NamelessError, NoSuchCompanyError) as error:
        raise Problem(INVALID, f"{error.message} {error.remedy}") from error
    if stored is None:
        raise Problem(NOT_FOUND, GONE)
    services.contacts_changed()
    return _tagged(stored)


async def remove(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/contacts/{id}`; the calls stay, with the name they had."""
    services = request.app[SERVICES]
    work = partial(
        remove_contact,
        identifier=params_of(request, ContactPath).id,
        at=services.clock.now(),
        expected=_expected(request, None),
    )
    try:
        removed = await services.db.write(work)
    except StaleEditError as error:
        raise Problem(EDITED_MEANWHILE) from error
    if not removed:
        raise Problem(NOT_FOUND, GONE)
    services.contacts_changed()
    return web.Response(status=204)


async def _searched(request: web.Request, query: DirectoryQuery) -> web.Response:
    services, text = request.app[SERVICES], as_written(query.q or "").strip()
    if services.directory is None:
        raise Problem(UNAVAILABLE, "The local copy of the directory is being made. Try again.")
    prefix = services.plan.prefix(f"{text}*") if _DIGITS.fullmatch(text) else None
    after = 0 if query.cursor is None else int(read_cursor(query.cursor, int)[0])
    wanted = Search(text="" if prefix else text, prefix=prefix, after=after, limit=query.limit)
    try:
        found = await services.directory.search(wanted)
    except TooBroadError as error:
        raise Problem(TOO_BROAD) from error
    except MirrorBusy as error:
        raise Problem(
            UNAVAILABLE, "The local copy of the directory is being made. Try again."
        ) from error
    cursor = None if found.next is None else write_cursor(found.next)
    return await _listed(request, found.entries, cursor)


async def _listed(
    request: web.Request, entries: Sequence[Contact], cursor: str | None
) -> web.Response:
    """Answer a page of entries, each with the number of its last change."""
    ids = [entry.id for entry in entries]
    numbers = await request.app[SERVICES].db.read(partial(change_numbers, ids=ids))
    return answer_list(request, [entry_json(one, numbers.get(one.id)) for one in entries], cursor)


def _exists(error: ContactExistsError) -> Problem:
    words = f"{error.message} {error.remedy} Its id: {error.identifier}"
    return Problem(CONTACT_EXISTS, words)


def _tagged(stored: Stored, *, status: int = 200) -> web.Response:
    response = answer(stored_json(stored), status=status)
    response.headers["ETag"] = f'"c{stored.change}"'
    return response


def _expected(request: web.Request, change: int | None) -> int | None:
    """Return the change number that the client saw, by `If-Match` or in the body."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return change
    found = _ETAG.fullmatch(header.strip())
    # the tag of anything else fits no entry (RFC 9110 section 13.1.1)
    return int(found.group(1)) if found is not None else -1


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/contacts",
        access=READ,
        handler=contacts,
        tag=Tag.DIRECTORY,
        summary="The directory, page by page or searched",
        detail="`q` finds entries by the beginnings of words of name, company, id and e-mail, or "
        "by the beginning of a number; `number` those with that number.",
        query=DirectoryQuery,
        answers={200: DirectoryPage},
        problems=(INVALID, TOO_BROAD, UNAVAILABLE),
    ),
    Route(
        method="POST",
        path=f"{API}/contacts",
        access=WRITE,
        handler=create,
        tag=Tag.DIRECTORY,
        summary="Add a person or a company",
        detail="Earlier calls of the number get the new contact.",
        body=ContactBody,
        max_body=MAX_BODY,
        answers={201: DirectoryEntry},
        problems=(CONTACT_EXISTS, INVALID),
    ),
    Route(
        method="GET",
        path=f"{API}/contacts/{{id}}",
        access=READ,
        handler=contact,
        tag=Tag.DIRECTORY,
        summary="One contact",
        params=ContactPath,
        answers={200: DirectoryEntry},
        problems=(NOT_FOUND,),
    ),
    Route(
        method="PATCH",
        path=f"{API}/contacts/{{id}}",
        access=WRITE,
        handler=change,
        tag=Tag.DIRECTORY,
        summary="Change a contact",
        detail="With `If-Match` (the ETag) or `change` it is refused if somebody else was first.",
        params=ContactPath,
        body=ContactPatch,
        max_body=MAX_BODY,
        answers={200: DirectoryEntry},
        problems=(NOT_FOUND, EDITED_MEANWHILE, CONTACT_EXISTS, INVALID),
    ),
    Route(
        method="DELETE",
        path=f"{API}/contacts/{{id}}",
        access=WRITE,
        handler=remove,
        tag=Tag.DIRECTORY,
        summary="Delete a contact; its calls stay",
        params=ContactPath,
        answers={204: None},
        problems=(NOT_FOUND, EDITED_MEANWHILE),
    ),
)
