"""Which calls are our own mystery calls: no CRM, list or figure may ever see them.

The outgoing one bears a channel id of ours. The one that arrives is known by the number called, the
number shown as caller, and the time; a run takes one call and no more. Anything else is a customer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gateway.core.ids import CallId
from gateway.core.mystery import CHANNEL_PREFIX
from gateway.core.record import CallRecord, Direction

# The reader's clock and the PBX's may differ a little; a call takes some time to reach us.
SLACK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMark:
    """How the calls of one run are known; `called` and `caller` are E.164.

    `closes_at` is None while the run may still bring a call; `arrived` is the call it brought.
    `left`: an earlier process died in it, so that of a call met in its middle the caller is enough.
    """

    run: UUID
    called: str
    caller: str
    opens_at: datetime
    closes_at: datetime | None = None
    arrived: CallId | None = None
    left: bool = False


def is_placed(record: CallRecord) -> bool:
    """Whether a call was placed by us for a test: its first channel bears an id of ours."""
    return record.linkedid.startswith(CHANNEL_PREFIX)


def is_mystery(record: CallRecord, marks: Iterable[RunMark]) -> bool:
    """Whether a call is one of ours, placed or arrived."""
    return is_placed(record) or mark_of(record, marks) is not None


def mark_of(record: CallRecord, marks: Iterable[RunMark]) -> RunMark | None:
    """Return the run that brought this call to us, None for everybody else's calls."""
    for mark in marks:
        if mark.arrived == record.id:
            return mark
        if mark.arrived is None and _fits(record, mark):
            return mark
    return None


def _fits(record: CallRecord, mark: RunMark) -> bool:
    began = record.started_at
    return (
        record.direction is Direction.INBOUND
        and began is not None
        and (record.called.e164 == mark.called or (mark.left and not record.complete))
        and record.caller.e164 == mark.caller
        and mark.opens_at - SLACK <= began
        and (mark.closes_at is None or began <= mark.closes_at + SLACK)
    )
