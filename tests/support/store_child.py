"""A process that commits calls with effects and acknowledges each on its standard output.

    python store_child.py URL FIRST COUNT

Line `N` means: `write` returned for call N. Line `refused N CAUSE REMEDY` means: it did not.
"""

import asyncio
import os
import sys
from functools import partial

import structlog
from support.store import an_effect, an_ended_call

from gateway.core.errors import StoreError
from gateway.store.calls import save_call
from gateway.store.database import Connection, Database
from gateway.store.outbox import enqueue

PRODUCERS = 20


def store(conn: Connection, number: int) -> None:
    """Save one ended call and its effect."""
    record = an_ended_call(number)
    save_call(conn, record, state=None, channels=(record.linkedid,))
    enqueue(conn, an_effect(record))


async def main(url: str, first: int, count: int) -> None:
    """Let producers commit numbered calls until killed or done."""
    db = await Database.open(url)
    numbers = iter(range(first, first + count))

    async def produce() -> None:
        for number in numbers:
            try:
                await db.write(partial(store, number=number))
            except StoreError as error:
                line = f"refused {number} {error.cause.value} {error.remedy}\n"
            else:
                line = f"{number}\n"
            os.write(sys.stdout.fileno(), line.encode())

    async with asyncio.TaskGroup() as group:
        for _ in range(PRODUCERS):
            group.create_task(produce())
    await db.close()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
