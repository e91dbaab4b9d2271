"""kill -9 of the worker between the CRM's commit and our mark, and at any other moment."""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeVar

import pytest
from support.connector_rigs import PROFILED, REAL, ConnectorRig, honest, kind_of, variants
from support.crm_records import answered, effect
from support.peer_http import Received

from gateway.core.ports import Effect, Tier
from gateway.store import outbox
from gateway.store.database import Database
from gateway.store.outbox import EffectState

T = TypeVar("T")
PLUGINS = {point.name: point.load() for point in entry_points(group="filodiretto.connectors")}
every_connector = pytest.mark.parametrize(
    "connector",
    [
        pytest.param(name, marks=(pytest.mark.integration,) if kind_of(name) in REAL else ())
        for name in variants(PLUGINS)
        # the same code as their kind's first rig, and minutes more
        if name not in {*PROFILED, "hubspot:unique"}
    ],
)
PROGRAM = Path(__file__).parents[1] / "support" / "worker_process.py"

DEATHS, MANY_DEATHS = 3, 6

pytestmark = pytest.mark.timeout(180)


@asynccontextmanager
async def running_worker(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the worker as a process; what is left of it is killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), str(config), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
        await process.wait()


async def stored(url: str, effects: list[Effect]) -> None:
    """Put effects into the outbox, as the daemon did before it died."""
    db = await Database.open(url)
    await db.write(lambda conn: [outbox.enqueue(conn, one) for one in effects])
    await db.close()


def tier_of(rig: ConnectorRig, connector: str) -> Tier:
    """Return what this rig's settings promise."""
    plugin = PLUGINS[kind_of(connector)]
    tier: Tier = plugin.capabilities_of(plugin.settings_model.model_validate(rig.table)).tier
    return tier


async def states(db: Database) -> list[EffectState]:
    """Return the state of every effect."""
    page = await db.read(lambda conn: outbox.list_effects(conn, limit=500))
    return [row.state for row in page.items]


def written(config: Path, url: str, rig: ConnectorRig) -> Path:
    """Write the configuration of the process."""
    config.write_text(json.dumps({"database": url, "node": "a", "table": rig.table}), "utf-8")
    return config


@every_connector
async def test_killed_between_the_crms_commit_and_our_mark(
    rig: ConnectorRig, connector: str, tmp_path: Path
) -> None:
    """The CRM has it, we do not know: after the restart it is still exactly one call."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    one = effect(answered("k.1"))
    await stored(url, [one])
    committed, killed = asyncio.Event(), asyncio.Event()

    async def hold_the_answer(request: Received) -> bool:
        if rig.is_write(request) and not killed.is_set():
            committed.set()
            await killed.wait()
            return False
        return True

    rig.front.default = rig.served(hold_the_answer)
    config = written(tmp_path / "worker.json", url, rig)
    async with running_worker(config) as process:
        await asyncio.wait_for(committed.wait(), 60)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
    killed.set()
    assert len(await rig.calls()) == 1
    tier_c = tier_of(rig, connector) is Tier.C
    expected = EffectState.PARKED if tier_c else EffectState.DELIVERED
    async with running_worker(config):
        db = await Database.open(url, upgrade=False)
        await _until(lambda: states(db), lambda found: found == [expected])
        await db.close()
    assert len(await rig.calls()) == 1


@every_connector
async def test_killed_again_and_again_under_load(
    rig: ConnectorRig, connector: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Sixty calls, deaths at random moments: all are there, none twice."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    effects = [effect(answered(f"load.{number}")) for number in range(60)]
    await stored(url, effects)
    dice = random.Random(connector)  # noqa: S311 - moments, not secrets

    async def linger(request: Received) -> bool:
        if rig.is_write(request):
            await asyncio.sleep(dice.uniform(0.0, 0.15))
        return await honest(request)

    rig.front.default = rig.served(linger)
    config = written(tmp_path / "worker.json", url, rig)
    done = {EffectState.DELIVERED, EffectState.PARKED}
    db = await Database.open(url, upgrade=False)
    for _ in range(MANY_DEATHS if pytestconfig.getoption("--all") else DEATHS):
        seen = len(rig.front.requests)
        async with running_worker(config) as process:

            async def moved(seen: int = seen) -> bool:
                return len(rig.front.requests) > seen or set(await states(db)) <= done

            await _until(moved, bool)  # a fast worker may be through before the last death
            await asyncio.sleep(dice.uniform(0.0, 0.3))
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
    async with running_worker(config):
        await _until(lambda: states(db), lambda found: set(found) <= done)
        delivered = (await states(db)).count(EffectState.DELIVERED)
    await db.close()
    held = len(await rig.calls())
    if tier_of(rig, connector) is Tier.C:  # what is parked may or may not be there: a person looks
        assert delivered <= held <= 60
    else:
        assert held == delivered == 60


async def _until(ask: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> None:
    for _ in range(3000):
        answer = await ask()
        if good(answer):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(answer)
