"""A line that delivers events again, or late: the final record is the one of a good line."""

from dataclasses import astuple, replace

import pytest
from support.maltreated import follow, heard, out_of_order, told_again
from support.recorded import NAMES, OWN_NAMES, same_call

from gateway.core.record import CallRecord, CallState, Seconds

SEEDS = range(4)
# In a call of a second nothing but its order tells what happened: so few streams may differ.
DOUBTFUL_SHARE = 0.02
STREAMS = {name: heard(name) for name in (*NAMES, *OWN_NAMES)}


@pytest.mark.parametrize("name", [*NAMES, *OWN_NAMES])
def test_event_delivered_again_within_two_seconds_changes_nothing(name: str) -> None:
    """Not even a second: the same bytes are the same event."""
    expected = follow(STREAMS[name])
    for seed in SEEDS:
        found = follow(told_again(STREAMS[name], seed))
        assert found.keys() == expected.keys()
        assert all(same_call(found[call], expected[call]) for call in expected), seed


def test_events_out_of_order_within_two_seconds_give_the_same_calls() -> None:
    """No call is lost or doubled, and with few exceptions each is told as in order."""
    runs, doubtful = 0, list[str]()
    for name in NAMES:
        expected = follow(STREAMS[name])
        for seed in SEEDS:
            found = follow(out_of_order(STREAMS[name], seed))
            assert found.keys() == expected.keys(), (name, seed)
            assert all(record.state is CallState.ENDED for record in found.values())
            runs += 1
            doubtful += [
                f"{name} {seed}"
                for call in expected
                if expected[call].merged_into is None
                and _facts(found[call]) != _facts(expected[call])
            ]
    assert len(set(doubtful)) <= runs * DOUBTFUL_SHARE, sorted(set(doubtful))


@pytest.mark.parametrize("name", [*NAMES, *OWN_NAMES])
def test_timestamps_restore_the_order_of_events(name: str) -> None:
    """With timestampevents it does not matter at all when an event comes."""
    events = heard(name, stamped=True)
    expected = follow(events)
    for seed in SEEDS:
        found = follow(out_of_order(events, seed))
        assert all(_same_to_the_millisecond(found[call], expected[call]) for call in expected), seed
        # What only looked like a call of its own was said to be part of one.
        assert all(found[call].merged_into is not None for call in found.keys() - expected.keys())


@pytest.mark.parametrize("name", NAMES)
def test_lost_hangups_end_with_the_next_list_of_what_is_up(name: str) -> None:
    """Whatever was told before stays; only the end is unknown."""
    expected = follow(STREAMS[name])
    kept = [(at, frame) for at, frame in STREAMS[name] if frame.name != "Hangup"]
    found = follow(kept, lost=True)
    assert found.keys() == expected.keys()
    for call, record in found.items():
        assert record.state is CallState.ENDED
        if record.merged_into is None and expected[call].merged_into is None:
            assert record.answered_by == expected[call].answered_by
            assert record.final_talker == expected[call].final_talker
            assert record.caller == expected[call].caller


def _same_to_the_millisecond(one: CallRecord, other: CallRecord) -> bool:
    mine, theirs = astuple(one.seconds), astuple(other.seconds)
    return same_call(replace(one, seconds=other.seconds), other) and all(
        (a is None) is (b is None) and abs((a or 0.0) - (b or 0.0)) < 0.0015
        for a, b in zip(mine, theirs, strict=True)
    )


def _facts(record: CallRecord) -> CallRecord:
    """Return a record without its instants, which nothing but their arrival tells."""
    return replace(
        record,
        revision=0,
        started_at=None,
        answered_at=None,
        ended_at=None,
        seconds=Seconds(),
        rung=tuple(tuple(sorted(stage)) for stage in record.rung),
        transfers=tuple(replace(move, at=None) for move in record.transfers),
    )
