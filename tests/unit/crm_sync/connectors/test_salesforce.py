"""What is written to Salesforce, what its answers mean, and how we sign in."""

import asyncio
import json
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from support.crm_records import MORNING, HandClock, answered, effect, missed
from support.peer_http import PeerServer, Received
from support.rest_rig import MemoryHttp
from support.salesforce_rig import ANNA, EXTERNAL, OURS, SalesforceRig

from crm_sync.connectors.salesforce.codec import FieldError, SessionError, quoted, read
from crm_sync.connectors.salesforce.plugin import plugin
from gateway.core.errors import (
    AdapterError,
    AuthError,
    ConfigError,
    RejectedError,
    TransientError,
)
from gateway.core.ports import CrmWriter, HttpAnswer, Receipt
from gateway.core.record import CallRecord, CallState, ContactRef, WrapUp
from gateway.core.writing import Assignee, Creation, TaskPlan, WritePlan, plain_plan
from gateway.runtime.clock import SystemClock

# read before a test's event loop runs, as the daemon reads its configuration before it starts
TOKYO = ZoneInfo("Asia/Tokyo")


def org() -> SalesforceRig:
    """Return an org in memory."""
    return SalesforceRig(front=PeerServer())


def opened(rig: SalesforceRig, http: MemoryHttp | None = None, **changes: object) -> CrmWriter:
    """Return a writer to it; the clock is real, an assertion is good for three minutes."""
    settings = plugin.settings_model.model_validate({**rig.table, **changes})
    return plugin.open(settings, http or MemoryHttp(handle=rig.handle), SystemClock())


async def write(
    writer: CrmWriter, record: CallRecord, kind: str = "call.ended", plan: WritePlan | None = None
) -> Receipt:
    """Write one effect."""
    one = effect(record, kind=kind, ordinal=record.revision)
    return await writer.write(
        record, idempotency_key=one.key, kind=kind, occurred_at=one.occurred_at, plan=plan
    )


def last(rig: SalesforceRig) -> dict[str, Any]:
    """Return the newest task."""
    return rig.of("Task")[-1]


async def test_answered_call_is_a_completed_task_of_who_answered() -> None:
    """Seconds, the day in the office's zone, the person and the company behind it."""
    rig = org()
    company = await rig.add_company(name="Verdi Srl", phone="06 99")
    person = await rig.add_person(name="Verdi", phone="06 1234 5678", company=company)
    receipt = await write(opened(rig, timezone=TOKYO.key), answered("s.1"))
    told = dict(last(rig))
    assert told.pop("Description").startswith("[Filodiretto]\nChiamata ricevuta da Verdi")
    assert told == {
        "Id": "00T000000000001AAA",
        "IsDeleted": False,
        EXTERNAL: str(answered("s.1").id),
        "Subject": "Chiamata ricevuta da Verdi (+390612345678)",
        "Status": "Completed",
        "TaskSubtype": "Call",
        "CallType": "Inbound",
        "CallDurationInSeconds": 90,
        "CallDisposition": "Answered",
        "CallObject": str(answered("s.1").id),
        "ActivityDate": "2026-10-03",
        "WhoId": person,
        "WhatId": company,
        "OwnerId": ANNA,
    }
    assert receipt.url == f"{rig.front.url}/lightning/r/Task/00T000000000001AAA/view"
    assert rig.violations == []


async def test_call_that_rings_becomes_the_call_that_ended() -> None:
    """Owner and status are ours until somebody else sets them."""
    rig = org()
    writer = opened(rig)
    ringing = missed("live.1", state=CallState.LIVE, outcome=None, ended_at=None)
    await write(writer, ringing, "call.started")
    assert (last(rig)["Status"], last(rig)["OwnerId"]) == ("Not Started", OURS)
    plan = WritePlan(follows=True, assignee=Assignee(extension="1002"))
    await write(writer, answered("live.1"), "call.ended", plan)
    assert (last(rig)["Status"], last(rig)["OwnerId"]) == ("Completed", ANNA)
    last(rig)["OwnerId"] = "005000000000009AAA"
    noted = WrapUp(agent="1002", disposition="venduto")
    await write(writer, answered("live.1", revision=1, wrap_ups=(noted,)), "call.updated", plan)
    assert last(rig)["OwnerId"] == "005000000000009AAA"
    assert last(rig)["CallDisposition"] == "venduto"
    assert len(await rig.calls()) == 1


async def test_task_that_a_person_deleted_stays_deleted() -> None:
    """A correction of a call that somebody threw away is no reason to bring it back."""
    rig = org()
    writer = opened(rig)
    await write(writer, answered("del.1"))
    last(rig)["IsDeleted"] = True
    assert await write(writer, answered("del.1", revision=1), "call.updated") == Receipt()
    assert await rig.calls() == []


