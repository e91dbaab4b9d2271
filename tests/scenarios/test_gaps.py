"""Lost links, snapshots, restarts of the PBX, and calls met in mid-call (DESIGN: Incomplete)."""

from support.recorded import at, settings
from support.story import RINGS, Story

from adapters.asterisk.naming import Naming
from gateway.core.inputs import (
    BridgeKind,
    ChannelState,
    QueryAnswer,
    Snapshot,
    SnapshotBridge,
    SnapshotChannel,
    SnapshotQueueCaller,
)
from gateway.core.record import Direction, EndedBy, EndKind, Outcome, Presentation

NAMING = Naming(settings())
TALKS = """
0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991001
0.1 new B PJSIP/1001-2 Down of=A
0.1 dial A B exten=1001
0.2 rings B
2.0 dialend B answered
2.0 enter X B
2.0 enter X A
"""
MET = "Ring num=+393331234567 met=0"


def listed(
    uid: str, name: str, state: ChannelState, *, of: str = "", bridge: str = "", number: str = ""
) -> SnapshotChannel:
    """Return one line of the list of channels."""
    return SnapshotChannel(
        channel=uid,
        linkedid=of or uid,
        identity=NAMING.identity(name),
        state=state,
        number=number,
        bridge=bridge,
        since=at(0),
    )


def lists(
    story: Story, seconds: float, *channels: SnapshotChannel, seq: int | None = None
) -> Snapshot:
    """Return a snapshot requested after the story's last event."""
    return Snapshot(
        at=at(seconds),
        requested_seq=story.seq if seq is None else seq,
        channels=channels,
        bridges=tuple(
            SnapshotBridge(bridge=one.bridge, kind=BridgeKind.ORDINARY)
            for one in channels
            if one.bridge
        ),
    )


def test_call_that_vanished_ends_unseen() -> None:
    """What was seen stays; when and by whom it ended nobody knows."""
    story = Story(TALKS + "5.0 linkdown\n")
    story.tell(lists(story, 60))
    record = story.record()
    assert (record.end, record.complete) == (EndKind.UNSEEN, False)
    assert (record.outcome, record.answered_by) == (Outcome.ANSWERED, "1001")
    assert (record.ended_by, record.ended_at) == (None, None)
    assert (record.seconds.ring, record.seconds.talk, record.seconds.hold) == (2.0, None, None)


def test_call_that_goes_on_as_it_was_loses_nothing() -> None:
    """The lists agree: the call was up before and after."""
    story = Story(TALKS + "5.0 linkdown\n")
    a, b = story.uid("A"), story.uid("B")
    story.tell(
        lists(
            story,
            8,
            listed(a, "PJSIP/carrier-1", ChannelState.UP, bridge="X"),
            listed(b, "PJSIP/1001-2", ChannelState.UP, of=a, bridge="X"),
        )
    )
    story.play("12.0 bye B\n12.0 leave X B\n12.0 gone B\n12.0 gone A")
    record = story.record()
    assert record.complete
    assert (record.seconds.ring, record.seconds.talk) == (2.0, 10.0)
    assert record.ended_by is not None


def test_answer_in_the_gap_is_known_its_time_is_not() -> None:
    """The phone rang before, and stands in the caller's bridge after."""
    story = Story(TALKS.split("2.0 dialend", maxsplit=1)[0] + "1.0 linkdown\n")
    a, b = story.uid("A"), story.uid("B")
    story.tell(
        lists(
            story,
            8,
            listed(a, "PJSIP/carrier-1", ChannelState.UP, bridge="X"),
            listed(b, "PJSIP/1001-2", ChannelState.UP, of=a, bridge="X"),
        )
    )
    story.play("12.0 bye A\n12.0 leave X A\n12.0 gone A\n12.0 gone B")
    record = story.record()
    assert (record.outcome, record.answered_by, record.rung) == (
        Outcome.ANSWERED,
        "1001",
        (("1001",),),
    )
    assert (record.answered_at, record.complete) == (None, False)
    seconds = record.seconds
    assert (seconds.ring, seconds.talk, seconds.hold) == (None, None, None)


