"""A TCP relay on loopback whose wire can be cut, frozen and mended: a network between two parts."""

import asyncio
from types import TracebackType
from typing import Self

CHUNK = 65536


class Relay:
    """Listens on `host`:`port` (chosen by the system) and passes everything to the target."""

    def __init__(self, target_host: str, target_port: int, *, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = 0
        self.accepted = 0
        self._target = (target_host, target_port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._connected = True

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self.thaw()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break all connections at once, as a reset router does."""
        for writer in self._writers:
            writer.transport.abort()

    def unplug(self) -> None:
        """Break all connections and refuse new ones until `plug`."""
        self._connected = False
        self.cut()

    def plug(self) -> None:
        """Let connections through again."""
        self._connected = True

    def freeze(self) -> None:
        """Keep connections open but pass nothing on: a half-open link."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Pass everything on again, what was withheld first."""
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if not self._connected:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, far_writer)
        self._writers.update(pair)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass(reader, far_writer))
                group.create_task(self._pass(far_reader, writer))
        finally:
            self._writers.difference_update(pair)
            for one in pair:
                one.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass bytes one way; the end of either way ends both."""
        try:
            while data := await reader.read(CHUNK):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        for one in self._writers & {writer}:
            one.transport.abort()
