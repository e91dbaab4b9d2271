"""What people asked of a PBX: one row for each request, so that none is done twice.

A row is written before anything goes on the wire and its `sent` mark before the bytes do: whatever
dies in between, the request is never sent a second time. No number is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from gateway.core.ids import CallId
from gateway.store.schema import control_requests

KEPT: Final = timedelta(hours=24)
DIAL: Final = "dial"


class RequestState(StrEnum):
    """How far a request is; `unknown`: it went out and nobody knows what became of it."""

    REQUESTED = "requested"
    SENT = "sent"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"


OPEN: Final = (RequestState.REQUESTED, RequestState.SENT, RequestState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRequest:
    """One request; `channel` is the unique id given to an originated call, "" for other kinds."""

    login: str
    key: str
    kind: str
    fingerprint: str
    pbx: str
    channel: str
    call_id: CallId | None
    state: RequestState
    node: str
    created_at: datetime
    changed_at: datetime
    cause: str = ""
    remedy: str = ""


def forget(conn: Connection, before: datetime) -> None:
    """Delete the requests of before then: a key may be used anew."""
    rows = control_requests.c
    conn.execute(delete(control_requests).where(rows.created_at < before))


def add(conn: Connection, request: ControlRequest) -> None:
    """Store a new request."""
    conn.execute(
        insert(control_requests).values(
            login=request.login,
            key=request.key,
            kind=request.kind,
            fingerprint=request.fingerprint,
            pbx=request.pbx,
            channel=request.channel or None,
            call_id=str(request.call_id) if request.call_id is not None else None,
            state=request.state.value,
            node=request.node,
            cause=request.cause,
            remedy=request.remedy,
            created_at=request.created_at,
            changed_at=request.changed_at,
        )
    )


def find(conn: Connection, login: str, key: str) -> ControlRequest | None:
    """Return a request."""
    rows = control_requests.c
    query = select(control_requests).where(rows.login == login, rows.key == key)
    row = conn.execute(query).first()
    return None if row is None else _request(row)


def move(
    conn: Connection,
    login: str,
    key: str,
    *,
    to: RequestState,
    at: datetime,
    only_from: tuple[RequestState, ...],
    cause: str = "",
    remedy: str = "",
) -> bool:
    """Change a request's state if it is still in one of `only_from`; False if it is not."""
    rows = control_requests.c
    statement = update(control_requests).where(
        rows.login == login,
        rows.key == key,
        rows.state.in_([state.value for state in only_from]),
    )
    values = {"state": to.value, "changed_at": at, "cause": cause, "remedy": remedy}
    return conn.execute(statement.values(values)).rowcount > 0


def dialled_since(conn: Connection, login: str, since: datetime) -> int:
    """Return how many calls somebody asked for since then, whatever became of them."""
    rows = control_requests.c
    query = select(func.count()).where(
        rows.login == login, rows.kind == DIAL, rows.created_at > since
    )
    return int(conn.execute(query).scalar_one())


def last_dials(conn: Connection, login: str, since: datetime) -> tuple[ControlRequest, ...]:
    """Return the calls somebody asked for since then that may be up or come up."""
    rows = control_requests.c
    query = select(control_requests).where(
        rows.login == login,
        rows.kind == DIAL,
        rows.created_at > since,
        rows.state != RequestState.FAILED.value,
    )
    return tuple(_request(row) for row in conn.execute(query))


def unresolved(conn: Connection, node: str) -> tuple[ControlRequest, ...]:
    """Return the requests of a node that have come to no end, oldest first."""
    rows = control_requests.c
    query = select(control_requests).where(
        rows.node == node, rows.state.in_([state.value for state in OPEN])
    )
    return tuple(_request(row) for row in conn.execute(query.order_by(rows.id)))


def _request(row: Row[tuple[object, ...]]) -> ControlRequest:
    return ControlRequest(
        login=row.login,
        key=row.key,
        kind=row.kind,
        fingerprint=row.fingerprint,
        pbx=row.pbx,
        channel=row.channel or "",
        call_id=CallId(UUID(row.call_id)) if row.call_id else None,
        state=RequestState(row.state),
        node=row.node,
        created_at=row.created_at,
        changed_at=row.changed_at,
        cause=row.cause,
        remedy=row.remedy,
    )


def move_channel(
    conn: Connection,
    channel: str,
    *,
    to: RequestState,
    at: datetime,
    only_from: tuple[RequestState, ...],
    cause: str = "",
    remedy: str = "",
) -> bool:
    """Change the state of the request that gave a channel its id; False if there is none."""
    rows = control_requests.c
    query = select(rows.login, rows.key).where(rows.channel == channel)
    row = conn.execute(query).first()
    return row is not None and move(
        conn, row.login, row.key, to=to, at=at, only_from=only_from, cause=cause, remedy=remedy
    )
