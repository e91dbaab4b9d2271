"""Who is who: identity, first values, click-to-call, conference, contradictions."""

import pytest
from support.story import TALKS, Story, rung

from gateway.core.record import Direction, EndedBy, Outcome, TransferType


def test_later_caller_ids_and_jumps_change_nothing() -> None:
    """Caller and called are the first values of the first channel."""
    story = Story(TALKS)
    record = story.record()
    assert (record.caller.number, record.called.number) == ("+393331234567", "+390299991001")
    assert record.caller.e164 == "+393331234567"
    assert record.linkedid == story.uid("A")


def test_number_of_an_extension_is_its_device() -> None:
    """The dialplan shows the company's number on outbound calls; the device stays itself."""
    story = Story("0.0 new A PJSIP/1001-1 Ring num=+390299990000 exten=0287654321\n")
    assert story.record().caller.number == "1001"
    assert story.record().caller.e164 is None
    assert story.record().direction is Direction.OUTBOUND


def test_first_leg_decides_where_an_extension_calls() -> None:
    """A short number may lead outside."""
    story = Story("""
        0.0 new A PJSIP/1001-1 Ring exten=55
        0.1 new B PJSIP/carrier-2 Down of=A
        0.1 dial A B exten=55 number=3391112222
    """)
    assert story.record().direction is Direction.OUTBOUND
    assert story.record().trunk == "carrier"


def test_inbound_call_forwarded_outside_stays_inbound() -> None:
    """The root is a trunk channel: inbound, wherever it goes later."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new B PJSIP/mobile-2 Down of=A
        0.1 dial A B exten=1001 number=3391112222
        0.2 rings B
    """)
    record = story.record()
    assert (record.direction, record.trunk) == (Direction.INBOUND, "carrier")
    assert rung(story) == [["3391112222"]]


def test_chan_sip_root_is_down_for_a_moment() -> None:
    """It says Down at Newchannel and Ring by Newstate at once; it is an ordinary call."""
    story = Story("0.0 new A SIP/carrier-1 Down num=333 exten=s\n0.0 state A ring\n")
    assert story.record().direction is Direction.INBOUND


def test_listed_trunk_wins_over_the_extension_pattern() -> None:
    """A trunk may be named like an extension."""
    story = Story("0.0 new A PJSIP/900-1 Ring num=333 exten=201\n", trunks=["900"])
    assert story.record().direction is Direction.INBOUND
    assert story.record().trunk == "900"


def test_channel_that_is_neither_listed_trunk_nor_extension_is_nobody() -> None:
    """With `trunks` given, what is left over is no party."""
    story = Story("0.0 new A PJSIP/doorphone-1 Ring exten=201\n", trunks=["carrier"])
    assert story.records() == []


def test_peer_is_written_with_its_name() -> None:
    """A colleague in another office of ours is `branch:201`."""
    story = Story(
        """
        0.0 new A PJSIP/1001-1 Ring exten=8201
        0.1 new B PJSIP/to-branch-2 Down of=A
        0.1 dial A B exten=8201 number=201
        0.2 rings B
        """,
        peers={"to-branch": "branch"},
    )
    assert rung(story) == [["branch:201"]]


def test_withheld_number_is_anonymous() -> None:
    """Asterisk shows the word; the record marks the presentation."""
    story = Story("0.0 new A PJSIP/carrier-1 Ring num=anonymous exten=+390299991001\n")
    caller = story.record().caller
    assert (caller.number, caller.e164, caller.presentation.value) == (
        "anonymous",
        None,
        "withheld",
    )


AGENT = """
0.0 new A PJSIP/1001-1 Down exten=s name="Anna Rossi"
0.0 dial A number=1001
0.1 rings A
"""


def test_agent_who_never_answers_makes_click_to_call_fail() -> None:
    """From the start to the end is `ring`; the number wanted is told only after the end."""
    story = Story(
        AGENT + "4.0 dialend A\n4.0 gone A cause=0\n4.0 notoriginated 1001 exten=0287654321\n"
    )
    record = story.record()
    assert (record.outcome, record.ended_by) == (Outcome.FAILED, EndedBy.PBX)
    assert record.called.number == "0287654321"
    assert (record.direction, record.seconds.ring) == (Direction.OUTBOUND, 4.0)
    assert record.revision == 1


def test_ringing_of_click_to_call_counts_from_the_agents_answer() -> None:
    """The customer's patience begins when the agent is there."""
    story = Story(AGENT)
    story.play("""
        2.0 state A up
        2.0 dialend A answered
        2.0 originated A 0287654321
        2.1 new B PJSIP/carrier-2 Down of=A
        2.1 dial A B exten=0287654321 number=0287654321
        2.2 rings B
        5.0 enter X B
        5.0 enter X A
    """)
    record = story.record()
    assert record.seconds.ring == 3.0
    assert record.answered_by == "0287654321"
    assert rung(story) == [["1001"], ["0287654321"]]


