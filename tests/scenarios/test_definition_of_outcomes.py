"""What the network did, and who hung up."""

import pytest
from support.story import RINGS, TALKS, Story, moves, rung

from gateway.core.record import Direction, EndedBy, Outcome


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("17", "17", Outcome.BUSY),
        ("21", "17", Outcome.REJECTED),
        ("17", "3", Outcome.BUSY),
        ("3", "1", Outcome.FAILED),
        ("34", "38", Outcome.FAILED),
        ("21", "27", Outcome.REJECTED),
        ("17", "0", Outcome.MISSED),
    ],
)
def test_mixed_refusals_give_the_stronger_outcome(
    first: str, second: str, outcome: Outcome
) -> None:
    """One that rang out is missed; else rejected before busy before failed."""
    story = Story(f"""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992003
        0.1 new B PJSIP/1001-2 Down of=A
        0.1 dial A B exten=2003
        0.1 new C PJSIP/1002-3 Down of=A
        0.1 dial A C exten=2003
        0.5 bye B cause={first}
        0.5 dialend B
        0.5 gone B cause={first}
        0.6 dialend C
        0.6 gone C cause={second}
        0.6 bye A soft
        0.6 gone A
    """)
    assert story.record().outcome is outcome


@pytest.mark.parametrize(("rings", "outcome"), [("", "rejected"), ("0.3 rings B", "missed")])
def test_temporarily_unavailable_means_do_not_disturb_only_before_ringing(
    rings: str, outcome: str
) -> None:
    """480 at once is the red button pressed beforehand; after ringing nobody came."""
    story = Story(f"""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new B PJSIP/1001-2 Down of=A
        0.1 dial A B exten=1001
        {rings}
        0.5 bye B cause=19
        0.5 gone B cause=19 tech=480
        0.5 bye A soft
        0.5 gone A
    """)
    record = story.record()
    assert record.outcome is not None
    assert record.outcome.value == outcome
    assert record.ended_by is EndedBy.CALLEE


def test_nothing_dialled_and_no_route_is_failed() -> None:
    """Nobody was asked, and the PBX had not answered either."""
    story = Story("0.0 new A PJSIP/carrier-1 Ring num=333 exten=999\n0.1 bye A soft\n0.1 gone A")
    assert story.record().outcome is Outcome.FAILED
    assert story.record().ended_by is EndedBy.PBX


def test_nothing_dialled_after_a_menu_is_missed() -> None:
    """The menu gave up."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=3000
        0.1 state A up
        0.1 app A menu subject=main
        9.0 bye A soft
        9.0 gone A
    """)
    assert story.record().outcome is Outcome.MISSED
    assert story.record().ivr == ("main",)
    assert story.record().seconds.ivr == 8.9


def test_phone_without_contact_is_failed() -> None:
    """No channel is ever made for it."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991020
        0.1 nochannel A
        0.1 bye A soft
        0.1 gone A cause=3 tech=404
    """)
    assert story.record().outcome is Outcome.FAILED


def test_queue_that_gives_up_is_missed_whatever_its_members_did() -> None:
    """All members were busy; the queue's time ran out."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992001
        0.0 state A up
        0.1 join A support
        0.2 new B PJSIP/1001-2 Down of=A
        0.2 dial A B
        0.3 bye B cause=17
        0.3 dialend B
        0.3 gone B cause=17
        5.0 quit A support
        5.0 bye A soft
        5.0 gone A
    """)
    assert story.record().outcome is Outcome.MISSED
    assert story.record().seconds.wait == 4.9


def test_phone_dialled_after_a_queue_gave_up_decides() -> None:
    """The last stage is the overflow phone's."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992001
        0.1 join A support
        5.0 quit A support
        5.1 new B PJSIP/1005-2 Down of=A
        5.1 dial A B exten=1005
        5.2 bye B cause=17
        5.2 gone B cause=17
        5.2 bye A soft
        5.2 gone A
    """)
    assert story.record().outcome is Outcome.BUSY
    assert story.record().queue == "support"
    assert story.record().seconds.wait == 4.9


def test_internal_caller_who_gives_up_in_a_queue_is_missed_not_abandoned() -> None:
    """Outbound and internal calls are never abandoned."""
    story = Story("""
        0.0 new A PJSIP/1001-1 Ring exten=2001
        0.1 join A support
        5.0 bye A
        5.0 quit A support
        5.0 gone A
    """)
    assert story.record().outcome is Outcome.MISSED
    assert story.record().direction is Direction.INTERNAL


