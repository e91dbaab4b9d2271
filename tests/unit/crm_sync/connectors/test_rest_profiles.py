"""The shipped profiles: what a call becomes in each CRM, judged by the vendor's document."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.crm_records import HandClock, answered, effect, missed
from support.peer_http import PeerServer
from support.profile_rigs import PROFILES, PipedriveRig, ProfileRig, ZohoRig
from support.rest_rig import MemoryHttp

from crm_sync.connectors.rest.directory import RestDirectory
from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.plugin import plugin
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.crm import DirectoryEntry, DirectoryPage
from gateway.core.ports import Tier
from gateway.core.record import CallRecord, Direction, Party
from gateway.core.writing import TaskPlan, plain_plan

VERDI = {"id": 11, "name": "Studio Verdi", "phones": ["06 1234 5678"], "owner": {"id": 3}}
VERDI_ZOHO = {"id": "900", "Full_Name": "Maria Verdi", "Mobile": "+39 06 12345678"}


BACK = TaskPlan(title="Richiamare Studio Verdi", note="Ha chiamato.", due_on=date(2026, 10, 5))


async def write(
    rig: ProfileRig, record: CallRecord, kind: str = "call.ended", task: TaskPlan | None = None
) -> None:
    """Write one effect through a profile; every request is judged."""
    rig.front.port = 9
    settings = RestSettings.model_validate(rig.table)
    writer = RestWriter(settings, MemoryHttp(rig.handle), HandClock())
    one = effect(record, kind=kind, ordinal=record.revision)
    await writer.write(
        record,
        idempotency_key=one.key,
        kind=kind,
        occurred_at=one.occurred_at,
        plan=replace(plain_plan(record, kind), task=task),
    )
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
    assert made["participants"] == [{"person_id": 11, "primary": True}]
    assert (made["done"], made["org_id"], made["owner_id"]) == (True, 5, 7)
    assert "Studio Verdi" in made["subject"]


async def test_pipedrive_missed_call_is_one_activity_to_be_done_by_the_owner(
    pipedrive: PipedriveRig,
) -> None:
    """The call itself is over; who has to call back sees one thing to do, also after a repeat."""
    await write(pipedrive, missed())
    for _ in range(2):
        await write(pipedrive, missed(), "task.missed", task=BACK)
    assert [one["done"] for one in pipedrive.made] == [True]
    [todo] = pipedrive.tasks
    expected = {"type": "call", "subject": BACK.title, "owner_id": 3, "due_date": "2026-10-05"}
    assert expected.items() <= todo.items()
    assert todo["participants"] == [{"person_id": 11, "primary": True}]


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


async def test_zoho_missed_call_leaves_one_task_with_the_owner(zoho: ZohoRig) -> None:
    """A repeat finds it by the field of our id."""
    for _ in range(2):
        await write(zoho, missed(), "task.missed", task=BACK)
    [todo] = zoho.tasks
    expected: dict[str, Any] = {"Subject": BACK.title, "Status": "Not Started"}
    expected |= {"Due_Date": "2026-10-05", "Owner": {"id": "8"}, "Who_Id": {"id": "900"}}
    assert expected.items() <= todo.items()
    assert zoho.made == []


def directory_of(rig: ProfileRig, clock: HandClock) -> RestDirectory:
    """Return the people of a profile's CRM."""
    rig.front.port = 9
    settings = RestSettings.model_validate(rig.table)
    found = plugin.open_directory(settings, MemoryHttp(rig.handle), clock)
    assert isinstance(found, RestDirectory)
    return found


async def walked(
    ask: Callable[[str], Awaitable[DirectoryPage]], cursor: str = ""
) -> tuple[list[DirectoryEntry], list[str]]:
    """Return entries and gone references of all pages."""
    entries: list[DirectoryEntry] = []
    gone: list[str] = []
    while True:
        page = await ask(cursor)
        entries += page.entries
        gone += page.gone
        if not page.more:
            return entries, gone
        cursor = page.cursor


async def test_pipedrive_people_come_with_their_organizations_and_changes(
    pipedrive: PipedriveRig,
) -> None:
    """Several pages; what is deleted says so among the changes."""
    old = "2026-10-01T00:00:00Z"
    pipedrive.companies = [{"id": 5, "name": "Verdi srl", "update_time": old, "owner_id": 3}]
    pipedrive.listed = [
        {"id": at, "name": f"P {at}", "org_id": 5, "owner_id": 3, "update_time": old}
        | {"phones": [{"value": f"06 5550 {at:04}", "primary": True, "label": "work"}]}
        | {"emails": [{"value": f"p{at}@verdi.example", "primary": True, "label": "work"}]}
        for at in range(1, 42)
    ]
    clock = HandClock()
    directory = directory_of(pipedrive, clock)
    entries, _ = await walked(directory.everyone)
    assert [one.ref for one in entries[:2]] == ["company:5", "person:1"]
    assert len(entries) == 42
    last = entries[-1]
    assert (last.numbers[0].raw, last.company_ref, last.owner) == ("06 5550 0041", "company:5", "3")
    assert last.email == "p41@verdi.example"
    mark = await directory.mark()
    assert await walked(directory.changed, mark) == ([], [])
    now = {"update_time": "2026-10-03T08:30:00Z"}
    pipedrive.listed[0] |= {"name": "Anna Verdi", **now}
    pipedrive.listed[1] |= {"is_deleted": True, **now}
    changed, gone = await walked(directory.changed, mark)
    assert ([one.name for one in changed], gone) == (["Anna Verdi"], ["person:2"])
    assert pipedrive.violations == []


async def test_zoho_people_come_page_by_page_and_only_those_that_changed(zoho: ZohoRig) -> None:
    """An unchanged module answers 304, an empty one 204: neither means that everybody is gone."""
    stamp = "2026-10-01T10:00:00+02:00"
    zoho.people[0]["Modified_Time"] = stamp
    zoho.people += [
        {"id": str(at), "Full_Name": f"P {at}", "Phone": f"06 5550 {at}", "Modified_Time": stamp}
        for at in (901, 902)
    ]
    directory = directory_of(zoho, HandClock())
    entries, _ = await walked(directory.everyone)
    assert [one.ref for one in entries] == ["person:900", "person:901", "person:902"]
    verdi = entries[0]
    assert (verdi.name, verdi.company_ref, verdi.owner) == ("Maria Verdi", "company:77", "8")
    mark = await directory.mark()
    assert await walked(directory.changed, mark) == ([], [])
    zoho.people[2]["Modified_Time"] = "2026-10-03T10:29:00+02:00"
    changed, _ = await walked(directory.changed, mark)
    assert [one.ref for one in changed] == ["person:902"]
    assert zoho.violations == []


@pytest.mark.parametrize("name", ["pipedrive", "zoho"])
def test_profile_promises_to_find_calls_again(name: str, tmp_path: Path) -> None:
    """A lost answer must not need a person in a CRM that we describe ourselves."""
    rigs: dict[str, ProfileRig] = {
        "pipedrive": PipedriveRig(front=PeerServer(port=9)),
        "zoho": ZohoRig(front=PeerServer(port=9), folder=tmp_path),
    }
    settings = RestSettings.model_validate(rigs[name].table)
    promise = plugin.capabilities_of(settings)
    assert (promise.tier, promise.updates, promise.tasks) == (Tier.B, True, True)
    assert PROFILES[name]["url"].startswith("https://")
