"""What must hold for anything the call table says, whatever it was told."""

from collections.abc import Iterable

from gateway.core.events import (
    Anomaly,
    CallAmended,
    CallEnded,
    CallEvent,
    CallMerged,
    CallStarted,
    Output,
    Query,
)
from gateway.core.ids import CallId
from gateway.core.inputs import BridgeEntered, BridgeLeft, ConferenceJoined, Input, Snapshot
from gateway.core.record import CallRecord, CallState, Outcome, to_json
from gateway.core.record_reading import from_json
from gateway.core.table import CallTable


class Witness:
    """Watches one table: `saw` each input, `heard` each output; raises AssertionError.

    One start and one end a call, in this order; nobody answered who was in no bridge; a record
    that contradicts itself in nothing and survives its JSON.
    """

    def __init__(self) -> None:
        self.started: set[CallId] = set()
        self.over: set[CallId] = set()
        self.merged: set[CallId] = set()
        self.revisions: dict[CallId, int] = {}
        self.bridged = False

    def saw(self, item: Input) -> None:
        """Note an input before the table is told of it."""
        if isinstance(item, BridgeEntered | BridgeLeft | ConferenceJoined):
            self.bridged = True
        elif isinstance(item, Snapshot):
            self.bridged |= any(entry.bridge for entry in item.channels)

    def heard(self, said: Iterable[Output]) -> None:
        """Check what the table said."""
        for one in said:
            if isinstance(one, CallEvent):
                self._event(one)
            else:
                assert isinstance(one, Query | Anomaly)

    def _event(self, event: CallEvent) -> None:
        call = event.record.id
        if isinstance(event, CallStarted):
            assert call not in self.started, "announced twice"
            self.started.add(call)
        assert call in self.started, "speaks before it was announced"
        if isinstance(event, CallEnded):
            assert call not in self.over, "ended twice"
            self.over.add(call)
        elif isinstance(event, CallMerged):
            # That two calls are one may come out when one of them is over already.
            assert call not in self.merged, "merged twice"
            self.over.add(call)
            self.merged.add(call)
        elif isinstance(event, CallAmended):
            assert call in self.over, "amended before its end"
            assert event.record.revision == self.revisions.get(call, 0) + 1
        else:
            assert call not in self.over, "goes on after its end"
        self.revisions[call] = event.record.revision
        assert (event.record.state is CallState.ENDED) == (call in self.over)
        if isinstance(event, CallMerged):
            assert event.record.merged_into == event.into != call
            assert event.record.outcome is None
        self.agrees(event.record)

    def agrees(self, record: CallRecord) -> None:
        """Check that a record does not contradict itself."""
        seconds = record.seconds
        assert from_json(to_json(record)) == _as_sent(record)
        assert (record.state is CallState.ENDED) == (record.end is not None)
        if record.answered_by is not None or record.outcome is Outcome.ANSWERED:
            assert self.bridged, "an answer was invented"
        if record.outcome is Outcome.ANSWERED:
            assert record.answered_at is not None or not record.complete
        if seconds.talk is not None:
            assert record.answered_at is not None
            assert record.ended_at is not None
        lengths = (seconds.ring, seconds.wait, seconds.talk, seconds.hold, seconds.ivr)
        assert all(length is None or length >= 0 for length in lengths)
        if record.started_at is not None and record.ended_at is not None:
            assert record.started_at <= record.ended_at
        assert all(all(stage) and stage for stage in record.rung)


def _as_sent(record: CallRecord) -> CallRecord:
    """Return the record with the times of its JSON, which has milliseconds."""
    return from_json(to_json(from_json(to_json(record))))


def survives_restart(table: CallTable) -> None:
    """Check that every live call is the same after its dump was restored into a new table."""
    live = {record.id: record for record in table.live()}
    states = [table.dump(call) for call in live]
    again = CallTable(table.pbx, table._board.plan)
    again.restore(states)
    assert {record.id: record for record in again.live()} == live
    assert [again.dump(call) for call in live] == states
