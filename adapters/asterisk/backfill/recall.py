"""From the CEL rows of calls that belong together to their records, by the call table itself."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.asterisk.backfill.cel import CelTelling
from adapters.asterisk.backfill.rows import CelRow
from adapters.asterisk.naming import Naming
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.events import CallEvent
from gateway.core.ids import CallId, call_id
from gateway.core.inputs import Tick
from gateway.core.numbers import NumberPlan
from gateway.core.ports import Recalled
from gateway.core.record import CallRecord, CallState, EndKind
from gateway.core.table import CallTable

SOURCE: Final = "cel"
_SETTLED: Final = timedelta(seconds=10)


def recall(
    settings: AsteriskSettings,
    naming: Naming,
    plan: NumberPlan,
    rows: Sequence[CelRow],
    *,
    hold_told: bool,
) -> tuple[Recalled, ...]:
    """Return the calls that `rows` tell of, merged ones too; unfinished ones are live.

    `hold_told`: the PBX logs music (STREAM_BEGIN), without which nobody knows who was on hold.
    """
    if not rows:
        return ()
    table = CallTable(settings.name, plan)
    found: dict[CallId, CallRecord] = {}
    for told in CelTelling(settings, naming, rows).inputs():
        for output in table.apply(told):
            if isinstance(output, CallEvent):
                found[output.record.id] = output.record
    live = {record.id: record for record in table.live()}
    for output in table.apply(Tick(at=max(row.at for row in rows) + _SETTLED)):
        if isinstance(output, CallEvent):
            found[output.record.id] = output.record
    found |= live
    return tuple(
        Recalled(
            record=_marked(record, hold_told=hold_told),
            channels=_channels(settings.name, record.id, rows, found),
        )
        for record in found.values()
    )


def _marked(record: CallRecord, *, hold_told: bool) -> CallRecord:
    """Say where the record comes from, and take out what such a source cannot tell."""
    ended = record.state is CallState.ENDED
    seconds = record.seconds
    if not hold_told and record.answered_by is not None:
        seconds = replace(seconds, hold=None)
    return replace(
        record,
        end=EndKind.BACKFILLED if ended else None,
        sources=(SOURCE,),
        revision=0,
        seconds=seconds,
    )


def _channels(
    pbx: str, call: CallId, rows: Iterable[CelRow], found: dict[CallId, CallRecord]
) -> tuple[str, ...]:
    """Return the channels of a call: those that ended under its linkedid."""
    last = {row.uniqueid: row.linkedid for row in rows if row.uniqueid}
    kept: list[str] = []
    for uid, linkedid in last.items():
        owner = call_id(pbx, linkedid)
        record = found.get(owner)
        if (record.merged_into or record.id if record is not None else owner) == call:
            kept.append(uid)
    return tuple(kept)
