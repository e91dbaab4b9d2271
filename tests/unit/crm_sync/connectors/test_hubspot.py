"""What is written to HubSpot, what its answers mean, and what it is asked for before."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.crm_records import MORNING, HandClock, answered, effect, missed
from support.hubspot_rig import UNIQUE, HubSpotRig
from support.peer_http import PeerServer
from support.rest_rig import MemoryHttp

from crm_sync.connectors.hubspot.codec import read
from crm_sync.connectors.hubspot.plugin import plugin
from crm_sync.connectors.hubspot.translate import status_of
from gateway.core.errors import AdapterError, AuthError, RejectedError, TransientError
from gateway.core.ports import CrmWriter, HttpAnswer, Receipt, Tier
from gateway.core.record import (
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    Outcome,
    Recording,
    WrapUp,
)
from gateway.core.writing import Assignee, TaskPlan, WritePlan, plain_plan


def account(*, unique: bool = False) -> HubSpotRig:
    """Return an account in memory."""
    return HubSpotRig(front=PeerServer(), unique=unique)


def opened(rig: HubSpotRig, clock: HandClock | None = None, **changes: object) -> CrmWriter:
    """Return a writer to it."""
    settings = plugin.settings_model.model_validate({**rig.table, **changes})
    return plugin.open(settings, MemoryHttp(handle=rig.handle), clock or HandClock(MORNING))


async def write(
    writer: CrmWriter, record: CallRecord, kind: str = "call.ended", plan: WritePlan | None = None
) -> Receipt:
    """Write one effect."""
    one = effect(record, kind=kind, ordinal=record.revision)
    return await writer.write(
        record, idempotency_key=one.key, kind=kind, occurred_at=one.occurred_at, plan=plan
    )


def last(rig: HubSpotRig, kind: str = "calls") -> dict[str, Any]:
    """Return the properties of the newest record."""
    properties: dict[str, Any] = rig.of(kind)[-1]["properties"]
    return properties


@pytest.mark.parametrize("unique", [False, True])
async def test_answered_call_is_written_with_all_its_facts(unique: bool) -> None:  # noqa: FBT001
    """Length in milliseconds, the outcome by its id, the owner by e-mail, the note as HTML."""
    rig = account(unique=unique)
    await rig.add_person(name="Verdi", phone="06 1234 5678")
    recorded = answered("h.1", recordings=(Recording(url="https://pbx.example.com/1.wav"),))
    receipt = await write(opened(rig), recorded)
    told = last(rig)
    body = told.pop("hs_call_body")
    assert body.startswith("[Filodiretto]<br>Chiamata ricevuta da Verdi")
    assert told == {
        "hs_timestamp": "2026-10-03T08:30:00.000Z",
        "hs_call_title": "Chiamata ricevuta da Verdi (+390612345678)",
        "hs_call_direction": "INBOUND",
        "hs_call_status": "COMPLETED",
        "hs_call_duration": "90500",
        "hs_call_from_number": "+390612345678",
        "hs_call_to_number": "+390299991001",
        "hs_call_disposition": "g-connected",
        "hs_call_recording_url": "https://pbx.example.com/1.wav",
        "hs_call_external_id": str(recorded.id),
        "hubspot_owner_id": "77",
        **({UNIQUE: str(recorded.id)} if unique else {}),
    }
    assert rig.of("calls")[-1]["ends"] == {"contacts": "100"}
    assert receipt.url == "https://app-eu1.hubspot.com/contacts/4711/record/0-48/1000"
    assert rig.violations == []


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (missed(), "NO_ANSWER"),
        (missed(direction=Direction.OUTBOUND), "CANCELED"),
        (missed(outcome=Outcome.BUSY), "BUSY"),
        (missed(outcome=Outcome.FAILED), "FAILED"),
        (missed(state=CallState.LIVE, outcome=None), "RINGING"),
        (answered(state=CallState.LIVE, outcome=None), "IN_PROGRESS"),
        (missed(outcome=None), None),
    ],
)
def test_status_is_one_that_hubspot_has(record: CallRecord, status: str | None) -> None:
    """Another word would be refused."""
    assert status_of(record) == status


async def test_call_that_rings_becomes_the_call_that_ended() -> None:
    """One record from the ring on; who answered becomes the owner only then."""
    rig = account()
    writer = opened(rig)
    ringing = missed("live.1", state=CallState.LIVE, outcome=None, ended_at=None)
    await write(writer, ringing, "call.started")
    assert (last(rig)["hs_call_status"], last(rig).get("hubspot_owner_id")) == ("RINGING", None)
    plan = WritePlan(follows=True, assignee=Assignee(extension="1002"))
    await write(writer, answered("live.1"), "call.ended", plan)
    assert (last(rig)["hs_call_status"], last(rig)["hubspot_owner_id"]) == ("COMPLETED", "77")
    assert len(await rig.calls()) == 1


async def test_what_an_agent_said_goes_before_what_the_network_did() -> None:
    """By its label in HubSpot; a word HubSpot does not have leaves the network's."""
    rig = account()
    writer = opened(rig)
    await write(writer, answered("d.1", wrap_ups=(WrapUp(agent="a", disposition="Sale"),)))
    assert last(rig)["hs_call_disposition"] == "g-sale"
    await write(writer, answered("d.2", wrap_ups=(WrapUp(agent="a", disposition="gift"),)))
    assert last(rig)["hs_call_disposition"] == "g-connected"


