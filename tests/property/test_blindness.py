"""Whatever part of a call nobody sees: what is said to be the whole story is the whole story."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from support.blindness import blind, followed
from support.recorded import NAMES, inputs_of

from gateway.core.inputs import LinkDown, PbxRestarted, Snapshot
from gateway.core.record import CallRecord, TransferType

# Events of one thing that happens come together.
APART = timedelta(milliseconds=60)
TOLERANCE_S = 0.2
ALIKE = (
    "direction", "caller", "called", "queue", "answered_by", "final_talker", "outcome", "ended_by",
    "merged_into",
)  # fmt: skip


def asked_in_vain(record: CallRecord) -> bool:
    """Whether a colleague was asked, and the customer taken back: a gap can hide all of that."""
    return any(
        move.type is TransferType.ATTENDED and not move.completed for move in record.transfers
    )


def wrong(whole: CallRecord, told: CallRecord, gap_s: float) -> list[str]:
    """Return the fields in which a record that calls itself complete is not."""
    found = [name for name in ALIKE if getattr(whole, name) != getattr(told, name)]
    if not asked_in_vain(whole):
        stages = [sorted(stage) for stage in whole.rung], [sorted(stage) for stage in told.rung]
        moves = [
            [(one.type, one.from_party, one.to_party, one.completed) for one in record.transfers]
            for record in (whole, told)
        ]
        found += ["rung"] if stages[0] != stages[1] else []
        found += ["transfers"] if moves[0] != moves[1] else []
    for name in ("ring", "wait", "talk", "hold", "ivr"):
        one, other = getattr(whole.seconds, name), getattr(told.seconds, name)
        # who was held, or in a menu, for an unseen moment
        allowed = TOLERANCE_S + (gap_s if name in {"hold", "ivr"} else 0.0)
        if one is not None and other is not None and abs(one - other) > allowed:
            found.append(name)
    return found


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
            assert wrong(whole[identity], told, gap_s) == []
