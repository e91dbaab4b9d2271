"""After the call, on a real Asterisk: who was not answered, who calls back, what is noted."""

from pathlib import Path

import aiohttp
import pytest
from support.asterisk_lab.daemon import pbx_toml
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.settings import did
from support.daemon import Daemon

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

CALLER = "+393331234567"
CONTACTS = "id,name,mobile,vip\nC-17,Mario Bianchi,333 123 4567,1\n"


async def test_missed_customer_is_taken_talked_with_and_noted(
    tmp_path: Path, driver: Driver
) -> None:
    """The list closes while they talk, and the next agent reads what was noted."""
    daemon = Daemon(tmp_path, pbx_toml(driver.lab))
    token = await daemon.token("anna", extensions=["1001"])
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    daemon.command("contacts", "import", str(tmp_path / "contacts.csv"))
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        daemon,
        daemon.events(token) as events,
        aiohttp.ClientSession(headers=headers) as client,
    ):
        call = await driver.call_in(caller=CALLER, did=did("1001"))
        await events.next("pop.offered")
        await call.hang_up()
        await call.ended()
        opened = (await events.next("missed.updated"))["data"]
        assert (opened["state"], opened["contact"]["name"]) == ("open", "Mario Bianchi")
        async with client.post(f"{daemon.url}/api/v1/missed/{opened['id']}/claim") as answer:
            assert answer.status == 200, await answer.text()
        assert (await events.next("missed.updated"))["data"]["claimed_by"] == "anna"
        driver.phones["1001"].answers(after_s=0)
        call = await driver.call_in(caller=CALLER, did=did("1001"))
        await call.answered()
        closed = (await events.next("missed.updated"))["data"]
        live = await daemon.get("/api/v1/calls?state=live", token)
        assert (closed["state"], closed["closed_by"]) == ("closed", live["items"][0]["id"])
        await call.hang_up()
        await call.ended()
        ended = (await events.next("call.ended"))["data"]
        read = await daemon.get(f"/api/v1/calls/{ended['id']}", token)
        said = {"disposition": "Risolto", "note": "Consegna confermata"}
        path = f"{daemon.url}/api/v1/calls/{closed['closed_by']}/wrap-up"
        async with client.post(path, json=said) as answer:
            assert answer.status == 200, await answer.text()
        contact = opened["contact"]["id"]
        timeline = await daemon.get(f"/api/v1/contacts/{contact}/timeline", token)
    # no CRM waits for it, so that it is written together with others, but not later than it is read
    assert read["state"] == "ended"
    assert ended["contact"]["ref"] == "C-17"
    talked, missed = timeline["items"]
    assert (missed["missed"], missed["outcome"]) == (True, "abandoned")
    assert talked["who"] == [{"extension": "1001", "logins": ["anna"]}]
    assert talked["wrap_ups"][0]["note"] == "Consegna confermata"
