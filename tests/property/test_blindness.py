"""Whatever part of a call nobody sees: what is said to be the whole story is the whole story."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from support.blindness import blind, followed, unlike
from support.recorded import NAMES, inputs_of

from gateway.core.inputs import LinkDown, PbxRestarted, Snapshot

# Events of one thing that happens come together.
APART = timedelta(milliseconds=60)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(NAMES), where=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_record_that_calls_itself_complete_is(name: str, where: tuple[float, float]) -> None:
    """Unknown is null and incomplete; never a confident wrong value."""
    inputs = inputs_of(name)
    if any(isinstance(one, LinkDown | Snapshot | PbxRestarted) for one in inputs):
        return
    moments = [
        index for index in range(1, len(inputs)) if inputs[index].at - inputs[index - 1].at > APART
    ]
    if len(moments) < 2:
        return
    begin, end = sorted(moments[round(part * (len(moments) - 1))] for part in where)
    if begin == end:
        return
    gap_s = (inputs[end - 1].at - inputs[begin - 1].at).total_seconds()
    whole = followed(inputs)
    for identity, told in followed(blind(inputs, begin, end)).items():
        if told.complete and told.merged_into is None:
            assert identity in whole
            assert unlike(whole[identity], told, gap_s) == []