def test_queue_entered_after_the_answer_is_not_waited_for() -> None:
    """`wait` is only for queues entered before the first answer."""
    story = Story(TALKS)
    story.play("""
        4.0 blind B A 2001
        4.0 leave X B
        4.0 leave X A
        4.0 gone B
        4.1 join A support
        9.0 bye A
        9.0 quit A support
        9.0 gone A
    """)
    assert story.record().seconds.wait is None
    assert story.record().queue == "support"
    assert story.record().outcome is Outcome.ANSWERED
    assert story.record().ended_by is EndedBy.CALLER


def test_answering_queue_wins_over_one_entered_later() -> None:
    """The queue whose agent answered, else the last entered."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992001
        0.1 join A support
        0.2 new B PJSIP/1001-2 Down of=A
        0.2 dial A B
        2.0 quit A support
        2.0 agent A support
        2.0 enter X B
        2.0 enter X A
        4.0 blind B A 2002
        4.0 leave X A
        4.0 gone B
        4.1 join A sales
    """)
    assert story.record().queue == "support"
    assert story.record().seconds.wait == 1.9


def test_voicemail_that_answers_ends_the_ringing() -> None:
    """`ring` runs until the voicemail answers."""
    story = Story(RINGS)
    story.play("""
        4.0 dialend B
        4.0 gone B cause=0
        4.0 app A voicemail subject=1001
        9.0 bye A
        9.0 gone A
    """)
    assert story.record().outcome is Outcome.VOICEMAIL
    assert story.record().seconds.ring == 4.0


def test_refused_consultation_is_no_hang_up() -> None:
    """The consulted colleague does not talk with the customer: that request decides nothing."""
    story = Story(TALKS)
    story.play("""
        3.0 new L1 Local/1003@x-1;1 Down of=A exten=1003
        3.0 new L2 Local/1003@x-1;2 Ring of=A exten=1003
        3.0 enter Y L1
        3.0 leave X B
        3.0 enter Y B
        3.1 new C PJSIP/1003-3 Down of=A
        3.1 dial L2 C exten=1003
        4.0 dialend C answered
        4.0 enter Z C
        4.0 enter Z L2
        6.0 bye C
        6.0 gone C
        6.1 gone L2
        6.1 gone L1
        6.1 leave Y B
        6.1 enter X B
        9.0 bye A
        9.0 gone A
    """)
    assert moves(story) == [("attended", "1001", "1003", False)]
    assert rung(story) == [["1001"], ["1003"]]
    assert story.record().ended_by is EndedBy.CALLER
    assert story.record().final_talker == "1001"
    assert story.record().seconds.hold == pytest.approx(3.1)


def test_stream_that_never_tells_requests_leaves_ended_by_open() -> None:
    """Very old versions send neither HangupRequest nor SoftHangupRequest."""
    story = Story(TALKS + "5.0 leave X A\n5.0 gone A\n5.0 gone B\n")
    assert story.record().ended_by is None
    assert story.record().outcome is Outcome.ANSWERED


def test_pbx_that_cuts_a_call_ended_it() -> None:
    """A time limit: nobody asked to hang up."""
    story = Story(TALKS + "5.0 bye A soft\n5.0 gone A\n5.0 gone B\n")
    assert story.record().ended_by is EndedBy.PBX


def test_caller_who_hangs_up_while_ringing_after_a_transfer_ended_it() -> None:
    """On the initiator while nobody talks with it: caller."""
    story = Story(TALKS)
    story.play("""
        4.0 blind B A 1002
        4.0 bye B
        4.0 leave X B
        4.0 leave X A
        4.0 gone B
        4.1 new C PJSIP/1002-3 Down of=A
        4.1 dial A C exten=1002
        7.0 bye A
        7.0 gone A
        7.0 gone C cause=0
    """)
    assert story.record().ended_by is EndedBy.CALLER
    assert moves(story) == [("blind", "1001", "1002", False)]


@pytest.mark.parametrize("last", ["0.3 gone B cause=19 tech=480", "0.4 gone B cause=19 tech=480"])
def test_phone_that_refuses_before_its_dialling_is_told_has_refused(last: str) -> None:
    """On a busy PBX a phone that is not to be disturbed answers faster than Dial() speaks."""
    story = Story(f"""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new B PJSIP/1001-2 Down of=A
        0.2 bye B cause=19
        0.3 dial A B exten=1001
        0.3 dialend B
        {last}
        0.4 bye A soft
        0.4 gone A cause=19
    """)
    record = story.record()
    assert (record.outcome, record.ended_by) == (Outcome.REJECTED, EndedBy.CALLEE)
