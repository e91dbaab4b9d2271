"""What is a transfer, and when it is completed."""

from support.story import RINGS, TALKS, Story, moves, rung

from gateway.core.record import EndedBy


def test_pickup_without_its_event_is_told_by_the_bridge() -> None:
    """Whom the caller reaches decides; no event has to be trusted."""
    story = Story(RINGS)
    story.play("""
        1.0 new P PJSIP/1002-3 Ring exten=*8
        1.0 state P up
        1.0 gone B cause=26
        1.0 enter X P
        1.0 enter X A
    """)
    assert moves(story) == [("pickup", "1001", "1002", True)]
    assert story.record().answered_by == "1002"


def test_retrieval_told_after_the_bridge_is_noted_once() -> None:
    """UnParkedCall and BridgeEnter come from two threads."""
    story = Story(TALKS)
    story.play("""
        3.0 park A 1001
        3.0 leave X A
        3.0 enter P A kind=parking
        3.0 leave X B
        3.0 gone B
        6.0 new R PJSIP/1002-3 Ring exten=701
        6.0 leave P A kind=parking
        6.0 enter Y A
        6.0 enter Y R
        6.0 unpark A R
        9.0 bye R
        9.0 gone R
        9.0 gone A
    """)
    assert moves(story) == [("park", "1001", "1002", True)]
    assert story.record().seconds.hold == 3.0
    assert story.record().final_talker == "1002"


def test_parking_that_nobody_retrieves_is_no_transfer() -> None:
    """`park` only when somebody retrieves; the time in the lot is hold."""
    story = Story(TALKS)
    story.play("""
        3.0 park A 1001
        3.0 leave X A
        3.0 enter P A kind=parking
        3.0 gone B
        8.0 bye A
        8.0 leave P A kind=parking
        8.0 gone A
    """)
    assert moves(story) == []
    assert story.record().seconds.hold == 5.0
    assert story.record().ended_by is EndedBy.CALLER


def test_forward_set_in_the_pbx_lists_only_the_target() -> None:
    """A Dial for extension E with one relay elsewhere as its only destination."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new L1 Local/1002@x-1;1 Down of=A
        0.1 new L2 Local/1002@x-1;2 Ring of=A
        0.1 dial A L1 exten=1001
        0.2 new B PJSIP/1002-2 Down of=A
        0.2 dial L2 B exten=1002
    """)
    assert moves(story) == [("forward", "1001", "1002", False)]
    assert rung(story) == [["1002"]]


def test_second_round_of_a_queue_behind_relays_is_a_stage_of_its_own() -> None:
    """Nobody was being dialled between the rounds; both relays of a round are dialled at once."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992002
        0.1 new K1 Local/1006@q-1;1 Down of=A
        0.1 new K2 Local/1006@q-1;2 Ring of=A
        0.1 dial A K1 exten=2002
        0.2 new B PJSIP/1006-2 Down of=A
        0.2 dial K2 B exten=1006
        2.0 dialend B
        2.0 dialend K1
        3.0 new L1 Local/1006@q-2;1 Down of=A
        3.0 new L2 Local/1006@q-2;2 Ring of=A
        3.0 new M1 Local/1007@q-3;1 Down of=A
        3.0 new M2 Local/1007@q-3;2 Ring of=A
        3.0 dial A L1 exten=2002
        3.0 dial A M1 exten=2002
        3.1 new D PJSIP/1007-4 Down of=A
        3.1 dial M2 D exten=1007
        3.1 new C PJSIP/1006-3 Down of=A
        3.1 dial L2 C exten=1006
    """)
    assert rung(story) == [["1006"], ["1006", "1007"]]


