"""Odoo's people in the directory: a real Odoo 14 and the daemon, killed in mid-sweep."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.daemon import Daemon
from support.odoo_lab import OdooLab

from gateway.store.people import Role

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

PEOPLE = 300
SECRET = "look-again-please"
SOON_S = 60.0


def number(index: int) -> str:
    """Return somebody's number as people write it."""
    return f"06 5550 {index:04d}"


def table(odoo: OdooLab, *, rate: str) -> str:
    """Describe the Odoo to the daemon."""
    return (
        f'[[crm]]\nname = "odoo"\nkind = "odoo"\nurl = "{odoo.url}"\n'
        f'database = "{odoo.database}"\nusername = "{odoo.username}"\n'
        f'secret = "{odoo.password}"\nallow_private = true\n{rate}\n'
        f'[crm.mirror]\npoll_s = 3600\nhook_secret = "{SECRET}"\n'
    )


async def until(ask: Callable[[], Awaitable[Any]], good: Callable[[Any], bool]) -> Any:  # noqa: ANN401
    """Return the first good answer."""
    async with asyncio.timeout(SOON_S):
        while True:
            found = await ask()
            if good(found):
                return found
            await asyncio.sleep(0.05)


async def post(daemon: Daemon, path: str) -> int:
    """Post nothing, as nobody, and return the status."""
    async with aiohttp.ClientSession() as session, session.post(daemon.url + path) as answer:
        return answer.status


async def asked(odoo: OdooLab, model: str, method: str, *arguments: object) -> Any:  # noqa: ANN401
    """Ask Odoo as its administrator, off the loop."""
    return await asyncio.to_thread(odoo.ask, model, method, *arguments)


async def merge(odoo: OdooLab, into: int, other: int) -> None:
    """Merge two partners as a person does with Odoo's own wizard."""
    wizard = await asked(
        odoo,
        "base.partner.merge.automatic.wizard",
        "create",
        {"partner_ids": [[6, 0, [into, other]]], "dst_partner_id": into, "state": "selection"},
    )
    await asked(odoo, "base.partner.merge.automatic.wizard", "action_merge", [wizard])


async def test_three_hundred_partners_follow_odoo_through_a_kill_and_every_change(
    tmp_path: Path, odoo: OdooLab
) -> None:
    """A sweep goes on where it was cut; changed, archived, merged and deleted partners follow."""
    people = [{"name": f"Cliente {at:03d}", "phone": number(at)} for at in range(PEOPLE)]
    ids = await asked(odoo, "res.partner", "create", people)
    # slow enough that the kill comes in between
    daemon = Daemon(tmp_path, table(odoo, rate="rate_per_s = 4\nburst = 1"))
    token = await daemon.token("admin", role=Role.ADMIN)

    async def mirror() -> dict[str, Any]:
        (crm,) = (await daemon.get("/api/v1/crms", token))["items"]
        found: dict[str, Any] = crm["mirror"]
        return found

    async def whose(index: int) -> str | None:
        found = await daemon.get(f"/api/v1/match?number={number(index)}", token)
        return found["contact"]["name"] if found["contact"] else None

    async def clients() -> list[dict[str, Any]]:
        page = await daemon.get("/api/v1/contacts?q=Cliente&limit=500", token)
        items: list[dict[str, Any]] = page["items"]
        return items

    await daemon.start()
    await until(mirror, lambda one: one["seen"] > 0)
    daemon.kill()
    daemon.config.write_text(daemon.config.read_text().replace("rate_per_s = 4\nburst = 1", ""))
    async with daemon:
        await until(mirror, lambda one: one["swept_at"] is not None)
        found = await until(clients, lambda all_of_them: len(all_of_them) == PEOPLE)
        assert {one["ref"] for one in found} == {f"res.partner,{one}" for one in ids}
        assert all(one["crm"] == "odoo" and one["url"].startswith(odoo.url) for one in found)

        await asked(odoo, "res.partner", "write", [ids[0]], {"name": "Cliente Nuovo"})
        await asked(odoo, "res.partner", "write", [ids[1]], {"active": False})
        await merge(odoo, ids[2], ids[3])
        await asked(odoo, "res.partner", "unlink", [ids[4]])
        assert await post(daemon, "/api/v1/crms/odoo/changed?secret=wrong") == 403
        assert await post(daemon, f"/api/v1/crms/odoo/changed?secret={SECRET}") == 202
        await until(lambda: whose(0), lambda name: name == "Cliente Nuovo")
        await until(lambda: whose(1), lambda name: name is None)
        assert await whose(2) == "Cliente 002"

        await asyncio.to_thread(daemon.command, "crm", "sweep", "odoo")
        await until(lambda: whose(4), lambda name: name is None)
        await until(lambda: whose(3), lambda name: name is None)
        assert len(await clients()) == PEOPLE - 3
        status = await mirror()
        said = await asyncio.to_thread(daemon.command, "check", "--json")
    assert (status["phase"], status["cause"]) == ("following", None)
    rows = [json.loads(line) for line in said.splitlines()]
    (people_row,) = [row for row in rows if row["subject"] == "crm odoo people"]
    assert (people_row["verdict"], status["people"]) == ("ok", int(people_row["cause"].split()[0]))
