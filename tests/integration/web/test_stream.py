"""Server-sent events: the same frames, resumed by id, ended with the right to them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from aiohttp import ClientResponse
from support.desk import alerting, answered, dialled, inbound
from support.web import WebBench

from gateway.core.ports import LinkPhase, LinkState
from gateway.desk.subscription import CloseCode
from gateway.store.credentials import list_tokens, revoke_token
from gateway.store.people import set_disabled
from gateway.web import stream
from gateway.web.shapes.frames import Frame

STREAM = "/api/v1/events/stream"


async def opened(bench: WebBench, login: str = "anna", **headers: str) -> ClientResponse:
    """Open somebody's stream."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await bench.get(STREAM, login, **given)
    assert answer.status == 200, await answer.text()
    return answer


async def message(answer: ClientResponse) -> tuple[str, dict[str, Any]]:
    """Return id and frame of the next message."""
    identifier = ""
    async with asyncio.timeout(30):
        while line := await answer.content.readline():
            if line.startswith(b"id: "):
                identifier = line[4:].strip().decode()
            elif line.startswith(b"data: "):
                Frame.model_validate_json(line[6:], strict=True)
                return identifier, orjson.loads(line[6:])
    raise AssertionError("The stream has ended.")


async def ended(answer: ClientResponse) -> bool:
    """Read until the stream ends."""
    async with asyncio.timeout(30):
        while await answer.content.readline():
            pass
    return True


async def test_frames_are_those_of_the_socket(bench: WebBench) -> None:
    """A program may choose either."""
    answer, socket = await opened(bench), await bench.socket()
    assert answer.content_type == "text/event-stream"
    assert (await message(answer))[1]["type"] == "hello"
    await socket.receive_str(timeout=30)
    record = inbound(rung=(("1001",),))
    bench.services.desk.handle(dialled(record, "1001"))
    identifier, offered = await message(answer)
    assert identifier == "e1:1"
    assert orjson.loads(await socket.receive_str(timeout=30)) == offered
    answer.close()


@pytest.mark.parametrize("way", ["header", "query"])
async def test_reader_that_comes_back_gets_what_it_missed(bench: WebBench, way: str) -> None:
    """EventSource sends the last id by itself."""
    first = await opened(bench)
    identifier, _ = await message(first)
    first.close()
    record = inbound(rung=(("1001",),))
    bench.services.desk.handle(dialled(record, "1001"))
    bench.services.desk.handle(answered(record, "1001"))
    if way == "header":
        back = await opened(bench, Last_Event_ID=identifier)
    else:
        back = await bench.get(f"{STREAM}?since={identifier}")
    hello = (await message(back))[1]
    assert hello["data"]["resumed"] is True
    assert [(await message(back))[1]["seq"] for _ in range(2)] == [1, 2]
    back.close()


async def test_quiet_stream_shows_that_it_lives(
    bench: WebBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy cuts what says nothing."""
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.05)
    answer = await opened(bench)
    async with asyncio.timeout(30):
        while (await answer.content.readline()) != b": alive\n":
            pass
    now = datetime.now(UTC)
    bench.services.links.report(LinkState(pbx="hq", phase=LinkPhase.UP, since=now))
    assert (await message(answer))[1]["type"] == "link.state"
    answer.close()


async def test_revoked_token_and_disabled_user_end_the_stream(bench: WebBench) -> None:
    """At once, and coming back is refused."""
    anna, luca = await opened(bench), await opened(bench, "luca")
    (token,) = await bench.db.read(lambda conn: list_tokens(conn, "anna"))
    await bench.db.write(lambda conn: revoke_token(conn, token.id, now=datetime.now(UTC)))
    await bench.db.write(lambda conn: set_disabled(conn, "luca", disabled=True))
    await bench.watch.check_all()
    assert await ended(anna)
    assert await ended(luca)
    assert (await bench.get(STREAM)).status == 401


async def test_reader_that_does_not_keep_up_is_cut_off(
    bench: WebBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection is closed and costs nobody else anything."""
    monkeypatch.setattr(stream, "CLOSE_TIMEOUT_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(bench.url.rpartition(":")[2]))
    reader._limit = 1  # type: ignore[attr-defined] # stop reading from the kernel at once
    request = f"GET {STREAM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bench.tokens['anna']}"
    writer.write(f"{request}\r\n\r\n".encode())
    filler = {"x": "y" * 20_000}
    async with asyncio.timeout(20):
        while not bench.services.hub.sockets():  # noqa: ASYNC110 - an opening has no event
            await asyncio.sleep(0.01)
        while bench.services.hub.sockets():
            bench.services.hub.publish("anna", "call.updated", filler, datetime.now(UTC))
            await asyncio.sleep(0)
    writer.close()


async def test_burst_beyond_the_queue_ends_the_stream_and_is_fetched_by_id(bench: WebBench) -> None:
    """Nothing is lost for who comes back."""
    answer = await opened(bench)
    await message(answer)
    record = inbound(rung=(("1001",),))
    for revision in range(300):
        bench.services.desk.handle(alerting(replace(record, revision=revision), "1001"))
    assert await ended(answer)
    back = await opened(bench, Last_Event_ID="e1:0")
    await message(back)
    assert [(await message(back))[1]["seq"] for _ in range(300)] == list(range(1, 301))
    back.close()


async def test_shutdown_ends_the_stream(bench: WebBench) -> None:
    """The daemon does not wait for readers."""
    answer = await opened(bench)
    bench.services.hub.close(CloseCode.GOING_AWAY)
    assert await ended(answer)


@pytest.mark.parametrize(("header", "status"), [("x" * 300, 422), ("é", 422), ("nonsense", 200)])
async def test_strange_ids_are_refused_or_start_anew(
    bench: WebBench, header: str, status: int
) -> None:
    """An id of another life of the daemon is answered by a reload."""
    answer = await bench.get(STREAM, **{"Last-Event-ID": header})
    assert answer.status == status
    if status == 200:
        assert [(await message(answer))[1]["type"] for _ in range(2)] == ["hello", "reload"]
    answer.close()
