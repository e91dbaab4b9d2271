"""A CRM that takes a while over each call, and counts: `python -m writing.receiver LATENCY_S`.

Prints its address. `GET /` says how many posts came, of how many different calls, and when (the
machine's monotonic clock, in ns) the first and the last new one came.
"""

import asyncio
import sys
import time

from aiohttp import web


class Counter:
    """What came so far."""

    def __init__(self, latency_s: float) -> None:
        self.latency_s = latency_s
        self.posts = 0
        self.known: set[str] = set()
        self.first_ns = self.last_ns = 0

    async def take(self, request: web.Request) -> web.Response:
        """Take one call, like a CRM that writes it to its database."""
        await request.read()
        await asyncio.sleep(self.latency_s)
        self.posts += 1
        name = request.headers.get("webhook-id", str(self.posts))
        if name not in self.known:
            self.known.add(name)
            self.last_ns = time.monotonic_ns()
            self.first_ns = self.first_ns or self.last_ns
        return web.Response(status=204)

    async def told(self, _request: web.Request) -> web.Response:
        """Say what came."""
        return web.json_response(
            {
                "posts": self.posts,
                "distinct": len(self.known),
                "first_ns": self.first_ns,
                "last_ns": self.last_ns,
            }
        )


async def serve(latency_s: float) -> None:
    """Serve until killed."""
    counter = Counter(latency_s)
    app = web.Application()
    app.router.add_post("/", counter.take)
    app.router.add_get("/", counter.told)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}/\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
