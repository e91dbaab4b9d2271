"""The outbox: effects stored with the facts that cause them, leased by workers, settled once.

FIFO per call and connector: an effect waits for the earlier ones of its call, never for another
call, and never for a dead or parked one. A task waits for its call, but no effect for a task: it
is a record of its own, and may be put off for hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from gateway.core.ids import CallId, EffectKey
from gateway.core.ports import Effect, Receipt
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
from gateway.store.prepared import Prepared
from gateway.store.records import decode_if_readable, encode
from gateway.store.schema import UNSETTLED, Instant, outbox, to_micros

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
UNREADABLE = "The stored record cannot be read; the call itself is in the list of calls."

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """An effect handed to one worker until its lease runs out.

    `attempt` counts from 1. `last_ambiguous`: an earlier attempt may have been done, be it that
    its answer was lost or that its worker died; `tried_at` is when that attempt began.
    """

    effect: Effect
    attempt: int
    owner: str
    last_ambiguous: bool
    tried_at: datetime | None
    lease_until: datetime


def enqueue(conn: Connection, effect: Effect) -> bool:
    """Store an effect; one with the same key that waits untried gets this record if it is newer.

    Returns False if the stored one stays as it is: delivered, tried, given up, or newer.
    """
    stored = _ENQUEUE.run(
        conn,
        {
            "key": str(effect.key),
            "call_id": str(effect.record.id),
            "connector": effect.connector,
            "kind": effect.kind,
            "ordinal": effect.ordinal,
            "due_at": to_micros(effect.not_before),
            "occurred_at": to_micros(effect.occurred_at),
            "complete": effect.record.complete,
            "revision": effect.record.revision,
            "record": encode(effect.record),
            "ambiguous": False,
        },
    )
    return stored > 0


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


def lease(
    conn: Connection,
    *,
    owner: str,
    now: datetime,
    limit: int,
    lease_s: float,
    connectors: Sequence[str],
) -> list[Leased]:
    """Hand out what is due to one worker, `limit` shared evenly among the connectors.

    A lease that ran out is taken over, and is ambiguous from then on: its worker may have died
    after the CRM's commit. A record that cannot be read becomes a dead letter at once.
    """
    until = now + timedelta(seconds=lease_s)
    share = max(1, limit // max(1, len(connectors)))
    column = outbox.c
    rows = [row for connector in connectors for row in conn.execute(_due(connector, now, share))]
    if not rows:
        return []
    conn.execute(
        update(outbox)
        .where(column.id.in_([row.id for row in rows]))
        .values(
            state=LEASED,
            ambiguous=or_(column.ambiguous, column.state == LEASED),
            lease_owner=owner,
            due_at=until,
            attempts=column.attempts + 1,
            first_attempt_at=func.coalesce(column.first_attempt_at, literal(now, Instant())),
            last_attempt_at=now,
        )
    )
    handed = [(row.key, _leased(row, owner, until)) for row in rows]
    for key, one in handed:
        if one is None:
            dead(conn, EffectKey(UUID(key)), UNREADABLE)
    return [one for _, one in handed if one is not None]


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


def delivered(conn: Connection, key: EffectKey, receipt: Receipt, now: datetime) -> bool:
    """Mark as written after a validated answer, whoever holds the lease by now; False if known."""
    column = outbox.c
    return bool(
        conn.execute(
            update(outbox)
            .where(column.key == str(key), column.state != EffectState.DELIVERED.value)
            .values(
                state=EffectState.DELIVERED.value,
                ambiguous=False,
                lease_owner=None,
                cause=None,
                external_id=receipt.external_id,
                url=receipt.url,
                settled_at=now,
            )
        ).rowcount
    )


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


def next_due(conn: Connection, connectors: Sequence[str] | None = None) -> datetime | None:
    """Return when the next effect (of these connectors) is due or its lease runs out."""
    column = outbox.c
    if connectors is None:
        connectors = list(
            conn.execute(select(column.connector).distinct().where(UNSETTLED)).scalars()
        )
    query = select(column.due_at).where(UNSETTLED, _first()).order_by(column.due_at).limit(1)
    found = (conn.execute(query.where(column.connector == name)).scalar() for name in connectors)
    return min((at for at in found if at is not None), default=None)


def _due(connector: str, now: datetime, limit: int) -> Select[tuple[object, ...]]:
    column = outbox.c
    return (
        select(outbox)
        .where(column.connector == connector, UNSETTLED, column.due_at <= now, _first())
        .order_by(column.due_at, column.id)
        .limit(limit)
        .with_for_update(of=outbox, skip_locked=True)
    )


def _first() -> ColumnElement[bool]:
    """Nothing earlier of the same call and connector is unsettled."""
    earlier = outbox.alias("earlier")
    return ~exists().where(
        earlier.c.call_id == outbox.c.call_id,
        earlier.c.connector == outbox.c.connector,
        earlier.c.id < outbox.c.id,
        earlier.c.kind != TASK,
        earlier.c.state.in_((PENDING, LEASED)),
    )


def _settle(conn: Connection, key: EffectKey, owner: str | None, **values: object) -> bool:
    """End a lease; fenced: a worker whose lease was taken over changes nothing."""
    column = outbox.c
    statement = update(outbox).where(column.key == str(key), column.state == LEASED)
    if owner is not None:
        statement = statement.where(column.lease_owner == owner)
    return conn.execute(statement.values(lease_owner=None, **values)).rowcount > 0


def _leased(row: Row[tuple[object, ...]], owner: str, until: datetime) -> Leased | None:
    record = decode_if_readable(row.record)
    if record is None:
        return None
    effect = Effect(
        key=EffectKey(UUID(row.key)),
        connector=row.connector,
        kind=row.kind,
        ordinal=row.ordinal,
        record=record,
        occurred_at=row.occurred_at,
        not_before=row.due_at,
    )
    return Leased(
        effect=effect,
        attempt=row.attempts + 1,
        owner=owner,
        last_ambiguous=bool(row.ambiguous or row.state == LEASED),
        tried_at=row.last_attempt_at,
        lease_until=until,
    )