async def test_lead_is_linked_alone_and_a_converted_one_not_at_all() -> None:
    """Salesforce takes no WhatId beside a lead; a converted lead is a contact by now."""
    rig = org()
    lead = {"Id": "00Q000000000001AAA", "Name": "Neri", "Phone": "06 1234 5678"}
    rig.of("Lead").append({**lead, "IsConverted": False})
    await write(opened(rig), answered("lead.1"))
    assert (last(rig)["WhoId"], last(rig).get("WhatId")) == (lead["Id"], None)
    rig.of("Lead")[0]["IsConverted"] = True
    await write(opened(rig), answered("lead.2"))
    assert "WhoId" not in last(rig)


async def test_contact_deleted_after_the_match_costs_no_call() -> None:
    """The directory may be an hour behind; the number is looked up instead."""
    rig = org()
    gone = ContactRef(id="x", ref="person:003000000000099AAA", crm="crm", name="Rossi")
    await write(opened(rig), answered("g.1", contact=gone))
    assert len(await rig.calls()) == 1
    assert "WhoId" not in last(rig)


async def test_stranger_becomes_a_lead_if_the_policy_says_so() -> None:
    """A lead needs a company; there is only the name."""
    rig = org()
    plan = replace(plain_plan(answered(), "call.ended"), creates=Creation.LEAD)
    await write(opened(rig), answered("n.1"), plan=plan)
    [lead] = rig.of("Lead")
    assert (lead["LastName"], lead["Company"], lead["Phone"]) == (
        "Studio Verdi",
        "Studio Verdi",
        "+390612345678",
    )
    assert last(rig)["WhoId"] == lead["Id"]


async def test_contact_we_made_and_somebody_deleted_is_made_again() -> None:
    """What is remembered of the caller is no reason to write to nobody for ever."""
    rig = org()
    writer = opened(rig)
    plan = replace(plain_plan(answered(), "call.ended"), creates=Creation.CONTACT)
    await write(writer, answered("again.1"), plan=plan)
    rig.of("Contact")[0]["IsDeleted"] = True
    await write(writer, answered("again.2"), plan=plan)
    assert last(rig)["WhoId"] == rig.of("Contact")[1]["Id"]


async def test_field_for_our_id_that_is_gone_stops_the_connector() -> None:
    """Not a dead letter for each call of the day: nothing is written until it is back."""
    rig = org()
    gone = False

    def handle(request: Received) -> tuple[int, object]:
        status, told = rig.handle(request)
        if gone and EXTERNAL in request.path:
            return 404, [{"errorCode": "NOT_FOUND", "message": "no", "fields": []}]
        if gone and request.path.endswith("/Task/describe") and isinstance(told, dict):
            told["fields"] = [one for one in told["fields"] if one["name"] != EXTERNAL]
        return status, told

    writer = opened(rig, MemoryHttp(handle=handle))
    await write(writer, answered("f.1"))
    gone = True
    with pytest.raises(FieldError):
        await write(writer, answered("f.2"))
    with pytest.raises(AuthError):
        await write(writer, answered("f.2"))


async def test_open_opportunity_takes_the_place_of_the_company() -> None:
    """If it is the only one."""
    rig = org()
    company = await rig.add_company(name="Verdi Srl", phone="06 99")
    await rig.add_person(name="Verdi", phone="06 1234 5678", company=company)
    deal = {"Id": "006000000000001AAA", "AccountId": company, "IsClosed": False}
    rig.of("Opportunity").append(deal)
    await write(opened(rig), answered("deal.1"))
    assert last(rig)["WhatId"] == deal["Id"]
    rig.of("Opportunity").append({**deal, "Id": "006000000000002AAA"})
    await write(opened(rig), answered("deal.2"))
    assert last(rig)["WhatId"] == company


async def test_follow_up_is_an_open_task_of_its_own() -> None:
    """Due on the day of the plan; nobody's but the owner's."""
    rig = org()
    record = missed("t.1")
    task = TaskPlan(title="Richiamare", note="06 1234 5678", due_on=date(2026, 10, 5))
    plan = replace(plain_plan(record, "task.missed"), task=task)
    await write(opened(rig), record, "task.missed", plan)
    told = last(rig)
    assert (told["TaskSubtype"], told["Status"]) == ("Task", "Not Started")
    assert told["ActivityDate"] == "2026-10-05"


async def test_expired_token_is_renewed_once_for_all_who_wait() -> None:
    """Twenty calls at the moment of expiry must not become twenty sign-ins."""
    rig = org()
    writer = opened(rig)
    await write(writer, answered("x.0"))
    assert rig.tokens == 1
    rig.refused_tokens.add("00D!1")
    await asyncio.gather(*(write(writer, answered(f"x.{number + 1}")) for number in range(20)))
    assert rig.tokens == 2
    assert len(await rig.calls()) == 21


async def test_used_up_allowance_is_waited_for() -> None:
    """REQUEST_LIMIT_EXCEEDED is about the last 24 hours, not about the call."""
    rig = org()
    rig.limit_reached = True
    with pytest.raises(TransientError) as caught:
        await write(opened(rig), answered("lim.1"))
    assert caught.value.retry_after_s == 900.0
    assert "24 hours" in caught.value.message


