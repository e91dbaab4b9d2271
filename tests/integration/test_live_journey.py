"""The whole of a call as two agents live it: known before the answer, handed over, wrapped up."""

import asyncio
import csv
from pathlib import Path
from typing import Any

import pytest
from support.asterisk_lab.control import open_office
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.settings import did

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

CALLER = "+393331234567"
ENTRIES, ALL_ENTRIES = 20_000, 1_000_000


def contacts(path: Path, entries: int) -> None:
    """Write Marta and so many others into a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "name", "company", "phone"))
        rows.writerow(("C-17", "Marta Bellandi", "Officine Quercetta", "333 123 4567"))
        rows.writerows(
            (f"X-{no}", f"Persona {no}", f"Ditta {no % 997}", f"+3906{10_000_000 + no}")
            for no in range(entries - 1)
        )


async def test_customer_is_popped_handed_over_wrapped_up_and_remembered(
    driver: Driver, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """What issue after issue builds towards, in one go, among many contacts."""
    entries = ALL_ENTRIES if pytestconfig.getoption("--all") else ENTRIES
    file = tmp_path / "contacts.csv"
    await asyncio.to_thread(contacts, file, entries)
    async with open_office(tmp_path, driver) as office:
        await asyncio.to_thread(
            office.daemon.command, "contacts", "import", str(file), timeout_s=1000
        )
        match = await office.knows(CALLER)
        contact = match["contact"]["id"]
        anna_s, bruno_s = office.tokens["anna"], office.tokens["bruno"]
        async with office.daemon.events(anna_s) as anna, office.daemon.events(bruno_s) as bruno:
            driver.phones["1001"].answers(after_s=0.5)
            driver.phones["1002"].answers(after_s=1.0)
            call = await driver.call_in(caller=CALLER, did=did("1001"))
            offered = (await anna.next("pop.offered"))["data"]
            assert not any(leg.up.is_set() for leg in call.legs)
            assert offered["contact"]["name"] == "Marta Bellandi"
            await call.answered()
            await anna.next("pop.answered")
            path = f"/api/v1/calls/{offered['call_id']}"
            await asyncio.sleep(0.6)
            note = {"reason": "Storno della fattura 2214", "verified": True}
            status, answer = await office.post(f"{path}/transfer", {"to": "1002", "handoff": note})
            assert status == 202, answer
            handed = (await bruno.next("pop.offered"))["data"]
            assert not (await call.ringing("1002")).up.is_set()
            assert handed["call_id"] == offered["call_id"]
            assert handed["handoff"]["reason"] == note["reason"]
            await bruno.next("pop.answered")
            await asyncio.sleep(0.6)
            await call.hang_up()
            await bruno.next("call.ended")
        words = (await office.get("/api/v1/dispositions", who="bruno"))["items"]
        said = {"disposition": words[0], "note": "Storno fatto, 214,00 €"}
        status, answer = await office.post(f"{path}/wrap-up", said, who="bruno")
        assert status == 200, answer
        timeline = await office.get(f"/api/v1/contacts/{contact}/timeline", who="bruno")
    _told(timeline["items"], offered["call_id"], words[0])


def _told(items: list[dict[str, Any]], call: str, disposition: str) -> None:
    """Hold the timeline to what happened."""
    (entry,) = [item for item in items if item["kind"] == "call"]
    assert entry["id"] == call
    assert entry["outcome"] == "answered"
    assert [who["extension"] for who in entry["who"]] == ["1001", "1002"]
    assert [said["note"] for said in entry["wrap_ups"]] == ["Storno fatto, 214,00 €"]
    assert [said["disposition"] for said in entry["wrap_ups"]] == [disposition]
    assert [said["agent"] for said in entry["wrap_ups"]] == ["bruno"]
