"""Hand-off notes: kept with their call, found again under the call that it became part of."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from gateway.core.handoff import Handoff, after
from gateway.core.ids import CallId
from gateway.store.schema import calls
from gateway.store.schema_handoffs import handoffs

_WORDS: Final = ("reason", "done", "wants", "note")


def put_handoff(conn: Connection, call: CallId, handoff: Handoff) -> None:
    """Keep the newest note of its author; an empty one takes the earlier back."""
    own = (handoffs.c.call_id == str(call)) & (handoffs.c.author == handoff.by)
    if handoff.is_empty:
        conn.execute(delete(handoffs).where(own, handoffs.c.at <= handoff.at))
        return
    known = conn.execute(select(handoffs).where(own)).first()
    if known is not None:
        handoff = after(_handoff(known), handoff)
    words = {name: getattr(handoff, name) for name in _WORDS} | {"said": list(handoff.said)}
    values = {
        "extension": handoff.extension,
        "at": handoff.at,
        "verified": handoff.verified,
        "words": orjson.dumps(words).decode(),
    }
    if known is None:
        conn.execute(insert(handoffs).values(call_id=str(call), author=handoff.by, **values))
    elif known.at <= handoff.at:
        conn.execute(update(handoffs).where(own).values(**values))


def handoffs_of(conn: Connection, call: CallId) -> tuple[Handoff, ...]:
    """Return what was left with a call and with those that became part of it, oldest first."""
    return handoffs_of_calls(conn, (call,)).get(call, ())


def handoffs_of_calls(
    conn: Connection, wanted: Iterable[CallId]
) -> Mapping[CallId, tuple[Handoff, ...]]:
    """Return the notes of several calls, each oldest first; calls without any are left out."""
    names = [str(call) for call in wanted]
    merged = calls.c.merged_into
    query = (
        select(handoffs, merged.label("merged_into"))
        .outerjoin(calls, calls.c.id == handoffs.c.call_id)
        .where(or_(handoffs.c.call_id.in_(names), merged.in_(names)))
        .order_by(handoffs.c.at)
    )
    found: dict[CallId, list[Handoff]] = {}
    for row in conn.execute(query):
        for name in (row.call_id, row.merged_into):
            if name in names:
                found.setdefault(CallId(UUID(name)), []).append(_handoff(row))
    return {call: tuple(notes) for call, notes in found.items()}


def forget_handoffs(conn: Connection, before: datetime) -> int:
    """Delete what is older; return how many."""
    return conn.execute(delete(handoffs).where(handoffs.c.at < before)).rowcount


def _handoff(row: Row[tuple[object, ...]]) -> Handoff:
    words = orjson.loads(row.words)
    return Handoff(
        at=row.at,
        by=row.author,
        extension=row.extension,
        reason=words["reason"],
        done=words["done"],
        wants=words["wants"],
        note=words["note"],
        said=tuple(words["said"]),
        verified=row.verified,
    )
