"""All that is kept of one trunk while the gateway runs: its reading, its memory, its figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from gateway.core.trunks import (
    ContactStatus,
    HealthRules,
    TrunkAlarm,
    TrunkFailure,
    TrunkKind,
    TrunkReading,
    TrunkRef,
)
from gateway.core.trunkwatch import (
    LONGEST_WEEKS,
    Evidence,
    HourCount,
    TrunkMemory,
    assessed,
    lull_of,
    next_look,
)
from gateway.desk.trunks import TrunkView
from gateway.runtime.trunk_tally import Count
from gateway.store.trunk_points import TrunkPoint, begin_of

# A trunk that the store knows is not called unknown before the PBX had time to tell.
GRACE: Final = timedelta(seconds=30)
LONGEST_STEP: Final = timedelta(seconds=120)
MOST_HOURS: Final = (LONGEST_WEEKS + 1) * 7 * 24


@dataclass(slots=True, kw_only=True)
class Restored:
    """What the store knew of a trunk at the start."""

    memory: TrunkMemory
    hours: Mapping[datetime, HourCount] = field(default_factory=dict)
    last_call_at: datetime | None = None
    peak_today: int = 0
    test_alarm: TrunkAlarm | None = None


class TrunkFile:
    """One trunk; `count` is where its calls are counted, `is_open` what its calendar says."""

    def __init__(
        self,
        ref: TrunkRef,
        rules: HealthRules,
        count: Count,
        restored: Restored,
        *,
        zone: tzinfo,
        is_open: Callable[[datetime], bool],
        at: datetime,
    ) -> None:
        self.ref = ref
        self.rules = rules
        self.count = count
        self.kind = TrunkKind.ASTERISK
        self.reading: TrunkReading | None = None
        self.memory = restored.memory
        self.test_alarm = restored.test_alarm
        self._hours = dict(restored.hours)
        self._last_call_at = restored.last_call_at
        self._zone = zone
        self._is_open = is_open
        self.opened_at = self._seen_at = at
        self._peak = restored.peak_today
        self._peak_on = self._day(at)
        self._begin = begin_of(at)
        self._watched_s = 0.0
        self._rtts: list[float] = []

    @property
    def alarms(self) -> tuple[TrunkAlarm, ...]:
        """What is wrong with it, its tests included."""
        return self.memory.alarms + ((self.test_alarm,) if self.test_alarm else ())

    def hear(self, reading: TrunkReading) -> None:
        """Take what the monitor tells."""
        self.reading, self.kind = reading, reading.kind
        rtts = [
            one.rtt_ms
            for one in reading.contacts
            if one.status is ContactStatus.REACHABLE and one.rtt_ms is not None
        ]
        if rtts and reading.blind is None:
            self._rtts.append(max(rtts))

    def look(self, at: datetime, *, followed: bool) -> TrunkMemory:
        """Judge it anew and return what was thought before; `followed`: its calls are seen."""
        if followed:
            step = min(max(at - self._seen_at, timedelta(0)), LONGEST_STEP)
            self._watched_s += step.total_seconds()
        self._seen_at = at
        before = self.memory
        if self.reading is not None or at - self.opened_at >= GRACE:
            self.memory = assessed(before, self._evidence(at), self.rules)
        return before

    def due(self) -> datetime | None:
        """Return when it must be looked at again although nothing happens."""
        return next_look(self.memory, self.rules)

    def take_point(self, at: datetime, *, whole: bool) -> TrunkPoint | None:
        """Return the figures of the five minutes that are over (`whole`: or still run)."""
        begin = begin_of(at)
        if begin == self._begin and not whole:
            return None
        counted, rtts = self.count.taken(), self._rtts
        point = TrunkPoint(
            at=self._begin,
            watched_s=self._watched_s,
            calls=counted.calls,
            inbound=counted.inbound,
            failed=counted.failed,
            channels=counted.most,
            rtt_ms=sum(rtts) / len(rtts) if rtts else None,
            last_call_at=self.count.last_call_at if counted.calls else None,
        )
        self._begin, self._watched_s, self._rtts = begin, 0.0, []
        self._learn(point)
        return point

    def view(self, at: datetime) -> TrunkView:
        """Return what people see."""
        reading = self.reading
        if self._day(at) != self._peak_on:
            self._peak, self._peak_on = 0, self._day(at)
        self._peak = max(self._peak, self.count.most)
        return TrunkView(
            ref=self.ref,
            kind=self.kind,
            state=self.memory.state,
            since=self.memory.since,
            words=self.memory.words,
            registration=reading.registration if reading is not None else None,
            contacts=reading.contacts if reading is not None else (),
            channels=self.count.now,
            peak_today=self._peak,
            limit=self.rules.channels,
            last_call_at=self.count.last_call_at or self._last_call_at,
            failure=_latest(reading.failure if reading is not None else None, self.count.failure),
            alarms=self.alarms,
        )

    def _evidence(self, at: datetime) -> Evidence:
        lull = lull_of(self._hours, at, zone=self._zone, is_open=self._is_open, rules=self.rules)
        return Evidence(
            at=at,
            reading=self.reading,
            channels=self.count.now,
            lull=lull,
            is_open=self._is_open(at),
            last_inbound_at=self.count.last_inbound_at,
        )

    def _learn(self, point: TrunkPoint) -> None:
        hour = point.at.replace(minute=0, second=0, microsecond=0)
        known = self._hours.get(hour, HourCount(inbound=0, watched_s=0.0))
        self._hours[hour] = replace(
            known,
            inbound=known.inbound + point.inbound,
            watched_s=known.watched_s + point.watched_s,
        )
        if len(self._hours) > MOST_HOURS:
            del self._hours[min(self._hours)]

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()


def _latest(one: TrunkFailure | None, other: TrunkFailure | None) -> TrunkFailure | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda failure: failure.at)
