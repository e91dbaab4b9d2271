"""Killed at any moment and started again: nothing is made up that a lost link would not hide."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from support.blindness import blind, followed, unlike
from support.recorded import NAMES, OWN_NAMES, PLAN, inputs_of, same_call

from gateway.core.events import CallEvent
from gateway.core.ids import CallId
from gateway.core.inputs import Input, LinkDown, PbxRestarted, Snapshot, Tick
from gateway.core.record import CallRecord, CallState
from gateway.core.table import CallTable

# Events of one thing that happens come together.
APART = timedelta(milliseconds=60)


class Process:
    """Follows a stream and stores what a daemon stores: at each event, the calls it is about."""

    def __init__(self) -> None:
        self.table = CallTable("pbx", PLAN)
        self.records: dict[CallId, CallRecord] = {}
        self.states: dict[CallId, bytes] = {}

    def follow(self, inputs: Sequence[Input]) -> None:
        """Take inputs."""
        for item in inputs:
            told = [one.record for one in self.table.apply(item) if isinstance(one, CallEvent)]
            for record in told:
                self.records[record.id] = record
                self.states.pop(record.id, None)
            for record in told:
                over = record.state is CallState.ENDED or record.merged_into is not None
                if not over:
                    self.states[record.id] = self.table.dump(record.id)

    def started_again(self, heard: datetime) -> "Process":
        """Return the process that finds in the store what this one has left there."""
        after = Process()
        after.records = dict(self.records)
        after.states = dict(self.states)
        after.table.lost(heard)
        after.table.restore(self.states.values())
        return after


def killed(inputs: Sequence[Input]) -> dict[CallId, CallRecord]:
    """Return the records of a stream where the process dies at each loss of the link."""
    process = Process()
    for item in (*inputs, Tick(at=inputs[-1].at + timedelta(seconds=10))):
        if isinstance(item, LinkDown):
            process = process.started_again(item.at)
        else:
            process.follow([item])
    return process.records


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from((*NAMES, *OWN_NAMES)), where=st.tuples(st.floats(0, 1), st.floats(0, 1))
)
def test_kill_makes_no_record_up_and_none_wrong(name: str, where: tuple[float, float]) -> None:
    """What was stored at the last event has to be enough to know what is not known."""
    inputs = inputs_of(name)
    if any(isinstance(one, LinkDown | Snapshot | PbxRestarted) for one in inputs):
        return
    moments = [
        index for index in range(1, len(inputs)) if inputs[index].at - inputs[index - 1].at > APART
    ]
    if not moments:
        return
    begin, end = sorted(moments[round(part * (len(moments) - 1))] for part in where)
    gap = blind(inputs, begin, end)
    gap_s = (inputs[end - 1].at - inputs[begin - 1].at).total_seconds()
    whole, lost, found = followed(inputs), followed(gap), killed(gap)
    assert found.keys() >= lost.keys()
    for call, told in found.items():
        # what a lost link hides as well is not the kill's
        hidden = call in lost and same_call(told, lost[call])
        # nor what came late to a call that was over
        over = told.ended_at is not None and told.ended_at <= inputs[begin - 1].at
        if told.complete and told.merged_into is None and not (hidden or over):
            assert unlike(whole[call], told, gap_s) == []
