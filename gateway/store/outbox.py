"""The outbox: effects stored with the facts that cause them, leased by workers, settled once.

FIFO per call and connector: an effect waits for the earlier ones of its call, never for another
call, and never for a dead or parked one. A task waits for its call, but no effect for a task: it
is a record of its own, and may be put off for hours.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, and_, func, select, true, update

from gateway.core.ids import CallId, EffectKey
from gateway.core.ports import Effect
from gateway.store.begun import TASK
from gateway.store.effects import (
    EffectPage,
    EffectState,
    StoredEffect,
    counts,
    drop,
    erase_settled,
    get_effect,
    list_effects,
    retry,
)
from gateway.store.leases import Leased, delivered, lease, next_due
from gateway.store.payloads import row_of
from gateway.store.prepared import Prepared
from gateway.store.schema import UNSETTLED, outbox

__all__ = [
    "EffectPage",
    "EffectState",
    "Leased",
    "StoredEffect",
    "counts",
    "dead",
    "delivered",
    "drop",
    "drop_pending",
    "enqueue",
    "erase_settled",
    "get_effect",
    "lease",
    "list_effects",
    "next_due",
    "park",
    "recover",
    "release",
    "renew",
    "retry",
    "retry_at",
    "unwanted",
]

PENDING: Final = EffectState.PENDING.value
LEASED: Final = EffectState.LEASED.value

# A row that waits untried takes the newer record. Once it was tried its content is fixed: a
# receiver that saw the first try must get the same bytes again.
_ENQUEUE = Prepared(
    "INSERT INTO outbox (key, call_id, connector, kind, ordinal, state, due_at, occurred_at, "
    "complete, revision, record, attempts, ambiguous) VALUES (:key, :call_id, :connector, :kind, "
    ":ordinal, 'pending', :due_at, :occurred_at, :complete, :revision, :record, 0, :ambiguous) "
    "ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at, "
    "occurred_at = excluded.occurred_at, complete = excluded.complete, "
    "revision = excluded.revision, record = excluded.record "
    "WHERE outbox.state = 'pending' AND outbox.first_attempt_at IS NULL "
    "AND ((excluded.complete AND NOT outbox.complete) OR (excluded.complete = outbox.complete "
    "AND excluded.revision >= outbox.revision))"
)


def enqueue(conn: Connection, effect: Effect) -> bool:
    """Store an effect; one with the same key that waits untried gets this record if it is newer.

    Returns False if the stored one stays as it is: delivered, tried, given up, or newer.
    """
    return _ENQUEUE.run(conn, row_of(effect)) > 0


def drop_pending(conn: Connection, call_id: CallId) -> tuple[str, ...]:
    """Drop what certainly reached nobody of a call that was merged into another.

    Returns the connectors at which something of it was or may have been written: an update that
    voids it belongs there, and waits in FIFO behind what is still in flight.
    """
    column = outbox.c
    mine = column.call_id == str(call_id)
    conn.execute(
        update(outbox)
        .where(
            mine,
            column.state.in_((PENDING, EffectState.DEAD.value)),
            column.ambiguous.is_(False),
        )
        .values(
            state=EffectState.DROPPED.value,
            cause="The call was merged into another.",
            settled_at=func.coalesce(column.last_attempt_at, column.occurred_at),
        )
    )
    left = select(column.connector).distinct().order_by(column.connector)
    query = left.where(mine, column.state != EffectState.DROPPED.value)
    return tuple(conn.execute(query).scalars())


def renew(
    conn: Connection,
    *,
    owner: str,
    keys: Iterable[EffectKey],
    now: datetime,
    lease_s: float,
) -> set[EffectKey]:
    """Prolong leases and return those that are still held; stop work on the others."""
    names = [str(key) for key in keys]
    held = and_(outbox.c.key.in_(names), outbox.c.state == LEASED, outbox.c.lease_owner == owner)
    conn.execute(update(outbox).where(held).values(due_at=now + timedelta(seconds=lease_s)))
    query = select(outbox.c.key).where(held)
    return {EffectKey(UUID(key)) for key in conn.execute(query).scalars()}


def release(conn: Connection, *, owner: str, keys: Iterable[EffectKey], now: datetime) -> None:
    """Give back leases of effects that were certainly not sent; the attempt does not count."""
    column = outbox.c
    names = [str(key) for key in keys]
    conn.execute(
        update(outbox)
        .where(column.key.in_(names), column.state == LEASED, column.lease_owner == owner)
        .values(state=PENDING, due_at=now, lease_owner=None, attempts=column.attempts - 1)
    )


def recover(conn: Connection, *, owner: str, now: datetime) -> int:
    """Take over at once what an earlier life of this worker had leased; return how many.

    Only for owners of which one lives at a time. They are ambiguous: it may have died after the
    CRM's commit.
    """
    column = outbox.c
    return conn.execute(
        update(outbox)
        .where(UNSETTLED, column.state == LEASED, column.lease_owner == owner)
        .values(state=PENDING, due_at=now, lease_owner=None, ambiguous=True)
    ).rowcount


def retry_at(
    conn: Connection,
    key: EffectKey,
    at: datetime,
    cause: str,
    *,
    ambiguous: bool = False,
    owner: str | None = None,
) -> bool:
    """Try again at that time; False if the effect is not leased (by `owner`, if given) any more.

    `ambiguous`: this attempt may have been done. The doubt stays until the effect is delivered.
    """
    column = outbox.c
    changed = _settle(
        conn, key, owner, state=PENDING, due_at=at, cause=cause,
        ambiguous=true() if ambiguous else column.ambiguous,
    )  # fmt: skip
    if changed:
        # what follows in FIFO cannot go before: spare every lease looking at it
        mine = select(column.id, column.call_id, column.connector, column.kind)
        row = conn.execute(mine.where(column.key == str(key))).one()
        if row.kind == TASK:
            return True
        conn.execute(
            update(outbox)
            .where(
                column.call_id == row.call_id,
                column.connector == row.connector,
                column.id > row.id,
                column.state == PENDING,
                column.due_at < at,
            )
            .values(due_at=at)
        )
    return changed


def dead(conn: Connection, key: EffectKey, cause: str, *, owner: str | None = None) -> bool:
    """Make it a dead letter: refused for good; False if it is not leased (by `owner`) any more."""
    return _settle(
        conn, key, owner, state=EffectState.DEAD.value, cause=cause,
        settled_at=outbox.c.last_attempt_at,
    )  # fmt: skip


def park(conn: Connection, key: EffectKey, cause: str, *, owner: str | None = None) -> bool:
    """Leave it to a person: it may have been done; False if not leased (by `owner`) any more."""
    return _settle(
        conn, key, owner, state=EffectState.PARKED.value, cause=cause, ambiguous=True,
        settled_at=outbox.c.last_attempt_at,
    )  # fmt: skip


def unwanted(conn: Connection, key: EffectKey, cause: str, *, owner: str | None = None) -> bool:
    """Drop what there is no reason for any more, unsent; False if not leased any more."""
    return _settle(
        conn, key, owner, state=EffectState.DROPPED.value, cause=cause,
        settled_at=outbox.c.last_attempt_at,
    )  # fmt: skip


def _settle(conn: Connection, key: EffectKey, owner: str | None, **values: object) -> bool:
    """End a lease; fenced: a worker whose lease was taken over changes nothing."""
    column = outbox.c
    statement = update(outbox).where(column.key == str(key), column.state == LEASED)
    if owner is not None:
        statement = statement.where(column.lease_owner == owner)
    return conn.execute(statement.values(lease_owner=None, **values)).rowcount > 0
