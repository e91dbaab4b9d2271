"""The desk: who is shown which call, when, and what happens to the cards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from support.desk import (
    MARTA,
    SARA,
    START,
    DeskBench,
    alerting,
    answered,
    closed,
    decode,
    dialled,
    drain,
    inbound,
    types,
)

from gateway.core.events import (
    CallAmended,
    CallEnded,
    CallMerged,
    CallStarted,
    CallUpdated,
    CloseReason,
)
from gateway.core.ids import call_id, pop_id
from gateway.core.matching import Contact
from gateway.core.record import (
    Called,
    CallState,
    Direction,
    EndedBy,
    MatchKind,
    Outcome,
    Party,
    Presentation,
    Transfer,
    TransferType,
)
from gateway.desk.tracked import ENDED_LIMIT
from gateway.store.mirror import MirrorBusy
from gateway.store.people import Role, User

POP_KEYS = {
    "pop_id", "call_id", "extension", "call", "contact", "match", "candidates", "first", "cues",
    "open", "said", "timeline", "colleagues", "handoff", "actions", "line", "waiting_since",
}  # fmt: skip
RUNG = (("1001", "1002"),)


@pytest.fixture(name="bench")
def a_bench() -> DeskBench:
    """Give a desk with an agent at 1001, one at 1002 and a supervisor."""
    return DeskBench()


async def test_dialled_phone_is_offered_the_pop_with_who_calls(bench: DeskBench) -> None:
    """The card is there before the phone rings, complete in its keys."""
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    (pop,) = await bench.sent("anna")
    assert pop["type"] == "pop.offered"
    assert set(pop["data"]) == POP_KEYS
    assert pop["data"]["pop_id"] == str(pop_id(record.id, "1001", 1))
    assert pop["data"]["contact"]["name"] == "Marta Bellandi"
    assert pop["data"]["call"]["contact"] == {
        "id": "c-1",
        "ref": "17",
        "name": "Marta Bellandi",
        "match": "exact",
        "crm": None,
        "url": None,
    }
    assert pop["data"]["match"]["kind"] == "exact"
    assert [why["code"] for why in pop["data"]["match"]["why"]] == ["e164", "hits", "one_person"]
    cues = [cue["kind"] for cue in pop["data"]["cues"]]
    assert cues == ["at_risk", "vip", "form_of_address"]
    assert all(cue["reason"] == "marked_in_directory" for cue in pop["data"]["cues"])


async def test_ring_of_one_phone_concerns_no_other_agent(bench: DeskBench) -> None:
    """An agent gets only what their extension allows; the supervisor sees every call."""
    bench.desk.handle(dialled(inbound(rung=(("1001",),)), "1001"))
    assert await bench.sent("luca") == []
    assert types(await bench.sent("sara")) == ["call.updated"]


async def test_shared_extension_pops_for_everybody_at_it(bench: DeskBench) -> None:
    """Two people at one phone both see who calls."""
    both = User(login="rosa", name="Rosa", role=Role.AGENT, extensions=(("", "1001"),))
    bench.roster.replace((*bench.roster.users(), both))
    socket = bench.hub.subscribe("rosa")
    bench.desk.handle(dialled(inbound(), "1001"))
    assert types(await bench.sent("anna")) == ["pop.offered"]
    assert [decode(frame)["type"] for frame in await drain(socket)] == ["hello", "pop.offered"]


async def test_pbx_administrator_sees_no_call(bench: DeskBench) -> None:
    """That role is for links, not for what customers say."""
    admin = User(login="paula", name="P", role=Role.PBX_ADMIN, extensions=(("", "1001"),))
    bench.roster.replace((admin,))
    socket = bench.hub.subscribe("paula")
    bench.desk.handle(dialled(inbound(), "1001"))
    assert len(await drain(socket)) == 1


async def test_disabled_user_gets_nothing(bench: DeskBench) -> None:
    """Who left the company sees no more customers."""
    bench.roster.replace(replace(user, disabled=True) for user in bench.roster.users())
    bench.desk.handle(dialled(inbound(), "1001"))
    assert await bench.sent("anna") == []
    assert await bench.sent("sara") == []


async def test_same_extension_on_another_pbx_gets_nothing(bench: DeskBench) -> None:
    """Extension 1001 of the branch is somebody else's phone."""
    bench.desk.handle(dialled(inbound(pbx="branch"), "1001"))
    assert await bench.sent("anna") == []


