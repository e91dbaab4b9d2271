"""A small AMI server on loopback whose faults can be switched; it keeps a ledger of what it got."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from gateway.core.cutting import cut

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
USERNAME = "observer"
SECRET = "s3cret"
LISTS = {
    "CoreShowChannels": "CoreShowChannelsComplete",
    "BridgeList": "BridgeListComplete",
    "QueueStatus": "QueueStatusComplete",
}

Headers = dict[str, str]


def event(name: str, /, **headers: str) -> bytes:
    """Return the bytes of an event."""
    lines = [f"Event: {name}", "Privilege: call,all"]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Connection:
    """One client, as the server sees it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.signed_in = asyncio.Event()
        self.closed = asyncio.Event()
        self.actions: list[Headers] = []

    def send(self, data: bytes) -> None:
        """Send bytes as one segment, if the client is still there."""
        if not self.writer.is_closing():
            self.writer.write(data)

    def cut(self) -> None:
        """Reset the connection at once."""
        cut(self.writer.transport)


class FakeAmi:
    """Serves AMI on 127.0.0.1; change its attributes to make it fail."""

    def __init__(self) -> None:
        self.username = USERNAME
        self.secret = SECRET
        self.banner = BANNER
        self.port = 0
        self.connections: list[Connection] = []
        self.logins = 0
        self.answers_logins = True
        self.answers_pings = True
        self.sends_booted = True
        self.uptime_s = 100
        self.clock_s = 1795290244.0
        self.started = "20:00:00"
        self.denied: set[str] = set()
        self.unknown: set[str] = set()
        self.ignored: set[str] = set()
        self.lists: dict[str, list[bytes]] = {}
        self.variables: dict[str, str] = {}
        self.commands: dict[str, str] = {}
        self.version = "22.10.1"
        self.on_action: Callable[[Connection, Headers], None] | None = None
        self.tls: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop listening and cut everybody off."""
        if self._server is not None:
            self._server.close()
            for connection in self.connections:
                connection.cut()
            await self._server.wait_closed()
            self._server = None

    @property
    def last(self) -> Connection:
        """The newest connection."""
        return self.connections[-1]

    def received(self, action: str) -> list[Headers]:
        """Return every action of that name that came over the wire, over all connections."""
        return [
            headers
            for connection in self.connections
            for headers in connection.actions
            if headers.get("Action") == action
        ]

    async def until(self, condition: Callable[[], bool], *, within_s: float = 20.0) -> None:
        """Wait until `condition` holds; it is looked at whenever something arrives."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(condition)

    async def signed_in(self, count: int = 1) -> Connection:
        """Wait for the `count`-th accepted login and return its connection."""
        await self.until(lambda: sum(c.signed_in.is_set() for c in self.connections) >= count)
        return self.last

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(writer)
        self.connections.append(connection)
        connection.send(self.banner)
        try:
            while True:
                await self._announce()
                block = await reader.readuntil(b"\r\n\r\n")
                headers = parse(block)
                connection.actions.append(headers)
                self._handle(connection, headers)
                if self.on_action is not None:
                    self.on_action(connection, headers)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            connection.closed.set()
            writer.close()
            await self._announce()

    async def _announce(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _handle(self, connection: Connection, headers: Headers) -> None:
        name = headers.get("Action", "")
        answer = _Answer(connection, headers.get("ActionID", ""))
        if name in self.ignored or (name == "Ping" and not self.answers_pings):
            return
        if name == "Login":
            self._login(connection, headers, answer)
        elif name in self.denied:
            answer.error("Permission denied")
        elif name in self.unknown:
            answer.error("Invalid/unknown command")
        elif name in LISTS:
            answer.list(self.lists.get(name, ()), LISTS[name])
        elif name == "Logoff":
            answer.raw("Response: Goodbye", "Message: Thanks for all the fish.")
        else:
            answer.success(*self._facts(name, headers))

    def _facts(self, name: str, headers: Headers) -> list[str]:
        variable = headers.get("Variable", "")
        return {
            "Ping": ["Ping: Pong", f"Timestamp: {self.clock_s:.6f}"],
            "CoreStatus": ["CoreStartupDate: 2026-11-21", f"CoreStartupTime: {self.started}"],
            "CoreSettings": ["AMIversion: 11.0.0", f"AsteriskVersion: {self.version}"],
            "ListCommands": [f"{name}: {text}" for name, text in self.commands.items()],
            "Getvar": [f"Variable: {variable}", f"Value: {self.variables.get(variable, '')}"],
        }.get(name, [])

    def _login(self, connection: Connection, headers: Headers, answer: "_Answer") -> None:
        self.logins += 1
        if not self.answers_logins:
            return
        if (headers.get("Username"), headers.get("Secret")) != (self.username, self.secret):
            answer.error("Authentication failed")
            connection.writer.close()
            return
        answer.success("Message: Authentication accepted")
        if self.sends_booted:
            connection.send(event("FullyBooted", Uptime=str(self.uptime_s), LastReload="1"))
        connection.signed_in.set()


class _Answer:
    def __init__(self, connection: Connection, action_id: str) -> None:
        self.connection = connection
        self.action_id = action_id

    def raw(self, *lines: str) -> None:
        self.connection.send(
            "\r\n".join([lines[0], f"ActionID: {self.action_id}", *lines[1:], "", ""]).encode()
        )

    def success(self, *lines: str) -> None:
        self.raw("Response: Success", *lines)

    def error(self, message: str) -> None:
        self.raw("Response: Error", f"Message: {message}")

    def list(self, items: Iterable[bytes], complete: str) -> None:
        self.raw("Response: Success", "EventList: start", "Message: list will follow")
        action_id = f"\r\nActionID: {self.action_id}\r\n".encode()
        count = 0
        for item in items:
            count += 1
            self.connection.send(item.replace(b"\r\n", action_id, 1))
        self.raw(f"Event: {complete}", "EventList: Complete", f"ListItems: {count}")


def parse(block: bytes) -> Headers:
    """Return the headers of one action as they stand on the wire."""
    headers: Headers = {}
    for line in block.decode("utf-8", "replace").split("\r\n"):
        key, colon, value = line.partition(":")
        if colon:
            headers[key] = value.removeprefix(" ")
    return headers
