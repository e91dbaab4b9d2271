"""What a CRM has heard of one call already: the other effects on the same record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, select

from gateway.core.ids import CallId, EffectKey
from gateway.core.ports import Effect
from gateway.core.writing import EffectKind
from gateway.store.effects import EffectState
from gateway.store.schema import outbox

TASK: Final = EffectKind.TASK.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Another effect of the same call and connector, and what became of it."""

    key: EffectKey
    state: EffectState
    settled_at: datetime | None
    external_id: str | None


def has_begun(conn: Connection, call_id: CallId, connector: str) -> bool:
    """Return whether a CRM has heard, or will hear, of a call."""
    return any(one.state is not EffectState.DROPPED for one in _of_call(conn, call_id, connector))


def earlier(conn: Connection, effect: Effect) -> tuple[Earlier, ...]:
    """Return the other effects of a call on the record that `effect` is about, oldest first."""
    return tuple(
        one
        for one in _of_call(conn, effect.record.id, effect.connector)
        if one.key != effect.key and one.state is not EffectState.DROPPED
    )


def _of_call(conn: Connection, call_id: CallId, connector: str) -> list[Earlier]:
    column = outbox.c
    query = (
        select(column.key, column.state, column.settled_at, column.external_id)
        .where(column.call_id == str(call_id), column.connector == connector)
        .where(column.kind != TASK)
        .order_by(column.id)
    )
    return [
        Earlier(
            key=EffectKey(UUID(row.key)),
            state=EffectState(row.state),
            settled_at=row.settled_at,
            external_id=row.external_id,
        )
        for row in conn.execute(query)
    ]
