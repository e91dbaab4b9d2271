"""What stands still in the outbox until a person does something, by its cause."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, true, update

from gateway.core.errors import UsageError
from gateway.store.effects import MAX_PAGE, STANDING, EffectState
from gateway.store.schema import EPOCH, calls, outbox
from gateway.store.sight import Sight, calls_seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Effects that need a person for the same reason; `since` is when the first call happened."""

    connector: str
    state: EffectState
    cause: str
    count: int
    since: datetime


def list_troubles(
    conn: Connection, *, visible_to: Sight | str | None = None
) -> tuple[Trouble, ...]:
    """Return why effects stand still, the most frequent first; only of calls that may be seen."""
    column = outbox.c
    query = (
        select(
            column.connector,
            column.state,
            column.cause,
            func.count().label("number"),
            func.min(column.occurred_at).label("since"),
        )
        .where(column.state.in_([state.value for state in STANDING]), _seen(visible_to))
        .group_by(column.connector, column.state, column.cause)
        .order_by(func.count().desc(), column.connector, func.min(column.id))
    )
    return tuple(
        Trouble(
            connector=row.connector,
            state=EffectState(row.state),
            cause=row.cause or "",
            count=row.number,
            since=row.since,
        )
        for row in conn.execute(query.limit(MAX_PAGE))
    )


def retry_all(
    conn: Connection,
    *,
    state: EffectState = EffectState.DEAD,
    connector: str | None = None,
    cause: str | None = None,
    by: str = "",
    at: datetime | None = None,
    visible_to: Sight | str | None = None,
) -> int:
    """Make all dead letters (or all that are parked) due at once and return how many those are.

    With `connector` or `cause` only those; what was erased meanwhile stays as it is. Raises
    UsageError for a state in which nothing stands still.
    """
    if state not in STANDING:
        raise UsageError("Only dead and parked effects stand still.", remedy="Name one of the two.")
    column = outbox.c
    query = update(outbox).where(
        column.state == state.value, column.record.is_not(None), _seen(visible_to)
    )
    if connector is not None:
        query = query.where(column.connector == connector)
    if cause is not None:
        query = query.where(func.coalesce(column.cause, "") == cause)
    values: dict[str, str | bool | int | datetime | None] = {
        "state": EffectState.PENDING.value,
        "due_at": EPOCH,
        "settled_at": None,
        "attempts": 0,
        "acted": "retry",
        "acted_by": by or None,
        "acted_at": at,
    }
    if state is EffectState.PARKED:  # the person has looked and wants them written
        values["ambiguous"] = False
    return conn.execute(query.values(**values)).rowcount


def _seen(visible_to: Sight | str | None) -> ColumnElement[bool]:
    """Restrict to the effects of calls that may be seen."""
    if visible_to is None:
        return true()
    return outbox.c.call_id.in_(select(calls.c.id).where(calls.c.no.in_(calls_seen(visible_to))))
