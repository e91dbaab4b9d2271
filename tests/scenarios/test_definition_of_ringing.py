"""Who was rung, in which stages, and who answered (the call record: rung, answered_by)."""

from support.story import RINGS, TALKS, Story, moves, rung

from gateway.core.record import EndedBy, Outcome


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