async def test_contact_deleted_after_the_match_costs_no_call() -> None:
    """The directory may be an hour behind; the number is looked up instead."""
    rig = account()
    gone = ContactRef(id="x", ref="person:999", crm="crm", name="Rossi")
    await write(opened(rig), answered("g.1", contact=gone))
    assert rig.of("calls")[-1]["ends"] == {}
    kept = await rig.add_person(name="Verdi", phone="+39 06 12345678")
    await write(opened(rig), answered("g.2", contact=gone))
    assert rig.of("calls")[-1]["ends"] == {"contacts": kept}


async def test_only_an_open_deal_that_is_the_only_one_is_linked() -> None:
    """With two it would be a guess."""
    rig = account()
    person = await rig.add_person(name="Verdi", phone="06 1234 5678")
    deal: dict[str, Any] = {"properties": {"hs_is_closed": "false"}, "ends": {"contacts": person}}
    rig.of("deals").append({"id": "9", **deal})
    await write(opened(rig), answered("deal.1"))
    assert rig.of("calls")[-1]["ends"] == {"contacts": person, "deals": "9"}
    rig.of("deals").append({"id": "10", **deal})
    await write(opened(rig), answered("deal.2"))
    assert "deals" not in rig.of("calls")[-1]["ends"]


async def test_task_is_due_when_the_plan_says() -> None:
    """A call to make, of high priority, for the owner."""
    rig = account()
    record = missed("t.1")
    task = TaskPlan(title="Richiamare", note="06 <b>", due_on=date(2026, 10, 5))
    plan = replace(
        plain_plan(record, "task.missed"), task=task, assignee=Assignee(extension="1002")
    )
    await write(opened(rig), record, "task.missed", plan)
    told = last(rig, "tasks")
    assert told["hs_timestamp"] == "2026-10-05T08:30:21.000Z"
    assert (told["hs_task_type"], told["hubspot_owner_id"]) == ("CALL", "77")
    assert told["hs_task_body"].startswith("06 &lt;b&gt;")


async def test_without_a_unique_property_the_promise_is_b_and_with_it_a() -> None:
    """What the worker does after a lost answer follows from it."""
    model = plugin.settings_model
    plain = plugin.capabilities_of(model(name="crm", secret="x"))
    assert (plain.tier, plain.search_lag_s) == (Tier.B, 60.0)
    unique = plugin.capabilities_of(model(name="crm", secret="x", unique_property=UNIQUE))
    assert (unique.tier, unique.search_lag_s) == (Tier.A, None)


