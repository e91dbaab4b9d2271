"""500 calls into a real Odoo while the process that writes them is killed again and again."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.odoo_build import postgres_program
from support.odoo_lab import OdooLab
from support.writeback_process import EVERY_MISSED

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

PROGRAM = Path(__file__).parents[2] / "support" / "writeback_process.py"
CALLS, DEATHS = 500, 8


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


async def test_no_call_is_lost_or_doubled_however_often_the_writer_dies(
    odoo: OdooLab, tmp_path: Path
) -> None:
    """Judged by Odoo's tables: each call is one phone call, each missed one has one task."""
    missed = len(range(0, CALLS, EVERY_MISSED))
    config = tmp_path / "config.json"
    table = {
        "name": "odoo",
        "kind": "odoo",
        "url": odoo.url,
        "database": odoo.database,
        "username": odoo.username,
        "secret": odoo.password,
        "allow_private": True,
        "rate_per_s": 1000,
        "burst": 1000,
    }
    began_at = datetime.now(UTC) - timedelta(minutes=10)
    said = {
        "database": f"sqlite:///{tmp_path / 'store.db'}",
        "table": table,
        "calls": CALLS,
        "began_at": began_at.isoformat(),
    }
    config.write_text(json.dumps(said), encoding="utf-8")
    dice = random.Random(5)  # noqa: S311 - moments, not secrets

    def calls() -> int:
        return held(odoo, "SELECT count(*) FROM crm_phonecall")

    for death in range(1, DEATHS + 1):
        async with running(config) as child:
            await until(calls, death * CALLS // (DEATHS + 4))
            await asyncio.sleep(dice.uniform(0.0, 0.3))
            os.kill(child.pid, signal.SIGKILL)
            await child.wait()

    def tasks() -> int:
        return held(odoo, "SELECT count(*) FROM mail_activity")

    async with running(config):
        await until(calls, CALLS)
        await until(tasks, missed)
        await asyncio.sleep(1.0)  # what comes twice would come now
    numbers = "SELECT count(DISTINCT partner_phone) FROM crm_phonecall"
    places = "SELECT count(DISTINCT (res_model, res_id)) FROM mail_activity"
    for query, expected in ((numbers, CALLS), (places, missed)):
        assert await asyncio.to_thread(held, odoo, query) == expected
    assert await asyncio.to_thread(calls) == CALLS
    assert await asyncio.to_thread(tasks) == missed
