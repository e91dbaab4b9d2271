"""The calls that are up are asked about again beside everything else, not all in one turn."""

import asyncio
from collections.abc import Callable

from support.desk import TurnedClock, inbound

from gateway.core.ids import CallId
from gateway.core.record import CallRecord
from gateway.runtime.rematching import SLICE_S, Rematching

CALLS = 1_000
LOOK_UP_S = SLICE_S / 40


class Desk:
    """A thousand calls; each look-up takes a while of a clock that is turned by hand."""

    def __init__(self, clock: TurnedClock) -> None:
        self.records = tuple(inbound(f"1.{number}") for number in range(CALLS))
        self.clock = clock
        self.asked: list[CallId] = []
        self.on_ask: Callable[[], None] = lambda: None

    def live_calls(self) -> tuple[CallRecord, ...]:
        """Return the calls that are up."""
        return self.records

    def look_again(self, call: CallId) -> None:
        """Take note of it."""
        self.clock.turn(LOOK_UP_S)
        self.asked.append(call)
        self.on_ask()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


async def test_a_thousand_calls_are_asked_about_in_slices_the_newest_first() -> None:
    """An import changes the directory each second; a phone that rings meanwhile must not wait."""
    clock = TurnedClock()
    desk = Desk(clock)
    rematching = Rematching(desk, clock)
    working = asyncio.ensure_future(rematching.run())
    rematching.wake()
    longest, before = 0, 0
    while len(desk.asked) < CALLS:
        await asyncio.sleep(0)
        longest, before = max(longest, len(desk.asked) - before), len(desk.asked)
    working.cancel()
    assert longest <= 41
    assert desk.asked == [record.id for record in reversed(desk.records)]


async def test_many_changes_at_once_are_one_round_and_those_during_it_one_more() -> None:
    """What a thousand rows of an import change is asked about once, and nothing is missed."""
    clock = TurnedClock()
    desk = Desk(clock)
    woken: list[str] = []
    rematching = Rematching(desk, clock, then=lambda: woken.append("too"), period_s=0.0)
    desk.on_ask = lambda: rematching.wake() if len(desk.asked) <= CALLS else None
    working = asyncio.ensure_future(rematching.run())
    for _ in range(100):
        rematching.wake()
    assert len(woken) == 100
    await until(lambda: len(desk.asked) >= 2 * CALLS)
    for _ in range(5):
        await asyncio.sleep(0)
    working.cancel()
    assert len(desk.asked) == 2 * CALLS