async def test_client_credentials_send_key_and_secret_of_the_app() -> None:
    """The other grant, for apps that run as one user."""
    rig = org()
    seen: list[Received] = []

    def handle(request: Received) -> tuple[int, object]:
        if request.path == "/services/oauth2/token":
            seen.append(request)
            rig.tokens += 1
            return 200, {"access_token": f"00D!{rig.tokens}", "instance_url": rig.front.url}
        return rig.handle(request)

    http = MemoryHttp(handle=handle)
    writer = opened(rig, http, grant="client_credentials", secret="app-secret", username="")
    await write(writer, answered("cc.1"))
    form = parse_qs(seen[0].body.decode())
    assert form["grant_type"] == ["client_credentials"]
    assert form["client_secret"] == ["app-secret"]


async def test_instance_that_is_not_salesforces_gets_no_token() -> None:
    """Whoever can answer the sign-in must not choose where the token goes."""
    rig = org()
    urls: list[str] = []

    class Watching(MemoryHttp):
        async def request(self, method: str, url: str, **more: Any) -> HttpAnswer:  # noqa: ANN401
            urls.append(url)
            return await super().request(method, url, **more)

    def handle(request: Received) -> tuple[int, object]:
        status, told = rig.handle(request)
        if request.path == "/services/oauth2/token" and isinstance(told, dict):
            told["instance_url"] = "https://evil.example.com"
        return status, told

    await write(opened(rig, Watching(handle=handle)), answered("i.1"))
    assert {url.split("/services")[0] for url in urls} == {rig.front.url}


def test_secret_that_is_no_key_is_found_at_the_start() -> None:
    """With the remedy; the text of the file is nowhere."""
    with pytest.raises(ConfigError) as caught:
        opened(org(), secret="not a key")
    assert "PEM" in caught.value.remedy


@pytest.mark.parametrize("flag", ["externalId", "unique", None])
async def test_field_that_cannot_keep_doubles_away_is_found_at_the_check(
    flag: str | None,
) -> None:
    """The promise stands on it; the remedy says where to make it."""
    rig = org()

    def handle(request: Received) -> tuple[int, object]:
        status, told = rig.handle(request)
        if request.path.endswith("/Task/describe") and isinstance(told, dict):
            for one in told["fields"]:
                if one["name"] == EXTERNAL and flag is not None:
                    one[flag] = False
            if flag is None:
                told["fields"] = [one for one in told["fields"] if one["name"] != EXTERNAL]
        return status, told

    with pytest.raises(AuthError) as caught:
        await opened(rig, MemoryHttp(handle=handle)).probe()
    assert "Object Manager" in caught.value.remedy
    assert EXTERNAL in caught.value.detail


async def test_status_that_the_org_does_not_have_is_found_at_the_check() -> None:
    """Admins rename picklist values."""
    with pytest.raises(AuthError):
        await opened(org(), status_done="Done").probe()
    assert "may write tasks" in await opened(org()).probe()


async def test_endless_note_is_shortened_and_stays_ours() -> None:
    """Comments hold 32 000 characters; a cut mark would make the next correction a second block."""
    rig = org()
    writer = opened(rig)
    noted = tuple(WrapUp(agent="anna", note="🙂" * 2000) for _ in range(100))
    await write(writer, answered("n.1", wrap_ups=noted))
    assert 31_000 < len(last(rig)["Description"]) <= 32_000
    await write(writer, answered("n.1", revision=1), "call.updated")
    assert len(last(rig)["Description"]) < 1000
    assert rig.violations == []


def test_search_term_cannot_leave_its_phrase() -> None:
    """A number from outside is data, whatever stands in it."""
    assert quoted('+39" OR {') == '"\\+39\\" OR \\{"'


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "INVALID_SESSION_ID", SessionError),
        (403, "REQUEST_LIMIT_EXCEEDED", TransientError),
        (400, "DUPLICATE_VALUE", TransientError),
        (400, "UNABLE_TO_LOCK_ROW", TransientError),
        (400, "INVALID_CROSS_REFERENCE_KEY", TransientError),
        (400, "INVALID_FIELD", FieldError),
        (403, "API_DISABLED_FOR_ORG", AuthError),
        (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", RejectedError),
        (400, "STRING_TOO_LONG", RejectedError),
    ],
)
def test_error_says_what_to_do_and_nothing_of_the_customer(
    status: int, code: str, kind: type[AdapterError]
) -> None:
    """`message` repeats values of the record; code and column are enough."""
    told = [{"errorCode": code, "message": "Mario Rossi", "fields": ["Subject"]}]
    answer = HttpAnswer(status=status, headers={}, body=json.dumps(told).encode())
    with pytest.raises(kind) as caught:
        read(answer, adapter="crm", now=HandClock(MORNING).now())
    assert "Rossi" not in f"{caught.value} {caught.value.detail}"
    assert code in caught.value.detail
    assert caught.value.remedy
