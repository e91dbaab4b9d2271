"""Requests that are cut off or cannot be read: an answer if there is somebody, no fault of ours."""

import asyncio

import pytest
from structlog.testing import capture_logs
from support.web import WebBench

from gateway.web.strangers import SERVER

HEAD = (
    "POST /api/v1/contacts{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: {kind}\r\n{more}\r\n\r\n"
)


async def sent(bench: WebBench, head: str, body: bytes, *, read: bool) -> bytes:
    """Send bytes on a connection of their own; return the answer, or hang up at once."""
    host, port = bench.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(head.encode() + body)
        await writer.drain()
        return await reader.readuntil(b"\r\n\r\n") if read else b""
    finally:
        writer.close()
        await writer.wait_closed()


async def let_go(bench: WebBench) -> None:
    """Wait until the gateway has done with all connections but the client's own."""
    answer = await bench.client.get(bench.url + "/healthz")
    await answer.read()
    for _ in range(3_000):
        names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
        if names.count("RequestHandler.start") <= 1:
            return
        await asyncio.sleep(0.01)
    pytest.fail("The gateway still holds a connection that is gone.")


@pytest.mark.parametrize(("path", "kind"), [("", "application/json"), ("/import", "text/csv")])
async def test_body_that_is_not_as_it_says_is_refused(
    bench: WebBench, caplog: pytest.LogCaptureFixture, path: str, kind: str
) -> None:
    """A stranger's mistake is no fault on our side."""
    more = "Content-Encoding: gzip\r\nContent-Length: 5"
    head = HEAD.format(path=path, token=bench.tokens["sara"], kind=kind, more=more)
    with capture_logs() as logs:
        answer = await sent(bench, head, b"abcde", read=True)
        await let_go(bench)
    assert answer.startswith(b"HTTP/1.1 415 ")
    assert "web.request_failed" not in [entry["event"] for entry in logs]
    assert SERVER not in [record.name for record in caplog.records]


async def test_file_that_says_how_large_it_is_is_refused_before_it_comes(bench: WebBench) -> None:
    """Four gigabytes on the disk, only to be told that they are too many."""
    more = f"Content-Length: {5 * 1024**3}"
    head = HEAD.format(path="/import", token=bench.tokens["sara"], kind="text/csv", more=more)
    assert (await sent(bench, head, b"", read=True)).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(("path", "kind"), [("", "application/json"), ("/import", "text/csv")])
async def test_client_that_goes_away_while_it_sends_is_no_fault(
    bench: WebBench, path: str, kind: str
) -> None:
    """A closed laptop must not fill the log with tracebacks."""
    more = "Content-Length: 100000"
    head = HEAD.format(path=path, token=bench.tokens["sara"], kind=kind, more=more)
    with capture_logs() as logs:
        await sent(bench, head, b"name;phone\n", read=False)
        await let_go(bench)
    assert "web.request_failed" not in [entry["event"] for entry in logs]
    assert await bench.items("/api/v1/contacts") == []
