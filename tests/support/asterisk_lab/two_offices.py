"""What tests of two offices share: their telephone systems, a CRM that hears all, a daemon."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.asterisk_lab.branches import Offices, open_offices, two_labs
from support.asterisk_lab.call import Call
from support.asterisk_lab.chroot import ASTERISK_16, ASTERISK_22, LabUnavailableError, Release
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.lab import AsteriskLab
from support.components import missing
from support.connector_rigs import HOOK_SECRET
from support.peer_http import PeerServer, peer_server

CALLER = "+393331234567"
TALK_S = 0.6
# Effects are due 2 s after the end of a call; nothing more may come after them.
SETTLED_S = 3.0


# Headquarters run 22; with a branch on 16 three tests always, the others with `--all`.
ON_BOTH = pytest.mark.parametrize(
    "labs",
    [pytest.param(ASTERISK_22, id="22"), pytest.param(ASTERISK_16, id="16")],
    indirect=True,
    scope="module",
)
ON_22 = pytest.mark.parametrize(
    "labs",
    [
        pytest.param(ASTERISK_22, id="22"),
        pytest.param(ASTERISK_16, id="16", marks=pytest.mark.exhaustive),
    ],
    indirect=True,
    scope="module",
)


@pytest.fixture(scope="module")
def labs(request: pytest.FixtureRequest) -> Iterator[tuple[AsteriskLab, AsteriskLab]]:
    """Give headquarters on Asterisk 22 and a branch on 22 or 16."""
    release: Release = request.param
    try:
        with two_labs(release) as both:
            yield both
    except (LabUnavailableError, InstanceError) as error:
        missing(release.name, str(error))


@pytest.fixture
async def crm() -> AsyncIterator[PeerServer]:
    """Give a receiver of webhooks that keeps what it got."""
    async with peer_server() as server:
        yield server


@pytest.fixture
async def offices(
    tmp_path: Path, labs: tuple[AsteriskLab, AsteriskLab], crm: PeerServer
) -> AsyncIterator[Offices]:
    """Give the daemon on both, with a CRM that hears of every call."""
    async with open_offices(tmp_path, labs, more=webhook(crm)) as opened:
        yield opened


def webhook(crm: PeerServer) -> str:
    """Return the `[[crm]]` table of a receiver that wants internal calls too."""
    return (
        f'[[crm]]\nname = "hook"\nkind = "webhook"\nurl = "{crm.url}/"\n'
        f'secret = "{HOOK_SECRET}"\nallow_private = true\n'
        'policy = { directions = ["inbound", "outbound", "internal"] }\n'
    )


async def told(crm: PeerServer) -> list[dict[str, Any]]:
    """Wait until the CRM was told of a call, and a while more; return all that it was told."""
    async with asyncio.timeout(30):
        while not crm.requests:  # noqa: ASYNC110 - a far end's affair
            await asyncio.sleep(0.05)
    await asyncio.sleep(SETTLED_S)
    return [json.loads(request.body)["data"] for request in crm.requests]


async def dial_over(offices: Offices) -> Call:
    """Let 1001 of headquarters dial 1002 of the branch."""
    return await offices.hq.call_from("1001", "81002")