def test_chain_of_forwards_is_listed_in_the_order_of_the_route() -> None:
    """The Dials of a chain run in threads of their own, so the second may be told first."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new L1 Local/1002@x-1;1 Down of=A
        0.1 new L2 Local/1002@x-1;2 Ring of=A
        0.1 new M1 Local/1003@x-2;1 Down of=A
        0.1 new M2 Local/1003@x-2;2 Ring of=A
        0.1 dial L2 M1 exten=1002
        0.1 dial A L1 exten=1001
        0.2 new B PJSIP/1003-2 Down of=A
        0.2 dial M2 B exten=1003
    """)
    assert moves(story) == [("forward", "1001", "1002", False), ("forward", "1002", "1003", False)]


def test_second_destination_makes_it_a_twin_not_a_forward() -> None:
    """The mobile twin of an extension: both ring, nobody was forwarded."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new L1 Local/3391112222@x-1;1 Down of=A
        0.1 new L2 Local/3391112222@x-1;2 Ring of=A
        0.1 dial A L1 exten=1001
        0.2 new B PJSIP/1001-2 Down of=A
        0.2 dial A B exten=1001
    """)
    assert moves(story) == []


def test_relay_to_the_extension_itself_is_no_forward() -> None:
    """FreePBX wraps every extension in a Local channel of the same number."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new L1 Local/FMPR-1001@x-1;1 Down of=A
        0.1 new L2 Local/FMPR-1001@x-1;2 Ring of=A
        0.1 dial A L1 exten=1001
    """)
    assert moves(story) == []


def test_relay_that_a_queue_dials_is_no_forward() -> None:
    """A queue's member behind a relay was not forwarded by anybody."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992001
        0.0 join A support
        0.1 new L1 Local/1001@q-1;1 Down of=A
        0.1 new L2 Local/1001@q-1;2 Ring of=A
        0.1 dial A L1 exten=2001
    """)
    assert moves(story) == []


def test_forward_to_a_phone_in_a_group_is_not_completed_by_another_phone() -> None:
    """`completed` only if the target took the call."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992003
        0.1 new B PJSIP/1001-2 Down of=A
        0.1 dial A B exten=2003
        0.1 new C PJSIP/1002-3 Down of=A
        0.1 dial A C exten=2003
        0.2 bye B cause=23
        0.2 dialend B forward=1005
        0.2 gone B cause=23
        2.0 enter X C
        2.0 enter X A
    """)
    assert moves(story) == [("forward", "1001", "1005", False)]
    assert story.record().final_talker == "1002"


def test_blind_transfer_that_comes_back_to_the_transferer_is_not_completed() -> None:
    """The target did not take the call."""
    story = Story(TALKS)
    story.play("""
        4.0 blind B A 1002
        4.0 leave X B
        4.0 leave X A
        4.0 gone B
        4.1 new C PJSIP/1002-3 Down of=A
        4.1 dial A C exten=1002
        9.0 dialend C
        9.0 gone C cause=0
        9.1 new D PJSIP/1001-4 Down of=A
        9.1 dial A D exten=1002
        11.0 enter Y D
        11.0 enter Y A
    """)
    assert moves(story) == [("blind", "1001", "1002", False)]
    assert story.record().final_talker == "1001"
    assert story.record().seconds.hold == 0.0


def test_customer_alone_in_the_bridge_is_on_hold() -> None:
    """A consultation: the music may come without any Hold event."""
    story = Story(TALKS)
    story.play("4.0 leave X B\n7.0 enter X B\n9.0 bye A\n9.0 gone B\n9.0 gone A")
    assert story.record().seconds.hold == 3.0


def test_hold_by_the_transferer_ends_with_its_channel() -> None:
    """A call that ends, or moves on, while held has no Unhold."""
    story = Story(TALKS)
    story.play("3.0 hold B\n5.0 bye A\n5.0 leave X A\n5.0 gone A\n5.0 gone B")
    assert story.record().seconds.hold == 2.0


def test_unhold_without_hold_changes_nothing() -> None:
    """BlindTransfer may send one."""
    story = Story(TALKS + "3.0 unhold B\n")
    assert story.record().seconds.hold == 0.0
    assert story.anomalies() == []


