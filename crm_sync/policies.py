"""Which effects an event of a call has at a CRM. Pure: an event in, effects out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from crm_sync.policy import Moment, Policy
from gateway.core.events import (
    CallAmended,
    CallEnded,
    CallEvent,
    CallStarted,
    CallUpdated,
    LegAnswered,
    LegDialled,
)
from gateway.core.ids import effect_key
from gateway.core.ports import Effect
from gateway.core.record import CallRecord, CallState, Direction
from gateway.core.writing import EffectKind

ENDED: Final = EffectKind.ENDED.value
UPDATED: Final = EffectKind.UPDATED.value
# Facts that arrive so long after the end still amend the record (DESIGN section 3, Incomplete).
SETTLE: Final = timedelta(seconds=2)
SINCE_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What becomes known of a missed call later than this makes no task of it any more.
TASK_AMENDED: Final = timedelta(days=1)


def effects(event: CallEvent, *, connector: str, policy: Policy) -> tuple[Effect, ...]:
    """Return what `connector` has to be told because of `event`.

    The end of a call is one `call.ended`, due 2 s later, with a `task.missed` behind it where
    somebody has to call back. An amendment has the same key: stored by `crm_sync.intake.put` it
    replaces the record that still waits, or follows the one that was sent as `call.updated`. By
    policy `call.started` and `call.answered` go before. Merged and unwanted calls give nothing,
    but one that has begun in the CRM and is not wanted any more is ended there.
    """
    record = event.record
    if record.merged_into is not None:
        return ()
    if record.state is CallState.LIVE:
        return _live(event, connector, policy)
    if not isinstance(event, CallEnded | CallAmended):
        return ()
    ended_at = record.ended_at or event.at
    end = _effect(record, connector, EffectKind.ENDED, at=ended_at, due=ended_at + SETTLE)
    if not policy.wants(record):
        return (replace(end, only_if_begun=True),) if policy.when is not Moment.END else ()
    stale = isinstance(event, CallAmended) and event.at - ended_at > TASK_AMENDED
    if stale or not policy.wants_task(record):
        return (end,)
    due = ended_at + max(SETTLE, timedelta(seconds=policy.task.after_s))
    return end, _effect(record, connector, EffectKind.TASK, at=ended_at, due=due)


def due_by(effect: Effect, now: datetime) -> Effect:
    """Return `effect` due no later than if what it tells of had happened just now.

    Times are the PBX's: one whose clock is an hour ahead must not make its calls wait an hour.
    """
    latest = now + (effect.not_before - effect.occurred_at)
    return effect if effect.not_before <= latest else replace(effect, not_before=latest)


def follow_up(effect: Effect, *, ordinal: int) -> Effect:
    """Return `effect` as the `ordinal`-th correction of one that was sent already."""
    return replace(
        effect,
        key=effect_key(effect.record.id, effect.connector, UPDATED, ordinal),
        kind=UPDATED,
        ordinal=ordinal,
    )


def voided(record: CallRecord, connector: str) -> Effect:
    """Return the update that tells `connector` that a merged call does not count any more."""
    at = record.ended_at or record.started_at or SINCE_EVER
    return Effect(
        key=effect_key(record.id, connector, UPDATED, record.revision + 1),
        connector=connector,
        kind=UPDATED,
        ordinal=record.revision + 1,
        record=record,
        occurred_at=at,
        not_before=at,
    )


def contact_asked(record: CallRecord, connector: str, at: datetime) -> Effect:
    """Return what makes a contact of the caller because a person said so; once for each call."""
    return _effect(record, connector, EffectKind.CONTACT, at=at, due=at)


def all_effects(event: CallEvent, policies: Mapping[str, Policy]) -> tuple[Effect, ...]:
    """Return the effects of `event` on every connector of `policies`, by the connector's name."""
    return tuple(
        effect
        for connector, policy in policies.items()
        for effect in effects(event, connector=connector, policy=policy)
    )


def _live(event: CallEvent, connector: str, policy: Policy) -> tuple[Effect, ...]:
    """Return what is told while the call is up; a repeat of it has the key of the first."""
    record = event.record
    if policy.when is Moment.END or not policy.wants(record):
        return ()
    if _is_answer(event):
        return (_effect(record, connector, EffectKind.ANSWERED, at=event.at, due=event.at),)
    if policy.when is Moment.RING and _is_ring(event):
        return (_effect(record, connector, EffectKind.STARTED, at=event.at, due=event.at),)
    return ()


def _is_ring(event: CallEvent) -> bool:
    if isinstance(event, LegDialled):
        return event.record.answered_by is None
    # what we dial ourselves rings at no phone of ours
    outbound = event.record.direction is Direction.OUTBOUND
    begun = outbound and event.record.called.number is not None
    return begun and isinstance(event, CallStarted | CallUpdated)


def _is_answer(event: CallEvent) -> bool:
    if isinstance(event, LegAnswered):
        return True
    outbound = event.record.direction is Direction.OUTBOUND
    return outbound and event.record.answered_at is not None and isinstance(event, CallUpdated)


def _effect(
    record: CallRecord, connector: str, kind: EffectKind, *, at: datetime, due: datetime
) -> Effect:
    return Effect(
        key=effect_key(record.id, connector, kind.value, 0),
        connector=connector,
        kind=kind.value,
        ordinal=0,
        record=record,
        occurred_at=at,
        not_before=due,
    )
