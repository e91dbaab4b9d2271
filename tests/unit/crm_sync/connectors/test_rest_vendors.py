"""Profiles of SuiteCRM, EspoCRM, Dynamics 365 and Bitrix24: what a call becomes in each."""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

import pytest
from support.crm_records import HandClock, answered, effect, missed
from support.json_api_rigs import EspoRig, SuiteRig
from support.peer_http import PeerServer
from support.profile_rigs import ProfileRig
from support.rest_rig import MemoryHttp
from support.rpc_rigs import BitrixRig, DynamicsRig

from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.plugin import plugin
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.ports import Receipt, Tier
from gateway.core.record import CallRecord, Direction, Party, WrapUp
from gateway.core.writing import Creation, TaskPlan, plain_plan

CONTACT_ID = "6f1e4a3c-0000-4000-8000-00000000000a"
SUITE_VERDI = {
    "type": "Contact",
    "id": CONTACT_ID,
    "attributes": {
        "full_name": "Maria Verdi",
        "phone_work": "06 1234.5678",
        "assigned_user_id": "u8",
    },
}
ESPO_VERDI = {
    "id": "contact-1",
    "name": "Maria Verdi",
    "assignedUserId": "u8",
    "accountId": "account-1",
    "phoneNumberData": [{"phoneNumber": "+39 02 1"}, {"phoneNumber": "+39 06 12345678"}],
}
DYNAMICS_VERDI = {
    "contactid": CONTACT_ID,
    "fullname": "Maria Verdi",
    "mobilephone": "06/1234 5678",
    "_ownerid_value": "u8",
}
BITRIX_VERDI = {
    "ID": 275,
    "NAME": "Maria",
    "LAST_NAME": "Verdi",
    "PHONE": [{"VALUE": "+39 06 1234 5678"}],
    "ASSIGNED_BY_ID": "8",
}


class Desk:
    """A fake of a vendor and a writer on it."""

    def __init__(self, rig: ProfileRig) -> None:
        rig.front.port = 9
        self.rig = rig
        self.settings = RestSettings.model_validate(rig.table)
        self.writer = RestWriter(self.settings, MemoryHttp(rig.handle), HandClock())

    async def write(self, record: CallRecord, kind: str = "call.ended", **plan: object) -> Receipt:
        """Write one effect; every request is judged."""
        one = effect(record, kind=kind, ordinal=record.revision)
        receipt = await self.writer.write(
            record,
            idempotency_key=one.key,
            kind=kind,
            occurred_at=one.occurred_at,
            plan=replace(plain_plan(record, kind), **plan),  # type: ignore[arg-type]  # by name
        )
        assert self.rig.violations == []
        return receipt


def suite() -> SuiteRig:
    """Give a SuiteCRM that knows the caller."""
    return SuiteRig(front=PeerServer(), people=[dict(SUITE_VERDI)])


def espo() -> EspoRig:
    """Give an EspoCRM that knows the caller by the second of two numbers."""
    return EspoRig(front=PeerServer(), people=[dict(ESPO_VERDI)])


def dynamics() -> DynamicsRig:
    """Give a Dynamics 365 that knows the caller."""
    return DynamicsRig(front=PeerServer(), people=[dict(DYNAMICS_VERDI)])


def bitrix() -> BitrixRig:
    """Give a Bitrix24 that knows the caller."""
    return BitrixRig(front=PeerServer(), people=[dict(BITRIX_VERDI)])


async def test_suitecrm_call_is_held_has_whole_minutes_and_its_contact() -> None:
    """UTC without a T, hours and minutes apart, a name of fifty characters."""
    rig = suite()
    receipt = await Desk(rig).write(answered())
    [made] = rig.made
    expected = {"direction": "Inbound", "status": "Held", "date_start": "2026-10-03 08:30:00"}
    expected |= {"parent_type": "Contacts", "parent_id": CONTACT_ID}
    assert expected.items() <= made["attributes"].items()
    lengths = made["attributes"]["duration_hours"], made["attributes"]["duration_minutes"]
    assert lengths == (0, 2)
    assert rig.links == [CONTACT_ID]
    assert receipt.url == f"http://127.0.0.1:9/legacy/#/calls/record/{made['id']}"


async def test_suitecrm_id_that_is_there_already_is_the_call_itself() -> None:
    """The answer to the first was lost; the second is refused with 400."""
    rig = suite()
    first = await Desk(rig).write(answered())
    assert await Desk(rig).write(answered()) == first
    assert len(rig.made) == 1


async def test_espocrm_call_has_an_end_after_its_start_and_an_assignee() -> None:
    """The caller's number is the second of the contact: the list does not tell it."""
    rig = espo()
    await Desk(rig).write(missed())
    [made] = rig.made
    assert (made["dateStart"], made["dateEnd"]) == ("2026-10-03 08:30:00", "2026-10-03 08:30:21")
    assert (made["status"], made["assignedUserId"]) == ("Not Held", "u8")
    assert (made["contactsIds"], made["parentId"]) == (["contact-1"], "account-1")


