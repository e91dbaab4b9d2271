"""Two offices, each with a telephone system of its own, joined by a SIP trunk; one daemon."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from support.asterisk_lab.ami import AMI_PORT
from support.asterisk_lab.chroot import ASTERISK_22, Release
from support.asterisk_lab.configuration import append
from support.asterisk_lab.daemon import pbx_table
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.leg import Leg
from support.daemon import Daemon
from support.empty_store import open_daemons_store

from gateway.store.credentials import create_token
from gateway.store.people import Role, User, add_user

WAIT_S = 30.0
POLL_S = 0.05
# What people dial before a number to reach the other office.
ACCESS: Final = "8"
# Who is at which phone: both offices have a 1001 and a 1002.
PEOPLE: Final = (
    ("anna", Role.AGENT, ("hq", "1001")),
    ("bruno", Role.AGENT, ("branch", "1002")),
    ("carla", Role.AGENT, ("hq", "1002")),
    ("sara", Role.SUPERVISOR, None),
)


def trunk(name: str, own: str, other: str) -> str:
    """Return the pjsip.conf sections of the trunk to the other office."""
    return f"""
[{name}]
type = endpoint
transport = transport-udp
context = from-other-office
disallow = all
allow = ulaw
aors = {name}
trust_id_inbound = yes
trust_id_outbound = yes
send_pai = yes
direct_media = no
media_address = {own}
bind_rtp_to_media_address = yes
rtp_symmetric = yes

[{name}]
type = aor
contact = sip:{other}:5060

[{name}]
type = identify
endpoint = {name}
match = {other}
"""


def dialplan(name: str) -> str:
    """Return what leads to the other office: an access digit, and 60XX for callers outside."""
    return f"""
[from-phones](+)
exten => _{ACCESS}[1-3]XXX,1,Dial(PJSIP/${{EXTEN:1}}@{name},30,tT)
 same => n,Hangup()

[did](+)
exten => _60XX,1,Dial(PJSIP/10${{EXTEN:2}}@{name},30,tT)
 same => n,Hangup()

[from-other-office]
include => extensions
include => queues
include => groups
exten => _{ACCESS}[1-3]XXX,1,Dial(PJSIP/${{EXTEN:1}}@{name},30,tT)
 same => n,Hangup()
"""


@contextmanager
def two_labs(branch: Release = ASTERISK_22) -> Iterator[tuple[AsteriskLab, AsteriskLab]]:
    """Give the telephone systems of headquarters (Asterisk 22) and of the branch, connected."""
    with AsteriskLab() as hq, AsteriskLab(release=branch) as other:
        for lab, name, far in ((hq, "to-branch", other), (other, "to-hq", hq)):
            append(lab.pbx.home, "pjsip.conf", trunk(name, lab.addresses.pbx, far.addresses.pbx))
            append(lab.pbx.home, "extensions.conf", dialplan(name))
            lab.restart_pbx()
        yield hq, other


def toml(
    hq: AsteriskLab, branch: AsteriskLab, *, wires: dict[str, tuple[str, int]] | None = None
) -> str:
    """Return the `[[pbx]]` tables of both; `wires` are AMI connections that a test can cut."""
    text = ""
    for name, lab, peer in (
        ("hq", hq, ("to-branch", "branch")),
        ("branch", branch, ("to-hq", "hq")),
    ):
        keys = pbx_table(lab, name=name)
        keys["host"], keys["port"] = (wires or {}).get(name, (lab.addresses.pbx, AMI_PORT))
        text += "[[pbx]]\n"
        for key, value in keys.items():
            written = f'"{value}"' if isinstance(value, str) else str(value).replace("'", '"')
            text += f"{key} = {written}\n"
        text += f'peers = {{ "{peer[0]}" = "{peer[1]}" }}\n'
        text += "link = { backoff_first_s = 0.1, backoff_most_s = 0.3 }\n"
    return text


class Offices:
    """The daemon, and the hands of everybody in both offices."""

    def __init__(self, daemon: Daemon, hq: Driver, branch: Driver, tokens: dict[str, str]) -> None:
        self.daemon = daemon
        self.hq = hq
        self.branch = branch
        self.tokens = tokens

    async def calls(self, *, who: str = "sara") -> list[dict[str, Any]]:
        """Return all calls that somebody is shown, the newest first."""
        page = await self.daemon.get("/api/v1/calls?limit=50", self.tokens[who])
        items: list[dict[str, Any]] = page["items"]
        return items

    async def only_call(self, *, who: str = "sara", **wanted: object) -> dict[str, Any]:
        """Wait until there is one call and it holds these values, and return it."""
        items: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    items = await self.calls(who=who)
                    if len(items) == 1 and all(items[0][k] == v for k, v in wanted.items()):
                        return items[0]
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise AssertionError(f"not one call with {wanted}: {items}") from None

    async def is_up(self, pbx: str, *, times: int = 1) -> None:
        """Wait until the link to a PBX has come up so many times."""
        await self._logged("ami.link_up", pbx, times)

    async def is_down(self, pbx: str) -> None:
        """Wait until the daemon has noticed that the link to a PBX is lost."""
        await self._logged("ami.link_state", pbx, 1)

    async def _logged(self, event: str, pbx: str, times: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while True:
                lines = self.daemon.log_path.read_text("utf-8").splitlines()
                if sum(event in line and f'"{pbx}"' in line for line in lines) >= times:
                    return
                await asyncio.sleep(POLL_S)

    async def rings_at_branch(self, phone: str) -> Leg:
        """Wait until a phone of the branch rings and return its leg, as the phone sees it."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for leg in self.branch.desks._legs.values():
                    if leg.device == phone and not leg.ended.is_set():
                        return leg
                await asyncio.sleep(POLL_S)


async def people(folder: Path) -> dict[str, str]:
    """Put everybody into the store of a daemon that is not running; return their tokens."""
    db = await open_daemons_store(folder)
    now, tokens = datetime.now(UTC), {}
    for login, role, place in PEOPLE:
        user = User(
            login=login, name=login.title(), role=role, extensions=(place,) if place else ()
        )
        await db.write(partial(add_user, user=user, password_hash=None, now=now))
        tokens[login] = (await db.write(partial(create_token, login=login, now=now)))[1]
    await db.close()
    return tokens


@asynccontextmanager
async def open_offices(
    folder: Path,
    labs: tuple[AsteriskLab, AsteriskLab],
    *,
    more: str = "",
    wires: dict[str, tuple[str, int]] | None = None,
) -> AsyncIterator[Offices]:
    """Run one daemon that follows both; `more` is TOML to go with it."""
    tokens = await people(folder)
    async with (
        Driver(labs[0]) as hq,
        Driver(labs[1]) as branch,
        Daemon(folder, toml(*labs, wires=wires) + more) as daemon,
    ):
        yield Offices(daemon, hq, branch, tokens)