def test_two_who_leave_one_bridge_were_talking() -> None:
    """Nobody saw them enter; the stream has no lists."""
    story = Story(f"""
        9.0 new A PJSIP/carrier-1 {MET}
        9.0 bye A
        9.0 leave X A
        9.0 gone A
        9.0 new B PJSIP/1001-2 Up of=A met=0
        9.0 leave X B
        9.0 gone B
    """)
    record = story.record()
    assert (record.outcome, record.answered_by) == (Outcome.ANSWERED, "1001")
    assert (record.direction, record.called.number) == (Direction.INBOUND, None)
    assert (record.answered_at, record.seconds.talk, record.complete) == (None, None, False)


def test_two_who_were_joined_by_a_relay_were_talking() -> None:
    """Also through relays, whichever end goes first."""
    story = Story(f"""
        9.0 new A PJSIP/carrier-1 {MET}
        9.0 new L1 Local/1001@q-1;1 Up of=A met=0
        9.0 new L2 Local/1001@q-1;2 Up of=A met=0
        9.0 new B PJSIP/1001-2 Up of=A met=0
        9.1 bye B
        9.1 leave Y B
        9.1 leave Y L2
        9.1 gone L2
        9.1 leave X L1
        9.1 leave X A
        9.1 gone L1
        9.1 gone A
        9.1 gone B
    """)
    assert story.record().answered_by == "1001"


def test_call_adopted_while_it_rings_is_followed_to_its_end() -> None:
    """The beginning is unknown: no ring time, and the record says so."""
    story = Story("")
    story.tell(
        lists(
            story,
            10,
            listed("7.1", "PJSIP/carrier-1", ChannelState.RING, number="+393331234567"),
            listed("7.2", "PJSIP/1001-2", ChannelState.RINGING, of="7.1"),
        )
    )
    assert story.kinds() == ["CallStarted", "LegDialled", "LegAlerting"]
    story.play("""
        12.0 enter X 7.2
        12.0 enter X 7.1
        15.0 bye 7.1
        15.0 gone 7.1
        15.0 gone 7.2
    """)
    record = story.record()
    assert (record.complete, record.rung, record.answered_by) == (False, (("1001",),), "1001")
    assert (record.seconds.ring, record.seconds.talk) == (None, 3.0)
    assert record.started_at == at(0)


def test_waiting_caller_is_adopted_with_queue_and_waiting_time() -> None:
    """The queue's list tells since when."""
    story = Story("")
    story.tell(
        Snapshot(
            at=at(30),
            requested_seq=0,
            channels=(listed("7.1", "PJSIP/carrier-1", ChannelState.UP, number="333"),),
            queues=(SnapshotQueueCaller(channel="7.1", queue="support", since=at(10)),),
        )
    )
    story.play("40.0 bye 7.1\n40.0 quit 7.1 support\n40.0 gone 7.1")
    record = story.record()
    assert (record.queue, record.seconds.wait, record.outcome) == (
        "support",
        30.0,
        Outcome.ABANDONED,
    )


def test_channel_hung_up_while_the_lists_ran_is_not_revived() -> None:
    """Live events win over a list that was taken earlier."""
    story = Story(TALKS + "5.0 linkdown\n")
    seq = story.seq
    a, b = story.uid("A"), story.uid("B")
    story.play("8.0 bye A\n8.0 leave X A\n8.0 gone A\n8.0 gone B")
    story.tell(
        lists(
            story,
            8.1,
            listed(a, "PJSIP/carrier-1", ChannelState.UP, bridge="X"),
            listed(b, "PJSIP/1001-2", ChannelState.UP, of=a, bridge="X"),
            seq=seq,
        )
    )
    assert story.record().end is EndKind.SEEN
    assert story.table.live() == ()


def test_call_created_while_the_lists_ran_is_not_closed() -> None:
    """It cannot be on a list that was taken before it began."""
    story = Story("")
    story.play("8.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001")
    story.tell(lists(story, 8.1, seq=0))
    assert len(story.table.live()) == 1


