"""The demonstration is the product: what it shows must be what an agent would see."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from support.daemon import FILODIRETTO, Events

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@asynccontextmanager
async def demo(*options: str) -> AsyncIterator[tuple[dict[str, Any], asyncio.subprocess.Process]]:
    """Run the demo and give what its first line says; end it as Ctrl-C does."""
    process = await asyncio.create_subprocess_exec(
        FILODIRETTO, "demo", "--listen", "127.0.0.1:0", "--json", *options,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline()), process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()


async def test_first_line_tells_where_and_as_whom() -> None:
    """A program that drives the demo reads one line."""
    async with demo() as (told, process):
        assert told["url"].startswith("http://127.0.0.1:")
        assert [user["login"] for user in told["users"]] == ["anna", "bruno", "carla", "sara"]
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        assert process.stderr is not None
        rest, trouble = await process.communicate()
    assert process.returncode == 0
    assert rest == b""
    assert trouble == b""


async def test_agent_sees_a_pop_its_answer_and_the_receipt() -> None:
    """Sign-in by password, the pop with its contact, the outcome, and the CRM's receipt."""
    async with demo("--speed", "4") as (told, _process), aiohttp.ClientSession() as session:
        # a cookie needs the headers a page sends; the jar must accept an address as a host
        session.cookie_jar._unsafe = True  # type: ignore[attr-defined]
        origin = {"Origin": told["url"], "X-Filodiretto": "1"}
        sign_in = {"username": "anna", "password": told["users"][0]["password"]}
        async with session.post(
            f"{told['url']}/api/v1/session", json=sign_in, headers=origin
        ) as answer:
            assert answer.status < 300, await answer.text()
        async with session.ws_connect(f"{told['url']}/api/v1/events", headers=origin) as socket:
            events = Events(socket)
            offered = (await events.next("pop.offered", timeout_s=30))["data"]
            assert offered["extension"] == "1001"
            answered = (await events.next("pop.answered", timeout_s=30))["data"]
            assert answered["call"]["answered_by"] == "1001"
            ended = (await events.next("call.ended", timeout_s=30))["data"]
        receipt = await _receipt(session, f"{told['url']}/api/v1/outbox?call={ended['id']}", origin)
    assert receipt["connector"] == "receiver"
    assert receipt["state"] == "delivered"


async def _receipt(
    session: aiohttp.ClientSession, url: str, headers: dict[str, str]
) -> dict[str, Any]:
    async with asyncio.timeout(25):
        while True:
            async with session.get(url, headers=headers) as answer:
                items = (await answer.json())["items"]
            if items and items[0]["state"] == "delivered":
                found: dict[str, Any] = items[0]
                return found
            await asyncio.sleep(0.1)
