"""One call of a random walk: its dice, its numbers, the phones that are its own."""

import asyncio
import random
import time
from dataclasses import dataclass, field

from support.asterisk_lab.call import Call
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.phones import Phone
from support.asterisk_lab.settings import did

# Phones called directly; any number of calls at once. Those of the queues are 1001 to 1010.
DESKS = ("1011", "1012", "1013", "1014")


class NoPhoneFreeError(Exception):
    """Everybody who could be asked is on the telephone."""


class Pools:
    """Phones that one call at a time may have: whoever calls inside, whoever is consulted."""

    def __init__(self) -> None:
        self.callers = {"1015", "1016"}
        self.targets = {"1017", "1018", "1019"}


@dataclass(slots=True, kw_only=True)
class Deal:
    """A call about to be made; `calls[0]` is the one that the record is about."""

    driver: Driver
    number: int
    chance: random.Random
    pools: Pools
    name: str
    calls: list[Call] = field(default_factory=list)
    _taken: list[tuple[set[str], str]] = field(default_factory=list)

    @property
    def customer(self) -> str:
        """The number of the person outside; no other call of the walk has it."""
        return f"+3934{self.number:08}"

    @property
    def placed_at(self) -> float:
        """When the call began, by the wall clock."""
        return self.wall(self.calls[0].started_at) if self.calls else time.time()

    @staticmethod
    def wall(moment: float) -> float:
        """Return the wall clock's time of a moment of the event loop's."""
        return time.time() - (asyncio.get_running_loop().time() - moment)

    @property
    def parties(self) -> tuple[str, str] | None:
        """Who calls whom, as the record should say; None if the call was never placed."""
        return (self.calls[0].caller, self.calls[0].called) if self.calls else None

    def desk(self) -> str:
        """Return one of the phones that are called directly."""
        return self.chance.choice(DESKS)

    def own(self, pool: set[str]) -> str:
        """Take a phone of a pool until the call is over; raises NoPhoneFreeError."""
        if not pool:
            raise NoPhoneFreeError
        phone = self.chance.choice(sorted(pool))
        pool.discard(phone)
        self._taken.append((pool, phone))
        return phone

    def after(self, least_s: float, most_s: float) -> float:
        """Return a time between two."""
        return self.chance.uniform(least_s, most_s)

    def answering(self, *, least_s: float = 0.3, most_s: float = 1.5) -> Phone:
        """Return a phone that is answered."""
        phone = Phone(device="")
        phone.answers(after_s=self.after(least_s, most_s))
        return phone

    def refusing(self) -> Phone:
        """Return a phone that is busy, rejects or does not disturb."""
        phone = Phone(device="")
        self.chance.choice(
            (
                lambda: phone.is_busy(after_s=0.1),
                lambda: phone.rejects(after_s=0.6),
                phone.does_not_disturb,
            )
        )()
        return phone

    async def call_in(
        self, last_four: str, plan: dict[str, Phone], *, queue: str | None = None
    ) -> Call:
        """Let the customer call one of the company's numbers."""
        call = await self.driver.call_in(
            caller=self.customer, did=did(last_four), queue=queue, plan=plan
        )
        self.calls.append(call)
        return call

    async def call_from(
        self, phone: str, number: str, plan: dict[str, Phone], *, expects: tuple[str, ...] = ()
    ) -> Call:
        """Let a phone call a number."""
        call = await self.driver.call_from(phone, number, plan=plan, expects=expects)
        self.calls.append(call)
        return call

    async def talk(self) -> None:
        """Talk for a while."""
        await asyncio.sleep(self.after(0.5, 2.5))

    async def leave(self) -> None:
        """Let nothing of this call be left, and give its phones back."""
        for call in self.calls:
            for leg in (call.initiator, *call.legs):
                if not leg.ended.is_set():
                    await leg.release()
            self.driver.forgets(call)
        for pool, phone in self._taken:
            pool.add(phone)
