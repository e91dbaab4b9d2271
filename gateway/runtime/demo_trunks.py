"""What the trunk of the demonstration did in the days before: busy by day, once out of service."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from gateway.core.trunks import NO_WORDS, TrunkRef, TrunkState, Words
from gateway.core.trunkwords import NO_ANSWER, SLOW
from gateway.store.database import Connection
from gateway.store.trunk_points import STEP_S, TrunkPoint, begin_of, put_point
from gateway.store.trunks import put_state

TRUNK: Final = TrunkRef(pbx="demo", name="carrier")
DAYS: Final = 3
# hours before now, and for how long
OUT: Final = (timedelta(hours=13), timedelta(minutes=40))
SLOWLY: Final = (timedelta(hours=3), timedelta(minutes=35))
BUSIEST_HOUR: Final = 11
STEP: Final = timedelta(seconds=STEP_S)


def tell_trunk(conn: Connection, now: datetime) -> None:
    """Put the past of the trunk into the store."""
    end = begin_of(now)
    first = end - timedelta(days=DAYS)
    put_state(conn, TRUNK, first, TrunkState.UP, NO_WORDS)
    for (ago, lasted), state, words in _faults():
        put_state(conn, TRUNK, end - ago, state, words)
        put_state(conn, TRUNK, end - ago + lasted, TrunkState.UP, NO_WORDS)
    for point in _points(first, end):
        put_point(conn, TRUNK, point)


def _faults() -> tuple[tuple[tuple[timedelta, timedelta], TrunkState, Words], ...]:
    return ((OUT, TrunkState.DOWN, NO_ANSWER), (SLOWLY, TrunkState.DEGRADED, SLOW))


def _points(first: datetime, end: datetime) -> Iterator[TrunkPoint]:
    at, number = first, 0
    while at < end:
        busy = max(0, 8 - abs(at.hour - BUSIEST_HOUR))
        point = TrunkPoint(
            at=at,
            watched_s=STEP_S,
            calls=busy and busy + number % 3 - 1,
            inbound=busy and busy - 1,
            failed=int(busy > 0 and number % 17 == 0),
            channels=busy,
            rtt_ms=20.0 + number % 5,
            last_call_at=at if busy else None,
        )
        yield _at_fault(point, end)
        at, number = at + STEP, number + 1


def _at_fault(point: TrunkPoint, end: datetime) -> TrunkPoint:
    """Return the point as it was while something was wrong."""
    if _within(point.at, end, OUT):
        return TrunkPoint(at=point.at, watched_s=STEP_S, calls=1, failed=1)
    if _within(point.at, end, SLOWLY):
        return TrunkPoint(
            at=point.at,
            watched_s=STEP_S,
            calls=point.calls,
            inbound=point.inbound,
            channels=point.channels,
            rtt_ms=610.0,
            last_call_at=point.last_call_at,
        )
    return point


def _within(at: datetime, end: datetime, fault: tuple[timedelta, timedelta]) -> bool:
    ago, lasted = fault
    return end - ago <= at < end - ago + lasted
