"""From what is known of a trunk to its state and its alarms; pure, so that it can be proved.

`assessed(memory, evidence, rules)` gives the next memory: equal inputs give equal outputs, time
never goes backwards, and an alarm begins once and ends once. What nobody can see (`blind`)
neither begins an alarm nor ends one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from gateway.core import trunkwords
from gateway.core.trunks import (
    NO_WORDS,
    AlarmKind,
    ContactStatus,
    HealthRules,
    RegistrationState,
    TrunkAlarm,
    TrunkContact,
    TrunkReading,
    TrunkState,
    Words,
)

LONGEST_WEEKS: Final = 12
HOUR: Final = timedelta(hours=1)
# An hour of which less was watched proves nothing.
WATCHED_S: Final = 3_300.0
_ASKED: Final = frozenset({ContactStatus.REACHABLE, ContactStatus.UNREACHABLE})
_WITHOUT: Final = frozenset({RegistrationState.UNREGISTERED, RegistrationState.REJECTED})
Judged = tuple[TrunkState, Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known at a moment: the reading, channels in use, and how quiet it is.

    `lull` is the start of the last whole hour if that had no call although it always has
    (`lull_of`); `is_open` is what the calendar says; `last_inbound_at` ends a silence.
    """

    at: datetime
    reading: TrunkReading | None = None
    channels: int = 0
    lull: datetime | None = None
    is_open: bool = True
    last_inbound_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkMemory:
    """How a trunk is since when and why, which alarms are on, and what that was made of.

    `was_up` is what was last known; `down_since` counts only while it is known to be down;
    `changes` are the times it went down or came back, of late.
    """

    at: datetime
    since: datetime
    state: TrunkState = TrunkState.UNKNOWN
    words: Words = NO_WORDS
    alarms: tuple[TrunkAlarm, ...] = ()
    was_up: bool | None = None
    down_since: datetime | None = None
    changes: tuple[datetime, ...] = ()

    def alarm(self, kind: AlarmKind) -> TrunkAlarm | None:
        """Return the alarm of a kind if it is on."""
        return next((alarm for alarm in self.alarms if alarm.kind is kind), None)


def assessed(memory: TrunkMemory, evidence: Evidence, rules: HealthRules) -> TrunkMemory:
    """Return what is to be thought of the trunk now."""
    at = max(memory.at, evidence.at)
    state, words = judged(evidence.reading, evidence.channels, rules)
    memory = replace(
        memory,
        at=at,
        state=state,
        words=words,
        since=memory.since if memory.state is state else at,
    )
    memory = _remembered(memory, rules)
    if evidence.reading is None or evidence.reading.blind is not None:
        return memory
    alarms = (_down(memory, rules), _flapping(memory, rules), _silent(memory, evidence))
    if memory.alarm(AlarmKind.FLAPPING) is not None and alarms[1] is None:
        memory = replace(memory, changes=())
    return replace(memory, alarms=tuple(alarm for alarm in alarms if alarm is not None))


def next_look(memory: TrunkMemory, rules: HealthRules) -> datetime | None:
    """Return when the same evidence will mean something else, None if never."""
    due = []
    if memory.down_since is not None and memory.alarm(AlarmKind.DOWN) is None:
        due.append(memory.down_since + timedelta(seconds=rules.down_s))
    if memory.changes and memory.alarm(AlarmKind.FLAPPING) is not None:
        due.append(memory.changes[-1] + timedelta(seconds=rules.quiet_s))
    return min(due, default=None)


def judged(reading: TrunkReading | None, channels: int, rules: HealthRules) -> Judged:
    """Return the state that a reading and the calls at this moment give, and why."""
    if reading is None or reading.blind is not None:
        blind = reading.blind if reading is not None else None
        return TrunkState.UNKNOWN, blind or trunkwords.NOT_TOLD
    asked = [contact for contact in reading.contacts if contact.status in _ASKED]
    there = [contact for contact in asked if contact.status is ContactStatus.REACHABLE]
    registration = reading.registration
    if registration is not None and registration.state in _WITHOUT:
        rejected = registration.state is RegistrationState.REJECTED
        otherwise = trunkwords.REJECTED if rejected else trunkwords.UNREGISTERED
        return TrunkState.DOWN, reading.failure.words if reading.failure else otherwise
    if asked and not there:
        return TrunkState.DOWN, reading.failure.words if reading.failure else trunkwords.NO_ANSWER
    if len(there) < len(asked):
        return TrunkState.DEGRADED, trunkwords.SOME_SILENT
    registered = registration is not None and registration.state is RegistrationState.REGISTERED
    if not there and not registered:
        return TrunkState.UNKNOWN, reading.advice or trunkwords.NEVER_ASKED
    return _strained(there, channels, rules)


