"""What the desk is told of who is consulted before a hand-over that the PBX conducts."""

import pytest
from support.recorded import PLAN, inputs_of
from support.story import TALKS, Story, consults

from gateway.core.events import (
    CallEnded,
    CallMerged,
    LegAlerting,
    LegAnswered,
    LegClosed,
    LegDialled,
    Output,
)
from gateway.core.table import CallTable

# Anna (B) consults 1003 (C) behind the relay L.
CONSULTS = TALKS + consults("1003")
ANSWERS = """
6.0 state C up
6.0 dialend C answered
6.0 dialend L1 answered
6.0 enter Z C
6.0 enter Z L2
"""
BACK = """
8.0 leave Z L2
8.0 gone L2
8.0 leave Y L1
8.0 leave Y B
8.0 enter X B
8.0 gone L1
"""


def told(outputs: list[Output], extension: str = "1003") -> list[str]:
    """Return what was said about a phone, and when the call ended or was merged."""
    said: list[str] = []
    for one in outputs:
        match one:
            case LegDialled() | LegAlerting() | LegAnswered() if one.extension == extension:
                said.append(f"{type(one).__name__[3:].lower()} {one.ring_no}")
            case LegClosed() if one.extension == extension:
                said.append(f"closed {one.ring_no} {one.reason.value}")
            case CallEnded() | CallMerged():
                said.append("over")
            case _:
                pass
    return said


def played(name: str) -> list[Output]:
    """Return all that a call table says about a recording."""
    table = CallTable("pbx", PLAN)
    return [output for item in inputs_of(name) for output in table.apply(item)]


@pytest.mark.parametrize(
    "name", ["atx-cancel", "atx-cancel-without-media", "attended_transfer_refused"]
)
def test_consultation_that_ends_without_a_hand_over_is_told_from_answer_to_end(name: str) -> None:
    """The call goes on with the colleague who asked: nobody else's card stays behind."""
    assert told(played(name)) == [
        "dialled 1",
        "alerting 1",
        "answered 1",
        "closed 1 answered_elsewhere",
        "over",
    ]


@pytest.mark.parametrize("name", ["attended_transfer", "ami-atxfer", "q-attended"])
def test_consultation_that_is_completed_is_told_with_either_partner(name: str) -> None:
    """First they talk with the colleague, then with the customer: the second answer says so."""
    outputs = played(name)
    assert told(outputs) == ["dialled 1", "alerting 1", "answered 1", "answered 1", "over"]
    first, second = (
        one for one in outputs if isinstance(one, LegAnswered) and one.extension == "1003"
    )
    assert first.record.final_talker != "1003"
    assert not first.record.transfers[-1].completed
    assert second.record.final_talker == "1003"
    assert second.record.transfers[-1].completed


@pytest.mark.parametrize(("name", "extension"), [("atx-forwarded", "1004"), ("atx-localq", "1005")])
def test_whoever_is_reached_through_more_relays_is_told_alike(name: str, extension: str) -> None:
    """A forward, or a queue that dials its members through relays, stands in between."""
    assert told(played(name), extension) == [
        "dialled 1",
        "alerting 1",
        "answered 1",
        "answered 1",
        "over",
    ]


@pytest.mark.parametrize("name", ["atx-noanswer", "blonde-noanswer", "blind-noanswer"])
def test_phone_that_rings_out_in_a_transfer_was_not_answered_elsewhere(name: str) -> None:
    """The customer was answered before; this ring was not."""
    assert told(played(name))[:3] == ["dialled 1", "alerting 1", "closed 1 timeout"]


@pytest.mark.parametrize("name", ["refer-attended", "refer-attended-asterisk-16"])
def test_consultation_by_the_phones_own_call_is_told_as_a_call(name: str) -> None:
    """It is over with the hand-over, and its phone talks in the customer's call."""
    assert told(played(name)) == [
        "dialled 1",
        "alerting 1",
        "answered 1",
        "over",
        "answered 1",
        "over",
    ]


def test_consulted_phone_that_refuses_says_so() -> None:
    """Refusing is an act, whoever asked."""
    story = Story(CONSULTS)
    story.play("5.0 bye C cause=21\n5.0 dialend C\n5.0 gone C cause=21" + BACK)
    assert told(story.said) == ["dialled 1", "alerting 1", "closed 1 rejected"]


def test_consultation_taken_back_while_it_rings_rang_out() -> None:
    """The transferer is back with the customer before the phone is let go."""
    story = Story(CONSULTS).play(BACK + "8.1 dialend C\n8.1 gone C cause=0")
    assert told(story.said) == ["dialled 1", "alerting 1", "closed 1 timeout"]


def test_colleague_of_a_consulted_group_was_answered_elsewhere() -> None:
    """Two phones ring for the consultation: one takes it."""
    story = Story(CONSULTS)
    story.play("""
        4.3 new D PJSIP/1004-4 Down of=A exten=s
        4.3 dial L2 D exten=1003 number=1004
        4.4 rings D
    """)
    story.play(ANSWERS + "6.1 dialend D\n6.1 gone D cause=0")
    assert told(story.said) == ["dialled 1", "alerting 1", "answered 1"]
    assert told(story.said, "1004") == ["dialled 1", "alerting 1", "closed 1 answered_elsewhere"]


def test_customer_who_leaves_during_the_consultation_closes_it() -> None:
    """Who was consulted never had them."""
    story = Story(CONSULTS + ANSWERS + "7.0 bye A\n7.0 leave X A\n7.0 gone A\n7.1 gone C\n")
    assert told(story.said) == [
        "dialled 1",
        "alerting 1",
        "answered 1",
        "closed 1 caller_left",
        "over",
    ]
    assert story.record().final_talker == "1001"


def test_consultation_to_and_fro_is_answered_once() -> None:
    """The transferer goes back to the customer and asks again; the other waits meanwhile."""
    story = Story(CONSULTS + ANSWERS)
    story.play("7.0 leave Y B\n7.0 enter X B\n8.0 leave X B\n8.0 enter Y B")
    assert told(story.said) == ["dialled 1", "alerting 1", "answered 1"]
    story.play("9.0 bye C\n9.0 leave Z C\n9.0 gone C")
    assert told(story.said)[-1] == "closed 1 answered_elsewhere"


def test_consultation_by_who_called_out_is_told_alike() -> None:
    """Seen from the customer the initiator is away meanwhile."""
    story = Story("""
        0.0 new A PJSIP/1001-1 Ring num=1001 exten=3391112222
        0.1 new B PJSIP/carrier-2 Down of=A exten=s
        0.1 dial A B exten=3391112222 number=3391112222
        1.0 dialend B answered
        1.0 enter X B
        1.0 enter X A
        4.0 new L1 Local/1003@from-internal-9;1 Down of=A exten=1003
        4.0 new L2 Local/1003@from-internal-9;2 Ring of=A exten=1003
        4.0 enter Y L1
        4.0 leave X A
        4.0 enter Y A
        4.1 new C PJSIP/1003-3 Down of=A exten=s
        4.1 dial L2 C exten=1003 number=1003
        4.2 rings C
    """)
    story.play(ANSWERS)
    assert told(story.said) == ["dialled 1", "alerting 1", "answered 1"]
    story.play("7.0 bye C\n7.0 leave Z C\n7.0 leave Z L2\n7.0 gone C\n7.0 gone L2")
    assert told(story.said)[3:] == ["closed 1 answered_elsewhere"]
