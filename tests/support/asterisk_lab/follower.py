"""The real adapter and the real call table on a telephone system, joined as the daemon does."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from support.asterisk_lab.daemon import pbx_table
from support.asterisk_lab.lab import AsteriskLab

from adapters.asterisk.link import AsteriskSource
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.events import Anomaly, CallEvent, Output, Query
from gateway.core.inputs import Input, LinkDown, Snapshot, Tick
from gateway.core.numbers import NumberPlan
from gateway.core.ports import Clock, LinkPhase, LinkState
from gateway.core.record import CallRecord, CallState
from gateway.core.table import CallTable
from gateway.runtime.clock import SystemClock

WAIT_S = 20.0


class Follower:
    """Follows a telephone system from now on and keeps all it is told.

    `async with Follower(settings) as follower:`; `states`, `inputs`, `events` and `anomalies` are
    in the order in which they came.
    """

    def __init__(self, settings: AsteriskSettings, *, clock: Clock | None = None) -> None:
        self.states: list[LinkState] = []
        self.inputs: list[Input] = []
        self.events: list[CallEvent] = []
        self.anomalies: list[Anomaly] = []
        self._clock = clock or SystemClock()
        self.table = CallTable(
            settings.name,
            NumberPlan(settings.country or "IT"),
            presentation_query=settings.presentation_query,
        )
        self.source = AsteriskSource(settings, self._clock, report=self._report)
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self.source.run(self._apply)),
            asyncio.create_task(self._tick()),
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result

    async def up(self) -> LinkState:
        """Wait until the link is up and its snapshot was taken."""
        return await self.state(LinkPhase.UP)

    async def state(self, phase: LinkPhase, timeout_s: float = WAIT_S) -> LinkState:
        """Wait until the link is in a phase, and return its words."""
        await self.wait(lambda: bool(self.states) and self.states[-1].phase is phase, timeout_s)
        return self.states[-1]

    async def lost(self, timeout_s: float = WAIT_S) -> None:
        """Wait until the table was told that the link is down."""
        seen = sum(isinstance(item, LinkDown) for item in self.inputs)
        await self.wait(
            lambda: sum(isinstance(item, LinkDown) for item in self.inputs) > seen, timeout_s
        )

    async def taken_stock(self, times: int, timeout_s: float = WAIT_S) -> None:
        """Wait until the table has been given this many snapshots in all."""
        await self.wait(
            lambda: sum(isinstance(item, Snapshot) for item in self.inputs) >= times, timeout_s
        )

    async def record_of(self, caller: str, timeout_s: float = WAIT_S) -> CallRecord:
        """Wait until the call of this caller is over and its record cannot change any more."""
        await self.wait(lambda: any(_over(one) for one in self.records(caller)), timeout_s)
        await self.wait(lambda: self.table.next_deadline() is None, timeout_s)
        (record,) = [one for one in self.records(caller) if _over(one)]
        return record

    async def settled(self, timeout_s: float = WAIT_S) -> None:
        """Wait until no call is live and no record can change any more."""
        async with asyncio.timeout(timeout_s):
            while self.table.live() or self.table.next_deadline() is not None:  # noqa: ASYNC110  # a clock's affair
                await asyncio.sleep(0.05)

    def final(self) -> tuple[CallRecord, ...]:
        """Return the newest record of each call, merged ones left out, the earliest first."""
        newest = {event.record.id: event.record for event in self.events}
        return tuple(record for record in newest.values() if record.merged_into is None)

    async def live(self, caller: str, timeout_s: float = WAIT_S) -> CallRecord:
        """Wait until the call of this caller is up, and return its record as it stands."""
        await self.wait(lambda: bool(self._live(caller)), timeout_s)
        return self._live(caller)[-1]

    def records(self, caller: str) -> list[CallRecord]:
        """Return the newest record of each call of this caller, merged ones left out."""
        newest = {event.record.id: event.record for event in self.events}
        return [
            record
            for record in newest.values()
            if record.caller.number == caller and record.merged_into is None
        ]

    async def wait(self, met: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        """Wait until a condition holds, looking at it after each input."""
        async with asyncio.timeout(timeout_s):
            while not met():
                self._changed.clear()
                await self._changed.wait()

    def _live(self, caller: str) -> list[CallRecord]:
        return [record for record in self.table.live() if record.caller.number == caller]

    def _report(self, state: LinkState) -> None:
        self.states.append(state)
        self._changed.set()

    def _apply(self, item: Input) -> None:
        self.inputs.append(item)
        self._keep(self.table.apply(item))

    def _keep(self, outputs: tuple[Output, ...]) -> None:
        self.events += [one for one in outputs if isinstance(one, CallEvent)]
        self.anomalies += [one for one in outputs if isinstance(one, Anomaly)]
        for one in outputs:
            if isinstance(one, Query):
                self.source.ask(one)
        self._changed.set()

    async def _tick(self) -> None:
        while True:
            due = self.table.next_deadline()
            now = self._clock.now()
            if due is not None and due <= now:
                self._keep(self.table.apply(Tick(at=now)))
                continue
            await asyncio.sleep(0.05 if due is None else min(0.05, (due - now).total_seconds()))


def observer(lab: AsteriskLab, **keys: object) -> AsteriskSettings:
    """Return the adapter's settings for the lab; `keys` replace or add `[[pbx]]` keys."""
    return AsteriskSettings.model_validate({**pbx_table(lab), **keys})


def _over(record: CallRecord) -> bool:
    return record.state is CallState.ENDED
