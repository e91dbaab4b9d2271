"""Alarms of trunks: never without evidence, begun once and ended once, whatever happens."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.trunks import (
    AlarmKind,
    ContactStatus,
    HealthRules,
    RegistrationState,
    TrunkContact,
    TrunkKind,
    TrunkReading,
    TrunkRef,
    TrunkRegistration,
    TrunkState,
    Words,
)
from gateway.core.trunkwatch import (
    Evidence,
    HourCount,
    TrunkMemory,
    assessed,
    lull_of,
    next_look,
    same_hours,
)

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")
REF = TrunkRef(pbx="hq", name="carrier")
RULES = HealthRules(down_s=60, flaps=4, flap_window_s=600, quiet_s=300, channels=10)
BLIND = Words(cause="not seen")
# a busy machine is no counter-example
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

contacts = st.lists(
    st.builds(
        TrunkContact,
        address=st.just("sip:far.example"),
        status=st.sampled_from(ContactStatus),
        rtt_ms=st.none() | st.floats(0, 2_000),
    ),
    max_size=3,
).map(tuple)
registrations = st.none() | st.builds(
    TrunkRegistration, state=st.sampled_from(RegistrationState), server=st.just("far.example")
)
readings = st.none() | st.builds(
    TrunkReading,
    ref=st.just(REF),
    kind=st.just(TrunkKind.ASTERISK),
    at=st.just(START),
    registration=registrations,
    contacts=contacts,
    blind=st.none() | st.just(BLIND),
)


@st.composite
def stories(draw: st.DrawFn) -> list[Evidence]:
    """Return what is seen of a trunk, times in any order."""
    seconds = draw(st.lists(st.integers(-30, 400), max_size=40))
    at, told = START, []
    for step in seconds:
        at += timedelta(seconds=step)
        told.append(
            Evidence(
                at=at,
                reading=draw(readings),
                channels=draw(st.integers(0, 12)),
                lull=draw(st.none() | st.just(at - timedelta(hours=1))),
                is_open=draw(st.booleans()),
                last_inbound_at=draw(st.none() | st.just(at)),
            )
        )
    return told


def lived(story: Sequence[Evidence]) -> list[TrunkMemory]:
    """Return what was thought after each piece of evidence."""
    memory, after = TrunkMemory(at=START, since=START), []
    for evidence in story:
        memory = assessed(memory, evidence, RULES)
        after.append(memory)
    return after


def blind(evidence: Evidence) -> bool:
    """Whether nobody could see the trunk."""
    return evidence.reading is None or evidence.reading.blind is not None


@calm
@given(stories())
def test_equal_evidence_gives_equal_thoughts(story: list[Evidence]) -> None:
    """A restart that hears the same comes to the same end."""
    assert lived(story) == lived(story)


@calm
@given(stories())
def test_time_never_goes_backwards_and_kinds_never_double(story: list[Evidence]) -> None:
    """A clock that is set back must not begin an alarm in the future or twice."""
    for before, after in pairwise([TrunkMemory(at=START, since=START), *lived(story)]):
        assert before.at <= after.at
        assert before.since <= after.since <= after.at
        kinds = [alarm.kind for alarm in after.alarms]
        assert len(kinds) == len(set(kinds))
        assert all(alarm.since <= after.at for alarm in after.alarms)


@calm
@given(stories())
def test_alarm_that_is_on_keeps_its_beginning(story: list[Evidence]) -> None:
    """Begun once: an alarm is another only after it was over."""
    for before, after in pairwise([TrunkMemory(at=START, since=START), *lived(story)]):
        for alarm in after.alarms:
            was = before.alarm(alarm.kind)
            assert was is None or was.since == alarm.since


@calm
@given(stories())
def test_blind_times_neither_begin_nor_end_an_alarm(story: list[Evidence]) -> None:
    """What nobody sees is no evidence, for nothing."""
    thoughts = [TrunkMemory(at=START, since=START), *lived(story)]
    for evidence, (before, after) in zip(story, pairwise(thoughts), strict=True):
        if blind(evidence):
            assert after.state is TrunkState.UNKNOWN
            assert after.alarms == before.alarms


@calm
@given(stories())
def test_down_alarm_has_its_seconds_of_evidence(story: list[Evidence]) -> None:
    """All that was seen for `down_s` before it says down: a restart of the PBX is no alarm."""
    thoughts = lived(story)
    for index, memory in enumerate(thoughts):
        on = memory.alarm(AlarmKind.DOWN)
        if on is None or (index and thoughts[index - 1].alarm(AlarmKind.DOWN) is not None):
            continue
        assert memory.at - on.since >= timedelta(seconds=RULES.down_s)
        within = [one for one in thoughts[: index + 1] if one.at > on.since]
        assert {one.state for one in within} == {TrunkState.DOWN}


@calm
@given(stories())
def test_silence_and_flapping_need_their_evidence(story: list[Evidence]) -> None:
    """No lull, no alarm of silence; not enough changes, no alarm of flapping."""
    changes = 0
    for evidence, (before, after) in zip(
        story, pairwise([TrunkMemory(at=START, since=START), *lived(story)]), strict=True
    ):
        changes += after.was_up is not before.was_up and before.was_up is not None
        if after.alarm(AlarmKind.SILENT) is not None and before.alarm(AlarmKind.SILENT) is None:
            assert evidence.lull is not None
            assert evidence.is_open
        if after.alarm(AlarmKind.FLAPPING) is not None:
            assert changes >= RULES.flaps


@calm
@given(stories())
def test_well_for_long_enough_ends_every_alarm(story: list[Evidence]) -> None:
    """Each alarm ends by itself, once its reason is gone."""
    memory = [TrunkMemory(at=START, since=START), *lived(story)][-1]
    registered = TrunkRegistration(state=RegistrationState.REGISTERED, server="far.example")
    well = TrunkReading(ref=REF, kind=TrunkKind.ASTERISK, at=START, registration=registered)
    memory = assessed(memory, Evidence(at=memory.at, reading=well), RULES)
    later = memory.at + timedelta(seconds=RULES.quiet_s)
    due = next_look(memory, RULES)
    assert due is None or due <= later
    after = assessed(memory, Evidence(at=later, reading=well, last_inbound_at=later), RULES)
    assert after.alarms == ()
    assert next_look(after, RULES) is None


@calm
@given(
    st.lists(st.integers(0, 6), min_size=12, max_size=12),
    st.integers(0, 3),
    st.lists(st.booleans(), min_size=12, max_size=12),
    st.integers(0, 24 * 365),
)
def test_lull_is_only_where_every_watched_week_had_calls(
    weeks: list[int], now: int, watched: list[bool], hour: int
) -> None:
    """Learnt from the trunk's own weeks, by the clock on the wall, and from enough of them."""
    at = START + timedelta(hours=hour)
    last = at - timedelta(hours=1)
    hours = {last: HourCount(inbound=now, watched_s=3_600)}
    for then, calls, seen in zip(same_hours(last, ROME), weeks, watched, strict=True):
        hours[then] = HourCount(inbound=calls, watched_s=3_600 if seen else 1_000)
    found = lull_of(hours, at, zone=ROME, is_open=lambda _at: True, rules=RULES)
    counted = [calls for calls, seen in zip(weeks, watched, strict=True) if seen]
    expected = now == 0 and len(counted) >= 4 and min(counted) >= RULES.silent_calls
    assert (found == last) is expected
    closed = lull_of(hours, at, zone=ROME, is_open=lambda _at: False, rules=RULES)
    assert closed is None
    never = lull_of(
        hours, at, zone=ROME, is_open=lambda _at: True, rules=replace(RULES, silent=False)
    )
    assert never is None


def test_same_hour_is_that_of_the_clock_on_the_wall() -> None:
    """People work by it: nine in summer is another hour of UTC than nine in winter."""
    monday = datetime(2026, 4, 13, 7, tzinfo=UTC)
    assert {then.astimezone(ROME).time() for then in same_hours(monday, ROME)} == {time(9)}
    assert {then.hour for then in same_hours(monday, ROME)} == {7, 8}
