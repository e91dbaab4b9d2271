"""The definitions of the call record, one table each, beyond what the recordings show."""

import pytest
from support.story import Story

from gateway.core.record import Direction, EndedBy, Outcome, TransferType

# A call comes in and rings at one phone.
RINGS = """
0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991001
0.1 new B PJSIP/1001-2 Down of=A exten=s
0.1 dial A B exten=1001 number=1001
0.2 rings B
"""
# ... and is answered.
TALKS = (
    RINGS
    + """
2.0 dialend B answered
2.0 enter X B
2.0 enter X A
"""
)


def moves(story: Story) -> list[tuple[str, str | None, str | None, bool]]:
    """Return the transfers of the only call, shortened."""
    return [
        (move.type.value, move.from_party, move.to_party, move.completed)
        for move in story.record().transfers
    ]


def rung(story: Story) -> list[list[str]]:
    """Return the stages of the only call."""
    return [sorted(stage) for stage in story.record().rung]


# Who answered, and since when


def test_up_and_dial_answer_without_a_bridge_are_no_answer() -> None:
    """Speaking means both real channels in one bridge, neither `Up` nor DialEnd ANSWER."""
    story = Story(RINGS + "2.0 dialend B answered\n2.0 state B up\n2.0 state A up\n")
    assert story.record().answered_by is None
    assert story.record().outcome is None


def test_announcement_to_the_agent_delays_the_answer() -> None:
    """The agent hears a whisper in a bridge of its own first; then the two are joined."""
    story = Story(RINGS + "2.0 dialend B answered\n2.0 enter W B\n4.0 leave W B\n")
    story.play("4.0 enter X B\n4.0 enter X A")
    assert story.record().seconds.ring == 4.0


def test_announcer_and_recorder_in_the_bridge_are_nobody() -> None:
    """Channels that Asterisk makes for itself are never parties."""
    story = Story(TALKS + "3.0 new N Announcer/ARI-7 Up of=A\n3.0 enter X N\n")
    assert story.record().final_talker == "1001"


def test_line_kept_through_relay_chains_counts_as_speaking() -> None:
    """Two relays in a row join the ends; each of their halves stands in a bridge."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new L1 Local/600@x-1;1 Down of=A
        0.1 new L2 Local/600@x-1;2 Ring of=A
        0.2 new M1 Local/1001@y-2;1 Down of=A
        0.2 new M2 Local/1001@y-2;2 Ring of=A
        0.3 new B PJSIP/1001-3 Down of=A
        0.3 dial A L1 exten=600
        0.3 dial L2 M1 exten=600
        0.3 dial M2 B exten=1001
        1.0 enter P B
        1.0 enter P M2
        1.0 enter Q M1
        1.0 enter Q L2
        1.0 enter R L1
    """)
    assert story.record().answered_by is None
    story.play("1.0 enter R A")
    assert story.record().answered_by == "1001"
    assert rung(story) == [["1001"]]


# Who was rung


def test_devices_of_one_extension_ring_once() -> None:
    """`devices` folds twins: one entry in the stage, one pop."""
    story = Story(
        """
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new B PJSIP/201-2 Down of=A
        0.1 dial A B exten=201
        0.1 new C PJSIP/91201-3 Down of=A
        0.1 dial A C exten=201
        2.0 enter X C
        2.0 enter X A
        2.0 gone B cause=26
        """,
        devices={"91201": "201"},
    )
    assert rung(story) == [["201"]]
    assert story.record().answered_by == "201"
    assert story.kinds().count("LegDialled") == 1
    assert "LegClosed" not in story.kinds()


def test_prefix_of_a_browser_phone_is_cut() -> None:
    """FreePBX names the browser twin of 201 `99201`."""
    story = Story("0.0 new A PJSIP/99201-1 Ring exten=202\n", device_prefixes=["99"])
    assert story.record().caller.number == "201"


def test_outside_number_with_early_media_only_is_not_rung() -> None:
    """183 is no alert: the number may be an announcement of the carrier."""
    story = Story("""
        0.0 new A PJSIP/1001-1 Ring exten=0287654321
        0.1 new B PJSIP/carrier-2 Down of=A
        0.1 dial A B exten=0287654321 number=0287654321
        9.0 bye A
        9.0 gone B cause=0
        9.0 gone A
    """)
    assert rung(story) == []
    assert story.record().outcome is Outcome.MISSED
    assert story.record().ended_by is EndedBy.CALLER


def test_leg_through_the_relay_that_is_still_dialled_opens_a_stage() -> None:
    """A relay keeps the stage open, but not for what is dialled through it."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992003
        0.1 new L1 Local/1002@x-1;1 Down of=A
        0.1 new L2 Local/1002@x-1;2 Ring of=A
        0.1 new B PJSIP/1001-2 Down of=A
        0.1 dial A B exten=2003
        0.1 dial A L1 exten=2003
        0.2 bye B cause=17
        0.2 dialend B
        0.2 gone B cause=17
        0.5 new C PJSIP/1002-3 Down of=A
        0.5 dial L2 C exten=1002
    """)
    assert rung(story) == [["1001"], ["1002"]]


def test_relay_that_is_still_dialled_keeps_the_stage_open_for_others() -> None:
    """While any relay is being dialled nothing else begins a new stage."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992003
        0.1 new L1 Local/1002@x-1;1 Down of=A
        0.1 new L2 Local/1002@x-1;2 Ring of=A
        0.1 new B PJSIP/1001-2 Down of=A
        0.1 dial A B exten=2003
        0.1 dial A L1 exten=2003
        0.2 dialend B
        0.2 gone B cause=17
        0.5 new C PJSIP/1003-3 Down of=A
        0.5 dial A C exten=2003
    """)
    assert rung(story) == [["1001", "1003"]]


def test_next_try_of_a_queue_is_a_new_stage_also_behind_relays() -> None:
    """Whatever was dialled through a relay that is over is over too."""
    story = Story("""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299992001
        0.0 join A support
        0.1 new L1 Local/1001@q-1;1 Down of=A
        0.1 new L2 Local/1001@q-1;2 Ring of=A
        0.1 dial A L1
        0.2 new B PJSIP/1001-2 Down of=A
        0.2 dial L2 B exten=1001
        5.0 dialend L1
        5.0 new M1 Local/1002@q-2;1 Down of=A
        5.0 new M2 Local/1002@q-2;2 Ring of=A
        5.0 dial A M1
        5.0 new C PJSIP/1002-3 Down of=A
        5.0 dial M2 C exten=1002
        5.1 gone B cause=0
    """)
    assert rung(story) == [["1001"], ["1002"]]


def test_picker_dialled_by_asterisk_13_is_not_rung() -> None:
    """It sends a DialBegin for the picker, who is Up already and has a call of its own."""
    story = Story(RINGS)
    story.play("""
        1.0 new P PJSIP/1002-3 Ring exten=**1001
        1.0 state P up
        1.0 dial A P exten=1001
        1.0 pickup P B
        1.0 gone B cause=26
        1.0 enter X P
        1.0 enter X A
    """)
    assert rung(story) == [["1001"]]
    assert moves(story) == [("pickup", "1001", "1002", True)]


# Transfers


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


# Outcomes


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


# Who hung up


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


# Identity and first values


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


# Click-to-call


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


# Conference


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


# Contradictions


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
