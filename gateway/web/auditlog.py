"""The audit log over REST, for privacy officers and administrators."""

from typing import Final

from aiohttp import web

from gateway.core.record import time_json
from gateway.store.audit import AuditFilter, AuditRow, list_audit
from gateway.store.cursors import read_cursor, write_cursor
from gateway.store.people import Role
from gateway.web.access import AUDIT_READ, Access
from gateway.web.answers import answer_list
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.people import AuditPage, AuditQuery
from gateway.web.trail import TRAIL
from gateway.web.validation import query_of


async def audit(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/audit`; who reads it stands in it, too."""
    query, trail = query_of(request, AuditQuery), request.app[TRAIL]
    wanted = AuditFilter(
        actor=query.actor,
        action=query.action,
        subject=query.subject,
        since=query.since,
        until=query.until,
        before=None if query.cursor is None else int(read_cursor(query.cursor, int)[0]),
        limit=query.limit,
    )
    trail.saw(request[PRINCIPAL].login, "audit.read")
    await trail.flush()
    page = await request.app[SERVICES].db.read(lambda conn: list_audit(conn, wanted))
    following = write_cursor(page.next) if page.next is not None else None
    return answer_list(request, [_json(row) for row in page.items], following)


def _json(row: AuditRow) -> dict[str, object]:
    entry = row.entry
    return {
        "no": row.no,
        "at": time_json(entry.at),
        "actor": entry.actor or None,
        "action": entry.action,
        "subject": entry.subject or None,
        "detail": dict(entry.detail),
        "hash": row.hash,
    }


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/audit",
        access=Access(scope=AUDIT_READ, roles=frozenset({Role.PRIVACY, Role.ADMIN})),
        handler=audit,
        tag=Tag.PEOPLE,
        summary="Who signed in, saw, called, exported, changed rights, erased",
        detail="Newest first, kept for 12 months. Each entry's `hash` covers it and the one "
        "before; `filodiretto db check` verifies the chain.",
        query=AuditQuery,
        answers={200: AuditPage},
        problems=(BAD_CURSOR,),
    ),
)
