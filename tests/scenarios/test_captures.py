"""Every recorded call comes out as the far ends saw it, however its bytes arrive."""

import pytest
from support.asterisk_lab.truth import differences
from support.recorded import (
    NAMES,
    PLAN,
    byte_by_byte,
    cut_anywhere,
    every_event_twice,
    recording,
    settings,
    truths,
)

from adapters.asterisk.replay import replay
from gateway.core.record import CallRecord

SHORT = ("in_answered_caller_hangs_up", "ivr_hangup", "q_no_agents", "pickup_directed")


def records(ami: bytes, idx: str | None) -> tuple[CallRecord, ...]:
    """Return the records of a recording, with the settings of a bare `replay`."""
    return replay(ami, idx, settings(), PLAN).records


def wrong(name: str, found: tuple[CallRecord, ...]) -> list[str]:
    """Return every difference between the records and the ground truth."""
    expected = truths(name)
    if len(found) != len(expected):
        return [f"{len(expected)} calls, {len(found)} records"]
    return [
        line
        for truth, record in zip(expected, found, strict=True)
        for line in differences(truth, record)
    ]


def test_the_project_holds_the_captures() -> None:
    """A missing folder must not make the tests below vanish."""
    assert len(NAMES) == 44


@pytest.mark.parametrize("name", NAMES)
def test_capture_equals_its_ground_truth(name: str) -> None:
    """The promise of the call model, field by field."""
    assert wrong(name, records(*recording(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_capture_with_every_event_twice_tells_the_same(name: str) -> None:
    """A redelivered event adds nothing: not a leg, not a transfer, not even a revision."""
    ami, idx = recording(name)
    assert records(*every_event_twice(ami, idx)) == records(ami, idx)


@pytest.mark.parametrize("name", NAMES)
def test_capture_cut_anywhere_tells_the_same(name: str) -> None:
    """TCP cuts where it likes."""
    ami, idx = recording(name)
    assert records(ami, cut_anywhere(idx, seed=len(ami))) == records(ami, idx)


@pytest.mark.parametrize("name", SHORT)
def test_capture_byte_by_byte_tells_the_same(name: str) -> None:
    """The slowest of all links."""
    ami, idx = recording(name)
    assert records(ami, byte_by_byte(idx)) == records(ami, idx)


@pytest.mark.parametrize("name", NAMES)
def test_capture_without_index_tells_everything_but_the_seconds(name: str) -> None:
    """Without times a recording still says who, how and with what outcome."""
    ami, idx = recording(name)
    timed, untimed = records(ami, idx), records(ami, None)
    assert {r.id: (r.rung, r.answered_by, r.outcome, r.ended_by) for r in untimed} == {
        r.id: (r.rung, r.answered_by, r.outcome, r.ended_by) for r in timed
    }
    for record in untimed:
        seconds = record.seconds
        assert (seconds.ring, seconds.wait, seconds.talk, seconds.hold, seconds.ivr) == (None,) * 5
        assert record.answered_at is None
        assert record.ended_at is None
