"""A caller whom only the CRM knows: looked up beside the pop, on a real Asterisk and Odoo."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.asterisk_lab.daemon import pbx_toml
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.settings import did
from support.daemon import Daemon
from support.odoo_lab import OdooLab

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

CALLER = "+393339876543"
STRANGER = "+393330000000"


@pytest.fixture
def elena(odoo: OdooLab) -> Iterator[int]:
    """Give somebody whom Odoo writes in a way that no plain search would find."""
    made = odoo.partners.create(name="Elena Gialli", mobile="0039 333-98.76.543")
    yield made
    odoo.ask("crm.phonecall", "unlink", [call["id"] for call in odoo.phonecalls()])
    odoo.ask("res.partner", "unlink", [made])


def of_somebody(odoo: OdooLab) -> list[dict[str, Any]]:
    """Return the phone calls that belong to a person."""
    return [call for call in odoo.phonecalls() if call["partner_id"]]


async def test_caller_that_only_the_crm_knows_is_named_on_the_pop_that_is_open(
    tmp_path: Path, driver: Driver, odoo: OdooLab, elena: int
) -> None:
    """The pop goes out at once, the name follows, and the call is written to that record."""
    daemon = Daemon(
        tmp_path,
        pbx_toml(driver.lab) + f'[[crm]]\nname = "odoo"\nkind = "odoo"\nurl = "{odoo.url}"\n'
        f'database = "{odoo.database}"\nusername = "{odoo.username}"\n'
        f'secret = "{odoo.password}"\nallow_private = true\nmirror.enabled = false\n',
    )
    token = await daemon.token("anna", extensions=["1001"])
    async with daemon, daemon.events(token) as events:
        await events.next("hello")
        # a second is all a look-up gets, and the first signs in: that one is a stranger's
        stranger = await driver.call_in(caller=STRANGER, name="", did=did("1001"))
        await stranger.ringing("1001")
        await stranger.hang_up()
        await stranger.ended()
        assert (await events.next("call.ended"))["data"]["contact"] is None
        driver.phones["1001"].answers(after_s=3)
        call = await driver.call_in(caller=CALLER, name="", did=did("1001"))
        offered = (await events.next("pop.offered"))["data"]
        named = offered
        while named["contact"] is None:
            named = (await events.next("pop.updated", "pop.answered"))["data"]
        await call.answered()
        await call.hang_up()
        await call.ended()
        ended = (await events.next("call.ended"))["data"]
        async with asyncio.timeout(45):
            while not (written := await asyncio.to_thread(of_somebody, odoo)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    assert named["pop_id"] == offered["pop_id"]
    assert (named["contact"]["name"], named["match"]["kind"]) == ("Elena Gialli", "exact")
    assert (ended["contact"]["crm"], ended["contact"]["ref"]) == ("odoo", f"res.partner,{elena}")
    assert ended["contact"]["url"].startswith(f"{odoo.url}/web#id={elena}&")
    assert [one["partner_id"][0] for one in written] == [elena]
