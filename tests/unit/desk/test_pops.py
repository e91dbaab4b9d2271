"""The desk: who is shown which call, when, and what happens to the cards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from support.desk import (
    ANNA,
    LUCA,
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
    CallUpdated,
    CloseReason,
)
from gateway.core.ids import call_id, pop_id
from gateway.core.provenance import Attestation, CallTraced, DiversionReason, Provenance
from gateway.core.record import (
    CallState,
    EndedBy,
    Outcome,
    Party,
    Transfer,
    TransferType,
)
from gateway.desk.tracked import ENDED_LIMIT
from gateway.store.people import Role, User

POP_KEYS = {
    "pop_id", "call_id", "extension", "call", "contact", "match", "candidates", "first", "cues",
    "open", "said", "timeline", "colleagues", "handoff", "provenance",
    "actions", "line", "waiting_since",
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


@pytest.mark.parametrize("talks", [False, True])
async def test_card_follows_a_phone_that_changes_hands(bench: DeskBench, *, talks: bool) -> None:
    """Desks are shared: who sits down sees who is on the line, who left is bothered no more."""
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    if talks:
        record = inbound(rung=(("1001",),), answered_by="1001", final_talker="1001")
        bench.desk.handle(answered(record, "1001"))
    await bench.sent("anna")
    bench.roster.replace((replace(ANNA, extensions=()), replace(LUCA, extensions=(("", "1001"),))))
    for _ in range(2):
        bench.desk.look_who(START + timedelta(seconds=9))
    (gone,) = await bench.sent("anna")
    assert (gone["type"], gone["data"]["reason"]) == ("pop.closed", "transferred")
    assert gone["at"].startswith("2026-11-21T09:00:09")
    came = ["pop.offered", "pop.answered"] if talks else ["pop.offered"]
    assert types(await bench.sent("luca")) == came
    again = [decode(frame) for frame in await drain(bench.hub.subscribe("luca"))]
    assert types(again[1:]) == came
    bench.desk.handle(closed(record, "1001", CloseReason.CALLER_LEFT))
    assert types(await bench.sent("luca")) == ["pop.closed"]
    assert await bench.sent("anna") == []


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


async def test_where_the_call_comes_from_is_on_the_pop_from_the_first_frame(
    bench: DeskBench,
) -> None:
    """A number that failed the carrier's test is a sign to heed before anything is believed."""
    record = inbound(rung=(("1001",),))
    told = Provenance(
        attestation=Attestation.FAILED,
        diverted_from="0299991001",
        diverted_e164="+390299991001",
        diverted_reason=DiversionReason.BUSY,
    )
    bench.desk.handle(CallTraced(at=START, record=record, provenance=told))
    bench.desk.handle(dialled(record, "1001"))
    (pop,) = await bench.sent("anna")
    assert pop["data"]["provenance"] == {
        "attestation": "failed",
        "diverted_from": {"number": "0299991001", "e164": "+390299991001", "reason": "busy"},
    }
    assert "spoofed" in [cue["kind"] for cue in pop["data"]["cues"]]


async def test_provenance_told_while_the_phone_rings_renews_the_pop(bench: DeskBench) -> None:
    """A dialplan that tells it late is still believed."""
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    told = Provenance(attestation=Attestation.FULL)
    bench.desk.handle(CallTraced(at=START, record=record, provenance=told))
    offered, updated = await bench.sent("anna")
    assert offered["data"]["provenance"] is None
    assert updated["type"] == "pop.updated"
    assert updated["data"]["provenance"] == {"attestation": "full", "diverted_from": None}
    assert "spoofed" not in [cue["kind"] for cue in updated["data"]["cues"]]
