"""What is kept of a person, out or erased, over REST: for privacy officers alone."""

from functools import partial
from typing import Final

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.core.matching import look_up_key
from gateway.store import erasing, exporting, kept_away
from gateway.store.audit import AuditEntry, append
from gateway.store.database import Connection
from gateway.store.erasing import Erased, Person
from gateway.store.people import Role
from gateway.web.access import PRIVACY_WRITE, Access
from gateway.web.answers import answer
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.numbers import number_of
from gateway.web.problems import INVALID
from gateway.web.routes import API, Repeat, Route, Tag
from gateway.web.shapes.privacy import Erasure, ErasureBody, ExportBody, PersonExport
from gateway.web.validation import body_of


async def erase(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/privacy/erasures`."""
    services, body = request.app[SERVICES], body_of(request, ErasureBody)
    now, actor = services.clock.now(), request[PRINCIPAL].login
    person = await _person(request, body)
    if body.preview:
        return answer(_json(await erasing.preview(services.db, person, now=now), preview=True))

    def note(conn: Connection, done: Erased) -> None:
        entry = AuditEntry(
            at=now,
            actor=actor,
            action="person.erased",
            subject=person.contact_id or "",
            detail={"calls": done.calls, "others": done.others},
        )
        append(conn, (entry,))
        if body.keep_away:
            kept_away.keep_away(conn, services.people.sealer, person, at=now)

    done = await erasing.erase(services.db, person, now=now, note=note)
    services.contacts_changed()
    return answer(_json(done, preview=False))


async def export(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/privacy/exports`."""
    services, body = request.app[SERVICES], body_of(request, ExportBody)
    now, person = services.clock.now(), await _person(request, body)
    made = await exporting.export(services.db, person, now=now)
    entry = AuditEntry(
        at=now,
        actor=request[PRINCIPAL].login,
        action="person.exported",
        subject=person.contact_id or "",
        detail={"calls": made.calls, "others": made.others},
    )
    await services.db.write(partial(append, entries=(entry,)))
    return web.Response(
        body=exporting.as_json(made.document),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="person.json"'},
    )


async def _person(request: web.Request, body: ErasureBody | ExportBody) -> Person:
    db = request.app[SERVICES].db
    if (body.contact is None) == (body.number is None):
        raise UsageError("Whom you mean is not said.", remedy='Name a "contact" or a "number".')
    if body.contact is not None:
        return await db.read(partial(erasing.person_of_contact, contact_id=body.contact))
    e164 = look_up_key(number_of(request, body.number or ""))
    if e164 is None:
        raise UsageError("This is nobody's number.", remedy="Write a whole telephone number.")
    return await db.read(partial(erasing.person_of_number, e164=e164))


def _json(done: Erased, *, preview: bool) -> dict[str, object]:
    return {
        "preview": preview,
        "contacts": done.contacts,
        "calls": done.calls,
        "others": done.others,
        "told": dict(done.told),
    }


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/privacy/erasures",
        access=Access(scope=PRIVACY_WRITE, roles=frozenset({Role.PRIVACY})),
        handler=erase,
        tag=Tag.PEOPLE,
        summary="Erase a person: their entry, calls, notes, promises and contacts",
        detail="By contact or number; a number of several contacts is refused. While a call of "
        "theirs is up, and a minute after it, it is refused. Copies in memory and traces in files "
        "go within a minute. Audited by id and count.",
        body=ErasureBody,
        answers={200: Erasure},
        problems=(INVALID,),
        repeat=Repeat.IGNORE,
    ),
    Route(
        method="POST",
        path=f"{API}/privacy/exports",
        access=Access(scope=PRIVACY_WRITE, roles=frozenset({Role.PRIVACY})),
        handler=export,
        tag=Tag.PEOPLE,
        summary="Everything that is kept about a person, as one document",
        detail="By contact or number; a number of several contacts is refused. Columns about the "
        "people who work here are left out, but records of calls may name them and other parties: "
        "read it before you hand it out. Audited by id and count.",
        body=ExportBody,
        answers={200: PersonExport},
        problems=(INVALID,),
        repeat=Repeat.IGNORE,
    ),
)
