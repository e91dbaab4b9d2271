"""A hosted telephone system without AMI: an account that rings beside people's phones is enough."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import did
from support.asterisk_lab.two_offices import crm, webhook
from support.daemon import Daemon
from support.peer_http import PeerServer

from gateway.store.people import Role

__all__ = ["crm"]
pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

CALLER, OTHER = "+393331234567", "+390612345678"
PATIENCE_S = 30.0


@dataclass(slots=True, kw_only=True)
class Site:
    """The daemon, who asks it, and what its CRM was told."""

    daemon: Daemon
    anna: str
    bruno: str
    crm: PeerServer

    async def records(self, number: str, count: int) -> list[dict[str, Any]]:
        """Return the calls of one caller, the oldest first, once so many have ended."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await self.daemon.get("/api/v1/calls?limit=50", self.anna)
                mine = [one for one in found["items"] if one["caller"]["e164"] == number]
                if sum(one["state"] == "ended" for one in mine) >= count:
                    assert len(mine) == count, "a call was stored twice"
                    return sorted(mine, key=lambda one: str(one["started_at"]))
                await asyncio.sleep(0.05)

    def told(self) -> list[dict[str, Any]]:
        """Return the calls that the CRM was told of."""
        return [json.loads(request.body)["data"] for request in self.crm.requests]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that other processes bring about."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - a far end's affair
            await asyncio.sleep(0.05)


def contact_of(lab: AsteriskLab) -> str:
    """Return the line in which the PBX lists our registration, "" without one."""
    with lab.ami() as ami:
        lines = ami.command("pjsip show contacts").splitlines()
    return next((line for line in lines if "hosted/sip" in line), "")


def is_reachable(lab: AsteriskLab) -> bool:
    """Whether the PBX sends us calls: it asks each second (OPTIONS) whether we are there."""
    return " Avail " in contact_of(lab)


@pytest.fixture(scope="module")
def listen() -> str:
    """Give a place of our own; the same for all, as the registration outlives each daemon."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def table(lab: AsteriskLab, listen: str, *, rings: str) -> str:
    """Return the `[[trunk]]` table of the account."""
    return (
        f'[[trunk]]\nname = "provider"\nkind = "sip"\nregistrar = "{lab.addresses.pbx}"\n'
        f'username = "hosted"\nsecret = "hosted-secret"\nlisten = "{listen}"\nrings = {rings}\n'
    )


@pytest.fixture
async def site(
    tmp_path: Path, asterisk: AsteriskLab, crm: PeerServer, listen: str
) -> AsyncIterator[Site]:
    """Give a daemon that knows the telephone system by the account alone, already registered."""
    tables = table(asterisk, listen, rings='["1001", "1002"]') + webhook(crm)
    daemon = Daemon(tmp_path, tables)
    anna = await daemon.token("anna", role=Role.SUPERVISOR, extensions=["provider:1001"])
    bruno = await daemon.token("bruno", extensions=["provider:1002"])
    async with daemon:
        await until(partial(is_reachable, asterisk))
        yield Site(daemon=daemon, anna=anna, bruno=bruno, crm=crm)


async def test_registration_alone_gives_pops_and_records(site: Site, driver: Driver) -> None:
    """Answered elsewhere, given up, rung out, two at once: what SIP tells, and nothing invented."""
    async with site.daemon.events(site.anna) as anna, site.daemon.events(site.bruno) as bruno:
        driver.phones["1001"].answers(after_s=1.0)
        call = await driver.call_in(did=did("6800"), caller=CALLER, name="Studio Verdi")
        offers = [await page.next("pop.offered") for page in (anna, bruno)]
        await call.answered()
        closed = [await page.next("pop.closed") for page in (anna, bruno)]
        await call.hang_up()

        driver.phones["1001"].only_rings()
        left = await driver.call_in(did=did("6800"), caller=CALLER)
        await anna.next("pop.offered")
        both = await driver.call_in(did=did("6801"), caller=OTHER)
        second = await anna.next("pop.offered")
        await left.hang_up()
        await anna.next("call.ended")
        await anna.next("call.ended")  # the other one rings until the PBX gives up
        assert not both.merged

    for offer, extension in zip(offers, ("1001", "1002"), strict=True):
        assert offer["data"]["extension"] == extension
        assert offer["data"]["call"]["caller"]["e164"] == CALLER
        assert offer["data"]["call"]["caller"]["name"] == "Studio Verdi"
    assert {frame["data"]["reason"] for frame in closed} == {"answered_elsewhere"}
    assert second["data"]["call"]["caller"]["e164"] == OTHER

    first, given_up = await site.records(CALLER, 2)
    (rung_out,) = await site.records(OTHER, 1)
    assert [one["outcome"] for one in (first, given_up, rung_out)] == [
        "answered",
        "abandoned",
        "missed",
    ]
    assert (first["answered_by"], first["complete"], first["end"]) == (None, False, "unseen")
    assert first["seconds"]["ring"] is not None
    assert first["seconds"]["talk"] is None, "nobody tells how long they talked"
    assert (given_up["complete"], given_up["ended_by"]) == (True, "caller")
    assert first["rung"] == [["1001", "1002"]]
    assert {one["trunk"] for one in (first, given_up, rung_out)} == {"provider"}
    (trunk,) = (await site.daemon.get("/api/v1/trunks", site.anna))["items"]
    assert (trunk["name"], trunk["kind"], trunk["state"]) == ("provider", "sip", "up")
    assert trunk["registration"]["state"] == "registered"
    assert trunk["channels"]["now"] == 0
    assert trunk["channels"]["peak_today"] >= 1
    await until(lambda: {one["id"] for one in site.told()} >= {first["id"], rung_out["id"]})
    assert len({one["id"] for one in site.told()}) == len(site.told()), "written twice"


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started and that still run."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in listed for child in file.read_text("ascii").split()]


async def lose(site: Site, driver: Driver, how: signal.Signals) -> None:
    """Let a call ring, take the child away, hang up; another child hears of that."""
    process = site.daemon.process
    assert process is not None
    (child,) = children_of(process.pid)
    async with site.daemon.events(site.anna) as page:
        call = await driver.call_in(did=did("6800"), caller=CALLER)
        await page.next("pop.offered")
        os.kill(child, how)
        await until(lambda: children_of(process.pid) not in ([child], []))
        await call.hang_up()
        ended = await page.next("call.ended")
    assert ended["data"]["outcome"] in {"abandoned", "missed"}


def flood(listen: str) -> None:
    """Send INVITEs from a host that is not the provider's."""
    host, _, port = listen.partition(":")
    invite = (
        f"INVITE sip:hosted@{listen} SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bK%d\r\n"
        "From: <sip:+391@x>;tag=1\r\nTo: <sip:hosted@x>\r\nCall-ID: flood-%d\r\n"
        "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.9", 0))
        for number in range(20_000):
            stranger.sendto((invite % (number, number)).encode(), (host, int(port)))


