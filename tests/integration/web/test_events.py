"""The event stream: who may open it, what comes, and that it ends when the right to it does."""

import asyncio
import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web
from support.desk import alerting, answered, dialled, inbound
from support.web import WebBench, frame

from gateway.core.ports import LinkPhase, LinkState
from gateway.desk.subscription import CloseCode
from gateway.store.credentials import list_tokens, revoke_token
from gateway.store.people import Role, User, put_user, set_disabled
from gateway.web import outlet

EVENTS = "/api/v1/events"


async def closing_code(socket: ClientWebSocketResponse) -> int | None:
    """Read until the server closes and return why."""
    while (await socket.receive(timeout=30)).type is not WSMsgType.CLOSE:
        pass
    return socket.close_code


async def test_pop_reaches_the_agent_whose_phone_rings(bench: WebBench) -> None:
    """The whole way: event, desk, hub, socket."""
    anna, luca = await bench.socket("anna"), await bench.socket("luca")
    assert (await frame(anna))["type"] == (await frame(luca))["type"] == "hello"
    record = inbound(rung=(("1001",),))
    bench.services.desk.handle(dialled(replace(record, rung=()), "1001"))
    bench.services.desk.handle(alerting(record, "1001"))
    assert [(await frame(anna))["type"] for _ in range(2)] == ["pop.offered", "pop.updated"]
    await luca.send_str("ping")
    assert (await frame(luca)) == {"type": "pong"}


async def test_who_asks_without_a_websocket_is_told_what_to_open(bench: WebBench) -> None:
    """Somebody tries the address with curl first."""
    answer = await bench.get(EVENTS)
    told = await answer.json(content_type=None)
    assert (answer.status, told["type"].rpartition(":")[2]) == (400, "bad-request")
    assert "/api/v1/events/stream" in told["detail"]


async def test_page_that_comes_back_gets_what_it_missed(bench: WebBench) -> None:
    """A lost network loses no call."""
    socket = await bench.socket()
    hello = await frame(socket)
    await socket.close()
    record = inbound(rung=(("1001",),))
    bench.services.desk.handle(dialled(record, "1001"))
    bench.services.desk.handle(answered(record, "1001"))
    back = await bench.socket(since=f"{hello['data']['epoch']}:0")
    assert (await frame(back))["data"]["resumed"] is True
    assert [(await frame(back))["seq"] for _ in range(2)] == [1, 2]


async def test_page_of_an_earlier_life_is_told_to_start_anew(bench: WebBench) -> None:
    """After a restart the page forgets what it had and is shown this moment."""
    bench.services.desk.handle(dialled(inbound(rung=(("1001",),)), "1001"))
    socket = await bench.socket(since="older:7")
    assert [(await frame(socket))["type"] for _ in range(3)] == ["hello", "reload", "pop.offered"]


async def test_links_are_shown_to_a_fresh_page_and_followed(bench: WebBench) -> None:
    """A page never believes that calls are seen when they are not."""
    now = datetime.now(UTC)
    bench.services.links.report(LinkState(pbx="hq", phase=LinkPhase.UP, since=now))
    socket = await bench.socket()
    await frame(socket)
    assert (await frame(socket))["data"]["phase"] == "up"
    down = LinkState(pbx="hq", phase=LinkPhase.DOWN, since=now, cause="Closed.")
    bench.services.links.report(down)
    bench.services.links.report(down)
    assert (await frame(socket))["data"]["cause"] == "Closed."
    await socket.send_str("ping")
    assert (await frame(socket))["type"] == "pong"


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
async def test_page_of_another_site_cannot_listen(bench: WebBench, origin: str | None) -> None:
    """Browsers send the cookie with any handshake; only the origin tells whose page it is."""
    headers = await bench.cookie()
    if origin is not None:
        headers["Origin"] = origin
    with pytest.raises(WSServerHandshakeError) as caught:
        await bench.client.ws_connect(bench.url + EVENTS, headers=headers)
    assert caught.value.status == 403


async def test_own_page_listens_by_cookie_until_it_signs_out(bench: WebBench) -> None:
    """Signing out in one window closes the others of the same session."""
    headers = await bench.cookie() | {"Origin": bench.url}
    socket = await bench.client.ws_connect(bench.url + EVENTS, headers=headers)
    await frame(socket)
    answer = await bench.client.delete(
        bench.url + "/api/v1/session", headers=headers | {"X-Filodiretto": "1"}
    )
    assert answer.status == 204
    assert await closing_code(socket) == 4401


async def test_stranger_and_unfit_role_are_refused_at_the_handshake(bench: WebBench) -> None:
    """No socket is opened first and checked later."""
    with pytest.raises(WSServerHandshakeError) as caught:
        await bench.client.ws_connect(bench.url + EVENTS)
    assert caught.value.status == 401
    privacy = User(login="anna", name="Anna", role=Role.PRIVACY)
    await bench.db.write(lambda conn: put_user(conn, privacy, now=datetime.now(UTC)))
    with pytest.raises(WSServerHandshakeError) as caught:
        await bench.socket("anna")
    assert caught.value.status == 403


