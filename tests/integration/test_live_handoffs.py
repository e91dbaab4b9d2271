"""A customer handed over on a real Asterisk: the next agent knows before anybody has to repeat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.asterisk_lab.call import Call
from support.asterisk_lab.control import Office, open_office
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.settings import did
from support.daemon import Events

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

CALLER = "+393331234567"
CONTACTS = (
    "id,name,company,mobile,language,formality,vip\n"
    "C-17,Marta Bellandi,Officine Quercetta,333 123 4567,it,formal,1\n"
)
NOTE = {
    "reason": "Doppio addebito, vuole lo storno oggi",
    "done": "Scuse fatte",
    "said": ["Partita IVA"],
    "verified": True,
}


@pytest.fixture
async def office(driver: Driver, tmp_path: Path) -> AsyncIterator[Office]:
    """Give a daemon that knows Marta, on the telephone system."""
    async with open_office(tmp_path, driver) as opened:
        (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
        await asyncio.to_thread(
            opened.daemon.command, "contacts", "import", str(tmp_path / "contacts.csv")
        )
        await opened.knows(CALLER)
        yield opened


@asynccontextmanager
async def page(office: Office, who: str) -> AsyncIterator[Events]:
    """Open somebody's page."""
    async with office.daemon.events(office.tokens[who]) as events:
        await events.next("hello")
        yield events


async def inbound(office: Office) -> tuple[str, Call, Leg]:
    """Let Marta call Anna; return the call's path, the call and Anna's leg."""
    office.driver.phones["1001"].answers(after_s=0.2)
    call = await office.driver.call_in(caller=CALLER, did=did("1001"))
    leg = await call.answered()
    record = await office.live(answered_by="1001")
    await asyncio.sleep(0.6)
    return f"/api/v1/calls/{record['id']}", call, leg


async def offered(events: Events, extension: str) -> dict[str, Any]:
    """Return the first pop for a phone."""
    data: dict[str, Any] = (await events.next("pop.offered"))["data"]
    assert data["extension"] == extension
    return data


async def test_blind_transfer_brings_the_note_before_the_colleague_answers(
    office: Office,
) -> None:
    """The note travels with the request that hands the call over."""
    path, call, _leg = await inbound(office)
    office.driver.phones["1002"].answers(after_s=1.0)
    async with page(office, "bruno") as bruno:
        body = {"to": "1002", "handoff": NOTE}
        status, answer = await office.post(f"{path}/transfer", body)
        assert status == 202, answer
        pop = await offered(bruno, "1002")
        assert not (await call.ringing("1002")).up.is_set()
        assert path.endswith(pop["call_id"])
        assert pop["contact"]["name"] == "Marta Bellandi"
        assert pop["handoff"]["reason"] == NOTE["reason"]
        assert pop["handoff"]["by"] == "anna"
        assert pop["handoff"]["verified"]["by"] == "anna"
        assert pop["first"]["kind"] == "handoff"
        assert "non deve ripetere nulla" in pop["first"]["sentence"]
        assert [said["kind"] for said in pop["said"]] == ["identity_verified", "told"]
        answered = await bruno.next("pop.answered")
        assert answered["data"]["handoff"]["reason"] == NOTE["reason"]


async def test_consultation_of_a_phone_shows_the_customer_and_the_note(office: Office) -> None:
    """The phone's own transfer key: an internal call at first, the customer's in the end."""
    path, call, leg = await inbound(office)
    status, answer = await office.send("PUT", f"{path}/handoff", NOTE)
    assert status == 200, answer
    office.driver.phones["1002"].answers(after_s=0.5)
    async with page(office, "bruno") as bruno:
        consultation = await office.driver.consult(leg, "1002")
        pop = await offered(bruno, "1002")
        assert pop["call"]["direction"] == "internal"
        assert pop["contact"]["name"] == "Marta Bellandi"
        assert path.endswith(pop["handoff"]["call_id"])
        await consultation.answered()
        await office.driver.join(call, leg, consultation, kind="attended")
        while True:
            frame = await bruno.next("pop.answered", "pop.updated")
            if path.endswith(frame["data"]["call_id"]):
                break
        assert frame["data"]["handoff"]["reason"] == NOTE["reason"]
    await office.record(path.rpartition("/")[2], who="sara", final_talker="1002")


async def test_parked_call_keeps_its_note_for_whoever_fetches_it(office: Office) -> None:
    """Nobody knows who will fetch it; whoever does is told."""
    path, _call, leg = await inbound(office)
    await office.send("PUT", f"{path}/handoff", NOTE)
    async with page(office, "dora") as dora:
        status, answer = await office.post(f"{path}/park")
        assert status == 202, answer
        await leg.wait_ended()
        frames = await office.driver.ami("ParkedCalls")
        space = next(frame["ParkingSpace"] for frame in frames if "ParkingSpace" in frame)
        fetched = await office.driver.call_from("1004", space)
        await fetched.initiator.wait_up()
        pop = await offered(dora, "1004")
        assert path.endswith(pop["call_id"])
        assert pop["handoff"]["reason"] == NOTE["reason"]


async def test_what_the_dialplan_knows_is_on_the_card_when_the_phone_rings(
    office: Office,
) -> None:
    """UserEvent in the dialplan, through the event filter exactly as it is shipped."""
    office.driver.phones["1001"].only_rings()
    async with page(office, "anna") as anna:
        call = await office.driver.call_in(caller=CALLER, did=did("3300"))
        pop = await offered(anna, "1001")
        assert pop["handoff"]["reason"] == "Codice cliente 4711"
        assert pop["handoff"]["by"] is None
        assert [(said["kind"], said["text"]) for said in pop["said"]] == [
            ("identity_verified", None),
            ("told", "Codice cliente"),
        ]
        await call.hang_up()


async def test_where_a_call_comes_from_is_on_the_card_when_the_phone_rings(
    office: Office,
) -> None:
    """Diversion and verstat of a real INVITE, told by the dialplan line of docs/pop.md."""
    office.driver.phones["1001"].only_rings()
    said = {
        "PJSIP_HEADER(add,Diversion)": "<sip:+390299991005@carrier.example>;reason=user-busy",
        "PJSIP_HEADER_PARAM(From,uri,verstat)": "TN-Validation-Failed",
    }
    async with page(office, "anna") as anna:
        call = await office.driver.call_in(caller=CALLER, did=did("3310"), said=said)
        pop = await offered(anna, "1001")
        assert pop["provenance"] == {
            "attestation": "failed",
            "diverted_from": {
                "number": "+390299991005",
                "e164": "+390299991005",
                "reason": "busy",
            },
        }
        assert "spoofed" in [cue["kind"] for cue in pop["cues"]]
        await call.hang_up()


async def test_note_survives_the_daemon(office: Office) -> None:
    """Killed between the note and the transfer: the colleague still knows."""
    path, _call, _leg = await inbound(office)
    await office.send("PUT", f"{path}/handoff", NOTE)
    await office.post(f"{path}/done", {"kind": "apologise"})
    office.daemon.kill()
    await office.daemon.start()
    await office.hands_up(2)
    office.driver.phones["1002"].answers(after_s=0.5)
    async with page(office, "bruno") as bruno:
        status, answer = await office.post(f"{path}/transfer", {"to": "1002"})
        assert status == 202, answer
        pop = await offered(bruno, "1002")
        assert pop["handoff"]["reason"] == NOTE["reason"]
        assert pop["first"]["done"]["by"] == "anna"
