"""What may have happened while nobody looked is unknown, and said to be (DESIGN: Incomplete)."""

import pytest
from support.recorded import PLAN, at, settings
from support.story import TALKS, Story

from adapters.asterisk.naming import Naming
from gateway.core.events import CallMerged
from gateway.core.inputs import (
    BridgeKind,
    ChannelState,
    LinkDown,
    Snapshot,
    SnapshotBridge,
    SnapshotChannel,
    SnapshotQueueCaller,
)
from gateway.core.record import CallRecord, Outcome, TransferType
from gateway.core.table import CallTable

NAMING = Naming(settings())
CUSTOMER = "0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991001\n"
WAITS = CUSTOMER + "0.1 state A up\n0.2 join A support\n"
RINGS_IN_QUEUE = WAITS + "1.0 new B PJSIP/1001-2 Down of=A\n1.0 dial A B\n1.1 rings B\n"
CONSULTS = (
    TALKS
    + """
3.0 hold B
3.1 new C PJSIP/1001-3 Ring num=1001 exten=1002
3.2 new D PJSIP/1002-4 Down of=C exten=s
3.2 dial C D exten=1002
4.0 dialend D answered
4.0 enter Y D
4.0 enter Y C
"""
)


def met(
    uid: str, name: str, *, of: str = "", bridge: str = "", state: ChannelState = ChannelState.UP
) -> SnapshotChannel:
    """Return one line of the list of channels."""
    return SnapshotChannel(
        channel=uid,
        linkedid=of or uid,
        identity=NAMING.identity(name),
        state=state,
        bridge=bridge,
        since=at(0),
    )


def resumed(
    story: Story, lost: float, back: float, *channels: SnapshotChannel, queue: str = ""
) -> None:
    """Lose the link and find these channels when it is back; the first one waits in `queue`."""
    story.tell(LinkDown(at=at(lost)))
    story.tell(
        Snapshot(
            at=at(back),
            requested_seq=story.seq,
            channels=channels,
            bridges=tuple(
                SnapshotBridge(bridge=one.bridge, kind=BridgeKind.ORDINARY)
                for one in channels
                if one.bridge
            ),
            queues=(SnapshotQueueCaller(queue=queue, channel=channels[0].channel, since=None),)
            if queue
            else (),
        )
    )


def ended(story: Story, end: str) -> CallRecord:
    """Return the record once the customer is gone."""
    story.play(end)
    return story.record()


@pytest.mark.parametrize(("back", "hold"), [(14, 0.0), (60, None)])
def test_conversation_that_stands_as_it_stood_went_on_for_a_moment_only(
    back: float, hold: float | None
) -> None:
    """In a minute somebody may have been on hold, or asked a colleague: zero would be invented."""
    story = Story(TALKS)
    a, b = story.uid("A"), story.uid("B")
    resumed(
        story,
        5,
        back,
        met(a, "PJSIP/carrier-1", bridge="X"),
        met(b, "PJSIP/1001-2", of=a, bridge="X"),
    )
    record = ended(story, "70.0 bye A\n70.0 leave X A\n70.0 gone A\n70.0 gone B")
    assert (record.complete, record.seconds.hold) == (hold is not None, hold)
    assert (record.outcome, record.seconds.talk) == (Outcome.ANSWERED, 68.0)


def test_queue_that_rings_nobody_after_a_gap_may_have_rung_somebody_in_it() -> None:
    """A round of ringing is shorter than most gaps."""
    story = Story(WAITS)
    a = story.uid("A")
    resumed(story, 1, 9, met(a, "PJSIP/carrier-1"), queue="support")
    record = ended(story, "12.0 bye A\n12.0 gone A")
    assert (record.outcome, record.complete) == (Outcome.ABANDONED, False)
    assert (record.queue, record.seconds.ivr) == ("support", 0.0)


def test_same_phones_that_ring_on_leave_nothing_open() -> None:
    """While a phone rings the PBX dials no other round."""
    story = Story(RINGS_IN_QUEUE)
    a, b = story.uid("A"), story.uid("B")
    resumed(
        story,
        2,
        9,
        met(a, "PJSIP/carrier-1"),
        met(b, "PJSIP/1001-2", of=a, state=ChannelState.RINGING),
        queue="support",
    )
    record = ended(story, "12.0 bye A\n12.0 gone B cause=26\n12.0 gone A")
    assert (record.outcome, record.rung, record.complete) == (
        Outcome.ABANDONED,
        (("1001",),),
        True,
    )


def test_phone_met_ringing_after_a_gap_was_perhaps_not_the_only_one() -> None:
    """It is listed; whether another one rang before it nobody knows."""
    story = Story(WAITS)
    a = story.uid("A")
    resumed(
        story,
        1,
        2.5,
        met(a, "PJSIP/carrier-1"),
        met("1795290244.99", "PJSIP/1002-9", of=a, state=ChannelState.RINGING),
        queue="support",
    )
    record = ended(story, "12.0 bye A\n12.0 gone A")
    assert (record.rung, record.complete) == ((("1002",),), False)


def test_what_took_an_unanswered_call_in_a_gap_may_have_been_a_mailbox() -> None:
    """It rang before and is just up after: that it was abandoned would be a guess."""
    story = Story(CUSTOMER + "0.1 new B PJSIP/1001-2 Down of=A\n0.1 dial A B\n0.2 rings B\n")
    a = story.uid("A")
    resumed(story, 1, 20, met(a, "PJSIP/carrier-1"))
    record = ended(story, "30.0 bye A\n30.0 gone A")
    assert (record.outcome, record.complete) == (None, False)
    assert (record.seconds.ring, record.seconds.ivr) == (None, None)


