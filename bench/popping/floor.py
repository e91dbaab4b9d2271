"""The least that could be called a pop, a process of its own: `-m popping.floor PORT TOKENS KNOWN`.

A split at the empty line, a dict of the contacts and an aiohttp WebSocket. Prints its address.
"""

import asyncio
import gc
import sys
from contextlib import suppress
from pathlib import Path

import orjson
from aiohttp import ClientConnectionResetError, web
from popping.feed import FIRST_EXTENSION, PBX, SECRET, USERNAME

from gateway.core.ids import call_id


async def serve(people: dict[str, int], sockets: dict[int, web.WebSocketResponse]) -> None:
    """Accept the agents' sockets."""

    async def events(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        place = people[request.headers["Authorization"].removeprefix("Bearer ")]
        sockets[place] = socket
        async for _ in socket:
            pass
        return socket

    app = web.Application()
    app.router.add_get("/api/v1/events", events)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()


async def follow(
    port: int, directory: dict[str, str], sockets: dict[int, web.WebSocketResponse]
) -> None:
    """Read the PBX and tell the phone that is dialled who calls."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"Action: Login\r\nUsername: {USERNAME}\r\nSecret: {SECRET}\r\n\r\n".encode())
    callers: dict[bytes, bytes] = {}
    while True:
        try:
            raw = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return
        if raw.startswith(b"Event: Newchannel"):
            fields = dict(line.split(b": ", 1) for line in raw.split(b"\r\n") if b": " in line)
            callers[fields[b"Uniqueid"]] = fields[b"CallerIDNum"]
        elif raw.startswith(b"Event: DialBegin"):
            fields = dict(line.split(b": ", 1) for line in raw.split(b"\r\n") if b": " in line)
            linked = fields[b"DestLinkedid"]
            name = directory.get(callers.get(linked, b"").decode())
            extension = fields[b"DestChannel"][6:].partition(b"-")[0].decode()
            call = str(call_id(PBX, linked.decode()))
            place = int(extension) - FIRST_EXTENSION
            if place in sockets:
                data = {"call_id": call, "extension": extension, "name": name}
                pop = {"type": "pop.offered", "data": data}
                with suppress(ClientConnectionResetError):
                    await sockets[place].send_str(orjson.dumps(pop).decode())


async def run(port: int, names: list[str], numbers: list[str]) -> None:
    """Be the floor."""
    directory = {number: f"Name {number}" for number in numbers}
    people = {token: place for place, token in enumerate(names)}
    sockets: dict[int, web.WebSocketResponse] = {}
    gc.freeze()
    await serve(people, sockets)
    await follow(port, directory, sockets)


def main() -> None:
    """Read what everybody reads, and run."""
    port, tokens, known = sys.argv[1:]
    names = Path(tokens).read_text("utf-8").split()
    numbers = Path(known).read_text("utf-8").split()
    asyncio.run(run(int(port), names, numbers))


if __name__ == "__main__":
    main()
