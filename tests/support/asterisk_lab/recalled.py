"""A daemon that was away while calls were made, on a telephone system that keeps its history."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from support.asterisk_lab.daemon import pbx_toml
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.scenarios import SCENARIOS
from support.asterisk_lab.truth import Truth
from support.daemon import Daemon
from support.peer_http import PeerServer

from gateway.core.record import CallRecord
from gateway.core.record_reading import from_json
from gateway.store.people import Role

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
FOUND_S = 45.0

T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T]]) -> T:
    """Return the first truthy answer."""
    async with asyncio.timeout(FOUND_S):
        while True:
            answer = await ask()
            if answer:
                return answer
            await asyncio.sleep(0.1)


def history_toml(lab: AsteriskLab, *, timezone: str = "UTC", **tables: str) -> str:
    """Return the `[[pbx]]` of a lab with its history; `tables` are `cel = URL`, `cdr = URL`."""
    lines = [f'{name} = {{ url = "{url}" }}\n' for name, url in tables.items()]
    return pbx_toml(lab) + f'timezone = "{timezone}"\n' + "".join(lines)


def sqlite_url(lab: AsteriskLab) -> str:
    """Return where a lab's Asterisk keeps both tables."""
    return f"sqlite:///{lab.pbx.home / 'log/master.db'}"


def csv_url(lab: AsteriskLab) -> str:
    """Return where a lab's Asterisk keeps Master.csv."""
    return f"csv:{lab.pbx.home / 'log/cdr-csv/Master.csv'}"


def hook_toml(peer: PeerServer) -> str:
    """Return a `[[crm]]` that writes to a peer."""
    return (
        f'[[crm]]\nname = "hook"\nkind = "webhook"\nurl = "{peer.url}/calls"\n'
        f'secret = "{SECRET}"\nallow_private = true\n'
        '[crm.policy]\ndirections = ["inbound", "outbound", "internal"]\n'
    )


def written(peer: PeerServer) -> dict[str, list[dict[str, Any]]]:
    """Return what a CRM holds: the records by webhook-id, which is the effect's key."""
    found: dict[str, list[dict[str, Any]]] = {}
    for request in peer.requests:
        body = json.loads(request.body)
        found.setdefault(request.headers["webhook-id"], []).append(body)
    return found


async def play(lab: AsteriskLab, names: Sequence[str]) -> list[Truth]:
    """Play scenarios one after the other and return what really happened."""
    truths = []
    for name in names:
        async with Driver(lab) as driver:
            truths.append(await SCENARIOS[name](driver))
    return truths


async def records(
    daemon: Daemon, token: str, count: int, *, complete: bool = False
) -> list[CallRecord]:
    """Wait until the store holds so many ended calls, and return them in the order they began."""

    async def ask() -> list[CallRecord]:
        page = await daemon.get("/api/v1/calls?limit=100", token)
        found = [from_json(item) for item in page["items"]]
        ended = [one for one in found if one.ended_at is not None and one.complete >= complete]
        return ended if len(ended) >= count else []

    found = await eventually(ask)
    return sorted(found, key=lambda one: (one.started_at, one.linkedid))


async def resolved(daemon: Daemon, token: str, *, source: bool = True) -> list[dict[str, Any]]:
    """Wait until the newest gap is over and its calls were looked for; return all, newest first."""

    async def ask() -> list[dict[str, Any]]:
        page = await daemon.get("/api/v1/gaps", token)
        gaps: list[dict[str, Any]] = page["items"]
        done = gaps and gaps[0]["to"] and not (source and gaps[0]["source"] == "snapshot")
        return gaps if done else []

    return await eventually(ask)


async def told(peer: PeerServer, count: int) -> dict[str, list[dict[str, Any]]]:
    """Wait until a CRM holds so many effects, and return them."""

    async def ask() -> dict[str, list[dict[str, Any]]]:
        found = written(peer)
        return found if len(found) >= count else {}

    return await eventually(ask)


async def prepared(folder: Path, tables: str) -> tuple[Daemon, str]:
    """Return a configured daemon, and the token of somebody who sees all calls and gaps."""
    daemon = Daemon(folder, tables)
    return daemon, await daemon.token("chief", role=Role.SUPERVISOR)
