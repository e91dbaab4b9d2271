"""Effects handed out to workers: what is due, in FIFO per call and connector, and for how long.

These statements run for every effect, so they are compiled once (`gateway.store.prepared`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, select

from gateway.core.ids import EffectKey
from gateway.core.ports import Effect, Receipt
from gateway.store.payloads import payload_of
from gateway.store.prepared import Prepared
from gateway.store.schema import UNSETTLED, from_micros, outbox, to_micros

UNREADABLE: Final = "The stored record cannot be read; the call itself is in the list of calls."
POSTGRESQL: Final = "postgresql"
_COLUMNS: Final = (
    "id, key, connector, kind, ordinal, state, due_at, occurred_at, record, attempts, ambiguous, "
    "last_attempt_at, call_id"
)
# Nothing earlier of the same call and connector is unsettled, but for tasks (records of their own).
# Literals, as in the partial index: SQLite uses it only for the very same expression.
_FIRST: Final = (
    "state IN ('pending', 'leased') AND NOT EXISTS (SELECT 1 FROM outbox AS earlier "
    "WHERE earlier.call_id = outbox.call_id AND earlier.connector = outbox.connector "
    "AND earlier.id < outbox.id AND earlier.kind <> 'task.missed' "
    "AND earlier.state IN ('pending', 'leased'))"
)
DUE: Final = (
    f"SELECT {_COLUMNS} FROM outbox WHERE connector = :connector AND due_at <= :now "  # noqa: S608
    f"AND {_FIRST} ORDER BY due_at, id LIMIT :most"
)
_DUE_ALONE: Final = Prepared(DUE)
_DUE_LOCKED: Final = Prepared(f"{DUE} FOR UPDATE OF outbox SKIP LOCKED")
_NEXT: Final = Prepared(
    f"SELECT due_at FROM outbox WHERE connector = :connector AND {_FIRST} "  # noqa: S608
    "ORDER BY due_at LIMIT 1"
)
_HAND: Final = Prepared(
    "UPDATE outbox SET state = 'leased', ambiguous = (ambiguous OR state = 'leased'), "
    "lease_owner = :owner, due_at = :until, attempts = attempts + 1, "
    "first_attempt_at = coalesce(first_attempt_at, :now), last_attempt_at = :now WHERE id = :id"
)
_BURY: Final = Prepared(
    "UPDATE outbox SET state = 'dead', lease_owner = NULL, cause = :cause, "
    "settled_at = last_attempt_at WHERE id = :id"
)
_DELIVERED: Final = Prepared(
    "UPDATE outbox SET state = 'delivered', ambiguous = :ambiguous, lease_owner = NULL, "
    "cause = NULL, external_id = :external_id, url = :url, settled_at = :settled_at "
    "WHERE key = :key AND state <> 'delivered'"
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
    due = _DUE_LOCKED if conn.dialect.name == POSTGRESQL else _DUE_ALONE
    found: list[Any] = []
    for connector in connectors:
        wanted: dict[str, str | int] = {
            "connector": connector,
            "now": to_micros(now),
            "most": share,
        }
        found += due.rows(conn, wanted)
    taken: dict[str, str | int | None] = {
        "owner": owner,
        "until": to_micros(until),
        "now": to_micros(now),
    }
    _HAND.many(conn, [taken | {"id": row[0]} for row in found])
    handed = [(row[0], _leased(row, owner, until)) for row in found]
    _BURY.many(conn, [{"id": no, "cause": UNREADABLE} for no, one in handed if one is None])
    return [one for _, one in handed if one is not None]


def delivered(conn: Connection, key: EffectKey, receipt: Receipt, now: datetime) -> bool:
    """Mark as written after a validated answer, whoever holds the lease by now; False if known."""
    said: dict[str, str | bool | int | None] = {
        "key": str(key),
        "ambiguous": False,
        "external_id": receipt.external_id,
        "url": receipt.url,
        "settled_at": to_micros(now),
    }
    return _DELIVERED.run(conn, said) > 0


def next_due(conn: Connection, connectors: Sequence[str] | None = None) -> datetime | None:
    """Return when the next effect (of these connectors) is due or its lease runs out."""
    if connectors is None:
        query = select(outbox.c.connector).distinct().where(UNSETTLED)
        connectors = list(conn.execute(query).scalars())
    found = (_NEXT.integer(conn, {"connector": name}) for name in connectors)
    return min((from_micros(at) for at in found if at is not None), default=None)


def _leased(row: Sequence[Any], owner: str, until: datetime) -> Leased | None:
    _, key, connector, kind, ordinal, state, due, occurred, written, attempts, doubt, tried = row[
        :-1
    ]
    payload = payload_of(kind, row[-1], written)
    if payload is None:
        return None
    effect = Effect(
        key=EffectKey(UUID(key)),
        connector=connector,
        kind=kind,
        ordinal=ordinal,
        record=payload.record,
        notice=payload.notice,
        occurred_at=from_micros(occurred),
        not_before=from_micros(due),
    )
    return Leased(
        effect=effect,
        attempt=attempts + 1,
        owner=owner,
        last_ambiguous=bool(doubt or state == "leased"),
        tried_at=None if tried is None else from_micros(tried),
        lease_until=until,
    )