def _strained(there: Sequence[TrunkContact], channels: int, rules: HealthRules) -> Judged:
    slow = any(one.rtt_ms is not None and one.rtt_ms > rules.slow_ms for one in there)
    if slow:
        return TrunkState.DEGRADED, trunkwords.SLOW
    limit = rules.channels
    if limit is not None and channels * 100 >= limit * rules.channels_percent:
        return TrunkState.DEGRADED, trunkwords.NEARLY_FULL
    return TrunkState.UP, NO_WORDS


def _remembered(memory: TrunkMemory, rules: HealthRules) -> TrunkMemory:
    """Count the changes between up and down; what is unknown is no change."""
    if memory.state is TrunkState.UNKNOWN:
        return replace(memory, down_since=None)
    is_up = memory.state is not TrunkState.DOWN
    from_at = memory.at - timedelta(seconds=max(rules.flap_window_s, rules.quiet_s))
    changes = tuple(at for at in memory.changes if at > from_at)
    if memory.was_up is not None and memory.was_up is not is_up:
        changes = (*changes, memory.at)
    down_since = None if is_up else memory.down_since or memory.at
    return replace(memory, was_up=is_up, changes=changes, down_since=down_since)


def _down(memory: TrunkMemory, rules: HealthRules) -> TrunkAlarm | None:
    on = memory.alarm(AlarmKind.DOWN)
    if memory.down_since is None:
        return None
    if on is not None:
        return replace(on, words=memory.words)
    if memory.at - memory.down_since < timedelta(seconds=rules.down_s):
        return None
    return TrunkAlarm(kind=AlarmKind.DOWN, since=memory.down_since, words=memory.words)


def _flapping(memory: TrunkMemory, rules: HealthRules) -> TrunkAlarm | None:
    on = memory.alarm(AlarmKind.FLAPPING)
    if on is not None:
        quiet_from = memory.at - timedelta(seconds=rules.quiet_s)
        return on if memory.changes and memory.changes[-1] > quiet_from else None
    window = memory.at - timedelta(seconds=rules.flap_window_s)
    if sum(at > window for at in memory.changes) < rules.flaps:
        return None
    return TrunkAlarm(kind=AlarmKind.FLAPPING, since=memory.at, words=trunkwords.FLAPPING)


def _silent(memory: TrunkMemory, evidence: Evidence) -> TrunkAlarm | None:
    on = memory.alarm(AlarmKind.SILENT)
    last = evidence.last_inbound_at
    if not evidence.is_open or memory.state is TrunkState.DOWN:
        return None
    if on is not None:
        return None if last is not None and last > on.since else on
    lull = evidence.lull
    if lull is None or (last is not None and last >= lull):
        return None
    return TrunkAlarm(kind=AlarmKind.SILENT, since=memory.at, words=trunkwords.SILENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCount:
    """The calls that came in during an hour, and for how much of it anybody was watching."""

    inbound: int
    watched_s: float


def lull_of(
    hours: Mapping[datetime, HourCount],
    at: datetime,
    *,
    zone: tzinfo,
    is_open: Callable[[datetime], bool],
    rules: HealthRules,
) -> datetime | None:
    """Return the start of the last whole hour if it had no call although it always has.

    `hours` are counts by the start of the hour (UTC). The same hour of the week, by the clock on
    the wall, counts for as many weeks as were watched and open, twelve at most.
    """
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - HOUR
    last = hours.get(hour)
    if not rules.silent or last is None or last.watched_s < WATCHED_S or last.inbound:
        return None
    since = hours.get(hour + HOUR)
    if since is not None and since.inbound:  # also one from before a restart
        return None
    if not (is_open(hour) and is_open(hour + HOUR - timedelta(seconds=1))):
        return None
    weeks = [
        count.inbound
        for week in same_hours(hour, zone)
        if (count := hours.get(week)) is not None and count.watched_s >= WATCHED_S and is_open(week)
    ]
    proven = len(weeks) >= rules.silent_weeks and min(weeks) >= rules.silent_calls
    return hour if proven else None


def same_hours(hour: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield the same hour of the weeks before, by the clock on the wall, as UTC."""
    local = hour.astimezone(zone)
    for week in range(1, LONGEST_WEEKS + 1):
        yield (local - timedelta(weeks=week)).astimezone(UTC)
