"""A file of people over REST: everybody in one transaction, row by row where one is refused."""

import asyncio
from functools import partial
from typing import Final

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.store.audit import AuditEntry, append
from gateway.store.database import Connection
from gateway.store.passwords import hash_password
from gateway.store.people import User
from gateway.store.people_import import (
    PeopleFile,
    PeopleReport,
    preview_people,
    put_people,
    read_people,
)
from gateway.web.answers import answer
from gateway.web.keys import HASHING, PRINCIPAL, SERVICES
from gateway.web.people import ADMIN_ONLY
from gateway.web.problems import INVALID, TOO_LARGE, WRONG_MEDIA_TYPE, Problem
from gateway.web.routes import API, Repeat, Route, Tag, Upload
from gateway.web.shapes.people import PeopleImportAnswer, PeopleImportQuery
from gateway.web.uploads import uploaded
from gateway.web.validation import query_of
from gateway.web.watch import WATCH

LIMIT: Final = 8 * 1024 * 1024


async def import_people(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/users/import`; less rights or none sign people out at once."""
    services, preview = request.app[SERVICES], query_of(request, PeopleImportQuery).preview
    async with uploaded(request) as path:
        try:
            found = await asyncio.to_thread(read_people, path, services.people.pbxs)
        except UsageError as error:
            raise Problem(INVALID, f"{error.message} {error.remedy}") from error
    now, actor = services.clock.now(), request[PRINCIPAL].login
    if preview:
        shown = await services.db.write(partial(preview_people, found=found, now=now))
        return answer(_report_json(shown, preview=True))
    hashes = await _hashed(request, found)

    def work(conn: Connection) -> PeopleReport:
        def watched(new: User, old: User | None) -> None:
            action, detail = "user.added" if old is None else "user.changed", {"role": new.role}
            entry = AuditEntry(at=now, actor=actor, action=action, subject=new.login, detail=detail)
            append(conn, (entry,))

        return put_people(conn, found, hashes, now=now, watched=watched)

    report = await services.db.write(work)
    await request.app[WATCH].check_all()
    return answer(_report_json(report, preview=False))


async def _hashed(request: web.Request, found: PeopleFile) -> dict[str, str]:
    """Hash the passwords of people who are new; one at a time, so that sign-ins come through."""
    services = request.app[SERVICES]
    known = {user.login for user in services.roster.users()}
    hashes: dict[str, str] = {}
    for one in found.candidates:
        if one.password is not None and one.user.login not in known:
            async with request.app[HASHING]:
                hashes[one.user.login] = await asyncio.to_thread(hash_password, one.password)
    return hashes


def _report_json(report: PeopleReport, *, preview: bool) -> dict[str, object]:
    return {
        "preview": preview,
        "added": list(report.added),
        "changed": list(report.changed),
        "unchanged": list(report.unchanged),
        "refused": [{"line": row.line, "reason": row.reason} for row in report.refused],
    }


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/users/import",
        access=ADMIN_ONLY,
        handler=import_people,
        tag=Tag.PEOPLE,
        summary="Add or change people from a CSV file",
        detail="Columns `login, name, role, extension, team, password` in any order; only `login` "
        "is needed. Rows that are refused are named with line and reason; the others are taken. "
        "A password counts for new people only; who is missing stays. The same file again changes "
        "nothing; with `preview=true` nothing is written at all.",
        query=PeopleImportQuery,
        upload=Upload(types=("text/csv",), limit=LIMIT, description="A CSV file, any encoding."),
        answers={200: PeopleImportAnswer},
        problems=(INVALID, WRONG_MEDIA_TYPE, TOO_LARGE),
        repeat=Repeat.IGNORE,
    ),
)
