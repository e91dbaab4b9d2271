"""A daemon whose trunk leads through the lab's carrier back to the company's own numbers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from support.asterisk_lab.control import POLL_S, WAIT_S, Office, controlled_toml, people
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.settings import COMPANY_NUMBER, did
from support.daemon import Daemon

from gateway.store.people import Role

TRUNK = '[[trunk]]\nname = "carrier"\npbx = "pbx"\n[directory]\nown_numbers = ["+39029999*"]\n'


def script(name: str, number: str, steps: Sequence[str], *, more: str = "") -> str:
    """Return the TOML table of one mystery call; it belongs below its trunk."""
    lines = "".join(f'  "{step}",\n' for step in steps)
    return (
        f'[[trunk.test]]\nname = "{name}"\nnumber = "{number}"\ncaller_id = "{COMPANY_NUMBER}"\n'
        f"{more}steps = [\n{lines}]\n"
    )


SCRIPTS: Mapping[str, str] = {
    "day": script(
        "day",
        did("3000"),
        (
            "expect answer within 15 s",
            "expect menu main within 15 s",
            "press 1",
            "expect queue support within 15 s",
            "expect person within 20 s",
            "wait 1 s",
            "hang up",
        ),
    ),
    "night": script("night", did("3900"), ("expect announcement within 15 s",)),
    "alone": script("alone", did("1002"), ("expect answer within 2 s",)),
    "busy": script("busy", did("6486"), ("expect answer within 15 s",)),
    "full": script("full", did("6503"), ("expect answer within 15 s",)),
    "long": script("long", did("1003"), ("expect person within 20 s", "wait 60 s")),
}


class MysteryOffice(Office):
    """The same office, with somebody who may make mystery calls."""

    async def begin(self, test: str) -> dict[str, Any]:
        """Press the button; the run must begin."""
        status, answer = await self.post("/api/v1/trunks/carrier/test", {"test": test}, who="paolo")
        assert status == 202, answer
        return answer

    async def runs(self) -> list[dict[str, Any]]:
        """Return the runs, the latest first."""
        items: list[dict[str, Any]] = (await self.get("/api/v1/trunks/carrier/tests"))["items"]
        return items

    async def over(self, run: dict[str, Any]) -> dict[str, Any]:
        """Wait until a run is over and return it."""
        async with asyncio.timeout(2 * WAIT_S):
            while True:
                for one in await self.runs():
                    if one["id"] == run["id"] and one["state"] != "running":
                        return one
                await asyncio.sleep(POLL_S)

    async def comes(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait until a condition holds that has to be asked for."""
        async with asyncio.timeout(WAIT_S):
            while True:
                if await condition():
                    return
                await asyncio.sleep(POLL_S)

    async def made(self, test: str) -> dict[str, Any]:
        """Make a run and return it as it ended."""
        return await self.over(await self.begin(test))


@asynccontextmanager
async def open_tested(folder: Path, driver: Driver) -> AsyncIterator[MysteryOffice]:
    """Run the daemon until the block ends; its control link is up when it begins."""
    tokens = await people(folder)
    head, _, rest = TRUNK.partition("[directory]")
    toml = controlled_toml(driver.lab) + head + "".join(SCRIPTS.values()) + "[directory]" + rest
    async with Daemon(folder, toml) as daemon:
        tokens["paolo"] = await daemon.token("paolo", role=Role.PBX_ADMIN)
        office = MysteryOffice(daemon, driver, tokens)
        await office.hands_up()
        yield office