def test_busy_customer_of_click_to_call_is_busy() -> None:
    """The agent's own phone, which answered, is no leg that failed."""
    story = Story(AGENT)
    story.play("""
        2.0 state A up
        2.0 originated A 0287654321
        2.1 new B PJSIP/carrier-2 Down of=A
        2.1 dial A B exten=0287654321 number=0287654321
        2.2 bye B cause=17
        2.2 gone B cause=17
        2.2 bye A soft
        2.2 gone A
    """)
    assert story.record().outcome is Outcome.BUSY
    assert story.record().ended_by is EndedBy.CALLEE


def test_outside_caller_waits_in_the_room_for_the_first_extension() -> None:
    """Each participant's call is a record of its own."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299994000
        0.1 enter R A kind=conference
        3.0 new B PJSIP/1001-2 Ring exten=4000
        3.1 enter R B kind=conference
        9.0 bye A
        9.0 gone A
        9.5 bye B
        9.5 gone B
    """)
    outside, inside = story.records()
    assert (outside.answered_by, outside.seconds.ring, outside.rung) == ("1001", 3.1, ())
    assert (inside.answered_by, inside.outcome) == (None, Outcome.ANSWERED)
    assert inside.seconds.ring == pytest.approx(0.1)
    assert "CallMerged" not in story.kinds()


def test_conference_told_after_its_bridge_is_no_conversation_of_two() -> None:
    """Confbridge and Bridge events arrive in either order."""
    story = Story("""
        0.0 new A PJSIP/1002-1 Ring exten=4000
        0.1 enter R A
        0.1 room R A
        3.0 new B PJSIP/1001-2 Ring exten=4000
        3.1 enter R B
    """)
    assert [record.answered_by for record in story.records()] == [None, None]
    assert [record.outcome for record in story.records()] == [Outcome.ANSWERED, Outcome.ANSWERED]


def test_contradictions_are_values() -> None:
    """Events about channels that nobody saw raise nothing and invent nothing."""
    story = Story("""
        0.0 dial 9.1 9.2 exten=1001
        0.0 enter X 9.3
        0.0 leave X 9.3
        0.0 gone 9.3
        0.0 blind 9.4 9.5 1002
        0.0 attended 9.4 9.5
        0.0 pickup 9.4 9.5
        0.0 unpark 9.4 9.5
    """)
    assert story.records() == []
    assert story.anomalies() == [
        "dial.unknown_channel",
        "transfer.unknown_channel",
        "transfer.unknown_channel",
        "pickup.unknown_channel",
    ]


def test_transfer_types_are_those_of_the_contract() -> None:
    """The record's words are public."""
    assert {kind.value for kind in TransferType} == {
        "blind",
        "attended",
        "blonde",
        "park",
        "pickup",
        "forward",
    }


def test_phone_dialled_beside_a_mobile_makes_an_internal_call() -> None:
    """Relays dial in threads of their own: which leg is told first means nothing."""
    story = Story("""
        0.0 new A PJSIP/1005-1 Ring num=1005 exten=2501
        0.1 new L1 Local/FMPR-1001@ways-1;1 Down of=A exten=FMPR-1001
        0.1 new L2 Local/FMPR-1001@ways-1;2 Ring of=A exten=FMPR-1001
        0.1 dial A L1 exten=2501 number=FMPR-1001@ways
        0.1 new M1 Local/3485556699@ways-2;1 Down of=A exten=3485556699
        0.1 new M2 Local/3485556699@ways-2;2 Ring of=A exten=3485556699
        0.1 dial A M1 exten=2501 number=3485556699@ways
        0.2 new C PJSIP/carrier-5 Down of=A exten=s
        0.2 dial M2 C exten=3485556699 number=3485556699
        0.2 new B PJSIP/1001-4 Down of=A exten=s
        0.2 dial L2 B exten=FMPR-1001 number=1001
    """)
    assert story.record().direction is Direction.INTERNAL


def test_click_on_a_queue_is_internal_whoever_tells_the_number_first() -> None:
    """The queue may start before the answer to Originate is told."""
    story = Story("""
        0.0 new A PJSIP/1001-1 Down num=1001 exten=s
        0.0 dial A number=1001
        1.0 state A up
        1.0 app A queue subject=info exten=2008
        1.0 originated A 2008
    """)
    assert story.record().direction is Direction.INTERNAL
    assert story.record().called.number == "2008"
