"""The least that could write so many calls: `python -m writing.floor URL CALLS CONCURRENCY`.

The same bodies posted by aiohttp over kept connections, without a store, a signature or a memory.
Prints `ready`, waits for a line, posts, and prints `done`.
"""

import asyncio
import sys
from itertools import islice

import aiohttp
from outbox import fact

from crm_sync.connectors.webhook.link import encode


async def post(url: str, calls: int, concurrency: int) -> None:
    """Post all calls, so many at once."""
    effects = [fact(number)[1] for number in range(calls)]
    bodies = iter(
        [encode(one.record, kind=one.kind, occurred_at=one.occurred_at) for one in effects]
    )
    async with aiohttp.ClientSession() as session:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)

        async def lane() -> None:
            while batch := list(islice(bodies, 1)):
                async with session.post(url, data=batch[0]) as answer:
                    await answer.read()

        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(lane())
    sys.stdout.write("done\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(post(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
