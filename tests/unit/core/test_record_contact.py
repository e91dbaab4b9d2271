"""A record with its contact, made the quick way, is what the slow way makes."""

from dataclasses import fields, replace
from datetime import UTC, datetime

from gateway.core.ids import call_id
from gateway.core.record import CallRecord, ContactRef, Direction, MatchKind, with_contact


def test_record_with_its_contact_keeps_everything_else() -> None:
    """A field added to the record must not get lost on the way to store and CRM."""
    record = CallRecord(
        id=call_id("hq", "1.1"),
        pbx="hq",
        linkedid="1.1",
        direction=Direction.INBOUND,
        queue="sales",
        rung=(("1001",),),
        started_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    contact = ContactRef(id="c1", ref=None, name="Rossi", match=MatchKind.EXACT)
    assert with_contact(record, contact) == replace(record, contact=contact)
    assert record.contact is None
    assert {one.name for one in fields(CallRecord)} == set(CallRecord.__slots__)