async def test_espocrm_call_of_nobody_is_the_api_users() -> None:
    """An assignee is required, so who we are is asked once."""
    rig = EspoRig(front=PeerServer())
    await Desk(rig).write(answered())
    assert rig.made[0]["assignedUserId"] == "api-user-1"
    assert "contactsIds" not in rig.made[0]


async def test_dynamics_call_goes_from_the_contact_to_us() -> None:
    """Minutes are whole, the direction is true for a call of ours, the regarded is the contact."""
    rig = dynamics()
    await Desk(rig).write(answered())
    [made] = rig.made
    assert (made["directioncode"], made["actualdurationminutes"]) == (False, 2)
    assert made["actualstart"] == "2026-10-03T08:30:00Z"
    assert made["regardingobjectid_contact@odata.bind"] == f"/contacts({CONTACT_ID})"
    [party] = made["phonecall_activity_parties"]
    assert party["participationtypemask"] == 1
    called = answered("d.2", direction=Direction.OUTBOUND, caller=Party(number="1002"))
    await Desk(rig).write(called)
    assert rig.made[1]["directioncode"] is True


async def test_bitrix24_call_is_registered_and_finished_once() -> None:
    """Two requests make one call; a repeat finds it in the statistics."""
    rig = bitrix()
    for _ in range(2):
        await Desk(rig).write(answered())
    [made] = rig.made
    expected: dict[str, Any] = {"TYPE": 2, "DURATION": 90, "STATUS_CODE": "200", "USER_ID": 7}
    expected |= {"CRM_ENTITY_TYPE": "CONTACT", "CRM_ENTITY_ID": 275, "CRM_CREATE": 0}
    assert expected.items() <= made.items()
    assert made["CALL_START_DATE"] == "2026-10-03T08:30:00+00:00"


@pytest.mark.parametrize("make", [suite, espo, dynamics, bitrix])
async def test_correction_keeps_what_people_wrote(make: Any) -> None:  # noqa: ANN401 - four rigs
    """The agent's word comes later than the call; the text around ours stays."""
    rig = make()
    desk = Desk(rig)
    await desk.write(answered())
    kept = rig.made[0].get("attributes", rig.made[0])
    field = next(name for name in ("description", "DESCRIPTION") if name in kept or name.isupper())
    kept[field] = f"Sentito.\n{kept.get(field, '')}"
    noted = WrapUp(agent="anna", disposition="vendita", note="ok")
    await desk.write(answered(revision=1, wrap_ups=(noted,)), "call.updated")
    assert len(rig.made) == 1
    assert kept[field].startswith("Sentito.\n")
    assert "vendita: ok" in kept[field]


@pytest.mark.parametrize("make", [suite, espo, dynamics, bitrix])
async def test_missed_call_has_one_task(make: Any) -> None:  # noqa: ANN401 - four rigs
    """A repeat after a lost answer makes no second one."""
    rig = make()
    task = TaskPlan(title="Richiamare Maria Verdi", note="Ha chiamato.")
    for _ in range(2):
        await Desk(rig).write(missed(), "task.missed", task=task)
    assert len(rig.tasks) == 1
    assert rig.made == []


@pytest.mark.parametrize("make", [suite, espo, dynamics, bitrix])
def test_profile_can_do_all_that_a_policy_may_ask(make: Any) -> None:  # noqa: ANN401 - four rigs
    """Corrections, tasks, contacts and leads; lost answers need no person."""
    promise = plugin.capabilities_of(RestSettings.model_validate(make().table))
    assert promise.tier in {Tier.A, Tier.B}
    assert (promise.updates, promise.tasks) == (True, True)
    assert promise.creates == frozenset(Creation)


@pytest.mark.parametrize("make", [suite, espo, dynamics, bitrix])
async def test_everybody_and_who_was_changed_can_be_listed(make: Any) -> None:  # noqa: ANN401 - four rigs
    """The directory is filled by the profile alone; a poll asks for changes only."""
    rig = make()
    http = MemoryHttp(rig.handle)
    rig.front.port = 9
    settings = RestSettings.model_validate(rig.table)
    directory = plugin.open_directory(settings, http, HandClock())
    assert directory is not None
    names: list[str | None] = []
    page = await directory.everyone("")
    while True:
        names += [one.name for one in page.entries]
        if not page.more:
            break
        page = await directory.everyone(page.cursor)
    assert names == ["Maria Verdi"]
    before = len(http.requests)
    page = await directory.changed(await directory.mark())
    while page.more:
        page = await directory.changed(page.cursor)
    assert rig.violations == []
    polled = http.requests[before:]
    texts = [unquote_plus(one.path) + one.body.decode() for one in polled]
    listing = [text for text in texts if "token" not in text]
    assert all("2026-10-03" in text for text in listing), listing