async def test_neither_a_flood_nor_a_dead_child_loses_or_makes_calls(
    site: Site, driver: Driver, asterisk: AsteriskLab, listen: str
) -> None:
    """Strangers may send anything, the library may die or hang: calls are those of the PBX.

    Frozen comes last: the PBX's question (OPTIONS) to which nobody answers then has the account
    unreachable for a moment when its time is up, seconds later.
    """
    await asyncio.to_thread(flood, listen)
    async with site.daemon.events(site.anna) as page:
        call = await driver.call_in(did=did("6801"), caller=OTHER)
        offer = await page.next("pop.offered")
        await call.hang_up()
        await page.next("call.ended")
    assert offer["data"]["call"]["caller"]["e164"] == OTHER
    for how in (signal.SIGKILL, signal.SIGSTOP):
        await until(partial(is_reachable, asterisk))
        await lose(site, driver, how)
    await site.records(CALLER, 2)
    await site.records(OTHER, 1)
    everything = await site.daemon.get("/api/v1/calls?limit=50", site.anna)
    assert len(everything["items"]) == 3


async def test_wrong_password_is_said_with_its_remedy_and_not_tried_for_ever(
    tmp_path: Path, asterisk: AsteriskLab, listen: str
) -> None:
    """Who is refused again and again is banned by the provider: one try, and words."""
    wrong = table(asterisk, listen, rings='["1001"]').replace("hosted-secret", "wrong")
    daemon = Daemon(tmp_path, wrong)
    token = await daemon.token("anna", role=Role.SUPERVISOR, extensions=["provider:1001"])
    said = daemon.command("check", "--json", expect=1)
    assert "does not accept user name and password" in said
    async with daemon:
        state: dict[str, Any] = {}
        async with asyncio.timeout(PATIENCE_S):
            while state.get("phase") != "refused":
                (state,) = (await daemon.get("/api/v1/pbxs", token))["items"]
                await asyncio.sleep(0.1)
    assert "401" in state["cause"]
    assert "secret" in state["remedy"]
