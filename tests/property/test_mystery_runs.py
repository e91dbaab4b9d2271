"""Whatever happens to a mystery call in whatever order, it ends, and is hung up once at most."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.ids import CallId
from gateway.core.mystery import Place, Progress, ProgressKind, RunState
from gateway.core.mystery_run import Deed, HangUpNow, MysteryCall
from gateway.core.mystery_script import read_script
from gateway.core.record import CallRecord, Direction, Outcome

T0 = datetime(2026, 11, 22, tzinfo=UTC)
LONGEST_S = 90.0
RECORD = CallRecord(id=CallId(UUID(int=1)), pbx="hq", linkedid="1.1", direction=Direction.INBOUND)

LINES = st.lists(
    st.one_of(
        st.builds("expect {} within {} s".format, st.sampled_from(list(Place)), st.integers(0, 40)),
        st.builds("wait {} s".format, st.integers(0, 40)),
        st.builds("press {}".format, st.integers(0, 99)),
        st.just("hang up"),
    ),
    min_size=1,
    max_size=8,
)
RECORDS = st.builds(
    replace,
    st.just(RECORD),
    ivr=st.sampled_from([(), ("main",), ("main", "second")]),
    queue=st.sampled_from([None, "support"]),
    answered_by=st.sampled_from([None, "1001"]),
    outcome=st.sampled_from([None, Outcome.VOICEMAIL, Outcome.ANSWERED]),
)
PROGRESS = st.builds(
    Progress,
    at=st.just(T0),
    kind=st.sampled_from(list(ProgressKind)),
    code=st.sampled_from([None, 180, 486, 503]),
)
HAPPENINGS = st.lists(st.tuples(st.floats(0, 15), st.one_of(PROGRESS, RECORDS)), max_size=12)


@given(lines=LINES, happenings=HAPPENINGS)
def test_every_run_ends_and_hangs_up_once_at_most(
    lines: list[str], happenings: list[tuple[float, Progress | CallRecord]]
) -> None:
    """A call of our own that nobody ends costs money; one hung up twice may hit another."""
    call = MysteryCall(read_script(lines), at=T0, longest_s=LONGEST_S)
    now = T0
    deeds: list[Deed] = []
    for pause, what in happenings:
        now += timedelta(seconds=pause)
        if isinstance(what, Progress):
            deeds += call.told(replace(what, at=now))
        else:
            deeds += call.seen(what, now)
    for _ in range(100):
        due = call.next_deadline()
        if due is None:
            break
        now = max(now, due)
        deeds += call.tick(now)
    assert call.state in {RunState.PASSED, RunState.FAILED}
    assert sum(isinstance(deed, HangUpNow) for deed in deeds) <= 1
    assert (call.state is RunState.FAILED) == bool(call.words.cause)
    times = [step.at for step in call.track.report]
    assert times == sorted(times)
    assert call.tick(now + timedelta(days=1)) == ()
