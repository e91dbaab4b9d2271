"""The CRMs over REST: their state, a sweep by hand, and their word that something changed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from support.web import WebBench, running_web

from gateway.core.errors import UsageError
from gateway.store.credentials import create_token
from gateway.store.people import Role, User, add_user

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)
STATE = {
    "name": "odoo",
    "kind": "odoo",
    "tier": "A",
    "writer": {"phase": "closed", "cause": None, "since": None, "next_at": None},
    "mirror": {
        "phase": "sweeping",
        "since": "2026-11-22T09:00:00.000Z",
        "cause": None,
        "remedy": None,
        "people": 12,
        "seen": 7,
        "per_s": 812.5,
        "sweep_began_at": "2026-11-22T09:00:00.000Z",
        "swept_at": None,
        "polled_at": None,
        "next_at": None,
    },
    "look_ups": {"asked": 3, "found": 1, "left_out": 0, "late": 1, "failed": 0},
}


class Board:
    """One CRM with a secret; keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def states(self) -> Sequence[Mapping[str, object]]:
        """Return one CRM, and one without people."""
        return [STATE, STATE | {"name": "hook", "mirror": None, "look_ups": None}]

    async def sweep(self, name: str, *, confirm: bool) -> None:
        """Note the order."""
        if name != "odoo":
            raise UsageError("There is no mirror of such a CRM.")
        self.told.append(f"sweep {confirm}")

    async def __call__(self, name: str, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        """Believe the secret alone."""
        if (name, headers["x-hook-secret"], body) != ("odoo", "s3cret", b""):
            raise UsageError("Wrong.")
        self.told.append("changed")
        return ("looking again",)


@pytest.fixture
def board() -> Board:
    """Give the CRMs."""
    return Board()


@pytest.fixture
async def bench(tmp_path: Path, board: Board) -> AsyncIterator[WebBench]:
    """Give an application with CRMs."""
    async with running_web(
        tmp_path, extend=lambda services: replace(services, crms=board)
    ) as running:
        yield running


async def test_supervisors_see_how_each_crm_does_and_agents_do_not(bench: WebBench) -> None:
    """Names of CRMs and causes are for those who can do something about them."""
    url = f"{bench.url}/api/v1/crms"
    answer = await bench.client.get(url, headers=bench.bearer("sara"))
    assert answer.status == 200
    listed = orjson.loads(await answer.read())["items"]
    assert [one["name"] for one in listed] == ["odoo", "hook"]
    assert listed[0]["mirror"]["seen"] == 7
    assert (await bench.client.get(url, headers=bench.bearer("anna"))).status == 403


async def test_only_administrators_order_a_sweep(bench: WebBench, board: Board) -> None:
    """A sweep may take people out of the directory."""
    url = f"{bench.url}/api/v1/crms/odoo/sweep"
    assert (await bench.client.post(url, headers=bench.bearer("sara"))).status == 403
    root = User(login="root", name="Root", role=Role.ADMIN)
    await bench.services.db.write(lambda conn: add_user(conn, root, password_hash=None, now=NOW))
    secret = await bench.services.db.write(lambda conn: create_token(conn, "root", now=NOW)[1])
    headers = {"Authorization": f"Bearer {secret}"}
    answer = await bench.client.post(url, headers=headers, json={"confirm": True})
    assert orjson.loads(await answer.read()) == {"name": "odoo", "confirm": True}
    assert (await bench.client.post(url, headers=headers)).status == 202
    other = await bench.client.post(f"{bench.url}/api/v1/crms/other/sweep", headers=headers)
    assert (other.status, board.told) == (409, ["sweep True", "sweep False"])


async def test_a_crm_is_believed_by_its_secret_in_header_or_address(
    bench: WebBench, board: Board
) -> None:
    """CRMs send what they like with it; none of it is read."""
    url = f"{bench.url}/api/v1/crms/odoo/changed"
    for secret in ("", "?secret=wrong"):
        assert (await bench.client.post(url + secret)).status == 403
    form = {"id": "17", "name": "Anna"}
    assert (await bench.client.post(f"{url}?secret=s3cret", data=form)).status == 202
    answer = await bench.client.post(url, json=form, headers={"X-Hook-Secret": "s3cret"})
    assert orjson.loads(await answer.read()) == {"said": ["looking again"]}
    assert board.told == ["changed", "changed"]
    other = f"{bench.url}/api/v1/crms/other/changed?secret=s3cret"
    assert (await bench.client.post(other)).status == 403
