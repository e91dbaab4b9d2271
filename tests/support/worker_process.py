"""A worker as a process of its own, to be killed: `python worker_process.py CONFIG.json`.

The configuration has `database` (URL), `node` and `table` (one `[[crm]]` table).
"""

import asyncio
import json
import sys
from importlib.metadata import entry_points
from pathlib import Path

from crm_sync.breaker import BreakerPolicy
from crm_sync.http import GuardedHttp
from crm_sync.lane import LaneLimits
from crm_sync.retry import RetryPolicy
from crm_sync.worker import Worker, WorkerOptions
from gateway.runtime.clock import SystemClock
from gateway.store.database import Database

QUICK = WorkerOptions(
    retry=RetryPolicy(backoff_first_s=0.1, backoff_most_s=0.2),
    breaker=BreakerPolicy(failures=1000),
    lane=LaneLimits(concurrency=4),
)


async def work(config: dict[str, str], table: dict[str, object]) -> None:
    """Deliver until killed."""
    kind = str(table["kind"])
    (point,) = entry_points(group="filodiretto.connectors", name=kind)
    plugin = point.load()
    settings = plugin.settings_model.model_validate(table)
    db = await Database.open(config["database"])
    async with GuardedHttp(adapter=settings.name, allow_private=True) as http:
        writer = plugin.open(settings, http, SystemClock())
        worker = Worker(
            db,
            {settings.name: (plugin.capabilities_of(settings), writer)},
            SystemClock(),
            config["node"],
            lambda _effect, _receipt: None,
            options=QUICK,
        )
        await worker.run()


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asyncio.run(work(told, told["table"]))
