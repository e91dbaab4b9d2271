"""Call records and clocks for tests of the CRM side."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.core.events import CallEnded
from gateway.core.ids import call_id, effect_key
from gateway.core.ports import Effect
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

MORNING = datetime(2026, 10, 3, 8, 30, 0, tzinfo=UTC)


class HandClock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.at = now
        self.seconds = 0.0

    def now(self) -> datetime:
        """Return the wall clock."""
        return self.at

    def monotonic(self) -> float:
        """Return the same time as seconds."""
        return self.seconds

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


def answered(root: str = "1795290244.12", **changes: object) -> CallRecord:
    """Return an inbound call from +39 06 12345678 that 1002 answered and talked on for 90.5 s."""
    record = CallRecord(
        id=call_id("hq", root),
        pbx="hq",
        linkedid=root,
        direction=Direction.INBOUND,
        state=CallState.ENDED,
        end=EndKind.SEEN,
        caller=Party(number="0612345678", e164="+390612345678", name="Studio Verdi"),
        called=Called(number="+390299991001", e164="+390299991001"),
        trunk="carrier",
        queue="support",
        rung=(("1001",), ("1002", "1003")),
        answered_by="1002",
        final_talker="1002",
        outcome=Outcome.ANSWERED,
        ended_by=EndedBy.CALLER,
        started_at=MORNING,
        answered_at=MORNING + timedelta(seconds=4),
        ended_at=MORNING + timedelta(seconds=94.5),
        seconds=Seconds(ring=4.0, wait=2.0, talk=90.5, hold=0.0),
    )
    return replace(record, **changes)  # type: ignore[arg-type]  # fields by name, as tests write


def missed(root: str = "1795290300.40", **changes: object) -> CallRecord:
    """Return an inbound call whose caller gave up after 21 s."""
    return answered(
        root,
        **{
            "answered_by": None,
            "final_talker": None,
            "outcome": Outcome.ABANDONED,
            "answered_at": None,
            "ended_at": MORNING + timedelta(seconds=21),
            "seconds": Seconds(ring=21.0, wait=21.0),
            **changes,
        },
    )


def ended(record: CallRecord) -> CallEnded:
    """Return the event that ends a call."""
    return CallEnded(at=record.ended_at or MORNING, record=record)


def effect(
    record: CallRecord, *, connector: str = "crm", kind: str = "call.ended", ordinal: int = 0
) -> Effect:
    """Return an effect that is due at the call's end."""
    at = record.ended_at or MORNING
    return Effect(
        key=effect_key(record.id, connector, kind, ordinal),
        connector=connector,
        kind=kind,
        ordinal=ordinal,
        record=record,
        occurred_at=at,
        not_before=at,
    )
