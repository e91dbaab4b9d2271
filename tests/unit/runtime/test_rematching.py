"""The calls that are up are asked about again beside everything else, not all in one turn."""

import asyncio
from collections.abc import Callable
from typing import Any

from support.desk import MARTA, DeskBench, TurnedClock, dialled, inbound

from gateway.core.ids import CallId
from gateway.core.matching import MatchResult, match
from gateway.core.numbers import PhoneNumber
from gateway.core.record import CallRecord, Party
from gateway.desk.matcher import UNKNOWN, Late
from gateway.runtime.rematching import SLICE_S, Rematching
from gateway.store.mirror import MirrorBusy

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

    def look_again(self, call: CallId, late: Late | None = None) -> None:
        """Take note of it."""
        assert late is None
        self.clock.turn(LOOK_UP_S)
        self.asked.append(call)
        self.on_ask()


async def nobody(number: PhoneNumber) -> MatchResult:
    """Fail: this desk needs nobody to ask."""
    raise AssertionError(number)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


async def test_a_thousand_calls_are_asked_about_in_slices_the_newest_first() -> None:
    """An import changes the directory each second; a phone that rings meanwhile must not wait."""
    clock = TurnedClock()
    desk = Desk(clock)
    rematching = Rematching(desk, clock, nobody)
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
    rematching = Rematching(desk, clock, nobody, then=lambda: woken.append("too"), period_s=0.0)
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


async def test_what_the_mirror_cannot_say_at_once_is_said_later_to_the_call_it_is_about() -> None:
    """While a large directory lies on the disk alone a new entry reaches the card all the same."""
    bench = DeskBench()
    bench.directory.entries.clear()
    ringing = inbound(rung=(("1001",),))
    other = inbound("1.2", caller=Party(number="064", e164="+390641"))
    for record in (other, ringing):
        bench.desk.handle(dialled(record, "1001"))
    await bench.sent("anna")
    bench.directory.failure = MirrorBusy("on the disk")

    async def find(number: PhoneNumber) -> MatchResult:
        return match(number, (MARTA,) if number.e164 == "+393331234567" else ())

    rematching = Rematching(bench.desk, TurnedClock(), find)
    working = asyncio.ensure_future(rematching.run())
    rematching.wake()
    frames: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while len(frames) < 2:
            frames += await bench.sent("anna")
            await asyncio.sleep(0.001)
    working.cancel()
    assert {frame["type"] for frame in frames} == {"pop.updated", "call.updated"}
    assert {frame["data"]["contact"]["name"] for frame in frames} == {"Marta Bellandi"}
    assert bench.desk.look_again(ringing.id, (PhoneNumber("1", "+1"), UNKNOWN)) is None
    contact = bench.desk.contact_for(ringing)
    assert contact is not None
    assert contact.name == "Marta Bellandi"
