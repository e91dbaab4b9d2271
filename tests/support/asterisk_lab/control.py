"""The whole daemon on a lab's telephone system, with the control user, as people use it by REST."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp
from support.asterisk_lab.daemon import pbx_toml
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import CONTROL, CONTROL_SECRET, UNPLUGGED
from support.daemon import Daemon
from support.empty_store import open_daemons_store

from gateway.store.credentials import create_token
from gateway.store.people import Role, User, add_user

POLL_S = 0.05
WAIT_S = 20.0
PEOPLE: Final = (
    ("anna", Role.AGENT, "1001"),
    ("bruno", Role.AGENT, "1002"),
    ("dora", Role.AGENT, "1004"),
    ("tito", Role.AGENT, UNPLUGGED),
    ("sara", Role.SUPERVISOR, ""),
)


def controlled_toml(
    lab: AsteriskLab, *, more: str = "", relay: tuple[str, int] | None = None
) -> str:
    """Return the `[[pbx]]` table with the control user; `relay` is a wire that a test can cut."""
    text = pbx_toml(lab)
    if relay is not None:
        host, port = relay
        text = text.replace(f'"{lab.addresses.pbx}"', f'"{host}"').replace("5038", str(port))
        text += "link = { backoff_first_s = 0.1, backoff_most_s = 0.3 }\n"
    account = f'username = "{CONTROL}", secret = "{CONTROL_SECRET}"'
    return f"{text}control = {{ {account}{more} }}\n"


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds that nobody can tell us of."""
    async with asyncio.timeout(WAIT_S):
        while True:
            if condition():
                return
            await asyncio.sleep(POLL_S)


async def people(folder: Path) -> dict[str, str]:
    """Put five people into the store of a daemon that is not running; return their tokens."""
    db = await open_daemons_store(folder)
    now, tokens = datetime.now(UTC), {}
    for login, role, extension in PEOPLE:
        places = (("", extension),) if extension else ()
        user = User(login=login, name=login.title(), role=role, extensions=places)
        await db.write(partial(add_user, user=user, password_hash=None, now=now))
        tokens[login] = (await db.write(partial(create_token, login=login, now=now)))[1]
    await db.close()
    return tokens


class Office:
    """A daemon with people to use it: Anna at 1001, Bruno at 1002, Dora at 1004, a supervisor.

    And Tito, whose phone is not plugged in.
    """

    def __init__(self, daemon: Daemon, driver: Driver, tokens: dict[str, str]) -> None:
        self.daemon = daemon
        self.driver = driver
        self.tokens = tokens

    async def hands_up(self, times: int = 1) -> None:
        """Wait until the control link has been up so many times."""
        await until(lambda: self._control_ups() >= times)

    def _control_ups(self) -> int:
        return self.daemon.log_path.read_text("utf-8").count("ami.control_up")

    def rung(self, phone: str) -> int:
        """Return how often the PBX has called a desk phone, as the phones themselves saw it."""
        legs = self.driver.desks._legs.values()
        return sum(leg.device == phone for leg in legs)

    async def live(self, **wanted: object) -> dict[str, Any]:
        """Wait for the one live call that holds these values and return its record."""
        async with asyncio.timeout(WAIT_S):
            while True:
                items = (await self.get("/api/v1/calls?state=live"))["items"]
                fitting = [
                    item for item in items if all(item[key] == wanted[key] for key in wanted)
                ]
                if fitting:
                    found: dict[str, Any] = fitting[0]
                    return found
                await asyncio.sleep(POLL_S)

    async def post(
        self, path: str, body: dict[str, Any] | None = None, *, who: str = "anna", key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Send a POST and return status and answer."""
        return await self.send("POST", path, body, who=who, key=key)

    async def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        who: str = "anna",
        key: str = "",
    ) -> tuple[int, dict[str, Any]]:
        """Send a request and return status and answer."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        if key:
            headers["Idempotency-Key"] = key
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, self.daemon.url + path, json=body or {}) as answer,
        ):
            return answer.status, await answer.json()

    async def dial(self, to: str, *, key: str = "", who: str = "anna") -> dict[str, Any]:
        """Click to call; the request must be accepted."""
        status, answer = await self.post("/api/v1/calls", {"to": to}, key=key, who=who)
        assert status == 202, answer
        return answer

    async def get(self, path: str, *, who: str = "sara") -> Any:  # noqa: ANN401 - JSON
        """Ask the API, as the supervisor."""
        return await self.daemon.get(path, self.tokens[who])

    async def record(self, call: str, *, who: str = "anna", **wanted: object) -> dict[str, Any]:
        """Wait until the record of a call is there and holds these values, and return it."""
        seen: object = None
        async with asyncio.timeout(WAIT_S):
            try:
                while True:
                    items = (await self.get("/api/v1/calls?limit=50", who=who))["items"]
                    for item in items:
                        if item["id"] == call:
                            seen = item
                            if all(item[key] == value for key, value in wanted.items()):
                                found: dict[str, Any] = item
                                return found
                    await asyncio.sleep(POLL_S)
            except asyncio.CancelledError:
                raise AssertionError(f"not as wanted {wanted}: {seen}") from None

    async def knows(self, number: str) -> dict[str, Any]:
        """Wait until the directory says who a number is; its mirror follows the store."""
        async with asyncio.timeout(3 * WAIT_S):
            while True:
                match: dict[str, Any] = await self.get(f"/api/v1/match?number={number[1:]}")
                if match["match"]["kind"] == "exact":
                    return match
                await asyncio.sleep(POLL_S)

    async def waiting(self, queue: str, count: int) -> list[dict[str, Any]]:
        """Wait until so many callers wait in a queue and return them."""
        async with asyncio.timeout(WAIT_S):
            while True:
                callers: list[dict[str, Any]] = (await self.queue(queue))["waiting"]
                if len(callers) == count:
                    return callers
                await asyncio.sleep(POLL_S)

    async def member(self, queue: str, **wanted: object) -> dict[str, Any]:
        """Wait until a queue has a member with these values and return it."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for one in (await self.queue(queue))["members"]:
                    if all(one[key] == value for key, value in wanted.items()):
                        found: dict[str, Any] = one
                        return found
                await asyncio.sleep(POLL_S)

    async def settled(self, to: str, *, key: str) -> dict[str, Any]:
        """Repeat a click under its key until its fate is known, and return the last answer."""
        async with asyncio.timeout(2 * WAIT_S):
            while True:
                answer = await self.dial(to, key=key)
                if answer["state"] == "accepted":
                    return answer
                await asyncio.sleep(POLL_S)

    async def queue(self, name: str) -> dict[str, Any]:
        """Return one queue."""
        items = (await self.get("/api/v1/queues"))["items"]
        found: dict[str, Any] = next(item for item in items if item["queue"] == name)
        return found

    async def channels(self) -> list[str]:
        """Return the unique ids of what is up on the telephone system."""
        frames = await self.driver.ami("CoreShowChannels")
        return [frame["Uniqueid"] for frame in frames if "Uniqueid" in frame]


@asynccontextmanager
async def open_office(
    folder: Path, driver: Driver, *, more: str = "", relay: tuple[str, int] | None = None
) -> AsyncIterator[Office]:
    """Run the daemon until the block ends; its control link is up when it begins."""
    tokens = await people(folder)
    toml = controlled_toml(driver.lab, more=more, relay=relay)
    async with Daemon(folder, toml) as daemon:
        office = Office(daemon, driver, tokens)
        await office.hands_up()
        yield office
