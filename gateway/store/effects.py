"""The outbox seen by people: its rows, their states, and what somebody may do to them by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select, update

from gateway.core.errors import UsageError
from gateway.core.ids import CallId, EffectKey
from gateway.core.ports import Receipt
from gateway.core.record import CallRecord
from gateway.store.payloads import Payload, payload_of
from gateway.store.schema import EPOCH, calls, outbox
from gateway.store.sight import Sight, calls_seen, may_see

MAX_PAGE = 500


class EffectState(StrEnum):
    """Where an effect stands.

    `dead`: refused for good by the CRM; `parked`: nobody knows whether it was done, and only a
    person can find out; `dropped`: not wanted any more.
    """

    PENDING = "pending"
    LEASED = "leased"
    DELIVERED = "delivered"
    DEAD = "dead"
    PARKED = "parked"
    DROPPED = "dropped"


# Where only a person can move an effect on.
STANDING: Final = (EffectState.DEAD, EffectState.PARKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEffect:
    """One row of the outbox; `payload` is None if it was erased or cannot be read.

    `call_id` is that of the missed customer or promise where the effect is a notice of one.
    `due_at` is the next try, while leased the end of the lease. `acted` (`retry` or `drop`),
    `acted_by` and `acted_at` say who last interfered by hand.
    """

    id: int
    key: EffectKey
    call_id: CallId
    connector: str
    kind: str
    ordinal: int
    state: EffectState
    due_at: datetime
    occurred_at: datetime
    attempts: int
    ambiguous: bool
    lease_owner: str | None
    cause: str | None
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    settled_at: datetime | None
    receipt: Receipt | None
    acted: str | None
    acted_by: str | None
    acted_at: datetime | None
    payload: Payload | None

    @property
    def record(self) -> CallRecord | None:
        """Return the call that it tells, None for a notice and for a payload that is gone."""
        told = self.payload
        return told.record if told is not None and told.notice is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPage:
    """One page, newest first; `next` is the `before` of the following one."""

    items: tuple[StoredEffect, ...]
    next: int | None


def list_effects(
    conn: Connection,
    state: EffectState | None = None,
    *,
    connector: str | None = None,
    call_id: CallId | None = None,
    visible_to: Sight | str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> EffectPage:
    """Return one page of the outbox, newest first; only of the calls that may be seen."""
    limit = max(1, min(limit, MAX_PAGE))
    query = select(outbox).order_by(outbox.c.id.desc()).limit(limit + 1)
    if state is not None:
        query = query.where(outbox.c.state == state.value)
    if connector is not None:
        query = query.where(outbox.c.connector == connector)
    if call_id is not None:
        query = query.where(outbox.c.call_id == str(call_id))
    if visible_to is not None:
        seen = select(calls.c.id).where(calls.c.no.in_(calls_seen(visible_to, call_id)))
        query = query.where(outbox.c.call_id.in_(seen))
    if before is not None:
        query = query.where(outbox.c.id < before)
    rows = conn.execute(query).mappings().all()
    items = tuple(_stored(row) for row in rows[:limit])
    return EffectPage(items=items, next=items[-1].id if len(rows) > limit else None)


def get_effect(conn: Connection, key: EffectKey) -> StoredEffect | None:
    """Return one row of the outbox."""
    row = conn.execute(select(outbox).where(outbox.c.key == str(key))).mappings().first()
    return None if row is None else _stored(row)


def counts(conn: Connection) -> Mapping[tuple[str, EffectState], int]:
    """Return how many effects of each connector are in each state; absent is none."""
    column = outbox.c
    query = select(column.connector, column.state, func.count()).group_by(
        column.connector, column.state
    )
    return {
        (connector, EffectState(state)): number for connector, state, number in conn.execute(query)
    }


def retry(
    conn: Connection,
    key: EffectKey,
    *,
    by: str = "",
    at: datetime | None = None,
    visible_to: Sight | str | None = None,
) -> StoredEffect:
    """Make an effect due at once because a person says so; returns it as it was before.

    A parked one loses its doubt: the person has looked and wants it written. Raises UsageError if
    it does not exist (or its call may not be seen), is delivered, or is being sent right now.
    """
    found = _for_a_person(conn, key, visible_to)
    if found.payload is None:
        raise UsageError(
            "The content of this effect has been erased or cannot be read.",
            remedy="It cannot be sent any more; the call itself is in the list of calls.",
        )
    doubt = found.ambiguous and found.state is not EffectState.PARKED
    # what a person wants again gets as much patience as at first
    attempts = 0 if found.state in STANDING else found.attempts
    _act(
        conn, found, "retry", by=by, at=at, state=EffectState.PENDING.value, due_at=EPOCH,
        ambiguous=doubt, settled_at=None, attempts=attempts,
    )  # fmt: skip
    return found


def drop(
    conn: Connection,
    key: EffectKey,
    *,
    by: str = "",
    at: datetime | None = None,
    visible_to: Sight | str | None = None,
) -> StoredEffect:
    """Give an effect up because a person says so; returns it as it was before.

    Raises UsageError if it does not exist (or its call may not be seen), is delivered, or is being
    sent right now.
    """
    found = _for_a_person(conn, key, visible_to)
    settled_at = at or found.last_attempt_at or found.occurred_at
    _act(conn, found, "drop", by=by, at=at, state=EffectState.DROPPED.value, settled_at=settled_at)
    return found


def erase_settled(
    conn: Connection, *, before: datetime, per_connector: Mapping[str, datetime] | None = None
) -> int:
    """Erase the payloads of effects delivered or dropped before that time; return how many.

    `per_connector` has another time for some. Key, receipt and times stay: they are what proves
    that the call was written once.
    """
    column, others = outbox.c, per_connector or {}
    settled = column.state.in_((EffectState.DELIVERED.value, EffectState.DROPPED.value))
    due: list[tuple[ColumnElement[bool], datetime]] = [(column.connector.not_in(others), before)]
    due += [(column.connector == name, at) for name, at in others.items()]
    count = 0
    for whose, at in due:
        statement = update(outbox).where(
            settled, whose, column.settled_at < at, column.record.is_not(None)
        )
        count += conn.execute(statement.values(record=None)).rowcount
    return count


def _for_a_person(
    conn: Connection, key: EffectKey, visible_to: Sight | str | None = None
) -> StoredEffect:
    found = get_effect(conn, key)
    if found is None or not may_see(conn, found.call_id, visible_to, unknown=True):
        raise UsageError("There is no such effect.", remedy="List them to see their keys.")
    if found.state is EffectState.DELIVERED:
        raise UsageError("This effect has been delivered.", remedy="There is nothing to do.")
    if found.state is EffectState.LEASED:
        raise UsageError("This effect is being sent right now.", remedy="Look again in a minute.")
    return found


def _act(
    conn: Connection,
    found: StoredEffect,
    action: str,
    *,
    by: str,
    at: datetime | None,
    **values: str | bool | int | datetime | None,
) -> None:
    statement = update(outbox).where(outbox.c.id == found.id)
    conn.execute(statement.values(acted=action, acted_by=by or None, acted_at=at, **values))


def _stored(row: RowMapping) -> StoredEffect:
    delivered = row["state"] == EffectState.DELIVERED.value
    receipt = Receipt(external_id=row["external_id"], url=row["url"]) if delivered else None
    same = (
        "id", "connector", "kind", "ordinal", "due_at", "occurred_at", "attempts", "ambiguous",
        "lease_owner", "cause", "first_attempt_at", "last_attempt_at", "settled_at", "acted",
        "acted_by", "acted_at",
    )  # fmt: skip
    return StoredEffect(
        key=EffectKey(UUID(row["key"])),
        call_id=CallId(UUID(row["call_id"])),
        state=EffectState(row["state"]),
        receipt=receipt,
        payload=payload_of(row["kind"], row["call_id"], row["record"]),
        **{name: row[name] for name in same},
    )