async def test_alerting_updates_the_pop_and_offers_one_never_dialled(bench: DeskBench) -> None:
    """A ring is shown also where the dialling was not seen; what changes nothing is not told."""
    record = inbound(rung=RUNG)
    bench.desk.handle(dialled(replace(record, rung=()), "1001"))
    bench.desk.handle(alerting(record, "1001"))
    bench.desk.handle(alerting(record, "1001"))
    bench.desk.handle(alerting(record, "1002"))
    assert types(await bench.sent("anna")) == ["pop.offered", "pop.updated"]
    assert types(await bench.sent("luca")) == ["pop.offered"]


async def test_answer_reaches_the_talker_and_the_others_close(bench: DeskBench) -> None:
    """One card turns green, the other says that somebody answered."""
    record = inbound(rung=RUNG)
    for extension in ("1001", "1002"):
        bench.desk.handle(dialled(record, extension))
    talking = replace(record, answered_by="1002", final_talker="1002", outcome=Outcome.ANSWERED)
    bench.desk.handle(answered(talking, "1002"))
    bench.desk.handle(closed(talking, "1001", CloseReason.ANSWERED_ELSEWHERE))
    assert types(await bench.sent("luca")) == ["pop.offered", "pop.answered"]
    frames = await bench.sent("anna")
    assert types(frames) == ["pop.offered", "call.updated", "pop.closed"]
    assert frames[-1]["data"]["reason"] == "answered_elsewhere"
    assert frames[-1]["data"]["call"]["answered_by"] == "1002"


async def test_pickup_by_a_phone_that_never_rang_pops_answered(bench: DeskBench) -> None:
    """Whoever takes a call from another phone needs to know who it is at once."""
    bench.desk.handle(answered(inbound(rung=(("1001",),), answered_by="1002"), "1002"))
    assert types(await bench.sent("luca")) == ["pop.offered", "pop.answered"]


async def test_caller_who_leaves_closes_open_pops_and_ends_the_call(bench: DeskBench) -> None:
    """Nothing keeps ringing on the screen when the phone has stopped."""
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    ended = replace(record, state=CallState.ENDED, ended_by=EndedBy.CALLER)
    bench.desk.handle(CallEnded(at=START, record=ended))
    frames = await bench.sent("anna")
    assert types(frames) == ["pop.offered", "pop.closed", "call.ended"]
    assert frames[1]["data"]["reason"] == "caller_left"
    assert frames[2]["data"]["state"] == "ended"
    assert bench.desk.live_calls() == ()


async def test_second_ring_is_another_pop_of_the_same_call(bench: DeskBench) -> None:
    """A queue that comes round again shows its card again."""
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    bench.desk.handle(closed(record, "1001", CloseReason.TIMEOUT))
    bench.desk.handle(dialled(record, "1001", ring_no=2))
    first, gone, second = await bench.sent("anna")
    assert first["data"]["pop_id"] == gone["data"]["pop_id"] != second["data"]["pop_id"]
    assert first["data"]["call_id"] == second["data"]["call_id"]


async def test_late_fact_amends_the_ended_call_for_who_saw_it(bench: DeskBench) -> None:
    """The list of past calls shows what the CRM is sent."""
    ended = inbound(rung=(("1001",),), state=CallState.ENDED)
    bench.desk.handle(CallEnded(at=START, record=ended))
    bench.desk.handle(CallAmended(at=START, record=replace(ended, revision=1)))
    frames = await bench.sent("anna")
    assert types(frames) == ["call.ended", "call.updated"]
    assert frames[1]["data"]["revision"] == 1
    assert bench.desk.live_calls() == ()


async def test_merged_call_closes_its_pops_and_says_into_what(bench: DeskBench) -> None:
    """A consultation that became part of the customer's call is no call of its own any more."""
    into = call_id("hq", "0.9")
    consultation = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(consultation, "1001"))
    merged = replace(consultation, state=CallState.ENDED, merged_into=into)
    bench.desk.handle(CallMerged(at=START, record=merged, into=into))
    frames = await bench.sent("anna")
    assert types(frames) == ["pop.offered", "pop.closed", "call.merged"]
    assert frames[1]["data"]["reason"] == "transferred"
    assert frames[2]["data"]["merged_into"] == str(into)


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


async def test_forged_caller_number_opens_no_call_to_that_extension(bench: DeskBench) -> None:
    """A caller who claims to be 1002 does not show the call to whoever has 1002."""
    record = inbound(caller=Party(number="1002"), rung=(("1001",),))
    bench.desk.handle(CallUpdated(at=START, record=record))
    assert types(await bench.sent("anna")) == ["call.updated"]
    assert await bench.sent("luca") == []