def test_agent_who_comes_in_a_gap_has_come() -> None:
    """The number rings that the click was for: nobody says any more that the agent never came."""
    story = Story("0.0 new A PJSIP/1001-1 Down exten=s\n0.0 dial A\n0.1 rings A\n")
    a = story.uid("A")
    resumed(
        story,
        1,
        4,
        met(a, "PJSIP/1001-1"),
        met("1795290244.99", "PJSIP/carrier-9", of=a, state=ChannelState.RINGING),
    )
    record = ended(story, "9.0 bye A\n9.0 gone A")
    assert record.outcome is Outcome.MISSED
    assert (record.rung[0], record.complete, record.seconds.ring) == (("1001",), False, None)


def test_transfer_key_pressed_in_a_gap_joins_the_two_calls() -> None:
    """The customer stands with the colleague, the agent's two channels are gone: REFER+Replaces."""
    story = Story(CONSULTS)
    a, c, d = story.uid("A"), story.uid("C"), story.uid("D")
    resumed(
        story,
        5,
        8,
        met(a, "PJSIP/carrier-1", bridge="Y"),
        met(d, "PJSIP/1002-4", of=a, bridge="Y"),
    )
    story.play("20.0 bye A\n20.0 leave Y A\n20.0 gone A\n20.0 gone D")
    record = story.record()
    (merged,) = [one for one in story.said if isinstance(one, CallMerged)]
    assert (merged.record.linkedid, merged.into, record.linkedid) == (c, record.id, a)
    assert (record.rung, record.final_talker) == ((("1001",), ("1002",)), "1002")
    (move,) = record.transfers
    assert (move.type, move.from_party, move.to_party, move.completed) == (
        TransferType.ATTENDED,
        "1001",
        "1002",
        True,
    )
    assert (record.complete, record.seconds.hold) == (False, None)


def test_restored_calls_are_doubted_since_their_last_run_was_heard() -> None:
    """A daemon that was dead for a minute knows as little as one whose link was."""
    story = Story(TALKS)
    a, b = story.uid("A"), story.uid("B")
    (live,) = story.table.live()
    state = story.table.dump(live.id)
    story.table = CallTable("pbx", PLAN)
    story.table.lost(at(5))
    story.table.restore([state])
    lists = (
        met(a, "PJSIP/carrier-1", bridge="X"),
        met(b, "PJSIP/1001-2", of=a, bridge="X"),
    )
    story.tell(
        Snapshot(
            at=at(65),
            requested_seq=story.seq,
            channels=lists,
            bridges=(SnapshotBridge(bridge="X", kind=BridgeKind.ORDINARY),),
        )
    )
    (after,) = story.table.live()
    assert (after.complete, after.seconds.hold) == (False, None)


def test_restored_call_that_ends_before_a_list_is_told_is_no_whole_story() -> None:
    """Killed for six seconds: in them a voicemail box may have answered, and nobody was told."""
    story = Story(CUSTOMER + "1.0 new B PJSIP/1001-2 Down of=A\n1.0 dial A B\n1.1 rings B\n")
    (live,) = story.table.live()
    state = story.table.dump(live.id)
    story.table = CallTable("pbx", PLAN)
    story.table.lost(at(2))
    story.table.restore([state])
    record = ended(story, "8.0 bye A\n8.0 gone A")
    assert record.complete is False


def test_hold_that_a_dead_daemon_left_open_may_have_ended_while_it_was_dead() -> None:
    """Killed for two seconds only: the unhold came in them, and nothing else tells of it."""
    story = Story(TALKS + "3.0 hold B\n")
    a, b = story.uid("A"), story.uid("B")
    (live,) = story.table.live()
    state = story.table.dump(live.id)
    story.table = CallTable("pbx", PLAN)
    story.table.lost(at(5))
    story.table.restore([state])
    lists = (
        met(a, "PJSIP/carrier-1", bridge="X"),
        met(b, "PJSIP/1001-2", of=a, bridge="X"),
    )
    bridges = (SnapshotBridge(bridge="X", kind=BridgeKind.ORDINARY),)
    story.tell(Snapshot(at=at(7), requested_seq=story.seq, channels=lists, bridges=bridges))
    record = ended(story, "70.0 bye A\n70.0 leave X A\n70.0 gone A\n70.0 gone B")
    assert (record.complete, record.seconds.hold) == (False, None)


def test_customer_taken_back_who_was_never_seen_on_hold_was_put_there_unseen() -> None:
    """Two seconds without a link, and the hold began in them: how long it was nobody knows."""
    story = Story(TALKS)
    a, b = story.uid("A"), story.uid("B")
    resumed(
        story,
        5,
        7,
        met(a, "PJSIP/carrier-1", bridge="X"),
        met(b, "PJSIP/1001-2", of=a, bridge="X"),
    )
    record = ended(story, "40.0 unhold B\n70.0 bye A\n70.0 leave X A\n70.0 gone A\n70.0 gone B")
    assert (record.complete, record.seconds.hold) == (False, None)


def test_menu_that_was_left_in_a_gap_has_no_length() -> None:
    """The caller heard it before and waits in a queue after."""
    story = Story(CUSTOMER + "0.1 state A up\n0.2 app A menu subject=main\n")
    a = story.uid("A")
    resumed(story, 1, 2, met(a, "PJSIP/carrier-1"), queue="support")
    record = ended(story, "12.0 bye A\n12.0 gone A")
    assert (record.ivr, record.queue) == (("main",), "support")
    assert (record.complete, record.seconds.ivr) == (False, None)
