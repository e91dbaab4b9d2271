"""A trunk of a real Asterisk that registers and is asked whether it is there: what people learn."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.asterisk_lab.chroot import LabUnavailableError
from support.asterisk_lab.configuration import append
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import OBSERVER, OBSERVER_SECRET
from support.components import missing
from support.daemon import Daemon, Events
from support.far_trunk import PASSWORD, USER, FarTrunk, far_trunk

from gateway.store.people import Role

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

PATIENCE_S = 40.0
TRUNK = """
[prov]
type = endpoint
transport = transport-udp
context = from-carrier
disallow = all
allow = ulaw
aors = prov
[prov]
type = aor
contact = sip:{far}:5060
qualify_frequency = 1
qualify_timeout = 2.0
[prov]
type = auth
auth_type = userpass
username = {user}
password = {password}
[prov-account]
type = registration
transport = transport-udp
outbound_auth = prov
server_uri = sip:{far}
client_uri = sip:{user}@{far}
retry_interval = 1
forbidden_retry_interval = 1
auth_rejection_permanent = no
max_retries = 10000
max_random_initial_delay = 0
expiration = 60
"""
MODULES = (
    "res_pjsip_outbound_registration",
    "res_pjsip_outbound_authenticator_digest",
    "func_pjsip_aor",
    "func_pjsip_contact",
)


class TrunkLab(AsteriskLab):
    """A telephone system with one more trunk, whose far end is the test's."""

    @property
    def far(self) -> str:
        """The address of the far end."""
        return f"127.{self.net}.0.9"

    def _configure(self, root: Path) -> None:
        super()._configure(root)
        trunk = TRUNK.format(far=self.far, user=USER, password=PASSWORD)
        append(self.pbx.home, "pjsip.conf", trunk)
        modules = "".join(f"load = {module}.so\n" for module in MODULES)
        append(self.pbx.home, "modules.conf", modules)


@pytest.fixture(scope="module")
def lab() -> Iterator[TrunkLab]:
    """Give a telephone system with a provider's account."""
    try:
        with TrunkLab() as running:
            yield running
    except (LabUnavailableError, InstanceError) as error:
        missing("Asterisk 22", str(error))


@dataclass(slots=True, kw_only=True)
class Site:
    """The daemon, its operator's page, and the far end."""

    daemon: Daemon
    token: str
    page: Events
    far: FarTrunk

    async def until(self, *, state: str = "", alarms: set[str] | None = None) -> dict[str, Any]:
        """Return the trunk once its page shows it so."""
        while True:
            trunk = (await self.page.next("trunk.state"))["data"]
            fits = not state or trunk["state"] == state
            kinds = {alarm["kind"] for alarm in trunk["alarms"]}
            if trunk["name"] == "prov" and fits and (alarms is None or kinds == alarms):
                found: dict[str, Any] = trunk
                return found

    async def stored(self, *wanted: str) -> None:
        """Wait until the history ends with these states."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                history = await self.daemon.get("/api/v1/trunks/hq:prov/history", self.token)
                states = [span["state"] for span in history["states"]]
                if [one for one in states if one != "unknown"][-len(wanted) :] == list(wanted):
                    return
                await asyncio.sleep(0.05)

    async def printed(self, *command: str) -> list[dict[str, Any]]:
        """Return what a command of the daemon's configuration prints as JSON lines."""
        ran = await asyncio.to_thread(self.daemon.run, *command, "--json")
        return [json.loads(line) for line in ran.stdout.splitlines()]

    async def degraded(self) -> set[str]:
        """Return the parts that /readyz names."""
        ready = await self.daemon.get("/readyz", self.token)
        return {part["part"] for part in ready["degraded"]}


@asynccontextmanager
async def site(
    folder: Path, lab: TrunkLab, *, health: str, password: str = PASSWORD
) -> AsyncIterator[Site]:
    """Run the daemon, with the observer that administrators install, beside a living far end."""
    tables = (
        f'[[pbx]]\nname = "hq"\nhost = "{lab.addresses.pbx}"\nallow_plain = true\n'
        f'username = "{OBSERVER}"\nsecret = "{OBSERVER_SECRET}"\ntrunks = ["prov", "carrier"]\n'
        f'[[trunk]]\nname = "prov"\npbx = "hq"\nhealth = {{ {health} }}\n'
    )
    daemon = Daemon(folder, tables)
    token = await daemon.token("paula", role=Role.PBX_ADMIN)
    async with (
        far_trunk(lab.far, password=password) as far,
        daemon,
        daemon.events(token) as page,
    ):
        yield Site(daemon=daemon, token=token, page=page, far=far)


@pytest.fixture
async def well(tmp_path: Path, lab: TrunkLab) -> AsyncIterator[Site]:
    """Give a site whose alarms take a second, and whose trunk is up."""
    async with site(
        tmp_path,
        lab,
        health="down_s = 1, flaps = 3, flap_window_s = 600, quiet_s = 4, slow_ms = 60000",
    ) as one:
        up = await one.until(state="up")
        assert up["registration"]["state"] == "registered"
        yield one


async def test_far_end_that_dies_and_returns_is_told_with_its_cause(
    well: Site, lab: TrunkLab
) -> None:
    """Down with cause and remedy, up again, flapping, and a history that survives a restart."""
    well.far.alive = False
    down = await well.until(state="down", alarms={"down"})
    assert down["cause"] == "The far end does not answer."
    assert down["remedy"]
    assert down["words"]["it"]["cause"] == "L'altro capo non risponde."
    assert [contact["status"] for contact in down["contacts"]] == ["unreachable"]
    assert "trunk hq:prov down" in await well.degraded()
    await well.stored("up", "down")
    well.daemon.kill()
    await well.daemon.start()
    async with well.daemon.events(well.token) as page:
        well.page = page
        again = await well.until(state="down", alarms={"down"})
        assert again["alarms"][0]["since"] == down["alarms"][0]["since"], "begun a second time"

        well.far.alive = True
        up = await well.until(state="up", alarms=set())
        assert up["contacts"][0]["rtt_ms"] > 0
        assert up["failure"]["cause"] == "The far end does not answer."
        well.far.alive = False
        await well.until(state="down")
        well.far.alive = True
        flapping = await well.until(state="up", alarms={"flapping"})
        assert "keeps going down" in flapping["alarms"][0]["cause"]
        await well.until(state="up", alarms=set())

        await well.stored("down", "up", "down", "up")
        listed = await well.printed("trunks", "list")
        states = {one["name"]: (one["state"], one["stale"]) for one in listed}
        assert states == {"carrier": ("unknown", False), "prov": ("up", False)}
        checked = await well.printed("check")
        (found,) = [one for one in checked if one["subject"] == "trunk hq:prov"]
        assert found["verdict"] == "ok"
        assert f"registered at {lab.far}" in found["cause"]
        assert PASSWORD not in well.daemon.log_path.read_text("utf-8")


async def test_wrong_password_is_said_and_guessed_nothing_more(
    tmp_path: Path, lab: TrunkLab
) -> None:
    """The far end is there and refuses: AMI tells no SIP code, so none is shown."""
    async with site(tmp_path, lab, health="down_s = 0, slow_ms = 60000", password="another") as one:
        with lab.ami() as ami:
            await asyncio.to_thread(ami.action, "PJSIPRegister", Registration="prov-account")
        seen = None
        while seen != ("reachable", "rejected"):  # both ends have come up only just now
            down = await one.until(state="down", alarms={"down"})
            seen = down["contacts"][0]["status"], down["registration"]["state"]
        assert "wrong user name or password" in down["cause"]
        assert down["failure"]["code"] is None
