"""The shipped profiles: what a call becomes in each CRM, judged by the vendor's document."""

from pathlib import Path
from typing import Any

import pytest
from support.crm_records import HandClock, answered, effect, missed
from support.peer_http import PeerServer
from support.profile_rigs import PROFILES, PipedriveRig, ProfileRig, ZohoRig
from support.rest_rig import MemoryHttp

from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.plugin import plugin
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.ports import Tier
from gateway.core.record import CallRecord, Direction, Party

VERDI = {"id": 11, "name": "Studio Verdi", "phones": ["06 1234 5678"], "owner": {"id": 3}}
VERDI_ZOHO = {"id": "900", "Full_Name": "Maria Verdi", "Mobile": "+39 06 12345678"}


async def write(rig: ProfileRig, record: CallRecord, kind: str = "call.ended") -> None:
    """Write one effect through a profile; every request is judged."""
    rig.front.port = 9
    settings = RestSettings.model_validate(rig.table)
    writer = RestWriter(settings, MemoryHttp(rig.handle), HandClock())
    one = effect(record, kind=kind, ordinal=record.revision)
    await writer.write(record, idempotency_key=one.key, kind=kind, occurred_at=one.occurred_at)
    assert rig.violations == []


@pytest.fixture
def pipedrive() -> PipedriveRig:
    """Give a Pipedrive that knows the caller."""
    return PipedriveRig(
        front=PeerServer(), people=[{**VERDI, "organization": {"id": 5, "name": "Verdi srl"}}]
    )


@pytest.fixture
def zoho(tmp_path: Path) -> ZohoRig:
    """Give a Zoho CRM that knows the caller."""
    contact = {**VERDI_ZOHO, "Account_Name": {"id": "77"}, "Owner": {"id": "8"}}
    return ZohoRig(front=PeerServer(), people=[contact], folder=tmp_path)


async def test_pipedrive_call_is_a_done_activity_of_the_person(pipedrive: PipedriveRig) -> None:
    """Date and time in UTC, the length rounded up to minutes."""
    await write(pipedrive, answered())
    [made] = pipedrive.made
    expected = {"type": "call", "due_date": "2026-10-03", "due_time": "08:30"}
    expected |= {"duration": "00:02", "subject": made["subject"]}
    assert expected.items() <= made.items()
    assert (made["done"], made["person_id"], made["org_id"], made["user_id"]) == (1, 11, 5, 7)
    assert "Studio Verdi" in made["subject"]


async def test_pipedrive_missed_call_stays_to_be_done_by_the_owner(pipedrive: PipedriveRig) -> None:
    """Nobody spoke with the customer: somebody has to."""
    await write(pipedrive, missed())
    [made] = pipedrive.made
    assert (made["done"], made["user_id"]) == (0, 3)


async def test_pipedrive_correction_finds_its_activity_behind_many(
    pipedrive: PipedriveRig,
) -> None:
    """A busy day has more than one page of calls."""
    for number in range(30):
        await write(pipedrive, answered(f"p.{number}"))
    pipedrive.made[25]["note"] += "<br>Sentito."
    changed = answered("p.25", revision=1, final_talker="1005")
    await write(pipedrive, changed, "call.updated")
    assert len(pipedrive.made) == 30
    assert "1005" in pipedrive.made[25]["note"]
    assert pipedrive.made[25]["note"].endswith("<br>Sentito.")


async def test_zoho_call_is_linked_to_contact_and_account(zoho: ZohoRig) -> None:
    """Ids are text, the length is MM:SS, the time has its zone."""
    await write(zoho, answered())
    [made] = zoho.made
    expected: dict[str, Any] = {
        "Call_Type": "Inbound",
        "Call_Start_Time": "2026-10-03T08:30:00+00:00",
        "Call_Duration": "01:30",
        "Who_Id": {"id": "900"},
        "What_Id": {"id": "77"},
        "$se_module": "Accounts",
    }
    assert expected.items() <= made.items()
    assert "Owner" not in made


async def test_zoho_missed_and_outbound_calls_have_their_own_words(zoho: ZohoRig) -> None:
    """Zoho has one field for direction and missed."""
    await write(zoho, missed())
    called = answered("z.2", direction=Direction.OUTBOUND, caller=Party(number="1002"))
    await write(zoho, called)
    assert [one["Call_Type"] for one in zoho.made] == ["Missed", "Outbound"]
    assert zoho.made[0]["Owner"] == {"id": "8"}
    assert zoho.made[1]["Outgoing_Call_Status"] == "Completed"


@pytest.mark.parametrize("name", ["pipedrive", "zoho"])
def test_profile_promises_to_find_calls_again(name: str, tmp_path: Path) -> None:
    """A lost answer must not need a person in a CRM that we describe ourselves."""
    rigs: dict[str, ProfileRig] = {
        "pipedrive": PipedriveRig(front=PeerServer(port=9)),
        "zoho": ZohoRig(front=PeerServer(port=9), folder=tmp_path),
    }
    settings = RestSettings.model_validate(rigs[name].table)
    promise = plugin.capabilities_of(settings)
    assert (promise.tier, promise.updates) == (Tier.B, True)
    assert PROFILES[name]["url"].startswith("https://")
