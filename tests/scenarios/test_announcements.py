"""What the desk is told while a call goes on: which pops open, ring, are answered and close."""

from support.story import Story

from gateway.core.events import (
    CallEnded,
    CallEvent,
    CallMerged,
    CloseReason,
    LegAlerting,
    LegAnswered,
    LegClosed,
    LegDialled,
)
from gateway.core.record import Outcome

GROUP = """
0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=+390299992003
0.1 new B PJSIP/1001-2 Down of=A
0.1 dial A B exten=2003
0.1 new C PJSIP/1002-3 Down of=A
0.1 dial A C exten=2003
0.2 rings B
0.3 rings C
"""


def pops(story: Story) -> list[tuple[str, ...]]:
    """Return what was said about phones, shortened: what, extension, ring number, reason."""
    said: list[tuple[str, ...]] = []
    for one in story.said:
        match one:
            case LegDialled() | LegAlerting() | LegAnswered():
                said.append((type(one).__name__[3:].lower(), one.extension, str(one.ring_no)))
            case LegClosed():
                said.append(("closed", one.extension, str(one.ring_no), one.reason.value))
            case _:
                pass
    return said


def test_group_opens_a_pop_each_and_the_answer_closes_the_other() -> None:
    """The pop that was answered stays, the others say who was quicker."""
    story = Story(GROUP + "2.0 dialend C answered\n2.0 enter X C\n2.0 enter X A\n")
    story.play("2.1 dialend B\n2.1 gone B cause=26")
    assert pops(story) == [
        ("dialled", "1001", "1"),
        ("dialled", "1002", "1"),
        ("alerting", "1001", "1"),
        ("alerting", "1002", "1"),
        ("answered", "1002", "1"),
        ("closed", "1001", "1", "answered_elsewhere"),
    ]


def test_caller_who_leaves_closes_every_pop() -> None:
    """Whatever comes first, the phone's own hang-up or the caller's."""
    for order in ("3.0 gone B cause=0\n3.0 gone A\n3.0 gone C cause=0", "3.0 gone A\n3.1 gone B"):
        story = Story(GROUP + "3.0 bye A\n" + order)
        closed = {(one[1], one[3]) for one in pops(story) if one[0] == "closed"}
        assert closed == {("1001", "caller_left"), ("1002", "caller_left")}


def test_phone_that_refuses_and_phone_that_rings_out_say_so() -> None:
    """Refusing is an act, ringing out is none."""
    story = Story(GROUP + "1.0 bye B cause=21\n1.0 dialend B\n1.0 gone B cause=21\n")
    story.play("9.0 dialend C\n9.0 gone C cause=0")
    assert pops(story)[-2:] == [
        ("closed", "1001", "1", CloseReason.REJECTED.value),
        ("closed", "1002", "1", CloseReason.TIMEOUT.value),
    ]


def test_second_ring_of_the_same_phone_has_its_own_number() -> None:
    """Each ring is a pop of its own."""
    story = Story(GROUP + "5.0 dialend B\n5.0 gone B cause=0\n5.0 dialend C\n5.0 gone C cause=0\n")
    story.play("6.0 new D PJSIP/1001-4 Down of=A\n6.0 dial A D exten=2003")
    assert pops(story)[-1] == ("dialled", "1001", "2")


def test_whoever_hands_the_caller_over_loses_the_pop() -> None:
    """The transferer's pop closes as transferred, the target's opens."""
    story = Story(GROUP + "2.0 enter X B\n2.0 enter X A\n2.1 gone C cause=26\n")
    story.play("""
        4.0 blind B A 1005
        4.0 leave X B
        4.0 leave X A
        4.0 gone B
        4.1 new D PJSIP/1005-4 Down of=A
        4.1 dial A D exten=1005
    """)
    assert pops(story)[-2:] == [
        ("closed", "1001", "1", "transferred"),
        ("dialled", "1005", "1"),
    ]


def test_picker_answers_without_having_been_dialled() -> None:
    """`ring_no` 0 says that the phone never rang for this call."""
    story = Story(GROUP)
    story.play("""
        1.0 new P PJSIP/1009-5 Ring exten=**1001
        1.0 pickup P B
        1.0 gone B cause=26
        1.0 enter X P
        1.0 enter X A
    """)
    assert ("answered", "1009", "0") in pops(story)
    assert ("closed", "1001", "1", "answered_elsewhere") in pops(story)
    merged = [one for one in story.said if isinstance(one, CallMerged)]
    assert [one.into for one in merged] == [story.record().id]


def test_late_cause_amends_the_ended_record_once() -> None:
    """The phone's own hang-up comes after the caller's: what it tells counts for two seconds."""
    story = Story(GROUP + "3.0 bye A soft\n3.0 gone A\n3.5 bye B cause=17\n3.5 gone B cause=17\n")
    assert story.record().outcome is Outcome.MISSED
    assert story.record().revision == 0
    story.play("3.6 bye C cause=17\n3.6 gone C cause=17\n3.6 gone C cause=17")
    assert story.record().outcome is Outcome.BUSY
    assert story.record().revision == 1
    assert story.kinds().count("CallAmended") == 1
    assert story.kinds().count("CallEnded") == 1


def test_facts_later_than_two_seconds_are_not_ours_any_more() -> None:
    """The record is final; the table has forgotten the call."""
    story = Story(GROUP + "3.0 bye A soft\n3.0 gone A\n5.1 gone B cause=17\n5.1 gone C cause=17\n")
    assert "CallAmended" not in story.kinds()
    ended = [one for one in story.said if isinstance(one, CallEnded)]
    assert story.table.record(ended[0].record.id) is None
    story.later(20)
    assert story.table.next_deadline() is None


def test_every_event_carries_the_record_as_it_stands() -> None:
    """Nobody has to ask the table again."""
    story = Story(GROUP + "2.0 enter X C\n2.0 enter X A\n5.0 bye C\n5.0 gone C\n5.0 gone A\n")
    records = [one.record for one in story.said if isinstance(one, CallEvent)]
    assert records[0].rung == ()
    assert records[1].rung == (("1001",),)
    assert records[-1].seconds.talk == 3.0
    assert len({record.id for record in records}) == 1
