"""500 calls into a real CRM while the process that writes them is killed again and again."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.bottle_lab import BottleLab
from support.odoo_build import postgres_program
from support.odoo_lab import OdooLab
from support.writeback_process import EVERY_MISSED, caller_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

PROGRAM = Path(__file__).parents[2] / "support" / "writeback_process.py"
BOTTLE = (Path(__file__).parents[3] / "config" / "crm" / "bottlecrm.toml").read_text("utf-8")
CALLS, DEATHS, CALLERS = 500, 8, 20
MISSED = len(range(0, CALLS, EVERY_MISSED))


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the process; what is left of it is killed."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        str(config),
        stdout=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(PROGRAM.parents[1])},
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            os.kill(child.pid, signal.SIGKILL)
        await child.wait()


def held(odoo: OdooLab, query: str) -> int:
    """Count in Odoo's own database, whatever its rules would show."""
    address = f"postgresql://odoo@127.0.0.1:{odoo.postgres_port}/{odoo.database}"
    command = [postgres_program("psql"), "-XAt", address, "-c", query]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


async def until(found: Callable[[], int], least: int) -> int:
    """Return what is counted once it is enough; a minute at most without a step ahead."""
    seen, idle = -1, 0
    while idle < 600:
        now = await asyncio.to_thread(found)
        if now >= least:
            return now
        idle = 0 if now > seen else idle + 1
        seen = max(seen, now)
        await asyncio.sleep(0.1)
    raise AssertionError((seen, least))


async def written_by_one_that_is_killed(
    folder: Path,
    table: dict[str, object],
    *,
    calls: Callable[[], int],
    tasks: Callable[[], int],
    callers: int = CALLS,
) -> None:
    """Write 500 calls from a process that dies again and again; return when all must be there.

    `calls` and `tasks` count in the CRM's own tables, whatever its rules would show.
    """
    config = folder / "config.json"
    said = {
        "database": f"sqlite:///{folder / 'store.db'}",
        "table": {**table, "allow_private": True, "rate_per_s": 1000, "burst": 1000},
        "calls": CALLS,
        "callers": callers,
        "began_at": (datetime.now(UTC) - timedelta(minutes=10)).isoformat(),
    }
    config.write_text(json.dumps(said), encoding="utf-8")
    dice = random.Random(5)  # noqa: S311 - moments, not secrets
    for death in range(1, DEATHS + 1):
        async with running(config) as child:
            await until(calls, death * CALLS // (DEATHS + 4))
            await asyncio.sleep(dice.uniform(0.0, 0.3))
            os.kill(child.pid, signal.SIGKILL)
            await child.wait()
    async with running(config):
        await until(calls, CALLS)
        await until(tasks, MISSED)
        await asyncio.sleep(1.0)  # what comes twice would come now
    assert await asyncio.to_thread(calls) == CALLS
    assert await asyncio.to_thread(tasks) == MISSED


async def test_no_call_is_lost_or_doubled_however_often_the_writer_dies(
    odoo: OdooLab, tmp_path: Path
) -> None:
    """Judged by Odoo's tables: each call is one phone call, each missed one has one task."""
    account = {"username": odoo.username, "secret": odoo.password, "database": odoo.database}
    await written_by_one_that_is_killed(
        tmp_path,
        {"name": "odoo", "kind": "odoo", "url": odoo.url, **account},
        calls=lambda: held(odoo, "SELECT count(*) FROM crm_phonecall"),
        tasks=lambda: held(odoo, "SELECT count(*) FROM mail_activity"),
    )
    numbers = "SELECT count(DISTINCT partner_phone) FROM crm_phonecall"
    places = "SELECT count(DISTINCT (res_model, res_id)) FROM mail_activity"
    for query, expected in ((numbers, CALLS), (places, MISSED)):
        assert await asyncio.to_thread(held, odoo, query) == expected


@pytest.mark.exhaustive
async def test_the_same_by_configuration_alone_into_a_crm_that_takes_a_repeat_for_a_second_call(
    bottle: BottleLab, tmp_path: Path
) -> None:
    """Judged by BottleCRM's tables; only the key in a call's text tells whether it is there."""
    [table] = tomllib.loads(BOTTLE)["crm"]
    del table["secret_file"]
    for number in range(CALLERS):
        await asyncio.to_thread(bottle.add_contact, f"Kill {number}", caller_of(number))
    await written_by_one_that_is_killed(
        tmp_path,
        table | {"url": bottle.url, "secret": bottle.token},
        calls=lambda: len(bottle.calls()),
        tasks=lambda: len(bottle.tasks()),
        callers=CALLERS,
    )
    calls = await asyncio.to_thread(bottle.calls)
    assert len({one["body"] for one in calls}) == CALLS
    each = Counter(one["contact_id"] for one in calls)
    assert set(each.values()) == {CALLS // CALLERS}
    assert None not in each
    assert len({one["description"] for one in await asyncio.to_thread(bottle.tasks)}) == MISSED
