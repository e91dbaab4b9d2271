"""Whom the desk takes a caller for, when it knows, and when it does not."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from support.desk import (
    MARTA,
    START,
    DeskBench,
    alerting,
    dialled,
    inbound,
    types,
)

from gateway.core.events import (
    CallEnded,
    CallStarted,
    CallUpdated,
)
from gateway.core.matching import Contact
from gateway.core.record import (
    Called,
    CallState,
    Direction,
    MatchKind,
    Party,
    Presentation,
)
from gateway.store.mirror import MirrorBusy

POP_KEYS = {
    "pop_id", "call_id", "extension", "call", "contact", "match", "candidates", "first", "cues",
    "open", "said", "timeline", "colleagues", "handoff", "actions", "line", "waiting_since",
}  # fmt: skip
RUNG = (("1001", "1002"),)


@pytest.fixture(name="bench")
def a_bench() -> DeskBench:
    """Give a desk with an agent at 1001, one at 1002 and a supervisor."""
    return DeskBench()


async def test_withheld_number_is_masked_and_matches_nobody(bench: DeskBench) -> None:
    """What a trunk asserts against the caller's wish is not for the screen."""
    hidden = Party(
        number="3331234567",
        e164="+393331234567",
        name="MARTA",
        presentation=Presentation.WITHHELD,
    )
    bench.desk.handle(dialled(inbound(caller=hidden), "1001"))
    (pop,) = await bench.sent("anna")
    assert pop["data"]["call"]["caller"] == {
        "number": "anonymous",
        "e164": None,
        "name": None,
        "presentation": "withheld",
    }
    assert pop["data"]["contact"] is None
    assert "333" not in str(pop["data"])
    assert "333" not in str(await bench.sent("sara"))


async def test_outbound_call_is_matched_by_the_number_called(bench: DeskBench) -> None:
    """Whoever calls a customer sees the customer's name, not the own extension's."""
    record = inbound(
        direction=Direction.OUTBOUND,
        caller=Party(number="1001"),
        called=Called(number="3331234567", e164="+393331234567"),
    )
    bench.desk.handle(CallStarted(at=START, record=record))
    (frame,) = await bench.sent("anna")
    assert frame["data"]["contact"]["name"] == "Marta Bellandi"
    assert await bench.sent("luca") == []
    contact = bench.desk.contact_for(record)
    assert contact is not None
    assert contact.match is MatchKind.EXACT


async def test_internal_call_looks_nobody_up(bench: DeskBench) -> None:
    """Colleagues are no customers."""
    record = inbound(
        direction=Direction.INTERNAL, caller=Party(number="1001"), called=Called(number="1002")
    )
    bench.desk.handle(dialled(record, "1002"))
    assert bench.directory.asked == 0
    assert types(await bench.sent("luca")) == ["pop.offered"]
    assert types(await bench.sent("anna")) == []


async def test_several_people_with_one_number_are_candidates_and_none_is_chosen(
    bench: DeskBench,
) -> None:
    """A person chooses between people, never the program."""
    people = tuple(Contact(id=f"c-{number}", name=f"P{number}") for number in range(12))
    bench.directory.entries["+393331234567"] = people
    bench.desk.handle(dialled(inbound(), "1001"))
    (pop,) = await bench.sent("anna")
    assert pop["data"]["match"]["kind"] == "several"
    assert pop["data"]["match"]["reasons"] == ["person"] * 9
    assert pop["data"]["contact"] is None
    assert len(pop["data"]["candidates"]) == 9
    assert bench.desk.contact_for(inbound()) is None


async def test_busy_directory_sends_the_pop_first_and_the_name_later(bench: DeskBench) -> None:
    """The pop waits for nobody; what comes later updates it."""
    bench.directory.failure = MirrorBusy("busy")
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    (pop,) = await bench.sent("anna")
    assert pop["data"]["contact"] is None
    assert pop["data"]["match"]["pending"] is True
    bench.directory.failure = None
    ((number, tell),) = bench.waiting
    tell(bench.directory.find(number))
    updated, call = await bench.sent("anna")
    assert (updated["type"], call["type"]) == ("pop.updated", "call.updated")
    assert updated["data"]["contact"]["name"] == "Marta Bellandi"
    assert updated["data"]["match"]["pending"] is False
    tell(bench.directory.find(number))
    assert await bench.sent("anna") == []


async def test_record_for_the_store_asks_a_busy_directory_again(bench: DeskBench) -> None:
    """A moment's load must not cost the CRM the name."""
    bench.directory.failure = MirrorBusy("busy")
    bench.desk.handle(dialled(inbound(), "1001"))
    assert bench.desk.contact_for(inbound()) is None
    bench.directory.failure = None
    contact = bench.desk.contact_for(inbound())
    assert contact is not None
    assert contact.id == MARTA.id


async def test_contact_is_known_for_ended_and_for_never_seen_calls(bench: DeskBench) -> None:
    """The store asks after the event, and asks about calls of an earlier life."""
    bench.desk.handle(CallEnded(at=START, record=inbound(state=CallState.ENDED)))
    asked = bench.directory.asked
    assert bench.desk.contact_for(inbound()) is not None
    assert bench.directory.asked == asked
    assert bench.desk.contact_for(inbound("7.7")) is not None


async def test_broken_directory_costs_the_name_but_not_the_pop(bench: DeskBench) -> None:
    """A fault in the directory is logged and the agent still sees that somebody calls."""
    bench.directory.failure = RuntimeError("broken")
    with capture_logs() as logs:
        bench.desk.handle(dialled(inbound(), "1001"))
    (pop,) = await bench.sent("anna")
    assert pop["data"]["match"]["kind"] == "none"
    assert [entry["event"] for entry in logs] == ["desk.match_failed"]


async def test_number_that_is_revealed_later_is_looked_up_then(bench: DeskBench) -> None:
    """With `presentation = getvar` a number is masked until the PBX has answered."""
    masked = Party(number="anonymous", presentation=Presentation.WITHHELD)
    bench.desk.handle(dialled(inbound(caller=masked), "1001"))
    bench.desk.handle(alerting(inbound(), "1001"))
    offered, updated = await bench.sent("anna")
    assert offered["data"]["contact"] is None
    assert updated["data"]["contact"]["name"] == "Marta Bellandi"


async def test_caller_who_may_be_shown_after_all_is_shown_on_the_open_pop(bench: DeskBench) -> None:
    """The PBX is asked while the phone rings: until it answers nobody knows who calls."""
    shown = inbound(rung=(("1001",),))
    hidden = replace(shown, caller=replace(shown.caller, presentation=Presentation.WITHHELD))
    bench.desk.handle(CallStarted(at=START, record=hidden))
    bench.desk.handle(dialled(hidden, "1001"))
    bench.desk.handle(CallUpdated(at=START, record=shown))
    frames = await bench.sent("anna")
    masked, *later = (frame for frame in frames if frame["type"].startswith("pop."))
    assert masked["data"]["call"]["caller"]["number"] == "anonymous"
    assert masked["data"]["contact"] is None
    (told,) = later
    assert told["type"] == "pop.updated"
    assert told["data"]["pop_id"] == masked["data"]["pop_id"]
    assert told["data"]["contact"]["name"] == "Marta Bellandi"
