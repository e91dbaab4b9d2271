"""A record with its contact, made the quick way, is what the slow way makes."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime

import pytest

from gateway.core.events import CallEnded, CallEvent, CallMerged, LegDialled
from gateway.core.ids import call_id
from gateway.core.record import (
    CallRecord,
    ContactRef,
    Direction,
    MatchKind,
    with_contact,
    with_line,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
RECORD = CallRecord(
    id=call_id("hq", "1.1"),
    pbx="hq",
    linkedid="1.1",
    direction=Direction.INBOUND,
    queue="sales",
    rung=(("1001",),),
    started_at=NOW,
)
ROSSI = ContactRef(id="c1", ref=None, name="Rossi", match=MatchKind.EXACT)


def test_record_with_its_contact_keeps_everything_else() -> None:
    """A field added to the record must not get lost on the way to store and CRM."""
    assert with_contact(RECORD, ROSSI) == replace(RECORD, contact=ROSSI)
    assert hash(with_contact(RECORD, ROSSI)) == hash(replace(RECORD, contact=ROSSI))
    assert RECORD.contact is None


def test_record_with_its_line_keeps_everything_else() -> None:
    """It is named before the contact is known, and for the same events."""
    assert with_line(RECORD, "Vendite") == replace(RECORD, line="Vendite")
    assert RECORD.line is None


@pytest.mark.parametrize(
    "event",
    [
        CallEnded(at=NOW, record=RECORD),
        LegDialled(at=NOW, record=RECORD, extension="1001", ring_no=2),
        CallMerged(at=NOW, record=RECORD, into=call_id("hq", "1.2")),
    ],
)
def test_event_with_more_in_its_record_keeps_everything_else(event: CallEvent) -> None:
    """What an event says beside its record must not get lost on the way either."""
    named = with_contact(RECORD, ROSSI)
    assert event.with_record(named) == replace(event, record=named)
    assert type(event.with_record(named)) is type(event)
    assert event.record is RECORD


def test_every_field_of_a_record_has_its_slot() -> None:
    """What is copied slot by slot is all there is."""
    assert {one.name for one in fields(CallRecord)} == set(CallRecord.__slots__)


def test_record_made_the_quick_way_is_as_frozen_as_any_other() -> None:
    """Whoever is handed a record may keep it: nobody changes it behind their back."""
    record = with_contact(RECORD, ROSSI)
    assert type(record) is CallRecord
    with pytest.raises(FrozenInstanceError):
        record.queue = "support"  # type: ignore[misc]  # that is what is refused
    with pytest.raises(FrozenInstanceError):
        del record.queue
    assert record.queue == "sales"
