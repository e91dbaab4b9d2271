"""What a call found in the PBX's own history adds to the record that we have of it."""

from dataclasses import fields, replace
from typing import Final

from gateway.core.record import (
    CallRecord,
    CallState,
    EndKind,
    Outcome,
    Party,
    Presentation,
    Seconds,
)

_FILLED = (
    "trunk",
    "line",
    "queue",
    "answered_by",
    "final_talker",
    "outcome",
    "ended_by",
    "started_at",
    "answered_at",
    "ended_at",
    "contact",
)


# CEL tables may hold whole seconds only.
_ROUNDED_S: Final = 2.0


def recovered(
    stored: CallRecord | None, found: CallRecord, *, doubted: bool = False
) -> CallRecord | None:
    """Return the record to store, None if what we have is as good.

    A complete find replaces what we saw in part; another only fills in what is unknown. What people
    said of the call, and who they are, stays. A complete record is never touched, unless it is
    `doubted`, for nobody looked during a part of the call: then a complete find that tells of more
    people, hand-overs or waiting adds these.
    """
    if found.state is not CallState.ENDED:
        return None
    if stored is None:
        return found
    over = stored.state is CallState.ENDED
    if stored.merged_into is not None:
        return None
    if over and stored.complete:
        if not (doubted and found.complete and _tells_more(stored, found)):
            return None
        better = (
            _replaced(stored, found) if found.merged_into is not None else _added(stored, found)
        )
    else:
        better = _replaced(stored, found) if found.complete else _filled(stored, found)
    better = replace(
        better,
        end=EndKind.SEEN if stored.end is EndKind.SEEN else EndKind.BACKFILLED,
        revision=stored.revision,
        sources=tuple(dict.fromkeys((*stored.sources, *found.sources))),
    )
    if replace(better, sources=stored.sources, end=stored.end) == stored:
        return None
    return replace(better, revision=stored.revision + 1)


def lost(live: CallRecord) -> CallRecord:
    """Return the record of a call whose end not even the PBX's history tells: it was cut off.

    Who answered stays known; when it ended does not.
    """
    return replace(
        live,
        state=CallState.ENDED,
        end=EndKind.BACKFILLED,
        complete=False,
        outcome=live.outcome if live.outcome in {Outcome.ANSWERED, Outcome.VOICEMAIL} else None,
        ended_by=None,
        ended_at=None,
        seconds=replace(live.seconds, talk=None, hold=None, ring=_ring(live)),
    )


def _ring(live: CallRecord) -> float | None:
    return live.seconds.ring if live.answered_at is not None else None


def _replaced(stored: CallRecord, found: CallRecord) -> CallRecord:
    caller = found.caller
    if stored.caller.presentation is Presentation.WITHHELD:
        caller = stored.caller  # which only AMI tells
    return replace(
        found,
        caller=caller,
        line=found.line or stored.line,
        contact=stored.contact or found.contact,
        recordings=found.recordings or stored.recordings,
        wrap_ups=stored.wrap_ups,
    )


def _tells_more(stored: CallRecord, found: CallRecord) -> bool:
    if found.merged_into is not None or len(found.transfers) > len(stored.transfers):
        return True
    if _legs(found) > _legs(stored):
        return True
    held, known = found.seconds.hold, stored.seconds.hold
    return held is not None and known is not None and held - known > _ROUNDED_S


def _legs(record: CallRecord) -> int:
    return sum(len(stage) for stage in record.rung)


def _added(stored: CallRecord, found: CallRecord) -> CallRecord:
    """Add what happened unseen; the times that were seen are finer than those of any table."""
    hold = stored.seconds.hold if found.seconds.hold is None else found.seconds.hold
    return replace(
        stored,
        queue=found.queue,
        ivr=found.ivr,
        rung=found.rung,
        transfers=found.transfers,
        final_talker=found.final_talker,
        seconds=replace(stored.seconds, hold=hold),
    )


def _filled(stored: CallRecord, found: CallRecord) -> CallRecord:
    known = {
        name: getattr(stored, name) if getattr(stored, name) is not None else getattr(found, name)
        for name in _FILLED
    }
    return replace(
        stored,
        state=CallState.ENDED,
        complete=False,
        caller=_party(stored.caller, found.caller),
        called=stored.called if stored.called.number else found.called,
        seconds=Seconds(
            **{
                one.name: getattr(stored.seconds, one.name)
                if getattr(stored.seconds, one.name) is not None
                else getattr(found.seconds, one.name)
                for one in fields(Seconds)
            }
        ),
        rung=stored.rung or found.rung,
        transfers=stored.transfers or found.transfers,
        ivr=stored.ivr or found.ivr,
        recordings=stored.recordings or found.recordings,
        **known,
    )


def _party(stored: Party, found: Party) -> Party:
    return stored if stored.number is not None else found