CONSULTS = (
    TALKS
    + """
3.0 hold B
3.0 new L1 Local/1003@phones-7;1 Down of=A exten=1003
3.0 new L2 Local/1003@phones-7;2 Ring of=A exten=1003
3.0 enter Y L1
3.0 leave X B
3.0 enter Y B
3.1 new C PJSIP/1003-4 Down of=A exten=s
3.1 dial L2 C exten=1003 number=1003
3.2 rings C
"""
)


def test_nobody_is_held_once_the_transferer_has_joined_all_three() -> None:
    """A conference of three tells no Unhold, and the transferer stays."""
    story = Story(CONSULTS)
    story.play("""
        5.0 enter Z C
        5.0 enter Z L2
        7.0 leave Y L1
        7.0 enter X L1
        7.0 leave Y B
        7.0 enter X B
        7.0 attended B B
        9.0 bye B
        9.0 leave X B
        9.0 gone B
        12.0 bye C
        12.0 gone C
        12.0 gone A
    """)
    assert moves(story) == [("attended", "1001", "1003", True)]
    assert (story.record().final_talker, story.record().seconds.hold) == ("1003", 4.0)


def test_recall_that_nobody_answers_is_part_of_the_call() -> None:
    """The PBX calls the transferer back while the relay is still told to stand there."""
    story = Story(CONSULTS)
    story.play("""
        4.0 bye B
        4.0 leave Y B
        4.0 leave Y L1
        4.0 enter X L1
        4.0 attended B B
        8.0 bye L1 soft
        8.0 new R PJSIP/1001-9 Down exten=s
        8.0 dial R number=1001
        8.0 leave X L1
        8.0 gone C cause=0
        8.0 gone L2
        8.0 gone L1
        8.1 rings R
        9.0 bye A
        9.0 leave X A
        9.0 gone A
        9.0 gone R cause=0
        9.0 gone B
    """)
    assert moves(story) == [("blonde", "1001", "1003", False)]
    assert rung(story) == [["1001"], ["1003"], ["1001"]]
    assert (story.record().final_talker, story.record().ended_by) == ("1001", EndedBy.CALLER)


def test_forward_is_completed_by_whoever_picks_the_call_up_there() -> None:
    """The call went where it was sent; who took it from that phone is the pickup's business."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991001
        0.1 new L1 Local/1002@phones-7;1 Down of=A exten=1002
        0.1 new L2 Local/1002@phones-7;2 Ring of=A exten=1002
        0.1 dial A L1 exten=1001 number=1002@phones
        0.1 new B PJSIP/1002-2 Down of=A exten=s
        0.1 dial L2 B exten=1002 number=1002
        1.0 new P PJSIP/1004-3 Ring exten=**1002
        1.0 pickup P B
        1.0 gone B cause=26
        1.0 enter Y P
        1.0 enter Y L2
        1.0 enter X L1
        1.0 enter X A
    """)
    assert moves(story) == [("forward", "1001", "1002", True), ("pickup", "1002", "1004", True)]


def test_phone_dialled_before_its_forward_is_told_rings_in_a_stage_of_its_own() -> None:
    """The relay to whom a phone sends its callers (302) dials in a thread of its own."""
    story = Story(RINGS)
    story.play("""
        1.0 bye B cause=23
        1.0 new L1 Local/1002@phones-7;1 Down of=A exten=1002
        1.0 new L2 Local/1002@phones-7;2 Ring of=A exten=1002
        1.0 new C PJSIP/1002-4 Down of=A exten=s
        1.0 dial L2 C exten=1002 number=1002
        1.0 dialend B forward=1002
        1.0 dial A L1 exten=1001 number=1002@phones
        1.0 gone B cause=23
        1.1 rings C
    """)
    assert rung(story) == [["1001"], ["1002"]]
    assert moves(story) == [("forward", "1001", "1002", False)]
