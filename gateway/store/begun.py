"""What a CRM has heard of one call already: the other effects on the same record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Row, select

from gateway.core.ids import CallId, EffectKey
from gateway.core.ports import Effect
from gateway.core.writing import EffectKind
from gateway.store.effects import EffectState
from gateway.store.schema import outbox

TASK: Final = EffectKind.TASK.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Another effect of the same call and connector, and what became of it.

    `overtakes`: it was stored after the one that is asked about, and is delivered already.
    """

    key: EffectKey
    state: EffectState
    settled_at: datetime | None
    external_id: str | None
    overtakes: bool = False


def has_begun(conn: Connection, call_id: CallId, connector: str) -> bool:
    """Return whether a CRM has heard, or will hear, of a call."""
    return bool(_of_call(conn, call_id, connector))


def earlier(conn: Connection, effect: Effect) -> tuple[Earlier, ...]:
    """Return what went out, or goes out, on a call's record before `effect`; oldest first.

    What was stored later counts once it is delivered: a person may have had the first one retried.
    """
    rows = _of_call(conn, effect.record.id, effect.connector)
    own = next((row.id for row in rows if row.key == str(effect.key)), 0)
    delivered = EffectState.DELIVERED.value
    return tuple(
        Earlier(
            key=EffectKey(UUID(row.key)),
            state=EffectState(row.state),
            settled_at=row.settled_at,
            external_id=row.external_id,
            overtakes=row.id > own,
        )
        for row in rows
        if row.id != own and (row.id < own or row.state == delivered)
    )


def _of_call(
    conn: Connection, call_id: CallId, connector: str
) -> Sequence[Row[tuple[object, ...]]]:
    column = outbox.c
    query = (
        select(outbox)
        .where(column.call_id == str(call_id), column.connector == connector)
        .where(column.kind != TASK, column.state != EffectState.DROPPED.value)
        .order_by(column.id)
    )
    return conn.execute(query).all()