async def test_unique_property_that_is_none_is_found_at_the_check() -> None:
    """Else a call could be there twice although the settings promise that it cannot."""
    rig = account()
    with pytest.raises(AuthError) as caught:
        await opened(rig, unique_property=UNIQUE).probe()
    assert "Require unique values" in caught.value.remedy
    with pytest.raises(AuthError):
        await opened(rig, users={"1003": "nobody@example.com"}).probe()
    assert "exactly once" in await opened(account(unique=True)).probe()


async def test_nothing_is_sent_while_no_request_is_left() -> None:
    """The answer before said so; asking on would cost other apps their share."""
    rig, clock = account(), HandClock(MORNING)
    http = MemoryHttp(handle=rig.handle)
    settings = plugin.settings_model.model_validate(rig.table)
    writer = plugin.open(settings, http, clock)
    spent = {
        "x-hubspot-ratelimit-remaining": "0",
        "x-hubspot-ratelimit-interval-milliseconds": "10000",
    }
    http.script.append(HttpAnswer(status=200, headers=spent, body=b'{"total":0,"results":[]}'))
    with pytest.raises(TransientError) as caught:
        await write(writer, answered("r.1"))
    assert caught.value.retry_after_s == 10.0
    assert len(http.requests) == 1
    clock.forward(10)
    await write(writer, answered("r.1"))
    assert len(await rig.calls()) == 1


async def test_property_that_is_gone_since_yesterday_costs_no_call() -> None:
    """An administrator deleted it while Filodiretto ran: asked again, left out, written."""
    rig = account()
    writer = opened(rig)
    await write(writer, answered("p.1"))
    rig.dropped.add("hs_call_to_number")
    await write(writer, answered("p.2"))
    assert "hs_call_to_number" not in last(rig)
    assert len(await rig.calls()) == 2


async def test_endless_note_is_shortened_and_stays_ours() -> None:
    """HubSpot takes 65 536 characters; a cut mark would make the next correction a second block."""
    rig = account()
    writer = opened(rig)
    noted = tuple(WrapUp(agent="anna", note="<" * 2000) for _ in range(100))
    await write(writer, answered("n.1", wrap_ups=noted))
    assert 50_000 < len(last(rig)["hs_call_body"]) <= 60_000
    await write(writer, answered("n.1", revision=1), "call.updated")
    assert len(last(rig)["hs_call_body"]) < 1000
    await rig.edit("y" * 59_950)
    before = last(rig)["hs_call_body"]
    await write(writer, answered("n.1", revision=2), "call.updated")
    assert last(rig)["hs_call_body"] == before  # no room: what people wrote is not cut


def error(category: str, **more: object) -> bytes:
    """Return the body of an error."""
    told = {"status": "error", "category": category, "message": "Mario Rossi", **more}
    return json.dumps({**told, "correlationId": "c-42"}).encode()


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "wish"),
    [
        (401, {}, error("INVALID_AUTHENTICATION"), AuthError, None),
        (401, {}, error("EXPIRED_AUTHENTICATION"), AuthError, None),
        (403, {}, error("MISSING_SCOPES"), AuthError, None),
        (429, {}, error("RATE_LIMITS", policyName="SECONDLY"), TransientError, 1.0),
        (429, {}, error("RATE_LIMITS", policyName="DAILY"), TransientError, 3600.0),
        (429, {"retry-after": "7"}, error("RATE_LIMITS"), TransientError, 7.0),
        (400, {}, error("VALIDATION_ERROR"), RejectedError, None),
        (409, {}, error("CONFLICT"), TransientError, None),
        (
            207,
            {},
            json.dumps({"results": [], "errors": [{"category": "VALIDATION_ERROR"}]}).encode(),
            RejectedError,
            None,
        ),
    ],
)
def test_error_says_what_to_do_and_nothing_of_the_customer(
    status: int, headers: dict[str, str], body: bytes, kind: type[AdapterError], wish: float | None
) -> None:
    """`message` repeats what was sent; the correlation id is what HubSpot's support asks for."""
    with pytest.raises(kind) as caught:
        read(HttpAnswer(status=status, headers=headers, body=body), adapter="crm", now=MORNING)
    assert caught.value.retry_after_s == wish
    assert "Rossi" not in f"{caught.value} {caught.value.detail}"
    assert caught.value.remedy
