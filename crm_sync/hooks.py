"""Webhooks that administrators register over the API: which events, and under which names."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from crm_sync.planning import Planned, Unwanted
from crm_sync.policy import Moment, Policy
from gateway.core.ids import EffectKey, call_id
from gateway.core.notices import NoticeKind
from gateway.core.ports import CrmWriter, Effect, Receipt
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    Direction,
    EndedBy,
    EndKind,
    Outcome,
    Party,
    Seconds,
)
from gateway.core.writing import EffectKind, WritePlan
from gateway.store.database import Connection
from gateway.store.outbox import Leased

TEST: Final = "webhook.test"
_UNWANTED: Final = "This webhook is not registered for events of this type."


class HookEvent(StrEnum):
    """What a webhook may be registered for."""

    STARTED = "call.started"
    ANSWERED = "call.answered"
    ENDED = "call.ended"
    UPDATED = "call.updated"
    MERGED = "call.merged"
    MISSED = NoticeKind.MISSED.value
    PROMISE = NoticeKind.PROMISE.value
    TRUNK = NoticeKind.TRUNK.value


CALLS: Final = frozenset(HookEvent) - {kind.value for kind in NoticeKind}


def event_of(kind: str, record: CallRecord) -> str:
    """Return the type under which an effect is posted: one that voids a call says so."""
    voids = kind == EffectKind.UPDATED and record.merged_into is not None
    return HookEvent.MERGED.value if voids else kind


def policy_for(types: Collection[str]) -> Policy:
    """Return which calls and moments have to go into the outbox for these types."""
    if not CALLS & frozenset(types):
        return Policy(directions=frozenset())
    if HookEvent.STARTED in types:
        return Policy(when=Moment.RING)
    return Policy(when=Moment.ANSWER if HookEvent.ANSWERED in types else Moment.END)


class HookPlans:
    """Drops what a webhook is not registered for; a call is posted without a plan."""

    def __init__(self, types: Collection[str]) -> None:
        self._types = frozenset(types)

    def asks_store(self, effect: Effect) -> bool:  # noqa: ARG002
        """Return False: only the effect itself counts."""
        return False

    def plan_with_store(
        self,
        conn: Connection,  # noqa: ARG002
        leased: Leased,
        *,
        now: datetime,  # noqa: ARG002
    ) -> Planned | Unwanted:
        """Return the same as `plan`."""
        return self.plan(leased.effect) or Planned(record=leased.effect.record, plan=WritePlan())

    def plan(self, effect: Effect) -> Planned | Unwanted | None:
        """Return that an effect is not wanted, None for a call to be posted as it is."""
        if event_of(effect.kind, effect.record) not in self._types:
            return Unwanted(cause=_UNWANTED)
        if effect.notice is None:
            return None
        return Planned(record=effect.record, plan=WritePlan(notice=effect.notice))


class HookWriter:
    """Posts through a webhook connector under the names of `HookEvent`."""

    def __init__(self, inner: CrmWriter) -> None:
        self._inner = inner

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,
        kind: str,
        occurred_at: datetime,
        plan: WritePlan | None = None,
    ) -> Receipt:
        """Post one event; raises what the connector raises."""
        return await self._inner.write(
            record,
            idempotency_key=idempotency_key,
            kind=event_of(kind, record),
            occurred_at=occurred_at,
            plan=plan,
        )

    async def find_written(self, *, idempotency_key: EffectKey) -> Receipt | None:
        """Return None: a receiver cannot be asked."""
        return await self._inner.find_written(idempotency_key=idempotency_key)

    async def probe(self) -> str:
        """Ask the address what it accepts."""
        return await self._inner.probe()


def example(now: datetime) -> CallRecord:
    """Return the call that a test posts: nobody's, with every member that receivers look at."""
    ended = now.astimezone(UTC).replace(microsecond=0)
    root = "0000000000.0"
    started = ended - timedelta(seconds=75)
    plain = CallRecord(
        id=call_id("example", root),
        pbx="example",
        linkedid=root,
        direction=Direction.INBOUND,
        caller=Party(number="+390600000000", e164="+390600000000", name="Example"),
        called=Called(number="+390600000001", e164="+390600000001"),
        rung=(("1001",),),
        started_at=started,
    )
    return replace(
        plain,
        state=CallState.ENDED,
        end=EndKind.SEEN,
        outcome=Outcome.ANSWERED,
        ended_by=EndedBy.CALLER,
        answered_by="1001",
        final_talker="1001",
        answered_at=started + timedelta(seconds=5),
        ended_at=ended,
        seconds=Seconds(ring=5.0, talk=70.0, hold=0.0),
    )
