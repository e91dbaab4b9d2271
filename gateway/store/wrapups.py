"""What agents say of a call: one wrap-up for each agent, editable by that agent, never lost.

The record in `calls` is written anew with every event of the call, so wrap-ups have rows of their
own and are put into each record on its way to the store and the CRMs.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, select

from gateway.core.ids import CallId
from gateway.core.record import CallRecord, WrapUp
from gateway.store.calls import get_call, put_record
from gateway.store.prepared import Prepared, Rows
from gateway.store.schema import EPOCH, to_micros
from gateway.store.schema_history import wrap_ups

_PUT: Final = Prepared(
    "INSERT INTO wrap_ups (call_id, login, disposition, note, at, edits) "
    "VALUES (:call_id, :login, :disposition, :note, :at, 1) "
    "ON CONFLICT (call_id, login) DO UPDATE SET disposition = excluded.disposition, "
    "note = excluded.note, at = excluded.at, edits = wrap_ups.edits + 1"
)
_COUNT: Final = Rows(
    "SELECT call_id, sum(edits) FROM wrap_ups WHERE call_id IN (VALUES {rows}) GROUP BY call_id",
    columns=1,
)


def with_wrap_ups(conn: Connection, record: CallRecord) -> CallRecord:
    """Return what the call table says of a call together with what agents said of it.

    Each edit counts as a revision, so that every state of a record has a number of its own.
    """
    return all_with_wrap_ups(conn, [record])[0]


def all_with_wrap_ups(conn: Connection, records: Sequence[CallRecord]) -> list[CallRecord]:
    """Do the same for several calls; one look-up if nobody has said anything of them."""
    told = _COUNT.returned(conn, [(str(record.id),) for record in records])
    edits = {call: number for call, number in told if isinstance(number, int)}
    if not edits:
        return list(records)
    return [_together(conn, record, edits.get(str(record.id), 0)) for record in records]


def _together(conn: Connection, record: CallRecord, edits: int) -> CallRecord:
    if not edits:
        return record
    return replace(record, wrap_ups=wrap_ups_of(conn, record.id), revision=record.revision + edits)


def wrap_ups_of(conn: Connection, call_id: CallId) -> tuple[WrapUp, ...]:
    """Return the wrap-ups of a call, in the order of agents."""
    query = select(wrap_ups).where(wrap_ups.c.call_id == str(call_id)).order_by(wrap_ups.c.login)
    return tuple(
        WrapUp(agent=row.login, disposition=row.disposition, note=row.note, at=row.at)
        for row in conn.execute(query)
    )


def save_wrap_up(conn: Connection, call_id: CallId, said: WrapUp) -> CallRecord | None:
    """Store what `said.agent` says of a call in place of what they said before.

    Returns the new record, the stored one if it says this already; None if there is no such call.
    """
    record = get_call(conn, call_id)
    if record is None:
        return None
    if any(replace(one, at=said.at) == said for one in record.wrap_ups):
        return record
    _PUT.run(
        conn,
        {
            "call_id": str(call_id),
            "login": said.agent,
            "disposition": said.disposition,
            "note": said.note,
            "at": to_micros(said.at or EPOCH),
        },
    )
    renewed = replace(record, wrap_ups=wrap_ups_of(conn, call_id), revision=record.revision + 1)
    put_record(conn, renewed)
    return renewed
