"""Whose card shows a customer, as calls are joined, placed for somebody, and picked up."""

import pytest
from support.recorded import PLAN, inputs_of
from support.story import RINGS, Story

from gateway.core.events import CallMerged, LegAlerting, LegAnswered, LegClosed, LegDialled, Output
from gateway.core.table import CallTable

Told = tuple[str, str, int]


def told(outputs: list[Output], call: str | None = None) -> list[Told]:
    """Return what was said about phones, of one call if it is named."""
    return [
        (type(one).__name__, one.extension, one.ring_no)
        for one in outputs
        if isinstance(one, LegDialled | LegAlerting | LegAnswered | LegClosed)
        and call in {None, str(one.record.id)}
    ]


@pytest.mark.parametrize("name", ["refer-blonde", "refer-blonde-asterisk-16"])
def test_colleague_who_still_rings_after_a_blonde_transfer_sees_the_customer(name: str) -> None:
    """The consultation's card is gone with the consultation; the phone rings on for another."""
    table, said = CallTable("pbx", PLAN), list[Output]()
    for item in inputs_of(name):
        said += table.apply(item)
    (merged,) = [place for place, one in enumerate(said) if isinstance(one, CallMerged)]
    into = said[merged]
    assert isinstance(into, CallMerged)
    news = [one for one in told(said[merged:], str(into.into)) if one[1] == "1003"]
    assert news == [
        ("LegDialled", "1003", 1),
        ("LegAlerting", "1003", 1),
        ("LegAnswered", "1003", 1),
    ]


def test_colleague_rung_before_rings_anew_after_a_blonde_transfer() -> None:
    """Two rings of one phone in one call are two cards."""
    story = Story(
        """
        0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991001
        0.1 new C PJSIP/1003-2 Down of=A exten=s
        0.1 dial A C exten=1003 number=1003
        0.2 rings C
        4.0 gone C cause=0
        4.1 new B PJSIP/1001-3 Down of=A exten=s
        4.1 dial A B exten=1001 number=1001
        4.2 rings B
        5.0 dialend B answered
        5.0 enter X B
        5.0 enter X A
        6.0 hold B
        7.0 new B2 PJSIP/1001-4 Ring num=1001 exten=1003
        7.1 new C2 PJSIP/1003-5 Down of=B2 exten=s
        7.1 dial B2 C2 exten=1003 number=1003
        7.2 rings C2
        """
    )
    story.said.clear()
    story.play("8.0 attended B B2")
    assert told(story.said) == [("LegDialled", "1003", 2), ("LegAlerting", "1003", 2)]


@pytest.mark.parametrize("name", ["c2c_answered", "c2c-transfer"])
def test_who_clicked_to_call_has_the_customer_once_they_talk(name: str) -> None:
    """Their own phone rang first: without an answer the card would say so to the end."""
    table, said = CallTable("pbx", PLAN), list[Output]()
    for item in inputs_of(name):
        said += table.apply(item)
    assert told(said)[:3] == [
        ("LegDialled", "1001", 1),
        ("LegAlerting", "1001", 1),
        ("LegAnswered", "1001", 1),
    ]


def test_card_of_a_picker_who_had_been_rung_closes_when_they_hand_over() -> None:
    """The ring that was answered and the one that is over must be the same."""
    story = Story(
        RINGS
        + """
        4.0 gone B cause=0
        4.1 new C PJSIP/1002-3 Down of=A exten=s
        4.1 dial A C exten=1002 number=1002
        4.2 rings C
        5.0 new P PJSIP/1001-4 Ring num=1001 exten=**1002
        5.1 pickup P C
        5.1 gone C cause=26
        5.1 enter X P
        5.1 enter X A
        """
    )
    answered = told(story.said)[-1]
    story.play(
        """
        9.0 blind P A 1004
        9.1 leave X P
        9.1 gone P
        """
    )
    assert answered[0] == "LegAnswered"
    assert told(story.said)[-1] == ("LegClosed", *answered[1:])
