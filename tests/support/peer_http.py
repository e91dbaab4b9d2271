"""An HTTP peer that behaves as told: a receiver for webhooks, a proxy in front of a CRM, a fault.

Plain asyncio streams, so that it can break HTTP in every way a real peer does.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Behaviour = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


def answer(
    status: int = 200, body: bytes = b"{}", *, headers: Mapping[str, str] | None = None
) -> Behaviour:
    """Answer at once."""
    fields = {"Content-Length": str(len(body)), "Connection": "close", **(headers or {})}

    async def behave(_request: Received, writer: asyncio.StreamWriter) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body)
        await writer.drain()

    return behave


def never() -> Behaviour:
    """Take the request and stay silent until the client gives up."""

    async def behave(_request: Received, writer: asyncio.StreamWriter) -> None:
        await writer.wait_closed()

    return behave


def cut() -> Behaviour:
    """Take the request and drop the connection."""

    async def behave(_request: Received, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()
        await asyncio.sleep(0)

    return behave


def drip(pause_s: float) -> Behaviour:
    """Answer one byte at a time, for ever."""

    async def behave(_request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(1000):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(pause_s)

    return behave


def huge(size: int) -> Behaviour:
    """Answer 200 with `size` bytes and no length."""

    async def behave(_request: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(size // 65536 + 1):
                writer.write(b"x" * 65536)
                await writer.drain()

    return behave


def forward(target: str, then: Callable[[Received, bytes], Awaitable[bool]]) -> Behaviour:
    """Pass the request on to `target`, and its answer back if `then(request, answer)` says so."""
    parts = urlsplit(target)

    async def behave(request: Received, writer: asyncio.StreamWriter) -> None:
        reader, upstream = await asyncio.open_connection(parts.hostname, parts.port)
        fields = {**request.headers, "connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        upstream.write(f"{request.method} {request.path} HTTP/1.1\r\n{head}\r\n".encode())
        upstream.write(request.body)
        whole = await reader.read()
        upstream.close()
        if await then(request, whole):
            writer.write(whole)
            await writer.drain()
        else:
            writer.transport.abort()

    return behave


@dataclass(slots=True)
class PeerServer:
    """Serves on loopback: `script` says what to do with each next request, then `default`."""

    default: Behaviour = field(default_factory=answer)
    script: list[Behaviour] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection with one request on it."""
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                request = await _read(reader)
                self.requests.append(request)
                behave = self.script.pop(0) if self.script else self.default
                await behave(request, writer)
            with contextlib.suppress(ConnectionError):
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method=method, path=path, headers=headers, body=body)


@contextlib.asynccontextmanager
async def peer_server() -> AsyncIterator[PeerServer]:
    """Run a peer that answers 200 until told otherwise."""
    peer = PeerServer()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(peer.handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
        await asyncio.sleep(0)  # aborted transports close in the loop's next turn
