"""Calls between two PBXs of ours: colleagues are written with the name of their office."""

import pytest
from support.story import Story

from gateway.core.events import Query
from gateway.core.record import CallRecord, Direction, Outcome

PEERS = {"to-branch": "branch"}


def there(dialled: str, *, answered: bool = True) -> CallRecord:
    """Return the record of 1001 dialling over the trunk to the branch."""
    story = Story(
        f"""
        0.0 new A PJSIP/1001-1 Ring exten=8{dialled}
        0.1 new B PJSIP/to-branch-2 Down of=A
        0.1 dial A B exten=8{dialled} number={dialled}
        0.2 rings B
        """,
        peers=PEERS,
    )
    if answered:
        story.play("2.0 dialend B answered\n2.0 enter X B\n2.0 enter X A\n")
    return story.record()


def back(caller: str, dialled: str, query: str = "") -> Story:
    """Return a call that has come in over the trunk from the branch and rings 201."""
    return Story(
        f"""
        0.0 new A PJSIP/to-branch-1 Ring num={caller} exten={dialled}
        0.1 new B PJSIP/201-2 Down of=A
        0.1 dial A B exten={dialled} number={dialled}
        0.2 rings B
        """,
        peers=PEERS,
        query=query,
    )


def test_call_to_a_colleague_in_another_office_is_internal() -> None:
    """It goes over a trunk, but to no customer."""
    record = there("201")
    assert record.direction is Direction.INTERNAL
    assert record.rung == (("branch:201",),)
    assert (record.answered_by, record.final_talker) == ("branch:201", "branch:201")
    assert record.outcome is Outcome.ANSWERED


def test_number_reached_through_another_office_is_outbound() -> None:
    """The branch is then only the way to the world."""
    record = there("0612345678")
    assert record.direction is Direction.OUTBOUND
    assert record.answered_by == "0612345678"


def test_call_from_a_colleague_in_another_office_is_internal() -> None:
    """No contact is looked up for a colleague and no CRM is told."""
    record = back("1001", "201").record()
    assert record.direction is Direction.INTERNAL
    assert (record.caller.number, record.caller.e164) == ("branch:1001", None)
    assert record.trunk == "to-branch"
    assert record.rung == (("201",),)


@pytest.mark.parametrize("query", ["", "CALLERID(pres)"])
def test_customer_sent_on_by_another_office_is_a_customer(query: str) -> None:
    """The branch forwards its line to us: the caller is who called the branch."""
    story = back("0612345678", "201", query)
    record = story.record()
    assert record.direction is Direction.INBOUND
    assert record.caller.number == "0612345678"
    assert record.caller.e164 == "+390612345678"
    assert any(isinstance(one, Query) for one in story.said) == bool(query)
