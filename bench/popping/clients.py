"""The agents' side, a process of its own: `-m popping.clients URL TOKENS FROZEN`.

Holds a WebSocket for each agent, prints `connected`, notes each pop until its input ends, and then
prints as JSON when the `pop.offered` of each ring was there. The first FROZEN agents never read.
"""

import asyncio
import json
import socket
import sys
import time
from pathlib import Path

import aiohttp
import orjson
from popping.feed import pop_key
from yarl import URL

READY_S = 300.0
AT_ONCE = 20
FROZEN_BUFFER = 4_096
OFFERED = b'"type":"pop.offered"'
HEAD = 60


class Agents:
    """The sockets of all agents and what came through them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._limit = asyncio.Semaphore(AT_ONCE)
        self._open: list[asyncio.StreamWriter] = []
        self.came: dict[str, int] = {}
        self.closed = 0

    async def hold(self, tokens: list[str], frozen: int) -> None:
        """Connect everybody, say so, and read until there is no more input."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            sockets = await asyncio.wait_for(self._connect(session, tokens, frozen), READY_S)
            sys.stdout.write("connected\n")
            sys.stdout.flush()
            tasks = [asyncio.ensure_future(self._read(one)) for one in sockets]
            await asyncio.to_thread(sys.stdin.read)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _connect(
        self, session: aiohttp.ClientSession, tokens: list[str], frozen: int
    ) -> list[aiohttp.ClientWebSocketResponse]:
        await asyncio.gather(*(self._freeze(token) for token in tokens[:frozen]))
        return list(await asyncio.gather(*(self._one(session, one) for one in tokens[frozen:])))

    async def _one(
        self, session: aiohttp.ClientSession, token: str
    ) -> aiohttp.ClientWebSocketResponse:
        headers = {"Authorization": f"Bearer {token}"}
        async with self._limit:
            return await session.ws_connect(self._url, headers=headers, compress=0)

    async def _freeze(self, token: str) -> None:
        """Open a WebSocket with small buffers and never read what it is sent."""
        url = URL(self._url)
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, FROZEN_BUFFER)
        raw.settimeout(0)
        async with self._limit:
            await asyncio.get_running_loop().sock_connect(raw, (url.host, url.port))
            reader, writer = await asyncio.open_connection(sock=raw, limit=FROZEN_BUFFER)
            head = (
                f"GET {url.path} HTTP/1.1",
                f"Host: {url.host}:{url.port}",
                f"Authorization: Bearer {token}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 13",
            )
            writer.write("\r\n".join((*head, "", "")).encode())
            assert b" 101 " in await reader.readuntil(b"\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is one for reading
        self._open.append(writer)

    async def _read(self, page: aiohttp.ClientWebSocketResponse) -> None:
        async for message in page:
            at = time.monotonic_ns()
            text = message.data.encode()
            if OFFERED in text[:HEAD]:
                data = orjson.loads(text)["data"]
                self.came.setdefault(pop_key(data["call_id"], data["extension"]), at)
        self.closed += 1


def main() -> None:
    """Be the agents."""
    url, tokens, frozen = sys.argv[1:]
    agents = Agents(url)
    names = Path(tokens).read_text("utf-8").split()
    asyncio.run(agents.hold(names, int(frozen)))
    sys.stdout.write(json.dumps({"came": agents.came, "closed": agents.closed}) + "\n")


if __name__ == "__main__":
    main()
