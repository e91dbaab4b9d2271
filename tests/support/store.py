"""Call records and effects for the store's tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.core.ids import call_id, effect_key
from gateway.core.ports import Effect
from gateway.core.record import Called, CallRecord, CallState, Direction, EndKind, Outcome, Party

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
CUSTOMER = "+390612345678"


def after(seconds: float) -> datetime:
    """Return so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def a_call(number: int = 1, *, pbx: str = "hq", **changes: object) -> CallRecord:
    """Return a live inbound call that rings 1001, then 1002 and 1003; it began `number` s ago."""
    root = f"1795290244.{number}"
    plain = CallRecord(
        id=call_id(pbx, root),
        pbx=pbx,
        linkedid=root,
        direction=Direction.INBOUND,
        caller=Party(number="0612345678", e164=CUSTOMER, name="Studio Verdi"),
        called=Called(number="+390299991001", e164="+390299991001"),
        queue="support",
        rung=(("1001",), ("1002", "1003")),
        started_at=after(number),
    )
    return replace(plain, **changes)  # type: ignore[arg-type] # the tests name real fields


def an_ended_call(number: int = 1, *, pbx: str = "hq", **changes: object) -> CallRecord:
    """Return the same call, answered by 1002 and over."""
    ended: dict[str, object] = {
        "state": CallState.ENDED,
        "end": EndKind.SEEN,
        "outcome": Outcome.ANSWERED,
        "answered_by": "1002",
        "final_talker": "1002",
        "answered_at": after(number + 9),
        "ended_at": after(number + 90),
    }
    return a_call(number, pbx=pbx, **(ended | changes))


def an_effect(
    record: CallRecord,
    *,
    connector: str = "odoo",
    kind: str = "call.ended",
    ordinal: int = 0,
    not_before: datetime = NOON,
) -> Effect:
    """Return what a call's end does at a CRM, due at noon."""
    return Effect(
        key=effect_key(record.id, connector, kind, ordinal),
        connector=connector,
        kind=kind,
        ordinal=ordinal,
        record=record,
        occurred_at=NOON,
        not_before=not_before,
    )
