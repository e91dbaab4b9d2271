"""From an effect to how it is written: the policy of its CRM at the moment of delivery.

What depends on the store is asked there just before the effect is sent: whether the CRM has the
call already, and whether somebody still has to call back.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from crm_sync.connectors.parties import known_number
from crm_sync.policy import Moment, Policy
from crm_sync.wording import Wording
from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.ports import Effect
from gateway.core.record import CallRecord
from gateway.core.writing import CORRECTIONS, Assignee, Creation, EffectKind, TaskPlan, WritePlan
from gateway.store.begun import Earlier, earlier
from gateway.store.database import Connection
from gateway.store.effects import EffectState
from gateway.store.outbox import Leased
from gateway.store.reached import Settled, settled

# A task that could not be made for so long would send somebody to call for nothing.
TASK_LIFE: Final = timedelta(days=7)
_PASSING: Final = frozenset({EffectKind.STARTED, EffectKind.ANSWERED})
_OVERTAKEN: Final = "The CRM has a later state of this call already."
_OLD: Final = "The missed call is too long ago for a task."
_CAUSES: Final = MappingProxyType(
    {
        Settled.MERGED: "The call is part of another one.",
        Settled.ANSWERED: "The call was answered after all.",
        Settled.TALKED: "The customer was reached meanwhile.",
    }
)


class OwnNumber(Protocol):
    """Tells our numbers: the name of the line, None for a stranger's."""

    def __call__(self, e164: str, /) -> str | None:
        """Return a name, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What to write, and when the CRM last confirmed something of this call."""

    record: CallRecord
    plan: WritePlan
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwanted:
    """There is no reason for the effect any more."""

    cause: str


class Plans(Protocol):
    """What decides how, and whether, an effect is written just before it is sent."""

    def asks_store(self, effect: Effect) -> bool:
        """Return whether the plan depends on what became of other effects and calls."""

    def plan_with_store(
        self, conn: Connection, leased: Leased, *, now: datetime
    ) -> Planned | Unwanted:
        """Return how to write an effect, or why not any more."""

    def plan(self, effect: Effect) -> Planned | Unwanted | None:
        """Return the same without the store, if it is not needed; None for the plainest plan."""


class Planner:
    """Plans the effects of one CRM."""

    def __init__(
        self,
        policy: Policy,
        wording: Wording,
        *,
        own: OwnNumber,
        zone: ZoneInfo,
        calendars: CalendarBook = NO_CALENDARS,
    ) -> None:
        self.policy: Final = policy
        self._wording = wording
        self._own = own
        self._zone = zone
        self._calendars = calendars

    def asks_store(self, effect: Effect) -> bool:
        """Return whether the plan depends on what became of other effects and calls."""
        return effect.kind != EffectKind.ENDED or self.policy.when is not Moment.END

    def plan_with_store(
        self, conn: Connection, leased: Leased, *, now: datetime
    ) -> Planned | Unwanted:
        """Return how to write an effect, or why not any more."""
        effect = leased.effect
        if effect.kind == EffectKind.TASK:
            # one that may be there already is confirmed, not forgotten
            cause = None if leased.last_ambiguous else _no_reason(conn, effect, now)
            return self.plan(effect) if cause is None else Unwanted(cause=cause)
        before = earlier(conn, effect)
        if effect.kind in _PASSING and any(one.overtakes for one in before):
            return Unwanted(cause=_OVERTAKEN)
        return self.plan(effect, before)

    def plan(self, effect: Effect, before: tuple[Earlier, ...] = ()) -> Planned:
        """Return how to write an effect of which `before` went out on the same record."""
        policy, kind = self.policy, EffectKind(effect.kind)
        record = policy.dressed(effect.record)
        if kind is EffectKind.TASK:
            return Planned(record=record, plan=self._task(record, effect.occurred_at))
        done = [one for one in before if one.state is EffectState.DELIVERED]
        plan = WritePlan(
            kind=kind,
            follows=bool(before) or kind in CORRECTIONS,
            creates_record=not done and record.merged_into is None,
            record_id=next((one.external_id for one in reversed(done) if one.external_id), None),
            assignee=policy.assignee(record),
            title=self._wording.title(record, effect.occurred_at),
            note=self._wording.note(record, effect.occurred_at),
            disposition=self._disposition(effect.record),
            recording_url=record.recordings[0].url if record.recordings else None,
            links=policy.links,
            creates=self._creates(record, kind),
        )
        written_at = max((one.settled_at for one in done if one.settled_at), default=None)
        return Planned(record=record, plan=plan, written_at=written_at)

    def task_title(self, record: CallRecord) -> str:
        """Return the title of the task that a missed call becomes."""
        return self._wording.task_title(self.policy.dressed(record))

    def _task(self, record: CallRecord, at: datetime) -> WritePlan:
        policy = self.policy
        return WritePlan(
            kind=EffectKind.TASK,
            assignee=Assignee(extension=policy.task.otherwise, owner_first=True),
            links=policy.links,
            task=TaskPlan(
                title=self._wording.task_title(record),
                note=self._wording.task_note(record),
                due_on=self._due_on(record, at),
            ),
        )

    def _due_on(self, record: CallRecord, at: datetime) -> date:
        """Return the day: where somebody said when it is open, one on which somebody is there."""
        calendar = self._calendars.of_call(record)
        days = self.policy.task.due_days
        if calendar is None:
            return at.astimezone(self._zone).date() + timedelta(days=days)
        return calendar.open_day(at, days=days)

    def _creates(self, record: CallRecord, kind: EffectKind) -> Creation | None:
        if kind is EffectKind.UPDATED:
            return None
        number = known_number(record)
        if number is None or self._own(number) is not None:
            return None
        return self.policy.creates(record, asked=kind is EffectKind.CONTACT)

    def _disposition(self, record: CallRecord) -> str | None:
        said = [one.disposition for one in record.wrap_ups if one.disposition]
        return self.policy.dispositions.get(said[-1]) if said else None


def _no_reason(conn: Connection, effect: Effect, now: datetime) -> str | None:
    if now - effect.occurred_at > TASK_LIFE:
        return _OLD
    reason = settled(conn, effect.record)
    return None if reason is None else _CAUSES[reason]
