"""What has been kept long enough goes: calls with all that hangs on them, payloads, old entries.

Small steps, so that a live call's facts never wait behind a clean-up. What is still to be written
to a CRM stays, whatever its age, and so does a promise that nobody has settled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, exists, select

from gateway.core.record import CallState
from gateway.store import audit
from gateway.store.desks import forget_desks
from gateway.store.effects import erase_settled
from gateway.store.handoffs import forget_handoffs
from gateway.store.mystery import KEPT, forget_runs
from gateway.store.payloads import NOTICES
from gateway.store.schema import calls, link_gaps, outbox
from gateway.store.schema_history import interactions, promises
from gateway.store.ticks import forget_ticks
from gateway.store.tombstones import Gone, bury, forget_tombstones
from gateway.store.trunks import forget_trunks

STEP: Final = 200
_DONE: Final = ("delivered", "dropped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """What is older than these instants (aware UTC) goes; some CRMs have payloads of their own."""

    calls: datetime
    payloads: datetime
    audit: datetime
    payloads_of: Mapping[str, datetime] = field(default_factory=dict)


def forget_calls(conn: Connection, before: datetime, *, at: datetime) -> int:
    """Delete some calls that ended before then, with their effects, at `at`; return how many.

    Fewer than `STEP` means that none are left.
    """
    waits = exists().where(outbox.c.call_id == calls.c.id, outbox.c.state.not_in(_DONE))
    query = (
        select(calls.c.no, calls.c.id)
        .where(calls.c.started_at < before, calls.c.state == CallState.ENDED.value, ~waits)
        .where(calls.c.ended_at.is_(None) | (calls.c.ended_at < before))
        .order_by(calls.c.started_at)
        .limit(STEP)
    )
    found = conn.execute(query).all()
    _delete(conn, [row.no for row in found], [row.id for row in found], at)
    return len(found)


def forget_others(conn: Connection, cutoffs: Cutoffs, *, at: datetime) -> None:
    """Delete or erase what hangs on no call: payloads, notes, contacts by other channels, gaps."""
    erase_settled(conn, before=cutoffs.payloads, per_connector=cutoffs.payloads_of)
    forget_handoffs(conn, cutoffs.calls)
    forget_ticks(conn, cutoffs.calls)
    forget_desks(conn, cutoffs.calls)
    forget_trunks(conn, cutoffs.calls)
    forget_runs(conn, at - KEPT)
    column = outbox.c  # notices are of no call
    old = (column.kind.in_(NOTICES), column.state.in_(_DONE), column.occurred_at < cutoffs.calls)
    conn.execute(delete(outbox).where(*old))
    conn.execute(delete(interactions).where(interactions.c.at < cutoffs.calls))
    conn.execute(delete(promises).where(promises.c.settled_at < cutoffs.calls))
    conn.execute(delete(link_gaps).where(link_gaps.c.to_at < cutoffs.calls))
    audit.forget_before(conn, cutoffs.audit)
    forget_tombstones(conn, at)


def _delete(conn: Connection, numbers: Sequence[int], ids: Sequence[str], at: datetime) -> None:
    if ids:
        bury(conn, ids, reason=Gone.EXPIRED, at=at)
        conn.execute(delete(outbox).where(outbox.c.call_id.in_(ids)))
        conn.execute(delete(calls).where(calls.c.no.in_(numbers)))
