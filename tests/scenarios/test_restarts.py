"""A daemon that restarts in mid-call writes the record it would have written without."""

from collections.abc import Iterable

import pytest
from support.recorded import NAMES, OWN_NAMES, PLAN, inputs_of, same_call

from gateway.core.events import CallAmended, CallEnded, CallEvent, CallMerged
from gateway.core.ids import CallId, call_id
from gateway.core.inputs import BridgeEntered, BridgeKind, ChannelCreated, Input, Tick
from gateway.core.record import CallRecord
from gateway.core.table import CallTable

WHOLE = [name for name in (*NAMES, *OWN_NAMES) if not name.startswith("gap-")]


def follow(table: CallTable, inputs: list[Input], found: dict[CallId, CallRecord]) -> None:
    """Apply inputs and keep the newest record of every call."""
    for item in inputs:
        for output in table.apply(item):
            if isinstance(output, CallEvent):
                found[output.record.id] = output.record


def finish(table: CallTable, inputs: list[Input], found: dict[CallId, CallRecord]) -> None:
    """Let the time for late facts pass, and add what is still up."""
    deadline = table.next_deadline()
    if deadline is not None:
        follow(table, [Tick(at=max(deadline, inputs[-1].at))], found)
    for record in table.live():
        found[record.id] = record


def announced(inputs: list[Input], calls: Iterable[CallId]) -> set[CallId]:
    """Return the calls whose first channel was seen to begin."""
    roots = {item.channel for item in inputs if isinstance(item, ChannelCreated)}
    begun = {call_id("pbx", root) for root in roots}
    return begun & set(calls)


@pytest.mark.parametrize("name", WHOLE)
def test_restart_at_any_event_gives_the_same_record(name: str) -> None:
    """Start, queue, answer, stages, transfers and hold are kept; the snapshot does the rest."""
    inputs = inputs_of(name)
    expected: dict[CallId, CallRecord] = {}
    straight = CallTable("pbx", PLAN)
    follow(straight, inputs, expected)
    finish(straight, inputs, expected)
    for boundary in range(1, len(inputs)):
        found: dict[CallId, CallRecord] = {}
        before = CallTable("pbx", PLAN)
        follow(before, inputs[:boundary], found)
        if not announced(inputs[:boundary], expected) <= found.keys():
            continue  # a relay without a party yet: nothing was stored, the snapshot brings it
        after = CallTable("pbx", PLAN)
        after.restore([before.dump(call) for call in found])
        follow(after, inputs[boundary:], found)
        finish(after, inputs, found)
        assert found.keys() == expected.keys()
        assert all(same_call(found[call], expected[call]) for call in expected), boundary


def test_restart_says_nothing_twice() -> None:
    """A restored call was announced already; its end is told once."""
    inputs = inputs_of("attended_transfer")
    for boundary in range(1, len(inputs)):
        found: dict[CallId, CallRecord] = {}
        before, after = CallTable("pbx", PLAN), CallTable("pbx", PLAN)
        follow(before, inputs[:boundary], found)
        after.restore([before.dump(call) for call in found])
        told = [output for item in inputs[boundary:] for output in after.apply(item)]
        ends = [one for one in told if isinstance(one, CallEnded)]
        ended_before = any(record.ended_at is not None for record in found.values())
        assert len(ends) == (0 if ended_before else 1)
        assert not any(isinstance(one, CallMerged | CallAmended) for one in told)


def test_state_of_another_version_is_passed_over() -> None:
    """A state that cannot be read costs that call its past, never the start of the daemon."""
    table = CallTable("pbx", PLAN)
    table.restore([b"", b"{}", b"null", b'{"v": 99, "id": "x"}', b"\xff"])
    assert table.live() == ()


@pytest.mark.parametrize("name", WHOLE)
def test_call_that_takes_another_in_is_told_with_it(name: str) -> None:
    """Only both together are stored right: one is gone, the other has its channels from now on."""
    table = CallTable("pbx", PLAN)
    for item in inputs_of(name):
        told = [one for one in table.apply(item) if isinstance(one, CallEvent)]
        for merged in told:
            if isinstance(merged, CallMerged):
                whole = table.record(merged.into)
                assert (
                    whole is None
                    or whole.ended_at is not None
                    or any(one.record.id == merged.into for one in told[told.index(merged) + 1 :])
                )


@pytest.mark.parametrize("name", ["park_retrieve", "park-blind", "park-blind-asterisk-16"])
def test_restart_while_somebody_is_parked_keeps_since_when(name: str) -> None:
    """Only what was stored at the last event survives a kill, and nothing is told of who waits."""
    inputs = inputs_of(name)
    expected: dict[CallId, CallRecord] = {}
    straight = CallTable("pbx", PLAN)
    follow(straight, inputs, expected)
    finish(straight, inputs, expected)
    parked = max(
        number
        for number, item in enumerate(inputs)
        if isinstance(item, BridgeEntered) and item.kind is BridgeKind.PARKING
    )
    table, found, stored = CallTable("pbx", PLAN), dict[CallId, CallRecord](), dict[CallId, bytes]()
    for item in inputs[: parked + 1]:
        said: dict[CallId, CallRecord] = {}
        follow(table, [item], said)
        found |= said
        stored |= {call: table.dump(call) for call in said}
    after = CallTable("pbx", PLAN)
    after.restore(stored.values())
    follow(after, inputs[parked + 1 :], found)
    finish(after, inputs, found)
    assert all(same_call(found[call], expected[call]) for call in expected)
