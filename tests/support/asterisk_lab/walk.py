"""A seeded random walk of calls, as a real office has them: several at once, each truth known.

What each phone does with a call is decided before it is placed, call by call, so that any number
of calls can be up at once and the far ends still know what happened to each.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from aiohttp import ClientError
from support.asterisk_lab.call import Call
from support.asterisk_lab.deal import Deal, NoPhoneFreeError, Pools
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.habits import HABITS
from support.asterisk_lab.truth import Truth

# What somebody does instead whose colleagues are all on the telephone.
EVERYDAY = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One call of a walk; the times are the wall clock's, `error` what kept it from its end.

    `beside` are the calls that were placed for it and did not become part of it: a colleague was
    asked, but not joined. `joined` are those that a phone joined into it, or asked the PBX to.
    `lifted` says at which phones the receiver was lifted, and when.
    """

    number: int
    habit: str
    began_at: float
    ended_at: float
    parties: tuple[str, str] | None = None
    truth: Truth | None = None
    error: str | None = None
    beside: tuple["Walked", ...] = ()
    joined: tuple["Walked", ...] = ()
    lifted: tuple[tuple[str, float], ...] = ()


class Walk:
    """Places calls through a driver, `rate` a second on average; `walked` has those that are over.

    The same seed makes the same calls, but not to the millisecond: the machine's load decides.
    """

    def __init__(self, driver: Driver, *, seed: int, rate: float, voicemail: bool = True) -> None:
        self.walked: list[Walked] = []
        self.placed = 0
        self._driver = driver
        self._rate = rate
        self._chance = random.Random(seed)  # noqa: S311  # a repeatable choice, no secret
        self._habits = {
            name: habit for name, habit in HABITS.items() if voicemail or name != "voicemail"
        }
        self._pools = Pools()
        self._tasks: set[asyncio.Task[None]] = set()
        self._going = asyncio.Event()
        self._going.set()

    async def calls(self, count: int) -> None:
        """Place this many calls and wait until all are over."""
        for _ in range(count):
            await self._next()
        await self.over()

    async def seconds(self, duration_s: float) -> None:
        """Place calls for this long; they may still be up afterwards."""
        end = time.monotonic() + duration_s
        while time.monotonic() < end:
            await self._next()

    def pause(self) -> None:
        """Place no call until `go_on`; those that are up go on."""
        self._going.clear()

    def go_on(self) -> None:
        """Place calls again."""
        self._going.set()

    async def over(self) -> None:
        """Wait until every call that was placed is over."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    @property
    def up(self) -> int:
        """How many calls are up."""
        return len(self._tasks)

    async def _next(self) -> None:
        await self._going.wait()
        chance = random.Random(self._chance.getrandbits(64))  # noqa: S311  # as above
        names = list(self._habits)
        weights = [self._habits[name].weight for name in names]
        name = chance.choices(names, weights)[0]
        self.placed += 1
        deal = Deal(
            driver=self._driver, number=self.placed, chance=chance, pools=self._pools, name=name
        )
        task = asyncio.create_task(self._live(deal, self._habits[name].act))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.sleep(self._chance.expovariate(self._rate))

    async def _live(self, deal: Deal, act: Callable[[Deal], Awaitable[Call]]) -> None:
        truth, error = None, None
        try:
            try:
                await act(deal)
            except NoPhoneFreeError:
                deal.name = EVERYDAY
                await HABITS[EVERYDAY].act(deal)
            truth = await self._truth(deal)
        except (OSError, RuntimeError, LookupError, ClientError) as found:
            error = f"{type(found).__name__}: {found}"
        finally:
            await deal.leave()
        self.walked.append(
            Walked(
                number=deal.number,
                habit=deal.name,
                began_at=deal.placed_at,
                ended_at=time.time(),
                parties=deal.parties,
                truth=truth,
                error=error,
                beside=tuple(self._further(deal, merged=False)),
                joined=tuple(self._further(deal, merged=True)),
                lifted=tuple(
                    (leg.device, deal.wall(leg.up_at))
                    for call in deal.calls[:1]
                    for leg in call.legs
                    if leg.up_at is not None
                ),
            )
        )

    @staticmethod
    def _further(deal: Deal, *, merged: bool) -> Iterator[Walked]:
        for call in deal.calls[1:]:
            if call.merged is merged:
                yield Walked(
                    number=deal.number,
                    habit=f"{deal.name}, {'joined to' if merged else 'beside'} it",
                    began_at=deal.wall(call.started_at),
                    ended_at=time.time(),
                    parties=(call.caller, call.called),
                )

    @staticmethod
    async def _truth(deal: Deal) -> Truth:
        for call in deal.calls:
            await call.ended()
        return deal.calls[0].truth()
