"""What holds for whole streams: cut anywhere, mixed, told again, interrupted, taken up again."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.invariants import Witness
from support.recorded import NAMES, PLAN, inputs_of, recording, same_call

from adapters.asterisk.codec import Framer
from gateway.core.events import CallEvent
from gateway.core.ids import CallId
from gateway.core.inputs import Input, LinkDown, PbxEvent, Snapshot, Tick
from gateway.core.record import CallRecord, CallState, Outcome, Seconds
from gateway.core.table import CallTable

STREAMS = {name: inputs_of(name) for name in NAMES}
REDELIVERED = timedelta(seconds=2)
names = st.sampled_from(NAMES)
calm = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def follow(
    inputs: list[Input], *, restarts: frozenset[int] = frozenset()
) -> dict[CallId, CallRecord]:
    """Track a stream under a witness; before each input in `restarts` the process dies."""
    table, witness = CallTable("pbx", PLAN), Witness()
    found: dict[CallId, CallRecord] = {}
    for number, item in enumerate(inputs):
        if number in restarts:
            states = [table.dump(call) for call in found]
            table = CallTable("pbx", PLAN)
            table.restore(states)
        witness.saw(item)
        said = table.apply(item)
        witness.heard(said)
        found.update((one.record.id, one.record) for one in said if isinstance(one, CallEvent))
    for one in table.apply(Tick(at=inputs[-1].at + timedelta(seconds=10))):
        if isinstance(one, CallEvent):
            found[one.record.id] = one.record
    found.update((record.id, record) for record in table.live())
    return found


def equal(one: dict[CallId, CallRecord], other: dict[CallId, CallRecord]) -> bool:
    """Whether two runs tell the same calls, however often they amended them."""
    return one.keys() == other.keys() and all(same_call(one[call], other[call]) for call in one)


@few
@given(names, st.lists(st.integers(1, 5_000), min_size=1, max_size=8))
def test_any_chunking_gives_the_same_messages(name: str, sizes: list[int]) -> None:
    """TCP cuts where it likes, in the middle of a line end too."""
    stream, _ = recording(name)
    whole = [(frame.name, frame.raw, frame.end) for frame in Framer().feed(stream)]
    framer, found, position, turn = Framer(), [], 0, 0
    while position < len(stream):
        size = sizes[turn % len(sizes)]
        found += framer.feed(stream[position : position + size])
        position, turn = position + size, turn + 1
    assert [(frame.name, frame.raw, frame.end) for frame in found] == whole


@calm
@given(names, names, st.floats(0, 5))
def test_calls_beside_each_other_do_not_touch(one: str, other: str, delay_s: float) -> None:
    """A busy PBX tells a hundred calls at once; each record is that of the call alone."""
    if one == other or _share(one, other):
        return
    first = STREAMS[one]
    shift = first[0].at - STREAMS[other][0].at + timedelta(seconds=delay_s)
    second = [_at(item, item.at + shift) for item in STREAMS[other]]
    mixed = sorted([*first, *second], key=lambda item: item.at)
    alone = follow(list(first)) | follow(second)
    assert equal(follow(_numbered(mixed)), alone)


@calm
@given(names, st.data())
def test_restart_at_any_moment_changes_nothing(name: str, data: st.DataObject) -> None:
    """The process dies and is back before the next event, once or several times."""
    inputs = STREAMS[name]
    moments = data.draw(st.frozensets(st.integers(0, len(inputs) - 1), max_size=4))
    assert equal(follow(inputs, restarts=moments), follow(inputs))


@calm
@given(names, st.data())
def test_loss_never_invents_an_answer(name: str, data: st.DataObject) -> None:
    """Events are lost and then nothing is up any more: who was not spoken with stays so."""
    inputs = STREAMS[name]
    truth = follow(inputs)
    lost = data.draw(st.lists(st.booleans(), min_size=len(inputs), max_size=len(inputs)))
    kept = [item for item, gone in zip(inputs, lost, strict=True) if not gone]
    seq = max((item.seq for item in inputs if isinstance(item, PbxEvent)), default=0)
    end = inputs[-1].at
    found = follow([*kept, LinkDown(at=end), Snapshot(at=end, requested_seq=seq, channels=())])
    merged = {call for call, record in truth.items() if record.merged_into is not None}
    talkers = {party for record in truth.values() for party in _talkers(record)}
    for call, record in found.items():
        assert record.state is CallState.ENDED
        if record.outcome is Outcome.ANSWERED and call in truth and call not in merged:
            assert truth[call].outcome is Outcome.ANSWERED
        assert record.answered_by is None or record.answered_by in talkers or merged


@calm
@given(names, st.data())
def test_event_told_again_within_two_seconds_adds_nothing(name: str, data: st.DataObject) -> None:
    """A relay between us and the PBX may deliver again what it delivered already."""
    inputs = STREAMS[name]
    again: list[tuple[datetime, int, Input]] = []
    for position, item in enumerate(inputs):
        if data.draw(st.integers(0, 4)) == 0:
            late = data.draw(st.integers(0, 2_000))
            again.append((item.at + timedelta(milliseconds=late), position, item))
    told = sorted(
        [*((item.at, position, item) for position, item in enumerate(inputs)), *again],
        key=lambda entry: entry[:2],
    )
    found, expected = follow([_at(item, moment) for moment, _, item in told]), follow(inputs)
    assert found.keys() == expected.keys()
    for call, record in found.items():
        assert same_call(_untimed(record), _untimed(expected[call]))


def _talkers(record: CallRecord) -> set[str]:
    return {party for party in (record.answered_by, record.final_talker) if party is not None}


def _untimed(record: CallRecord) -> CallRecord:
    """Leave out what a hold or a hang-up told late, and again, may turn."""
    return replace(record, seconds=Seconds(), ended_by=None)


def _share(one: str, other: str) -> bool:
    """Whether two recordings were made in the same second, so that Uniqueids are the same."""
    return bool(_uids(one) & _uids(other))


def _uids(name: str) -> set[str]:
    return {str(getattr(item, "channel", "")) for item in STREAMS[name]} - {""}


def _at(item: Input, moment: datetime) -> Input:
    return replace(item, at=moment)


def _numbered(items: list[Input]) -> list[Input]:
    return [
        replace(item, seq=number) if isinstance(item, PbxEvent) else item
        for number, item in enumerate(items, start=1)
    ]
