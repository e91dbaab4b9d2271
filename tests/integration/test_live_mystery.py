"""Mystery calls through a real Asterisk and its carrier, back to the company's own numbers."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.mystery import MysteryOffice, open_tested
from support.asterisk_lab.settings import did

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

CUSTOMER = "+393331234567"


@pytest.fixture
async def office(driver: Driver, tmp_path: Path) -> AsyncIterator[MysteryOffice]:
    """Give a daemon that may test its trunk."""
    async with open_tested(tmp_path, driver) as opened:
        yield opened


def kinds(run: dict[str, Any]) -> list[str]:
    """Return what a report is made of."""
    return [step["kind"] for step in run["steps"]]


async def nothing_of_it(office: MysteryOffice, *, calls: int = 0) -> None:
    """Hold that nobody but the report knows of the test calls."""
    assert len((await office.get("/api/v1/calls?limit=50"))["items"]) == calls
    assert (await office.get("/api/v1/calls?state=live"))["items"] == []
    assert (await office.get("/api/v1/missed"))["items"] == []
    assert (await office.get("/api/v1/outbox"))["items"] == []


async def test_menu_key_queue_and_person_are_reported_with_their_seconds(
    office: MysteryOffice,
) -> None:
    """This is the way of a customer; the customer who calls meanwhile is one and stays one."""
    office.driver.phones["1001"].answers(after_s=0.5)
    run = await office.begin("day")
    again, refused = await office.post(
        "/api/v1/trunks/pbx:carrier/test", {"test": "night"}, who="paolo"
    )
    assert (again, refused["detail"].split(".")[0]) == (409, "A test of this trunk is in progress")
    customer = await office.driver.call_in(caller=CUSTOMER, did=did("1003"))
    await customer.ringing("1003")
    run = await office.over(run)
    assert (run["state"], run["cause"]) == ("passed", None), run
    assert run["path"] == ["menu:main", "queue:support", "person"]
    assert [step["ok"] for step in run["steps"] if step["kind"] == "expect"] == [True] * 4
    assert run["by"] == "paolo"
    seconds = run["seconds"]
    assert all(seconds[one] is not None for one in seconds)
    assert seconds["to_answer"] < seconds["to_person"]
    assert seconds["talk"] >= 1
    await customer.hang_up()
    await customer.ended()

    async def is_kept() -> bool:
        return bool((await office.get("/api/v1/missed"))["items"])

    await office.comes(is_kept)
    (kept,) = (await office.get("/api/v1/calls"))["items"]
    assert kept["caller"]["e164"] == CUSTOMER


async def test_each_way_to_fail_has_its_cause_and_none_is_a_call(office: MysteryOffice) -> None:
    """Announcement, nobody, busy, no line: four numbers of ours, called through the carrier."""
    office.driver.phones["1002"].only_rings()
    night = await office.made("night")
    assert (night["state"], night["path"]) == ("passed", ["announcement"])
    alone = await office.made("alone")
    assert (alone["state"], alone["cause"]) == ("failed", "Expected and not met: answer.")
    assert kinds(alone)[:4] == ["dialled", "arrived", "phone", "ringing"]
    busy = await office.made("busy")
    assert busy["cause"] == "The number called is busy."
    full = await office.made("full")
    assert full["cause"] == "The carrier has no line free, or is out of service."

    async def is_alarmed() -> bool:
        trunk = await office.get("/api/v1/trunks/carrier")
        told = [alarm["kind"] for alarm in trunk["alarms"]]
        return told == ["test"] and trunk["test"]["last"]["id"] == full["id"]

    await office.comes(is_alarmed)
    await nothing_of_it(office)


async def test_command_prints_the_steps_and_exits_by_the_verdict(office: MysteryOffice) -> None:
    """It goes through the running daemon, which alone can follow the call, without a token."""

    async def command(*options: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(office.daemon.run, "trunks", "test", "carrier", *options)

    good = await command("--test", "night")
    assert good.returncode == 0, good.stderr
    assert "ok  attendere annuncio" in good.stdout
    bad = await command("--test", "busy", "--json")
    assert (bad.returncode, json.loads(bad.stdout)["state"]) == (1, "failed")
    await nothing_of_it(office)


async def test_kill_in_the_middle_leaves_no_call_and_no_record(office: MysteryOffice) -> None:
    """After the restart the rest of the call is hung up, and still nobody's; a stop hangs up."""
    office.driver.phones["1003"].answers(after_s=0.2)
    run = await office.begin("long")

    async def somebody_talks() -> bool:
        return "person" in kinds((await office.runs())[0])

    await office.comes(somebody_talks)
    office.daemon.kill()
    assert len(await office.channels()) == 3
    await office.daemon.start()
    ended = await office.over(run)
    assert (ended["state"], ended["cause"]) == (
        "failed",
        "The gateway restarted during the call.",
    )

    async def none_is_up() -> bool:
        return not await office.channels()

    await office.comes(none_is_up)
    await nothing_of_it(office)
    await office.begin("long")
    await office.comes(somebody_talks)
    assert await office.daemon.stop() == 0
    await office.comes(none_is_up)