async def test_transfer_target_is_concerned(bench: DeskBench) -> None:
    """Who is handed a call sees it."""
    move = Transfer(
        type=TransferType.BLIND, from_party="1001", to_party="1002", completed=False, at=START
    )
    bench.desk.handle(CallUpdated(at=START, record=inbound(transfers=(move,))))
    assert types(await bench.sent("luca")) == ["call.updated"]


async def test_several_people_with_one_number_are_candidates_and_none_is_chosen(
    bench: DeskBench,
) -> None:
    """A person chooses between people, never the program."""
    people = tuple(Contact(id=f"c-{number}", name=f"P{number}") for number in range(12))
    bench.directory.entries["+393331234567"] = people
    bench.desk.handle(dialled(inbound(), "1001"))
    (pop,) = await bench.sent("anna")
    assert pop["data"]["match"]["kind"] == "several"
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


async def test_fault_in_the_desk_never_reaches_the_pipeline(
    bench: DeskBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call must be stored even if nobody can be shown it."""

    def broken(pbx: str, extension: str) -> tuple[str, ...]:
        raise RuntimeError(pbx + extension)

    monkeypatch.setattr(bench.desk, "_who_has", broken)
    with capture_logs() as logs:
        bench.desk.handle(dialled(inbound(), "1001"))
    assert [entry["event"] for entry in logs] == ["desk.event_failed"]


async def test_number_that_is_revealed_later_is_looked_up_then(bench: DeskBench) -> None:
    """With `presentation = getvar` a number is masked until the PBX has answered."""
    masked = Party(number="anonymous", presentation=Presentation.WITHHELD)
    bench.desk.handle(dialled(inbound(caller=masked), "1001"))
    bench.desk.handle(alerting(inbound(), "1001"))
    offered, updated = await bench.sent("anna")
    assert offered["data"]["contact"] is None
    assert updated["data"]["contact"]["name"] == "Marta Bellandi"


async def test_fresh_page_is_shown_what_rings_and_who_talks_now(bench: DeskBench) -> None:
    """After a reload the page is what it was before."""
    ringing, talking = inbound("1.1", rung=(("1001",),)), inbound("1.2", rung=(("1001",),))
    bench.desk.handle(dialled(ringing, "1001"))
    bench.desk.handle(dialled(talking, "1001"))
    talking = replace(talking, answered_by="1001", answered_at=START + timedelta(seconds=4))
    bench.desk.handle(answered(talking, "1001"))
    bench.desk.handle(dialled(inbound("1.3", rung=(("1002",),)), "1002"))
    hello, *now = [decode(frame) for frame in await drain(bench.hub.subscribe("anna"))]
    assert hello["data"]["follow"] == 3
    assert types(now) == ["pop.offered", "pop.offered", "pop.answered"]
    assert [frame["seq"] for frame in now] == [1, 2, 3]
    assert now[0]["data"]["call_id"] == str(ringing.id)
    assert now[1]["data"]["call"]["answered_by"] == "1001"
    supervisor = [decode(frame) for frame in await drain(bench.hub.subscribe("sara"))]
    assert types(supervisor[1:]) == ["call.updated"] * 3


async def test_page_of_somebody_who_lost_the_extension_is_shown_nothing(bench: DeskBench) -> None:
    """Rights are those of now, not those of when the phone rang."""
    bench.desk.handle(dialled(inbound(rung=(("1001",),)), "1001"))
    bench.roster.replace((SARA,))
    assert len(await drain(bench.hub.subscribe("anna"))) == 1


async def test_restored_call_shows_its_talker_again(bench: DeskBench) -> None:
    """A restart of the gateway in mid-call leaves the agent's screen as it was."""
    record = inbound(rung=(("1001",),), answered_by="1001", final_talker="1001")
    bench.desk.restore([record], START)
    assert types(await bench.sent("anna")) == ["call.updated", "pop.offered", "pop.answered"]
    assert bench.desk.live_calls() == (record,)


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


async def test_memory_of_ended_calls_is_bounded(bench: DeskBench) -> None:
    """A year of calls does not fill the machine."""
    for number in range(ENDED_LIMIT + 10):
        record = inbound(f"5.{number}", state=CallState.ENDED)
        bench.desk.handle(CallEnded(at=START, record=record))
    asked = bench.directory.asked
    bench.desk.contact_for(inbound("5.0"))
    assert bench.directory.asked == asked + 1
    bench.desk.contact_for(inbound(f"5.{ENDED_LIMIT + 9}"))
    assert bench.directory.asked == asked + 1
