"""What is kept of trunks: states, alarms, figures; the same in both databases."""

from datetime import timedelta
from functools import partial

from support.desk import START

from gateway.core.trunks import AlarmKind, TrunkAlarm, TrunkRef, TrunkState, Words
from gateway.core.trunkwatch import HourCount
from gateway.store.database import Connection, Database
from gateway.store.trunk_points import (
    MOST_POINTS,
    TrunkPoint,
    begin_of,
    hours_since,
    last_call_of,
    peak_since,
    points_between,
    put_point,
    step_of,
)
from gateway.store.trunks import (
    alarms_on,
    end_alarms,
    forget_trunks,
    last_state,
    put_alarm,
    put_state,
    states_between,
    stored_trunks,
)

REF = TrunkRef(pbx="hq", name="carrier")
OTHER = TrunkRef(pbx="hq", name="spare")
GONE = Words(cause="Gone.", remedy="Look.", translated=(("it", "Sparita.", "Guardare."),))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def test_states_of_a_time_begin_with_the_one_before(db: Database) -> None:
    """A graph of today shows what the night left."""

    def write(conn: Connection) -> None:
        put_state(conn, REF, START, TrunkState.UP, Words())
        put_state(conn, REF, START + HOUR, TrunkState.DOWN, Words())
        put_state(conn, REF, START + HOUR, TrunkState.DOWN, GONE)
        put_state(conn, REF, START + 2 * HOUR, TrunkState.UP, Words())
        put_state(conn, OTHER, START, TrunkState.UNKNOWN, Words())

    await db.write(write)
    spans = await db.read(
        lambda conn: states_between(conn, REF, START + MINUTE, START + HOUR + MINUTE)
    )
    assert [(span.at, span.until, span.state) for span in spans] == [
        (START, START + HOUR, TrunkState.UP),
        (START + HOUR, START + 2 * HOUR, TrunkState.DOWN),
    ]
    assert spans[1].words == GONE
    last = await db.read(lambda conn: last_state(conn, REF))
    assert last is not None
    assert (last.state, last.until) == (TrunkState.UP, None)
    assert await db.read(stored_trunks) == [REF, OTHER]


async def test_alarm_is_stored_once_and_found_until_it_is_over(db: Database) -> None:
    """A restart must neither tell it again nor forget it."""
    alarm = TrunkAlarm(kind=AlarmKind.DOWN, since=START, words=GONE)
    assert await db.write(lambda conn: put_alarm(conn, REF, alarm))
    assert not await db.write(lambda conn: put_alarm(conn, REF, alarm))
    assert await db.read(lambda conn: alarms_on(conn, REF)) == (alarm,)
    assert await db.read(lambda conn: alarms_on(conn, OTHER)) == ()
    assert await db.write(lambda conn: end_alarms(conn, REF, AlarmKind.DOWN, START + HOUR)) == 1
    assert await db.write(lambda conn: end_alarms(conn, REF, AlarmKind.DOWN, START + DAY)) == 0
    assert await db.read(lambda conn: alarms_on(conn, REF)) == ()


async def test_figures_of_one_time_are_added_up(db: Database) -> None:
    """Two runs of the daemon within five minutes are one point."""
    at = begin_of(START)
    first = TrunkPoint(at=at, watched_s=100, calls=3, inbound=2, failed=1, channels=2, rtt_ms=20.0)
    then = TrunkPoint(at=at, watched_s=50, calls=1, inbound=1, channels=1, last_call_at=START)
    later = TrunkPoint(at=at + HOUR, watched_s=300, rtt_ms=40.0)
    for point in (first, then, later):
        await db.write(partial(put_point, ref=REF, point=point))
    points = await db.read(lambda conn: points_between(conn, REF, at, at + 2 * HOUR))
    assert points == (
        TrunkPoint(at=at, watched_s=150, calls=4, inbound=3, failed=1, channels=2, rtt_ms=20.0),
        later,
    )
    hour = at.replace(minute=0, second=0, microsecond=0)
    assert await db.read(lambda conn: hours_since(conn, REF, hour)) == {
        hour: HourCount(inbound=3, watched_s=150),
        hour + HOUR: HourCount(inbound=0, watched_s=300),
    }
    assert await db.read(lambda conn: last_call_of(conn, REF)) == START
    assert await db.read(lambda conn: peak_since(conn, REF, at)) == 2
    assert await db.read(lambda conn: peak_since(conn, REF, at + MINUTE)) == 0


async def test_points_of_a_long_time_are_few(db: Database) -> None:
    """Ninety days are drawn on a page, not twenty-six thousand points."""
    assert step_of(HOUR) == 300
    assert all(
        span / timedelta(seconds=step_of(span)) <= MOST_POINTS
        for span in (HOUR, DAY, 3 * DAY, 30 * DAY, 90 * DAY, 300 * DAY)
    )
    at = begin_of(START).replace(hour=0, minute=0)
    for minutes in range(0, 120, 5):
        point = TrunkPoint(at=at + minutes * MINUTE, watched_s=300, calls=1)
        await db.write(partial(put_point, ref=REF, point=point))
    points = await db.read(lambda conn: points_between(conn, REF, at - 29 * DAY, at + DAY))
    assert [(point.at, point.calls) for point in points] == [(at, 24)]


async def test_old_history_goes_and_the_state_that_lasts_stays(db: Database) -> None:
    """A trunk that has been up for a year is still up."""

    def write(conn: Connection) -> None:
        put_state(conn, REF, START, TrunkState.DOWN, GONE)
        put_state(conn, REF, START + HOUR, TrunkState.UP, Words())
        put_alarm(conn, REF, TrunkAlarm(kind=AlarmKind.DOWN, since=START, words=GONE))
        put_point(conn, REF, TrunkPoint(at=begin_of(START)))
        forget_trunks(conn, START + DAY)

    await db.write(write)
    spans = await db.read(lambda conn: states_between(conn, REF, START, START + DAY))
    assert [span.state for span in spans] == [TrunkState.UP]
    assert await db.read(lambda conn: points_between(conn, REF, START - DAY, START + DAY)) == ()
    assert len(await db.read(lambda conn: alarms_on(conn, REF))) == 1
