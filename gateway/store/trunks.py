"""States and alarms of trunks: stored when they change, found again after a restart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from gateway.core.trunks import AlarmKind, TrunkAlarm, TrunkRef, TrunkState, Words
from gateway.store.schema_trunks import trunk_alarms, trunk_points, trunk_states
from gateway.store.trunk_words import decoded, encoded

MOST_STATES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSpan:
    """A trunk was in a state from `at` until `until` (None: still) for a reason."""

    at: datetime
    until: datetime | None
    state: TrunkState
    words: Words


def put_state(
    conn: Connection, ref: TrunkRef, at: datetime, state: TrunkState, words: Words
) -> None:
    """Store that a trunk is in a state from `at` on, or why at the same moment."""
    own = (trunk_states.c.pbx == ref.pbx) & (trunk_states.c.trunk == ref.name)
    values = {"state": state.value, "words": encoded(words)}
    changed = conn.execute(update(trunk_states).where(own, trunk_states.c.at == at).values(values))
    if not changed.rowcount:
        conn.execute(insert(trunk_states).values(pbx=ref.pbx, trunk=ref.name, at=at, **values))


def last_state(conn: Connection, ref: TrunkRef) -> StateSpan | None:
    """Return how a trunk was when it was last stored."""
    own = (trunk_states.c.pbx == ref.pbx) & (trunk_states.c.trunk == ref.name)
    query = select(trunk_states).where(own).order_by(trunk_states.c.at.desc()).limit(1)
    row = conn.execute(query).first()
    return None if row is None else _span(row, None)


def states_between(
    conn: Connection, ref: TrunkRef, from_at: datetime, to_at: datetime
) -> tuple[StateSpan, ...]:
    """Return the states of a time, oldest first; of very many the newest."""
    own = (trunk_states.c.pbx == ref.pbx) & (trunk_states.c.trunk == ref.name)
    query = (
        select(trunk_states)
        .where(own, trunk_states.c.at < to_at)
        .order_by(trunk_states.c.at.desc())
        .limit(MOST_STATES)
    )
    following = conn.execute(
        select(func.min(trunk_states.c.at)).where(own, trunk_states.c.at >= to_at)
    ).scalar()
    spans: list[StateSpan] = []
    until: datetime | None = following
    for row in conn.execute(query):
        spans.append(_span(row, until))
        until = row.at
        if row.at <= from_at:
            break
    return tuple(reversed(spans))


def put_alarm(conn: Connection, ref: TrunkRef, alarm: TrunkAlarm) -> bool:
    """Store that an alarm is on; False if it was stored before."""
    own = _alarm(ref, alarm.kind) & (trunk_alarms.c.since == alarm.since)
    if conn.execute(select(trunk_alarms.c.since).where(own)).first() is not None:
        return False
    conn.execute(
        insert(trunk_alarms).values(
            pbx=ref.pbx,
            trunk=ref.name,
            kind=alarm.kind.value,
            since=alarm.since,
            words=encoded(alarm.words),
        )
    )
    return True


def end_alarms(conn: Connection, ref: TrunkRef, kind: AlarmKind, at: datetime) -> int:
    """Store that what is on of a kind is over; return how many that were."""
    own = _alarm(ref, kind) & trunk_alarms.c.ended_at.is_(None)
    return conn.execute(update(trunk_alarms).where(own).values(ended_at=at)).rowcount


def alarms_on(conn: Connection, ref: TrunkRef) -> tuple[TrunkAlarm, ...]:
    """Return the alarms that are on, oldest first."""
    query = (
        select(trunk_alarms)
        .where(
            trunk_alarms.c.pbx == ref.pbx,
            trunk_alarms.c.trunk == ref.name,
            trunk_alarms.c.ended_at.is_(None),
        )
        .order_by(trunk_alarms.c.since)
    )
    return tuple(
        TrunkAlarm(kind=AlarmKind(row.kind), since=row.since, words=decoded(row.words))
        for row in conn.execute(query)
    )


def stored_trunks(conn: Connection) -> Sequence[TrunkRef]:
    """Return every trunk of which a state is stored, by name."""
    query = select(trunk_states.c.pbx, trunk_states.c.trunk).distinct()
    return sorted(TrunkRef(pbx=row.pbx, name=row.trunk) for row in conn.execute(query))


def forget_trunks(conn: Connection, before: datetime) -> None:
    """Delete what ended before then; a trunk's last state stays, however long it lasts."""
    conn.execute(delete(trunk_points).where(trunk_points.c.at < before))
    conn.execute(delete(trunk_alarms).where(trunk_alarms.c.ended_at < before))
    later = trunk_states.alias("later")
    followed = (
        select(later.c.at)
        .where(
            later.c.pbx == trunk_states.c.pbx,
            later.c.trunk == trunk_states.c.trunk,
            later.c.at > trunk_states.c.at,
            later.c.at <= before,
        )
        .exists()
    )
    conn.execute(delete(trunk_states).where(trunk_states.c.at < before, followed))


def _alarm(ref: TrunkRef, kind: AlarmKind) -> ColumnElement[bool]:
    return (
        (trunk_alarms.c.pbx == ref.pbx)
        & (trunk_alarms.c.trunk == ref.name)
        & (trunk_alarms.c.kind == kind.value)
    )


def _span(row: Row[tuple[object, ...]], until: datetime | None) -> StateSpan:
    return StateSpan(at=row.at, until=until, state=TrunkState(row.state), words=decoded(row.words))
