"""Which calls a CRM hears of, and as which effects. Pure: an event in, effects out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.core.events import CallAmended, CallEnded, CallEvent
from gateway.core.ids import effect_key
from gateway.core.ports import Effect
from gateway.core.record import CallRecord, CallState, Direction, MatchKind

ENDED: Final = "call.ended"
UPDATED: Final = "call.updated"
# Facts that arrive so long after the end still amend the record (DESIGN section 3, Incomplete).
SETTLE: Final = timedelta(seconds=2)
SINCE_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(StrEnum):
    """When a call is written."""

    END = "end"


class Interest(StrEnum):
    """Whose calls are written: everybody's, or only those of people the directory knows."""

    ALL = "all"
    KNOWN = "known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The `policy` of one `[[crm]]` table. Internal calls are written only if it names them."""

    directions: frozenset[Direction] = frozenset({Direction.INBOUND, Direction.OUTBOUND})
    interest: Interest = Interest.ALL
    when: Moment = Moment.END

    def wants(self, record: CallRecord) -> bool:
        """Return whether the CRM hears of this call at all."""
        if record.direction not in self.directions:
            return False
        known = record.contact is not None and record.contact.match is not MatchKind.NONE
        return known or self.interest is Interest.ALL


def effects(event: CallEvent, *, connector: str, policy: Policy) -> tuple[Effect, ...]:
    """Return what `connector` has to be told because of `event`.

    The end of a call is one `call.ended`, due 2 s later. An amendment has the same key: stored by
    `crm_sync.intake.put` it replaces the record that still waits, or follows the one that was sent
    as `call.updated`. Live, merged and unwanted calls give nothing.
    """
    record = event.record
    if not isinstance(event, CallEnded | CallAmended) or record.state is not CallState.ENDED:
        return ()
    if record.merged_into is not None or not policy.wants(record):
        return ()
    ended_at = record.ended_at or event.at
    return (
        Effect(
            key=effect_key(record.id, connector, ENDED, 0),
            connector=connector,
            kind=ENDED,
            ordinal=0,
            record=record,
            occurred_at=ended_at,
            not_before=ended_at + SETTLE,
        ),
    )


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


def all_effects(event: CallEvent, policies: Mapping[str, Policy]) -> tuple[Effect, ...]:
    """Return the effects of `event` on every connector of `policies`, by the connector's name."""
    return tuple(
        effect
        for connector, policy in policies.items()
        for effect in effects(event, connector=connector, policy=policy)
    )
