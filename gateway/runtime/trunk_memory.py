"""What the store knows of a trunk at the start, and what is stored when something changes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from uuid import UUID, uuid5

from gateway.core.notices import NoticeKind
from gateway.core.record import time_json
from gateway.core.trunks import AlarmKind, TrunkAlarm, TrunkRef, TrunkState
from gateway.core.trunkwatch import LONGEST_WEEKS, TrunkMemory
from gateway.core.trunkwords import NOT_RUNNING
from gateway.desk.trunks import alarm_json
from gateway.runtime.trunk_file import Restored
from gateway.store import trunk_points as points
from gateway.store import trunks as stored
from gateway.store.database import Connection
from gateway.store.notices import Notice, announce

# Shorter pauses of the gateway are not worth a line in a trunk's history.
PAUSE: Final = timedelta(minutes=10)
_NAMES: Final = UUID("5b1c0a5e-3f0f-4d35-9f6a-0f6f2d1f9a11")


def restored(conn: Connection, ref: TrunkRef, at: datetime, zone: tzinfo) -> Restored:
    """Return what is known of a trunk; its memory is a new one if that is nothing."""
    alarms = stored.alarms_on(conn, ref)
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return Restored(
        memory=_memory(conn, ref, at, alarms),
        hours=points.hours_since(conn, ref, at - timedelta(weeks=LONGEST_WEEKS, days=1)),
        last_call_at=points.last_call_of(conn, ref),
        peak_today=points.peak_since(conn, ref, midnight.astimezone(UTC)),
        test_alarm=next((one for one in alarms if one.kind is AlarmKind.TEST), None),
    )


def _memory(
    conn: Connection, ref: TrunkRef, at: datetime, alarms: tuple[TrunkAlarm, ...]
) -> TrunkMemory:
    last = stored.last_state(conn, ref)
    if last is None:
        return TrunkMemory(at=at, since=at)
    watched = points.last_seen(conn, ref)
    flapping = any(alarm.kind is AlarmKind.FLAPPING for alarm in alarms)
    return TrunkMemory(
        at=max(last.at, watched or last.at),
        since=last.at,
        state=last.state,
        words=last.words,
        alarms=tuple(alarm for alarm in alarms if alarm.kind is not AlarmKind.TEST),
        was_up=None if last.state is TrunkState.UNKNOWN else last.state is not TrunkState.DOWN,
        down_since=last.at if last.state is TrunkState.DOWN else None,
        changes=(last.at,) if flapping else (),
    )


def note_pause(conn: Connection, ref: TrunkRef, known: Restored, at: datetime) -> Restored:
    """Store that nobody was looking, if the gateway was away for long; return what is known now."""
    memory = known.memory
    if at - memory.at < PAUSE or memory.state is TrunkState.UNKNOWN:
        return known
    stored.put_state(conn, ref, memory.at, TrunkState.UNKNOWN, NOT_RUNNING)
    known.memory = TrunkMemory(
        at=memory.at,
        since=memory.at,
        words=NOT_RUNNING,
        alarms=memory.alarms,
        changes=memory.changes,
    )
    return known


def begin_alarm(conn: Connection, ref: TrunkRef, alarm: TrunkAlarm, at: datetime) -> None:
    """Store that an alarm is on and tell the webhooks, unless that was done before."""
    if stored.put_alarm(conn, ref, alarm):
        announce(conn, _notice(ref, alarm, "began", at))


def end_alarm(conn: Connection, ref: TrunkRef, alarm: TrunkAlarm, at: datetime) -> None:
    """Store that an alarm is over and tell the webhooks."""
    if stored.end_alarms(conn, ref, alarm.kind, at):
        announce(conn, _notice(ref, alarm, "ended", at))


def changes_of(
    before: tuple[TrunkAlarm, ...], after: tuple[TrunkAlarm, ...]
) -> Iterator[tuple[bool, TrunkAlarm]]:
    """Yield (begun, alarm) for what began and what is over."""
    was = {(alarm.kind, alarm.since) for alarm in before}
    now = {(alarm.kind, alarm.since) for alarm in after}
    yield from ((False, alarm) for alarm in before if (alarm.kind, alarm.since) not in now)
    yield from ((True, alarm) for alarm in after if (alarm.kind, alarm.since) not in was)


def _notice(ref: TrunkRef, alarm: TrunkAlarm, state: str, at: datetime) -> Notice:
    return Notice(
        kind=NoticeKind.TRUNK,
        subject=str(uuid5(_NAMES, str(ref))),
        mark=f"{alarm.kind} {alarm.since.isoformat()} {state}",
        at=at,
        data={
            "name": ref.name,
            "pbx": ref.pbx,
            "state": state,
            "alarm": alarm_json(alarm),
            "at": time_json(at),
        },
    )
