"""Uniqueids that an earlier run of ours has met already."""

from dataclasses import replace

from support.story import RINGS, Story

from gateway.core.ids import call_id
from gateway.core.inputs import ChannelCreated, Input
from gateway.core.record import Direction, EndedBy

ROOT = "1795000000.0"
CALLER = "+393331234567"


def remembering(number: str) -> Story:
    """Return a story of a table that knows who placed the stored call of this root."""
    story = Story("")
    story.table.remember([(ROOT, number)])
    return story.play(RINGS)


def test_same_caller_under_a_stored_root_is_the_stored_call() -> None:
    """What is told again after a crash keeps its id, and with it its effects' keys."""
    assert remembering(CALLER).record().id == call_id("pbx", ROOT)


def test_other_caller_under_a_stored_root_is_another_call() -> None:
    """The clock of the PBX was set back while we were away: nothing stored is overwritten."""
    found = remembering("+390612345678").record()
    assert found.id != call_id("pbx", ROOT)
    assert found.linkedid == ROOT
    assert found.id == remembering("anonymous").record().id


def test_late_first_event_tells_how_the_call_began() -> None:
    """Others of its call may overtake it by two seconds."""
    story = Story(
        """
        0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=s met=0
        0.1 new B PJSIP/1001-2 Down of=A exten=s
        0.2 dial A B exten=1001 number=1001
        """
    )
    assert not story.record().complete
    first = story.read(["1.5", "new", "C", "PJSIP/carrier-1", "Ring", "num=+393331234567"])
    story.tell(_of_the_root(first, exten="+390299991001"))
    story.play("3.0 enter X B\n3.0 enter X A\n9.0 bye A\n9.0 gone B\n9.0 gone A").later(20)
    record = story.record()
    assert record.complete
    assert record.called.number == "+390299991001"
    assert (record.seconds.ring, record.seconds.talk) == (3.0, 6.0)


def test_late_first_event_of_a_clicked_call_changes_nothing_but_its_start() -> None:
    """The PBX dials the agent's phone before it is told to exist: that is no call of the agent."""
    story = Story(
        """
        0.1 new A PJSIP/1001-1 Down num=1001 exten=s met=0
        0.1 dial A number=1001
        0.2 rings A
        """
    )
    assert story.record().direction is Direction.OUTBOUND
    first = story.read(["0.9", "new", "C", "PJSIP/1001-1", "Down", "num=1001", "name=Anna"])
    story.tell(_of_the_root(first, exten="s"))
    story.play(
        """
        1.0 state A up
        1.0 originated A 3485556699
        1.1 new B PJSIP/carrier-2 Down of=A exten=s
        1.1 dial A B exten=3485556699 number=3485556699
        1.5 rings B
        3.0 enter X B
        3.0 enter X A
        9.0 bye A
        9.0 gone B
        9.0 gone A
        """
    ).later(20)
    record = story.record()
    assert record.complete
    assert (record.caller.number, record.caller.name) == ("1001", "Anna")
    assert record.called.number == "3485556699"
    assert record.rung == (("1001",), ("3485556699",))
    assert (record.answered_by, record.ended_by) == ("3485556699", EndedBy.CALLER)
    assert (record.seconds.ring, record.seconds.talk) == (2.0, 6.0)


def test_late_relay_of_a_clicked_call_still_finds_its_agent() -> None:
    """The relay is met when it is dialled, before it is told to exist."""
    story = Story(
        """
        0.1 new L1 Local/1001@phones-7;1 Down exten=1001 met=0
        0.1 dial L1 number=1001@phones
        0.1 new L2 Local/1001@phones-7;2 Ring of=L1 exten=1001
        0.1 new A PJSIP/1001-1 Down of=L1 num=1001 exten=s
        0.1 dial L2 A exten=1001 number=1001
        0.2 rings A
        """
    )
    first = story.read(["0.9", "new", "C", "Local/1001@phones-7;1", "Down"])
    story.tell(_of_the_root(first, exten="1001"))
    story.play(
        """
        1.0 state A up
        1.0 enter X A
        1.0 enter X L2
        1.0 originated L1 3485556699
        1.1 new B PJSIP/carrier-2 Down of=L1 exten=s
        1.1 dial L1 B exten=3485556699 number=3485556699
        1.5 rings B
        3.0 enter Y B
        3.0 enter Y L1
        9.0 bye A
        9.0 gone A
        9.0 gone L2
        9.0 gone L1
        9.0 gone B
        """
    ).later(20)
    record = story.record()
    assert record.complete
    assert (record.caller.number, record.called.number) == ("1001", "3485556699")
    assert record.rung == (("1001",), ("3485556699",))
    assert (record.answered_by, record.ended_by) == ("3485556699", EndedBy.CALLER)


def _of_the_root(item: Input, *, exten: str) -> Input:
    assert isinstance(item, ChannelCreated)
    return replace(item, channel=ROOT, linkedid=ROOT, exten=exten)
