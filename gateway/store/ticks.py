"""What was ticked off on a card: stored once for each call, found again for the customer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, or_, select

from gateway.core.ids import CallId
from gateway.store.schema import from_micros
from gateway.store.schema_ticks import ticks

APOLOGISE = "apologise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Somebody did the first thing of a card; `by` is a login."""

    kind: str
    by: str
    at: datetime
    contact_id: str | None = None
    e164: str | None = None


def put_tick(conn: Connection, call: CallId, tick: Tick) -> Tick:
    """Keep a tick unless the same was ticked for this call already; return the one that counts."""
    own = (ticks.c.call_id == str(call)) & (ticks.c.kind == tick.kind)
    row = conn.execute(select(ticks).where(own)).first()
    if row is not None:
        return _tick(row)
    conn.execute(
        insert(ticks).values(
            call_id=str(call),
            kind=tick.kind,
            by=tick.by,
            at=tick.at,
            contact_id=tick.contact_id,
            e164=tick.e164,
        )
    )
    return tick


def ticks_of_calls(conn: Connection, wanted: Iterable[CallId]) -> Mapping[CallId, Tick]:
    """Return the apologies made in some calls; calls without one are left out."""
    names = [str(call) for call in wanted]
    query = select(ticks).where(ticks.c.call_id.in_(names), ticks.c.kind == APOLOGISE)
    return {CallId(UUID(row.call_id)): _tick(row) for row in conn.execute(query)}


def last_apology(conn: Connection, contact_id: str | None, e164: str | None) -> datetime | None:
    """Return when a customer was last apologised to; None if never, or nobody is meant."""
    whose = []
    if contact_id is not None:
        whose.append(ticks.c.contact_id == contact_id)
    if e164 is not None:
        whose.append(ticks.c.e164 == e164)
    if not whose:
        return None
    query = select(func.max(ticks.c.at)).where(or_(*whose), ticks.c.kind == APOLOGISE)
    found = conn.execute(query).scalar()
    return from_micros(found) if isinstance(found, int) else found


def forget_ticks(conn: Connection, before: datetime) -> int:
    """Delete what is older; return how many."""
    return conn.execute(delete(ticks).where(ticks.c.at < before)).rowcount


def _tick(row: Row[tuple[object, ...]]) -> Tick:
    return Tick(kind=row.kind, by=row.by, at=row.at, contact_id=row.contact_id, e164=row.e164)
