"""The note of a colleague: on the next agent's card before they speak."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.desk import START, DeskBench, answered, dialled, inbound

from gateway.core.events import CallEnded, CallMerged, CallNoted
from gateway.core.handoff import Handoff
from gateway.core.ids import call_id
from gateway.core.record import Called, CallRecord, CallState, Direction, Party

NOTE = Handoff(
    at=START + timedelta(seconds=40),
    by="anna",
    extension="1001",
    reason="Card refused since nine",
    done="Page restarted",
    wants="Bookings before noon",
    said=("Booking code",),
    verified=True,
)


@pytest.fixture(name="bench")
def a_bench() -> DeskBench:
    """Give a desk with an agent at 1001, one at 1002 and a supervisor."""
    return DeskBench()


def talking(bench: DeskBench) -> CallRecord:
    """Let Anna talk with Marta."""
    record = inbound(rung=(("1001",),), answered_by="1001", final_talker="1001")
    bench.desk.handle(dialled(record, "1001"))
    bench.desk.handle(answered(record, "1001"))
    return record


def consultation() -> CallRecord:
    """Return Anna's own call to Luca, before she hands Marta over."""
    return CallRecord(
        id=call_id("hq", "2.1"),
        pbx="hq",
        linkedid="2.1",
        direction=Direction.INTERNAL,
        caller=Party(number="1001"),
        called=Called(number="1002"),
        rung=(("1002",),),
        started_at=START,
    )


async def test_note_is_on_the_card_of_the_colleague_who_rings(bench: DeskBench) -> None:
    """A blind transfer: Luca's phone rings and he already knows."""
    record = talking(bench)
    bench.desk.note(record.id, NOTE)
    await bench.sent("luca")
    bench.desk.handle(dialled(replace(record, rung=(("1001",), ("1002",))), "1002"))
    (pop,) = await bench.sent("luca")
    assert pop["type"] == "pop.offered"
    assert pop["data"]["handoff"] == {
        "call_id": str(record.id),
        "by": "anna",
        "extension": "1001",
        "at": "2026-11-21T09:00:40.000Z",
        "reason": "Card refused since nine",
        "done": "Page restarted",
        "wants": "Bookings before noon",
        "note": None,
        "said": ["Booking code"],
        "verified": {"by": "anna", "at": "2026-11-21T09:00:40.000Z"},
        "no": 1,
    }


async def test_consulted_colleague_sees_who_is_on_hold_and_the_note(bench: DeskBench) -> None:
    """The phone's own consultation is an internal call; what it is about is the customer."""
    record = talking(bench)
    bench.desk.note(record.id, NOTE)
    await bench.sent("luca")
    bench.desk.handle(dialled(consultation(), "1002"))
    (pop,) = await bench.sent("luca")
    assert pop["data"]["call"]["direction"] == "internal"
    assert pop["data"]["contact"]["name"] == "Marta Bellandi"
    assert pop["data"]["handoff"]["call_id"] == str(record.id)
    assert pop["data"]["handoff"]["reason"] == "Card refused since nine"


async def test_internal_call_of_somebody_free_is_about_nobody(bench: DeskBench) -> None:
    """Anna has hung up with Marta; now she rings Luca about lunch."""
    record = talking(bench)
    bench.desk.note(record.id, NOTE)
    over = replace(record, state=CallState.ENDED)
    bench.desk.handle(CallEnded(at=START, record=over))
    await bench.sent("luca")
    bench.desk.handle(dialled(consultation(), "1002"))
    (pop,) = await bench.sent("luca")
    assert pop["data"]["contact"] is None
    assert pop["data"]["handoff"] is None


async def test_note_written_while_the_colleague_rings_reaches_the_card(bench: DeskBench) -> None:
    """Anna types while Luca's phone rings, in either kind of transfer."""
    record = talking(bench)
    bench.desk.handle(dialled(consultation(), "1002"))
    await bench.sent("luca")
    bench.desk.note(record.id, NOTE)
    (pop,) = await bench.sent("luca")
    assert pop["type"] == "pop.updated"
    assert pop["data"]["handoff"]["reason"] == "Card refused since nine"


async def test_note_left_with_the_consultation_survives_the_join(bench: DeskBench) -> None:
    """Whatever call the note was bound to, it ends with the customer's."""
    record = talking(bench)
    other = consultation()
    bench.desk.handle(dialled(other, "1002"))
    bench.desk.note(other.id, NOTE)
    gone = replace(other, state=CallState.ENDED, merged_into=record.id)
    bench.desk.handle(CallMerged(at=START, record=gone, into=record.id))
    await bench.sent("luca")
    handed = replace(record, final_talker="1002")
    bench.desk.handle(answered(handed, "1002"))
    frames = [frame for frame in await bench.sent("luca") if frame["type"] == "pop.answered"]
    assert frames[0]["data"]["call_id"] == str(record.id)
    assert frames[0]["data"]["handoff"]["reason"] == "Card refused since nine"


async def test_note_of_the_dialplan_is_there_before_the_first_ring(bench: DeskBench) -> None:
    """The menu asked; the agent need not."""
    record = inbound()
    menu = Handoff(at=START, reason="Customer code 4711")
    bench.desk.handle(CallNoted(at=START, record=record, handoff=menu))
    bench.desk.handle(dialled(record, "1001"))
    pop = (await bench.sent("anna"))[-1]
    assert pop["data"]["handoff"]["reason"] == "Customer code 4711"
    assert pop["data"]["handoff"]["by"] is None


async def test_author_of_a_note_is_not_told_it_as_the_first_thing(bench: DeskBench) -> None:
    """It is for whoever receives the customer; the author goes on with what was first before."""
    record = talking(bench)
    before = (await bench.sent("anna"))[-1]["data"]["first"]
    bench.desk.note(record.id, NOTE)
    (pop,) = [one for one in await bench.sent("anna") if one["type"] == "pop.updated"]
    assert pop["data"]["first"] == before
    assert pop["data"]["handoff"]["reason"] == NOTE.reason
    bench.desk.handle(dialled(replace(record, rung=(("1001",), ("1002",))), "1002"))
    received = (await bench.sent("luca"))[-1]["data"]["first"]
    assert (received["kind"], received["title"]) == ("handoff", NOTE.reason)
