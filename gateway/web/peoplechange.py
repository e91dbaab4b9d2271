"""Changing people: with an entry in the audit log, felt by open sockets at once."""

from collections.abc import Callable

from aiohttp import web

from gateway.store.audit import AuditEntry, append
from gateway.store.database import Connection
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.watch import WATCH


async def change_people(
    request: web.Request,
    work: Callable[[Connection], None],
    action: str,
    subject: str,
    **detail: object,
) -> None:
    """Change something about people and write it down in one transaction; then look at sockets."""
    services, actor = request.app[SERVICES], request[PRINCIPAL].login
    entry = AuditEntry(
        at=services.clock.now(), actor=actor, action=action, subject=subject, detail=detail
    )

    def change_and_note(conn: Connection) -> None:
        work(conn)
        append(conn, (entry,))

    await services.db.write(change_and_note)
    await request.app[WATCH].check_all()