async def test_revoked_token_closes_its_socket(bench: WebBench) -> None:
    """What was allowed a minute ago is not allowed any more."""
    socket = await bench.socket()
    await frame(socket)
    (token,) = await bench.db.read(lambda conn: list_tokens(conn, "anna"))
    await bench.db.write(lambda conn: revoke_token(conn, token.id, now=datetime.now(UTC)))
    await look_again(bench)
    assert await closing_code(socket) == 4401


async def test_disabled_user_loses_socket_and_pops(bench: WebBench) -> None:
    """Who left the company sees nothing more from that moment."""
    socket = await bench.socket()
    await frame(socket)
    await bench.db.write(lambda conn: set_disabled(conn, "anna", disabled=True))
    await look_again(bench)
    bench.services.desk.handle(dialled(inbound(rung=(("1001",),)), "1001"))
    assert await closing_code(socket) == 4401
    assert bench.services.hub.seq("anna") == 0


async def test_changed_role_makes_the_page_come_back(bench: WebBench) -> None:
    """A new supervisor sees all calls without signing in again."""
    socket = await bench.socket()
    await frame(socket)
    promoted = User(login="anna", name="Anna Moro", role=Role.SUPERVISOR)
    await bench.db.write(lambda conn: put_user(conn, promoted, now=datetime.now(UTC)))
    await look_again(bench)
    assert await closing_code(socket) == 1013
    assert "anna" in bench.services.roster.overseers()


async def test_change_by_another_process_is_noticed_within_seconds(bench: WebBench) -> None:
    """`tokens revoke` on the command line closes the page."""
    socket = await bench.socket()
    await frame(socket)
    async with asyncio.timeout(20):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "import sqlite3,sys;c=sqlite3.connect(sys.argv[1],timeout=5);"
            "c.execute(\"UPDATE users SET disabled=1 WHERE login='anna'\");c.commit()",
            str(bench.store),
        )
        assert await process.wait() == 0
        assert await closing_code(socket) == 4401


async def test_page_that_does_not_keep_up_is_closed_and_catches_up(bench: WebBench) -> None:
    """At 256 waiting frames the socket ends with 1013; `since` brings the rest."""
    slow = await bench.socket()
    record = inbound(rung=(("1001",),))
    for revision in range(300):
        bench.services.desk.handle(alerting(replace(record, revision=revision), "1001"))
    assert await closing_code(slow) == 1013
    back = await bench.socket(since="e1:0")
    frames = [orjson.loads(await back.receive_str(timeout=30)) for _ in range(301)]
    assert [item["seq"] for item in frames[1:]] == list(range(1, 301))


async def test_frozen_browser_is_cut_off_and_costs_the_others_nothing(
    bench: WebBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that reads nothing, not even the goodbye, does not stay for ever."""
    monkeypatch.setattr(outlet, "CLOSE_TIMEOUT_S", 0.2)
    awake = await bench.socket("luca")
    await frame(awake)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(bench.url.rpartition(":")[2]))
    reader._limit = 1  # type: ignore[attr-defined] # stop reading from the kernel at once
    handshake = (
        f"GET {EVENTS} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
        f"Authorization: Bearer {bench.tokens['anna']}\r\n\r\n"
    )
    writer.write(handshake.encode())
    await until(lambda: len(bench.services.hub.sockets()) == 2)
    filler = {"x": "y" * 20_000}
    async with asyncio.timeout(20):
        while len(bench.services.hub.sockets()) == 2:
            bench.services.hub.publish("anna", "call.updated", filler, datetime.now(UTC))
            await asyncio.sleep(0)
    bench.services.hub.publish("luca", "call.updated", {}, datetime.now(UTC))
    assert (await awake.receive_json(timeout=30))["type"] == "call.updated"
    writer.close()


async def test_oversized_message_ends_the_socket(bench: WebBench) -> None:
    """Pages have nothing long to say."""
    socket = await bench.socket()
    await frame(socket)
    await socket.send_str("x" * 2000)
    assert await closing_code(socket) == 1009


async def test_compression_is_never_negotiated(bench: WebBench) -> None:
    """It costs 100 KB a socket."""
    socket = await bench.client.ws_connect(
        bench.url + EVENTS, headers=bench.bearer("anna"), compress=15
    )
    assert socket.compress == 0


async def test_shutdown_says_goodbye(bench: WebBench) -> None:
    """Pages know that the gateway went away and come back by themselves."""
    socket = await bench.socket()
    await frame(socket)
    bench.services.hub.close(CloseCode.GOING_AWAY)
    assert await closing_code(socket) == 1001
    await until(lambda: bench.services.hub.sockets() == ())


async def test_page_that_is_gone_leaves_nothing_behind(bench: WebBench) -> None:
    """The whole memory is looked through only while no call is up, which may be hours later."""

    def kept() -> bool:
        return any(type(one) is web.WebSocketResponse for one in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        socket = await bench.socket()
        await frame(socket)
        assert kept()
        socket._response.connection.transport.abort()  # type: ignore[union-attr]
        await until(lambda: not kept())
    finally:
        gc.enable()
    await socket.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds, five seconds at most."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def look_again(bench: WebBench) -> None:
    """Do what the watch does when the store says that somebody else has written."""
    await bench.watch.check_all()
