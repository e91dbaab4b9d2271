"""Webhooks that administrators registered: where events go, and how that went."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from gateway.core.errors import UsageError
from gateway.store.effects import EffectState
from gateway.store.schema import outbox
from gateway.store.schema_consumers import webhooks

MOST: Final = 50
PREFIX: Final = "hook-"
_REMOVED: Final = "The webhook was removed."
_OPEN: Final = (
    EffectState.PENDING,
    EffectState.LEASED,  # whoever is posting it just now finds its lease gone
    EffectState.DEAD,
    EffectState.PARKED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One registered address; secrets are sealed. `former` signs as well until `former_until`."""

    id: UUID
    url: str
    label: str
    types: tuple[str, ...]
    secret: bytes = field(repr=False)
    former: bytes | None = field(default=None, repr=False)
    former_until: datetime | None = None
    created_at: datetime
    created_by: str

    @property
    def connector(self) -> str:
        """Return the name under which its effects are stored."""
        return PREFIX + self.id.hex[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How posting to one webhook goes: the last success, the last failure, what is left."""

    delivered_at: datetime | None
    failed_at: datetime | None
    cause: str | None
    pending: int
    dead: int


def add_webhook(conn: Connection, hook: Webhook) -> None:
    """Register an address; UsageError if there are too many."""
    if len(list_webhooks(conn)) >= MOST:
        raise UsageError("There are fifty webhooks already.", remedy="Remove one first.")
    conn.execute(
        insert(webhooks).values(
            id=str(hook.id),
            connector=hook.connector,
            url=hook.url,
            label=hook.label,
            types=json.dumps(hook.types),
            secret=hook.secret,
            former=hook.former,
            former_until=hook.former_until,
            created_at=hook.created_at,
            created_by=hook.created_by,
        )
    )


def list_webhooks(conn: Connection) -> tuple[Webhook, ...]:
    """Return all of them, oldest first."""
    column = webhooks.c
    rows = conn.execute(select(webhooks).order_by(column.created_at, column.id))
    return tuple(_webhook(row) for row in rows)


def get_webhook(conn: Connection, hook_id: UUID) -> Webhook | None:
    """Return one of them."""
    row = conn.execute(select(webhooks).where(webhooks.c.id == str(hook_id))).first()
    return None if row is None else _webhook(row)


def remove_webhook(conn: Connection, hook: Webhook, *, by: str, at: datetime) -> None:
    """Forget an address and drop what still waits for it."""
    conn.execute(delete(webhooks).where(webhooks.c.id == str(hook.id)))
    conn.execute(
        update(outbox)
        .where(
            outbox.c.connector == hook.connector,
            outbox.c.state.in_([state.value for state in _OPEN]),
        )
        .values(
            state=EffectState.DROPPED.value,
            lease_owner=None,
            cause=_REMOVED,
            settled_at=at,
            acted="drop",
            acted_by=by,
            acted_at=at,
        )
    )


def rotate_secret(
    conn: Connection, hook: Webhook, secret: bytes, *, former_until: datetime
) -> None:
    """Sign with another secret from now on, and until then with the one before too."""
    conn.execute(
        update(webhooks)
        .where(webhooks.c.id == str(hook.id))
        .values(secret=secret, former=hook.secret, former_until=former_until)
    )


def delivery_of(conn: Connection, hook: Webhook) -> Delivery:
    """Return how posting to a webhook goes."""
    column = outbox.c
    mine = column.connector == hook.connector
    by_state = select(column.state, func.count().label("number")).where(mine)
    counted = {
        str(row.state): int(row.number) for row in conn.execute(by_state.group_by(column.state))
    }
    delivered = select(func.max(column.settled_at)).where(
        mine, column.state == EffectState.DELIVERED.value
    )
    failed = (
        select(column.last_attempt_at, column.cause)
        .where(mine, column.cause.is_not(None), column.last_attempt_at.is_not(None))
        .where(column.state != EffectState.DROPPED.value)
        .order_by(column.last_attempt_at.desc())
        .limit(1)
    )
    failure = conn.execute(failed).first()
    return Delivery(
        delivered_at=conn.execute(delivered).scalar(),
        failed_at=None if failure is None else failure.last_attempt_at,
        cause=None if failure is None else failure.cause,
        pending=counted.get(EffectState.PENDING, 0) + counted.get(EffectState.LEASED, 0),
        dead=counted.get(EffectState.DEAD, 0) + counted.get(EffectState.PARKED, 0),
    )


def _webhook(row: Row[tuple[object, ...]]) -> Webhook:
    return Webhook(
        id=UUID(row.id),
        url=row.url,
        label=row.label,
        types=tuple(json.loads(row.types)),
        secret=bytes(row.secret),
        former=None if row.former is None else bytes(row.former),
        former_until=row.former_until,
        created_at=row.created_at,
        created_by=row.created_by,
    )
