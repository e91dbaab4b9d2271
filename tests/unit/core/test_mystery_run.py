"""A mystery call's script, played against calls that go well and calls that do not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gateway.core.errors import UsageError
from gateway.core.ids import CallId
from gateway.core.mystery import Mark, Progress, ProgressKind, RunState
from gateway.core.mystery_run import Deed, HangUpNow, MysteryCall, Press
from gateway.core.mystery_script import read_script
from gateway.core.record import CallRecord, Direction

T0 = datetime(2026, 11, 22, 9, tzinfo=UTC)
ARRIVED = CallRecord(id=CallId(UUID(int=1)), pbx="hq", linkedid="1.1", direction=Direction.INBOUND)


def at(seconds: float) -> datetime:
    """Return a moment of the call."""
    return T0 + timedelta(seconds=seconds)


def call(*lines: str, longest_s: float = 60) -> MysteryCall:
    """Return a call that was dialled at 0 s."""
    one = MysteryCall(read_script(lines), at=T0, longest_s=longest_s)
    told(one, 0, ProgressKind.DIALLED)
    return one


def told(
    one: MysteryCall, seconds: float, kind: ProgressKind, *, code: int | None = None
) -> tuple[Deed, ...]:
    """Let the caller's line tell something."""
    return one.told(Progress(at=at(seconds), kind=kind, code=code))


def test_menu_key_queue_person_is_reported_with_its_seconds() -> None:
    """This is the way of a customer, and each part of it is measured."""
    one = call(
        "expect answer within 5 s",
        "expect menu main within 5 s",
        "wait 1 s",
        "press 1",
        "expect queue within 5 s",
        "expect person within 30 s",
        "wait 2 s",
        "hang up",
    )
    told(one, 0.5, ProgressKind.RINGING)
    told(one, 2, ProgressKind.ANSWERED)
    one.seen(ARRIVED, at(0.4))
    one.seen(replace(ARRIVED, ivr=("main",)), at(2.1))
    assert one.next_deadline() == at(3.1)
    assert one.tick(at(3.1)) == (Press(digits="1"),)
    one.seen(replace(ARRIVED, ivr=("main",), queue="support"), at(4))
    one.seen(
        replace(ARRIVED, ivr=("main",), queue="support", rung=(("1",),), answered_by="1"), at(9)
    )
    assert one.tick(at(11)) == (HangUpNow(),)
    told(one, 11.2, ProgressKind.ENDED)
    assert one.state is RunState.PASSED
    assert one.track.path() == ("menu:main", "queue:support", "person")
    seconds = one.track.seconds()
    assert (seconds.post_dial_delay, seconds.ring, seconds.to_answer) == (0.5, 1.5, 2.0)
    assert (seconds.to_person, seconds.talk) == (9.0, 2.2)
    assert [step.ok for step in one.track.report if step.kind is Mark.EXPECT] == [True] * 4


def test_nobody_answers_fails_when_patience_ends() -> None:
    """The step that was not met is named, and the call is not left ringing."""
    one = call("expect answer within 20 s")
    told(one, 1, ProgressKind.RINGING)
    assert one.tick(at(19.9)) == ()
    assert one.tick(at(20)) == (HangUpNow(),)
    told(one, 20.1, ProgressKind.ENDED, code=487)
    assert one.state is RunState.FAILED
    assert one.words.cause == "Expected and not met: answer."
    assert one.words.translated[0][0] == "it"


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (486, "The number called is busy."),
        (503, "The carrier has no line free, or is out of service."),
        (404, "The number leads nowhere."),
        (403, "The call was refused."),
        (None, "The call could not be placed."),
    ],
)
def test_refusal_by_the_carrier_is_told_in_words(code: int | None, cause: str) -> None:
    """A SIP status is no explanation."""
    one = call("expect answer within 20 s")
    assert told(one, 0.2, ProgressKind.ENDED, code=code) == ()
    assert (one.state, one.words.cause) == (RunState.FAILED, cause)


def test_announcement_is_an_answer_that_leads_to_nothing() -> None:
    """At night the caller hears a text and is hung up on, as it should be."""
    one = call("expect announcement within 10 s")
    one.seen(ARRIVED, at(0.2))
    told(one, 0.5, ProgressKind.ANSWERED)
    assert one.next_deadline() == at(3.5)
    assert one.tick(at(3.5)) == (HangUpNow(),)
    told(one, 3.6, ProgressKind.ENDED)
    assert (one.state, one.track.path()) == (RunState.PASSED, ("announcement",))


def test_short_announcement_that_hangs_up_is_one_too() -> None:
    """Not every text lasts three seconds."""
    one = call("expect announcement within 10 s")
    one.seen(ARRIVED, at(0.2))
    told(one, 0.5, ProgressKind.ANSWERED)
    told(one, 2, ProgressKind.ENDED)
    assert one.state is RunState.PASSED


def test_announcement_in_place_of_a_person_fails() -> None:
    """The carrier is content, the customer is not."""
    one = call("expect person within 30 s")
    one.seen(ARRIVED, at(0.2))
    told(one, 0.5, ProgressKind.ANSWERED)
    told(one, 6, ProgressKind.ENDED)
    assert one.state is RunState.FAILED
    assert one.words.cause == "The call ended before the script was through."
    assert one.track.path() == ("announcement",)


def test_called_side_that_nobody_follows_is_said_and_not_judged() -> None:
    """The number may end at a system that is not ours; the line itself can still be measured."""
    one = call("expect answer within 20 s", "expect person within 60 s", "wait 1 s")
    told(one, 2, ProgressKind.ANSWERED)
    one.tick(at(7))
    notes = [step for step in one.track.report if step.kind is Mark.NOTE]
    assert [note.text for note in notes] == ["The called side is not followed here."]
    assert one.tick(at(8)) == (HangUpNow(),)
    told(one, 8.1, ProgressKind.ENDED)
    assert one.state is RunState.PASSED


def test_same_menu_is_not_met_twice() -> None:
    """The second `expect menu` waits for a second menu: a key that did nothing must show."""
    one = call("expect menu within 5 s", "press 9", "expect menu within 5 s")
    one.seen(ARRIVED, at(0.2))
    told(one, 0.5, ProgressKind.ANSWERED)
    assert one.seen(replace(ARRIVED, ivr=("main",)), at(1)) == (Press(digits="9"),)
    assert one.tick(at(6)) == (HangUpNow(),)
    assert one.words.cause == "Expected and not met: menu."


def test_call_is_ended_at_its_limit_whatever_the_script_says() -> None:
    """A call that nobody ends costs money all night."""
    one = call("wait 500 s", longest_s=10)
    told(one, 1, ProgressKind.ANSWERED)
    assert one.tick(at(6)) == ()
    assert one.next_deadline() == at(10)
    assert one.tick(at(10)) == (HangUpNow(),)
    assert one.tick(at(15)) == ()
    assert one.state is RunState.FAILED


def test_line_that_is_never_told_to_have_ended_closes_the_run() -> None:
    """The link may be gone: the next run must not wait for this one for ever."""
    one = call("hang up")
    assert not one.is_over
    assert one.next_deadline() == at(5)
    one.tick(at(5))
    assert one.state is RunState.PASSED


@pytest.mark.parametrize(
    "line", ["", "expect", "expect gold within 3 s", "press", "press x", "wait", "dial 899", "a\nb"]
)
def test_line_that_is_no_step_is_refused_with_examples(line: str) -> None:
    """A script is written by hand."""
    with pytest.raises(UsageError) as refused:
        read_script([line])
    assert "press 1" in refused.value.remedy
