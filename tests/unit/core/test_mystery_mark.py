"""A customer who calls at the same moment is never taken for a mystery call."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gateway.core.ids import CallId
from gateway.core.mystery_mark import RunMark, is_mystery, is_placed, mark_of
from gateway.core.record import Called, CallRecord, Direction, Party, Presentation

T0 = datetime(2026, 11, 22, 9, tzinfo=UTC)
OURS, CALLED = "+390299990000", "+390299993000"
MARK = RunMark(run=UUID(int=1), called=CALLED, caller=OURS, opens_at=T0)
TEST = CallRecord(
    id=CallId(UUID(int=7)),
    pbx="hq",
    linkedid="1795345986.1",
    direction=Direction.INBOUND,
    caller=Party(number=OURS, e164=OURS),
    called=Called(number=CALLED, e164=CALLED),
    started_at=T0 + timedelta(seconds=1),
)
ALMOST = {
    "another caller": replace(TEST, caller=Party(number="+393331234567", e164="+393331234567")),
    "a withheld caller": replace(
        TEST, caller=Party(number="anonymous", presentation=Presentation.WITHHELD)
    ),
    "another of our numbers": replace(TEST, called=Called(number="1", e164="+390299993001")),
    "before the run": replace(TEST, started_at=T0 - timedelta(seconds=30)),
    "an outbound call": replace(TEST, direction=Direction.OUTBOUND),
    "a call whose begin nobody knows": replace(TEST, started_at=None),
}


def test_call_that_we_placed_is_known_by_its_channel_alone() -> None:
    """Also years later, from the PBX's own history."""
    assert is_placed(replace(TEST, linkedid="fdtest-1795345986.1"))
    assert not is_placed(replace(TEST, linkedid="fd-1795345986.1"))
    assert is_mystery(replace(TEST, linkedid="fdtest-1795345986.1"), ())


def test_call_with_both_our_numbers_while_a_run_is_open_is_the_tests() -> None:
    """Both numbers are ours: no customer can have them."""
    assert mark_of(TEST, [MARK]) is MARK


@pytest.mark.parametrize("who", sorted(ALMOST))
def test_anybody_else_at_the_same_moment_is_a_customer(who: str) -> None:
    """A customer taken for a test would be called back by nobody."""
    assert not is_mystery(ALMOST[who], [MARK])


def test_run_takes_one_call_and_no_more() -> None:
    """A colleague may call in from outside with the same number shown."""
    taken = replace(MARK, arrived=TEST.id)
    assert mark_of(TEST, [taken]) is taken
    assert mark_of(replace(TEST, id=CallId(UUID(int=8))), [taken]) is None


def test_run_that_is_over_takes_nothing_new() -> None:
    """Its own call is known by its id for as long as the run is kept."""
    over = replace(MARK, closes_at=T0 + timedelta(seconds=10))
    late = replace(TEST, started_at=T0 + timedelta(seconds=20))
    assert mark_of(late, [over]) is None
    assert mark_of(late, [replace(over, arrived=late.id)]) is not None


def test_call_met_in_its_middle_after_a_crash_is_known_by_its_caller() -> None:
    """The dialplan has moved on: what the snapshot shows as called is a queue."""
    left = replace(MARK, left=True, closes_at=T0 + timedelta(seconds=10))
    met = replace(TEST, called=Called(number="2001"), complete=False)
    assert mark_of(met, [left]) is left
    assert mark_of(replace(met, complete=True), [left]) is None
    assert mark_of(replace(met, caller=ALMOST["another caller"].caller), [left]) is None
