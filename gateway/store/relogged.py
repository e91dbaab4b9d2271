"""Calls of a range of time in one CRM's outbox: which are there, and how far their writing is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from gateway.core.ids import EffectKey
from gateway.core.writing import EffectKind
from gateway.store.effects import EffectState
from gateway.store.schema import calls, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many calls of a range are in which state; `last_due_at` is when the last one is tried."""

    states: Mapping[EffectState, int]
    last_due_at: datetime | None


def known(conn: Connection, keys: Iterable[EffectKey]) -> dict[str, EffectState]:
    """Return the states of those effects that the outbox has, by key."""
    query = select(outbox.c.key, outbox.c.state).where(outbox.c.key.in_([str(key) for key in keys]))
    return {key: EffectState(state) for key, state in conn.execute(query)}


def progress(conn: Connection, connector: str, *, since: datetime, until: datetime) -> Progress:
    """Return how far one CRM is with the calls that began in a range of time."""
    column = outbox.c
    query = (
        select(column.state, func.count(), func.max(column.due_at))
        .join(calls, calls.c.id == column.call_id)
        .where(calls.c.started_at >= since, calls.c.started_at < until)
        .where(column.connector == connector, column.kind == EffectKind.ENDED.value)
        .group_by(column.state)
    )
    rows = [(EffectState(state), count, due) for state, count, due in conn.execute(query)]
    waiting = [due for state, _count, due in rows if state is EffectState.PENDING]
    return Progress(
        states={state: count for state, count, _due in rows},
        last_due_at=max(waiting, default=None),
    )
