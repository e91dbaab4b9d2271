"""The worker as a process: `python -m writing.worker DATABASE CONCURRENCY TABLE`.

`TABLE` is the JSON of a `[[crm]]` table.

Prints `ready` once the store is open, waits for a line, then delivers until killed.
"""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import cast

from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.lane import LaneLimits
from crm_sync.worker import Worker, WorkerOptions
from gateway.runtime.clock import SystemClock
from gateway.runtime.crms import open_writer
from gateway.runtime.logging import configure
from gateway.runtime.plugins import connector
from gateway.store.database import Database


async def work(database: str, concurrency: int, table: dict[str, object]) -> None:
    """Deliver until killed."""
    clock = SystemClock()
    db = await Database.open(database)
    model = connector(str(table["kind"])).settings_model
    settings = cast("ConnectorSettings", model.model_validate(table))
    async with AsyncExitStack() as stack:
        writer = await open_writer(settings, clock, stack)
        options = WorkerOptions(lane=LaneLimits(concurrency=concurrency))
        worker = Worker(
            db,
            {str(table["name"]): writer},
            clock,
            "bench",
            lambda _effect, _receipt: None,
            options=options,
        )
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        await worker.run()


if __name__ == "__main__":
    configure(human=False)
    asyncio.run(work(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])))
