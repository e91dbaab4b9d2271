"""Calls that are gone: whoever keeps a copy of our calls learns which to take out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from gateway.core.ids import CallId
from gateway.store.counters import next_change
from gateway.store.schema_consumers import call_tombstones

# A copy that was not brought up to date for longer has to begin again.
KEPT: Final = timedelta(days=400)
_CALLS: Final = "calls"


class Gone(StrEnum):
    """Why a call is gone: kept long enough, or erased because somebody asked for it."""

    EXPIRED = "expired"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """One call that is gone; `change` has its place among the changes of calls."""

    change: int
    call_id: CallId
    reason: Gone
    at: datetime


def bury(conn: Connection, calls: Sequence[str], *, reason: Gone, at: datetime) -> None:
    """Leave a tombstone of each call, in the transaction that deletes it."""
    if not calls:
        return
    last = next_change(conn, _CALLS, count=len(calls))
    first = last - len(calls) + 1
    rows = [
        {"change": first + place, "call_id": call, "reason": reason.value, "at": at}
        for place, call in enumerate(calls)
    ]
    conn.execute(insert(call_tombstones), rows)


def tombstones_after(conn: Connection, change: int, *, limit: int) -> tuple[Tombstone, ...]:
    """Return tombstones set after a change number, in the order of changes."""
    column = call_tombstones.c
    query = select(call_tombstones).where(column.change > change).order_by(column.change)
    return tuple(
        Tombstone(
            change=row.change, call_id=CallId(UUID(row.call_id)), reason=Gone(row.reason), at=row.at
        )
        for row in conn.execute(query.limit(limit))
    )


def forget_tombstones(conn: Connection, now: datetime) -> None:
    """Delete those that have been kept long enough."""
    conn.execute(delete(call_tombstones).where(call_tombstones.c.at < now - KEPT))
