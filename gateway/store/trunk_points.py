"""What went through a trunk, five minutes at a time: for its graph, and to learn its habits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, Connection, func, insert, select, type_coerce
from sqlalchemy import update as change

from gateway.core.trunks import TrunkRef
from gateway.core.trunkwatch import HourCount
from gateway.store.schema import from_micros
from gateway.store.schema_trunks import trunk_points

STEP_S: Final = 300
MOST_POINTS: Final = 300
_STEPS_S: Final = (300, 900, 3_600, 4 * 3_600, 24 * 3_600)
_MICROS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkPoint:
    """The figures of the time that begins at `at`: `channels` is the most at once.

    `watched_s` is for how long anybody could see, `rtt_ms` the mean of what was measured,
    `inbound` those of the `calls` that came in, `failed` the trunk's own failures.
    """

    at: datetime
    watched_s: float = 0.0
    calls: int = 0
    inbound: int = 0
    failed: int = 0
    channels: int = 0
    rtt_ms: float | None = None
    last_call_at: datetime | None = None


def begin_of(at: datetime) -> datetime:
    """Return the start of the five minutes that `at` lies in."""
    return datetime.fromtimestamp(at.timestamp() // STEP_S * STEP_S, tz=UTC)


def put_point(conn: Connection, ref: TrunkRef, point: TrunkPoint) -> None:
    """Store figures; those of the same time, from before a restart, are added to."""
    own = _own(ref) & (trunk_points.c.at == point.at)
    row = conn.execute(select(trunk_points).where(own)).first()
    if row is None:
        conn.execute(
            insert(trunk_points).values(
                pbx=ref.pbx,
                trunk=ref.name,
                at=point.at,
                watched_s=point.watched_s,
                calls=point.calls,
                inbound=point.inbound,
                failed=point.failed,
                channels=point.channels,
                rtt_ms=point.rtt_ms,
                last_call_at=point.last_call_at,
            )
        )
        return
    conn.execute(
        change(trunk_points)
        .where(own)
        .values(
            watched_s=row.watched_s + point.watched_s,
            calls=row.calls + point.calls,
            inbound=row.inbound + point.inbound,
            failed=row.failed + point.failed,
            channels=max(row.channels, point.channels),
            rtt_ms=row.rtt_ms if point.rtt_ms is None else point.rtt_ms,
            last_call_at=point.last_call_at or row.last_call_at,
        )
    )


def points_between(
    conn: Connection, ref: TrunkRef, from_at: datetime, to_at: datetime
) -> tuple[TrunkPoint, ...]:
    """Return the figures of a time, oldest first, in steps such that they are not too many."""
    step_s = step_of(to_at - from_at)
    where = _own(ref) & (trunk_points.c.at >= from_at) & (trunk_points.c.at < to_at)
    slot = _slot(step_s)
    query = (
        select(
            slot.label("slot"),
            func.sum(trunk_points.c.watched_s).label("watched_s"),
            func.sum(trunk_points.c.calls).label("calls"),
            func.sum(trunk_points.c.inbound).label("inbound"),
            func.sum(trunk_points.c.failed).label("failed"),
            func.max(trunk_points.c.channels).label("channels"),
            func.avg(trunk_points.c.rtt_ms).label("rtt_ms"),
        )
        .where(where)
        .group_by(slot)
        .order_by(slot)
    )
    return tuple(
        TrunkPoint(
            at=from_micros(row.slot * step_s * _MICROS),
            watched_s=row.watched_s,
            calls=int(row.calls),
            inbound=int(row.inbound),
            failed=int(row.failed),
            channels=row.channels,
            rtt_ms=row.rtt_ms,
        )
        for row in conn.execute(query)
    )


def step_of(span: timedelta) -> int:
    """Return the seconds of a step such that a span has `MOST_POINTS` of them at most."""
    fits = (step for step in _STEPS_S if span.total_seconds() <= step * MOST_POINTS)
    return next(fits, _STEPS_S[-1])


def hours_since(conn: Connection, ref: TrunkRef, at: datetime) -> Mapping[datetime, HourCount]:
    """Return how many calls came in, by the start of each hour (UTC)."""
    slot = _slot(3_600)
    query = (
        select(
            slot.label("slot"),
            func.sum(trunk_points.c.inbound).label("inbound"),
            func.sum(trunk_points.c.watched_s).label("watched_s"),
        )
        .where(_own(ref), trunk_points.c.at >= at)
        .group_by(slot)
    )
    return {
        from_micros(row.slot * 3_600 * _MICROS): HourCount(
            inbound=int(row.inbound), watched_s=row.watched_s
        )
        for row in conn.execute(query)
    }


def last_call_of(conn: Connection, ref: TrunkRef) -> datetime | None:
    """Return when a call last went through a trunk."""
    seen = trunk_points.c.last_call_at
    query = select(seen).where(_own(ref), seen.is_not(None)).order_by(trunk_points.c.at.desc())
    row = conn.execute(query.limit(1)).first()
    return None if row is None else row.last_call_at


def last_seen(conn: Connection, ref: TrunkRef) -> datetime | None:
    """Return until when anybody was looking at a trunk, to the step."""
    found = conn.execute(select(func.max(trunk_points.c.at)).where(_own(ref))).scalar()
    return None if found is None else found + timedelta(seconds=STEP_S)


def peak_since(conn: Connection, ref: TrunkRef, at: datetime) -> int:
    """Return the most channels at once since then."""
    query = select(func.max(trunk_points.c.channels)).where(_own(ref), trunk_points.c.at >= at)
    return conn.execute(query).scalar() or 0


def _own(ref: TrunkRef) -> ColumnElement[bool]:
    return (trunk_points.c.pbx == ref.pbx) & (trunk_points.c.trunk == ref.name)


def _slot(step_s: int) -> ColumnElement[int]:
    # whole steps since 1970: both databases divide integers to integers
    return type_coerce(trunk_points.c.at, BigInteger).op("/")(step_s * _MICROS)
