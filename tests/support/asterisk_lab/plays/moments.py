"""Moments that many plays share: somebody calls, somebody talks, somebody says goodbye."""

import asyncio

from support.asterisk_lab.call import Call
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.settings import did

TALK_S = 1.0
# Asterisk listens for a feature code this long after the last digit, and says "transfer" first.
PROMPT_S = 1.5
# AMI's Atxfer presses the feature code's keys for the phone before anything happens.
ATXFER_S = 0.5
CUSTOMER = "+393285556677"
OTHER_CUSTOMER = "+390612345678"
MOBILE = "3485556699"


async def talk() -> None:
    """Let whoever is on the line talk for a while."""
    await asyncio.sleep(TALK_S)


async def talking(
    driver: Driver, by: str = "1001", *, caller: str = CUSTOMER, number: str | None = None
) -> tuple[Call, Leg]:
    """Let a customer call and `by` answer; they have talked for a while."""
    driver.phones[by].answers(after_s=0.5)
    call = await driver.call_in(caller=caller, name="Lucia Marchi", did=did(number or by))
    leg = await call.answered()
    await talk()
    return call, leg


async def taken(call: Call, device: str) -> Leg:
    """Wait until this phone or number, dialled now, has answered."""
    return await (await call.dialled(device)).wait_up()


def now() -> float:
    """Return the moment, as the legs tell time."""
    return asyncio.get_running_loop().time()