def test_customer_who_was_handed_over_in_the_gap_stays_the_same_call() -> None:
    """The agent who called out is gone, the customer talks with a colleague."""
    story = Story("""
        0.0 new A PJSIP/1001-1 Ring exten=0287654321
        0.1 new B PJSIP/carrier-2 Down of=A
        0.1 dial A B exten=0287654321 number=0287654321
        2.0 enter X B
        2.0 enter X A
        5.0 linkdown
    """)
    b, a = story.uid("B"), story.uid("A")
    story.tell(
        lists(
            story,
            9,
            listed(b, "PJSIP/carrier-2", ChannelState.UP, of=a, bridge="Y"),
            listed("7.9", "PJSIP/1002-3", ChannelState.UP, of=a, bridge="Y"),
        )
    )
    story.play("12.0 bye 7.9\n12.0 gone 7.9\n12.0 gone B")
    record = story.record()
    assert (record.end, record.final_talker) == (EndKind.SEEN, "0287654321")


def test_restart_of_the_pbx_ends_every_call() -> None:
    """Another boot: nothing of the earlier one is up."""
    story = Story(TALKS + "5.0 linkdown\n9.0 restart\n")
    assert story.record().end is EndKind.PBX_RESTART
    assert story.table.live() == ()
    assert story.kinds().count("CallEnded") == 1


def test_hold_across_a_gap_is_unknown() -> None:
    """They may have been taken back and put on hold again."""
    story = Story(TALKS + "4.0 hold B\n5.0 linkdown\n20.0 unhold B\n30.0 bye A\n30.0 gone A\n")
    assert story.record().seconds.hold is None
    assert story.record().seconds.talk == 28.0


def test_hang_up_told_just_before_the_stream_came_back_leaves_ended_by_open() -> None:
    """Only the last channel's end was seen."""
    story = Story(TALKS + "5.0 linkdown\n9.0 leave X B\n9.0 gone B\n9.0 leave X A\n9.0 gone A\n")
    assert story.record().ended_by is None
    assert story.record().outcome is Outcome.ANSWERED


def test_memory_of_what_is_over_is_given_back() -> None:
    """Ended calls, bridges, relays and lost channels are forgotten."""
    story = Story(TALKS + "5.0 bye A\n5.0 leave X A\n5.0 gone A\n5.0 leave X B\n5.0 gone B\n")
    story.play("5.1 new N PJSIP/1003-9 Down of=A\n5.1 gone N")
    story.later(30)
    board = story.table._board
    assert not board.channels
    assert not board.gone
    assert not board.calls
    assert not board.bridges
    assert not board.relays
    assert not board.by_linkedid
    assert not board.unseen


def test_number_stays_masked_until_the_pbx_says_it_may_be_shown() -> None:
    """`presentation = "getvar"`: asked at once, no answer leaves it masked."""
    story = Story(
        "0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991001\n",
        query="CALLERID(pres)",
    )
    assert story.kinds() == ["CallStarted", "Query"]
    assert story.record().caller.presentation is Presentation.WITHHELD
    story.tell(QueryAnswer(at=at(0.15), query_id=story.uid("A"), value=None))
    assert story.record().caller.presentation is Presentation.WITHHELD
    story.tell(QueryAnswer(at=at(1), query_id=story.uid("A"), value="allowed_not_screened"))
    assert story.record().caller.presentation is Presentation.ALLOWED
    assert story.kinds()[-1] == "CallUpdated"


def test_number_that_the_trunk_asserts_although_withheld_is_kept_and_marked() -> None:
    """The record keeps it; masking is the page's duty."""
    story = Story(
        "0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991001\n",
        query="CALLERID(pres)",
    )
    story.tell(QueryAnswer(at=at(1), query_id=story.uid("A"), value="prohib_passed_screen"))
    caller = story.record().caller
    assert (caller.number, caller.presentation) == ("+393331234567", Presentation.WITHHELD)


def test_end_after_a_gap_without_lists_is_no_whole_story() -> None:
    """A recording may go on without anybody asking for what is up: somebody may have come first."""
    story = Story(RINGS)
    story.play("""
        1.0 linkdown
        8.0 new C PJSIP/1003-4 Down of=A exten=s
        8.0 dial A C exten=1003 number=1003
        9.0 enter Y C
        9.0 enter Y A
        12.0 bye A
        12.0 leave Y A
        12.0 leave Y C
        12.0 gone C
        12.0 gone A
    """)
    record = story.record()
    assert (record.complete, record.final_talker, record.outcome) == (
        False,
        "1003",
        Outcome.ANSWERED,
    )
    seconds = record.seconds
    assert (seconds.ring, seconds.talk, seconds.hold) == (None, None, None)
    assert record.ended_by is EndedBy.CALLER
