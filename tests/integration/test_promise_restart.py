"""A promised call-back that falls due while the gateway is down, or its assignee is away."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from support.daemon import Daemon

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


async def test_promise_due_while_the_gateway_was_killed_is_told_once(tmp_path: Path) -> None:
    """A power cut must neither swallow the reminder nor repeat it for ever."""
    daemon = Daemon(tmp_path)
    token = await daemon.token("anna", extensions=["1001"])
    async with daemon:
        due = datetime.now(UTC) + timedelta(seconds=2)
        body = {"number": "+390612345678", "text": "Offer", "due_at": due.isoformat()}
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{daemon.url}/api/v1/promises", json=body, headers=headers) as answer,
        ):
            assert answer.status == 201, await answer.text()
            promise = await answer.json()
        daemon.kill()
        await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
        await daemon.start()
        async with daemon.events(token) as events:
            told = await events.next("promise.due")
        assert (told["data"]["id"], told["data"]["state"]) == (promise["id"], "broken")
        daemon.kill()
        await daemon.start()
        async with daemon.events(token) as events:
            hello = await events.next("hello")
            again = await daemon.get("/api/v1/promises?to_do=true", token)
        assert hello["data"]["follow"] == 0
        assert [item["id"] for item in again["items"]] == [promise["id"]]
