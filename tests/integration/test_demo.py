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

pytestmark = [pytest.mark.integration, pytest.mark.timeout(150)]


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
    async with asyncio.timeout(50):
        while True:
            async with session.get(url, headers=headers) as answer:
                items = (await answer.json())["items"]
            if items and items[0]["state"] == "delivered":
                found: dict[str, Any] = items[0]
                return found
            await asyncio.sleep(0.1)


async def test_call_handed_over_with_a_note_pops_at_the_colleague() -> None:
    """What is done to a played call happens as recorded: the colleague sees whom and why."""
    async with demo("--speed", "20") as (told, _process), aiohttp.ClientSession() as session:
        passwords = {user["login"]: user["password"] for user in told["users"]}
        headers = {
            login: await _cookie(session, told["url"], login, passwords[login])
            for login in ("anna", "bruno")
        }
        url = f"{told['url']}/api/v1"
        async with (
            session.ws_connect(f"{url}/events", headers=headers["anna"]) as hers,
            session.ws_connect(f"{url}/events", headers=headers["bruno"]) as his,
        ):
            pop = (await Events(hers).next("pop.answered", timeout_s=30))["data"]
            assert pop["first"]["kind"] == "apologise"
            assert {"at_risk", "several_calls", "promise_broken"} <= {
                cue["kind"] for cue in pop["cues"]
            }
            order = {"type": "blind", "to": "1002", "handoff": {"reason": "Vuole lo storno"}}
            async with session.post(
                f"{url}/calls/{pop['call_id']}/transfer", json=order, headers=headers["anna"]
            ) as answer:
                assert answer.status == 202, await answer.text()
            frames = Events(his)
            while True:
                given = (await frames.next("pop.offered", timeout_s=30))["data"]
                if given["call_id"] == pop["call_id"]:
                    break
            assert given["contact"]["name"] == pop["contact"]["name"]
            assert given["handoff"]["reason"] == "Vuole lo storno"
            async with session.get(f"{url}/missed", headers=headers["anna"]) as answer:
                assert (await answer.json())["items"]


async def _cookie(
    session: aiohttp.ClientSession, url: str, login: str, password: str
) -> dict[str, str]:
    """Sign somebody in and return the headers of their browser."""
    origin = {"Origin": url, "X-Filodiretto": "1"}
    given = {"username": login, "password": password}
    async with session.post(f"{url}/api/v1/session", json=given, headers=origin) as answer:
        assert answer.status == 200, await answer.text()
        value = answer.cookies["filodiretto"].value
    session.cookie_jar.clear()
    return origin | {"Cookie": f"filodiretto={value}"}
