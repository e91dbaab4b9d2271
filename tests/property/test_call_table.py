"""What holds for the call table whatever the PBX and the network do to the stream."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.recorded import NAMES, PLAN, inputs_of, moments, same_call

from gateway.core.events import CallEnded, CallEvent, CallMerged, CallStarted, Output
from gateway.core.ids import CallId
from gateway.core.inputs import (
    BridgeEntered,
    BridgeLeft,
    ChannelCreated,
    ChannelHungUp,
    ChannelRenamed,
    ChannelStateChanged,
    Input,
    LinkDown,
    PbxEvent,
    Snapshot,
    SnapshotBridge,
    SnapshotChannel,
    Tick,
)
from gateway.core.record import CallRecord, CallState, EndKind
from gateway.core.table import CallTable

STREAMS = {name: inputs_of(name) for name in NAMES}
names = st.sampled_from(NAMES)
calm = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def run(inputs: list[Input]) -> tuple[list[Output], dict[CallId, CallRecord]]:
    """Apply inputs to a new table, let late facts pass, and return what it said."""
    table = CallTable("pbx", PLAN)
    said: list[Output] = []
    for item in inputs:
        said.extend(table.apply(item))
    last = inputs[-1].at + timedelta(seconds=10) if inputs else None
    if last is not None:
        said.extend(table.apply(Tick(at=last)))
    found = {one.record.id: one.record for one in said if isinstance(one, CallEvent)}
    found.update({record.id: record for record in table.live()})
    return said, found


def holds(said: list[Output]) -> None:
    """Check what must never happen: a call that ends twice, or speaks before it began."""
    started: set[CallId] = set()
    ended: set[CallId] = set()
    for one in said:
        if not isinstance(one, CallEvent):
            continue
        call = one.record.id
        if isinstance(one, CallStarted):
            assert call not in started, "announced twice"
            started.add(call)
        assert call in started, "speaks before it was announced"
        if isinstance(one, CallEnded):
            assert call not in ended, "ended twice"
            ended.add(call)
            assert one.record.state is CallState.ENDED
        if isinstance(one, CallMerged):
            assert one.record.merged_into == one.into
            assert one.record.outcome is None


def snapshot_after(inputs: list[Input], at_seq: int) -> Snapshot:
    """Return the lists that the PBX would give after these events."""
    up: dict[str, SnapshotChannel] = {}
    kinds: dict[str, SnapshotBridge] = {}
    for item in inputs:
        match item:
            case ChannelCreated():
                up[item.channel] = SnapshotChannel(
                    channel=item.channel,
                    linkedid=item.linkedid,
                    identity=item.identity,
                    state=item.state,
                    number=item.number,
                    caller_name=item.caller_name,
                    exten=item.exten,
                    since=item.at,
                )
            case ChannelStateChanged() if item.channel in up:
                up[item.channel] = replace(up[item.channel], state=item.state)
            case ChannelRenamed() if item.channel in up:
                up[item.channel] = replace(up[item.channel], identity=item.identity)
            case BridgeEntered() if item.channel in up:
                up[item.channel] = replace(up[item.channel], bridge=item.bridge)
                kinds[item.bridge] = SnapshotBridge(bridge=item.bridge, kind=item.kind)
            case BridgeLeft() if item.channel in up and up[item.channel].bridge == item.bridge:
                up[item.channel] = replace(up[item.channel], bridge="")
            case ChannelHungUp():
                up.pop(item.channel, None)
    return Snapshot(
        at=inputs[-1].at,
        requested_seq=at_seq,
        channels=tuple(up.values()),
        bridges=tuple(kinds.values()),
    )


def seq_of(inputs: list[Input]) -> int:
    """Return the number of the last event among the inputs."""
    return max((item.seq for item in inputs if isinstance(item, PbxEvent)), default=0)


@calm
@given(names)
def test_equal_inputs_give_equal_outputs(name: str) -> None:
    """A second run, or a node that follows warm, says the very same."""
    assert run(STREAMS[name])[0] == run(STREAMS[name])[0]


@calm
@given(names, st.data())
def test_duplicates_within_the_stream_add_nothing(name: str, data: st.DataObject) -> None:
    """A redelivered event adds nothing, also when its twin comes a moment later."""
    inputs = STREAMS[name]
    doubled: list[Input] = []
    for item in inputs:
        doubled.append(item)
        if data.draw(st.booleans()):
            doubled.append(item)
    said, found = run(doubled)
    holds(said)
    assert found == run(inputs)[1]


@calm
@given(names, st.randoms(use_true_random=False))
def test_reordering_anything_keeps_the_invariants(name: str, chance: object) -> None:
    """However wrong the order, no call ends twice and nothing is raised."""
    inputs = list(STREAMS[name])
    chance.shuffle(inputs)  # type: ignore[attr-defined]
    holds(run(inputs)[0])


@calm
@given(names, st.data())
def test_loss_and_snapshots_keep_the_invariants(name: str, data: st.DataObject) -> None:
    """Events are lost, the link comes back, the lists say what is up: every call ends once."""
    inputs = STREAMS[name]
    kept = data.draw(st.lists(st.booleans(), min_size=len(inputs), max_size=len(inputs)))
    stream: list[Input] = []
    for position, (item, keep) in enumerate(zip(inputs, kept, strict=True)):
        if keep:
            stream.append(item)
        elif position and data.draw(st.integers(0, 9)) == 0:
            stream.append(LinkDown(at=item.at))
            stream.append(snapshot_after(inputs[: position + 1], seq_of(inputs[: position + 1])))
    stream.append(snapshot_after(inputs, seq_of(inputs)))
    said, found = run(stream)
    holds(said)
    assert all(record.state is CallState.ENDED for record in found.values())


@calm
@given(names, st.data())
def test_snapshot_at_any_moment_changes_nothing(name: str, data: st.DataObject) -> None:
    """Lists that agree with what we know say nothing new, also if live events overtook them."""
    inputs = STREAMS[name]
    asked = data.draw(st.integers(1, len(inputs) - 1))
    listed = data.draw(st.integers(asked, len(inputs) - 1))
    delivered = data.draw(st.integers(listed, len(inputs) - 1))
    requested_seq = seq_of(inputs[:asked])
    lists = replace(snapshot_after(inputs[:listed], requested_seq), at=inputs[delivered - 1].at)
    said, found = run([*inputs[:delivered], lists, *inputs[delivered:]])
    holds(said)
    expected = run(inputs)[1]
    assert found.keys() == expected.keys()
    assert all(same_call(found[call], expected[call]) for call in expected)


@calm
@given(names, st.data())
def test_calls_that_vanish_in_a_gap_end_unseen(name: str, data: st.DataObject) -> None:
    """After a gap to the very end the empty lists end every call, without inventing a time."""
    inputs = STREAMS[name]
    boundary = data.draw(st.integers(1, len(inputs) - 1))
    gone = Snapshot(at=inputs[-1].at, requested_seq=seq_of(inputs), channels=())
    said, found = run([*inputs[:boundary], LinkDown(at=inputs[boundary].at), gone])
    holds(said)
    for record in found.values():
        assert record.state is CallState.ENDED
        if record.end is EndKind.UNSEEN:
            assert not record.complete
            assert record.ended_at is None
            assert record.seconds.talk is None
            assert record.ended_by is None


@calm
@given(names, st.randoms(use_true_random=False))
def test_order_within_a_millisecond_means_nothing(name: str, chance: object) -> None:
    """Threads of the PBX overtake each other; one channel's own events stay in order."""
    inputs: list[Input] = []
    for group in moments(STREAMS[name]):
        inputs.extend(_interleave(group, chance))
    said, found = run(inputs)
    holds(said)
    assert found.keys() == run(STREAMS[name])[1].keys()


def _interleave(group: list[Input], chance: object) -> list[Input]:
    """Mix the events of different channels, keeping each channel's own order."""
    lanes: dict[str, list[Input]] = {}
    for item in group:
        channel = getattr(item, "channel", "") or getattr(item, "dest", "")
        lanes.setdefault(channel, []).append(item)
    mixed: list[Input] = []
    while lanes:
        lane = chance.choice(sorted(lanes))  # type: ignore[attr-defined]
        mixed.append(lanes[lane].pop(0))
        if not lanes[lane]:
            del lanes[lane]
    return mixed
