"""Events that waited while nobody read: what they say counts, when they came does not."""

from support.recorded import at
from support.story import RINGS, TALKS, Story

from gateway.core.events import CallEnded
from gateway.core.record import CallState, EndedBy, EndKind, Outcome
from gateway.core.stall import CaughtUp, Stalled


def frozen(story: Story, since: float, until: float, text: str) -> Story:
    """Play what happened from `since` on as it is read at `until`."""
    story.tell(Stalled(at=at(until), since=at(since)))
    story.play(text)
    story.tell(CaughtUp(at=at(until + 0.1)))
    return story


def test_end_that_waited_has_no_time_but_who_hung_up() -> None:
    """The answer was seen in time, so only what depends on the end is unknown."""
    story = frozen(
        Story(TALKS), 5, 60, "60 bye A\n60 leave X A\n60 leave X B\n60 gone B\n60 gone A"
    )
    record = story.record()
    assert (record.end, record.outcome, record.ended_by) == (
        EndKind.SEEN,
        Outcome.ANSWERED,
        EndedBy.CALLER,
    )
    assert record.answered_at == at(2)
    assert (record.ended_at, record.seconds.talk, record.seconds.hold) == (None, None, None)
    assert record.seconds.ring == 2.0
    assert not record.complete
    (ended,) = [one for one in story.said if isinstance(one, CallEnded)]
    assert not ended.record.complete


def test_answer_that_waited_has_no_time_and_the_call_goes_on() -> None:
    """Who answered is known; ring and talk begin and end at an unknown moment."""
    story = frozen(Story(RINGS), 1, 30, "30 dialend B answered\n30 enter X B\n30 enter X A")
    record = story.record()
    assert (record.state, record.answered_by) == (CallState.LIVE, "1001")
    assert (record.answered_at, record.seconds.ring) == (None, None)
    story.play("40 bye B\n40 leave X B\n40 gone B\n40 leave X A\n40 gone A").later(50)
    record = story.record()
    assert record.ended_at == at(40)
    assert record.ended_by is EndedBy.CALLEE
    assert (record.seconds.talk, record.complete) == (None, False)


def test_call_that_nothing_happened_to_keeps_its_times() -> None:
    """A stall says nothing against what was told before and after it."""
    story = frozen(Story(TALKS), 5, 60, "60 new C PJSIP/carrier-9 Ring num=333 exten=2001")
    story.play("70 bye A\n70 leave X A\n70 leave X B\n70 gone B\n70 gone A").later(80)
    first = story.records()[0]
    assert first.complete
    assert first.seconds.talk == 68.0


def test_lost_link_ends_the_stall_too() -> None:
    """Asterisk cuts whoever does not read; what was read before keeps no invented time."""
    story = Story(RINGS)
    story.tell(Stalled(at=at(30), since=at(1)))
    story.play("30 enter X B\n30 enter X A\n31 linkdown")
    record = story.record()
    assert (record.answered_by, record.answered_at, record.complete) == ("1001", None, False)
