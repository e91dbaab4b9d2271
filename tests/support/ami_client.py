"""Ours and plain panoramisk behind one shape, so that a test can show the difference."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from panoramisk.manager import Manager
from support.fake_ami import SECRET, USERNAME, FakeAmi

from adapters.asterisk.link import AsteriskSource
from adapters.asterisk.settings import AsteriskSettings, LinkLimits
from gateway.core.inputs import Input, LinkDown, PbxEvent
from gateway.core.ports import LinkPhase, LinkState
from gateway.runtime.clock import SystemClock

FAST = LinkLimits(
    ping_interval_s=0.05,
    ping_timeout_s=0.1,
    backoff_first_s=0.02,
    backoff_most_s=0.05,
    booted_timeout_s=0.1,
)


def settings_for(pbx: FakeAmi, **changes: object) -> AsteriskSettings:
    """Return settings for a fake PBX, with short times."""
    table: dict[str, object] = {
        "name": "hq",
        "host": "127.0.0.1",
        "port": pbx.port,
        "username": USERNAME,
        "secret": SECRET,
        "link": FAST,
    }
    return AsteriskSettings.model_validate(table | changes)


class Follower:
    """Runs an `AsteriskSource` and keeps what it emitted and reported."""

    def __init__(self, settings: AsteriskSettings) -> None:
        self.inputs: list[Input] = []
        self.states: list[LinkState] = []
        self.source = AsteriskSource(settings, SystemClock(), report=self._report)
        self.listener: Callable[[Input], None] | None = None
        self._told = asyncio.Event()

    def _report(self, state: LinkState) -> None:
        self.states.append(state)
        self._told.set()

    def take(self, item: Input) -> None:
        """Keep one input, then let the test's own listener see it."""
        self.inputs.append(item)
        self._told.set()
        if self.listener is not None:
            self.listener(item)

    @property
    def events(self) -> list[PbxEvent]:
        """The PBX's events among the inputs."""
        return [item for item in self.inputs if isinstance(item, PbxEvent)]

    @property
    def losses(self) -> int:
        """How often the link was lost."""
        return sum(isinstance(item, LinkDown) for item in self.inputs)

    def phases(self) -> list[LinkPhase]:
        """Return the reported phases in order."""
        return [state.phase for state in self.states]

    async def until(self, condition: Callable[[], bool], *, within_s: float = 20.0) -> None:
        """Wait until `condition()` holds; it is looked at after every report and input."""
        async with asyncio.timeout(within_s):
            while not condition():
                self._told.clear()
                await self._told.wait()

    async def up(self, count: int = 1) -> None:
        """Wait until the link has come up `count` times."""
        await self.until(
            lambda: (
                sum(
                    later is LinkPhase.UP and earlier is not LinkPhase.UP
                    for earlier, later in zip(
                        [LinkPhase.DOWN, *self.phases()], self.phases(), strict=False
                    )
                )
                >= count
            )
        )


@asynccontextmanager
async def following(settings: AsteriskSettings) -> AsyncIterator[Follower]:
    """Run our source as long as the block lasts."""
    follower = Follower(settings)
    task = asyncio.create_task(follower.source.run(follower.take))
    try:
        yield follower
        if task.done():
            await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def plain_panoramisk(pbx: FakeAmi, *, secret: str = SECRET) -> AsyncIterator[Manager]:
    """Run the library as its manual says, with shorter pauses; its reconnecting is ended after."""
    manager = Manager(
        host="127.0.0.1", port=pbx.port, username=USERNAME, secret=secret, encoding="utf8"
    )
    manager.reconnect_timeout = 0.02
    manager.ping_delay = manager.ping_interval = 0.05
    try:
        await manager.connect()
        yield manager
    finally:
        manager.connect = lambda: None
        manager.close()
        await asyncio.sleep(0.05)
