"""Hold, by either side, in every order."""

import asyncio

from support.asterisk_lab import scenarios
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import MOBILE, taken, talk, talking
from support.asterisk_lab.plays.play import play

play("hold", brief=True)(scenarios.answered_with_hold_and_agent_hangs_up)


@play("hold")
async def held_twice(driver: Driver) -> None:
    """Two holds add up."""
    call, leg = await talking(driver)
    for _ in range(2):
        await leg.hold()
        await talk()
        await leg.unhold()
        await talk()
    await call.hang_up()


@play("hold")
async def customer_leaves_while_held(driver: Driver) -> None:
    """The music was too long."""
    call, leg = await talking(driver)
    await leg.hold()
    await talk()
    await call.hang_up()


@play("hold")
async def agent_hangs_up_while_holding(driver: Driver) -> None:
    """The agent forgets who is waiting."""
    _, leg = await talking(driver)
    await leg.hold()
    await talk()
    await leg.hang_up()


@play("hold")
async def held_by_whoever_called(driver: Driver) -> None:
    """An agent called the customer, and holds."""
    driver.outside(MOBILE).answers(after_s=0.6)
    call = await driver.call_from("1005", MOBILE)
    await call.answered()
    await talk()
    await call.initiator.hold()
    await talk()
    await call.initiator.unhold()
    await talk()
    await call.hang_up()


@play("hold")
async def colleagues_hold_each_other(driver: Driver) -> None:
    """Both sides of an internal call hold, one inside the other's hold."""
    driver.phones["1006"].answers(after_s=0.6)
    call = await driver.call_from("1005", "1006")
    leg = await call.answered()
    await talk()
    await leg.hold()
    await asyncio.sleep(0.6)
    await call.initiator.hold()
    await asyncio.sleep(0.6)
    await leg.unhold()
    await asyncio.sleep(0.6)
    await call.initiator.unhold()
    await talk()
    await call.hang_up()


@play("hold")
async def held_and_transferred(driver: Driver) -> None:
    """The agent holds, then sends the customer on; the colleague holds as well."""
    call, leg = await talking(driver)
    driver.phones["1002"].answers(after_s=0.6)
    await leg.hold()
    await talk()
    await driver.blind_transfer(call, leg, "1002")
    since, _ = leg.held[-1]
    leg.held[-1] = (since, asyncio.get_running_loop().time())
    colleague = await taken(call, "1002")
    await talk()
    await colleague.hold()
    await talk()
    await colleague.unhold()
    await talk()
    await colleague.hang_up()
