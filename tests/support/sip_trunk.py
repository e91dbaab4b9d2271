"""A trunk followed with its real child process, and the calls that come of it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

from adapters.sip.link import SipSource
from adapters.sip.settings import SipSettings
from gateway.core.events import CallEnded
from gateway.core.inputs import Input
from gateway.core.numbers import NumberPlan
from gateway.core.ports import LinkPhase, LinkState
from gateway.core.record import CallRecord
from gateway.core.table import CallTable
from gateway.runtime.clock import SystemClock

PATIENCE_S = 45.0


def free_port(host: str) -> int:
    """Return a UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Followed:
    """What a trunk told: its states, what it fed the call table with, the records of calls."""

    listen: tuple[str, int]
    states: list[LinkState] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    records: list[CallRecord] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    table: CallTable = field(default_factory=lambda: CallTable("p", NumberPlan("IT")))

    def hear(self, item: Input) -> None:
        """Feed the call table."""
        self.inputs.append(item)
        self.news.set()
        ended = (one for one in self.table.apply(item) if isinstance(one, CallEnded))
        self.records.extend(one.record for one in ended)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that other processes bring about."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - another process's affair
                await asyncio.sleep(0.02)

    async def up(self) -> None:
        """Wait until it is registered."""
        await self.until(lambda: self.phase is LinkPhase.UP)

    async def settled(self) -> LinkState:
        """Return the first state that is not only an attempt."""
        await self.until(lambda: self.phase is not LinkPhase.CONNECTING)
        return self.states[-1]

    @property
    def phase(self) -> LinkPhase:
        """Return what the trunk is doing now."""
        return self.states[-1].phase if self.states else LinkPhase.CONNECTING

    def count(self, kind: type[Input]) -> int:
        """Count inputs of a kind."""
        return sum(isinstance(one, kind) for one in self.inputs)


@asynccontextmanager
async def following(
    registrar: str, more: Mapping[str, object] = MappingProxyType({}), *, host: str = "127.0.0.1"
) -> AsyncIterator[Followed]:
    """Follow a trunk at a registrar; `more` are keys of its table."""
    listen = (host, free_port(host))
    given = {"name": "p", "registrar": registrar, "username": "us", "secret": "s"}
    given |= {"listen": f"{listen[0]}:{listen[1]}"}
    settings = SipSettings.model_validate({**given, **more})
    told = Followed(listen)
    source = SipSource(settings, SystemClock(), report=told.states.append)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(source.run(told.hear))
        yield told
        task.cancel()
