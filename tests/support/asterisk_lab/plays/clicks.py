"""Click-to-call: the PBX calls the agent, then the customer, and each can fail."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import MOBILE, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import UNPLUGGED


@play("click", brief=True)
async def click_answered(driver: Driver) -> None:
    """Both come."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).answers(after_s=0.8)
    call = await driver.click("1001", MOBILE)
    await call.answered()
    await talk()
    await call.hang_up()


@play("click")
async def click_customer_hangs_up(driver: Driver) -> None:
    """The customer ends the call."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).answers(after_s=0.8)
    call = await driver.click("1001", MOBILE)
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("click")
async def click_agent_does_not_come(driver: Driver) -> None:
    """The agent's phone rings in vain."""
    driver.phones["1001"].only_rings()
    await driver.click("1001", MOBILE, patience_s=2.0)


@play("click")
async def click_agent_rejects(driver: Driver) -> None:
    """The agent has changed their mind."""
    driver.phones["1001"].rejects(after_s=0.7)
    await driver.click("1001", MOBILE)


@play("click")
async def click_agent_is_busy(driver: Driver) -> None:
    """The agent's phone is busy."""
    driver.phones["1001"].is_busy(after_s=0.2)
    await driver.click("1001", MOBILE)


@play("click")
async def click_customer_is_busy(driver: Driver) -> None:
    """The customer is on the telephone."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).is_busy(after_s=0.2)
    await driver.click("1001", MOBILE)


@play("click")
async def click_customer_rejects(driver: Driver) -> None:
    """The customer presses the red key."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).rejects(after_s=0.8)
    await driver.click("1001", MOBILE)


@play("click")
async def click_customer_does_not_come(driver: Driver) -> None:
    """The customer's phone rings in vain."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).only_rings()
    await driver.click("1001", MOBILE)


@play("click")
async def click_number_is_unallocated(driver: Driver) -> None:
    """The number does not exist."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).does_not_exist()
    await driver.click("1001", MOBILE)


@play("click")
async def click_network_is_congested(driver: Driver) -> None:
    """The carrier has no line."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).is_congested()
    await driver.click("1001", MOBILE)


@play("click")
async def click_agent_gives_up(driver: Driver) -> None:
    """The agent hangs up while the customer's phone rings."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).only_rings()
    call = await driver.click("1001", MOBILE)
    await call.ringing(MOBILE)
    await asyncio.sleep(1.0)
    await call.hang_up()


@play("click")
async def click_on_a_colleague(driver: Driver) -> None:
    """The number is an extension."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.phones["1002"].answers(after_s=0.6)
    call = await driver.click("1001", "1002")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("click")
async def click_on_an_unplugged_colleague(driver: Driver) -> None:
    """The colleague's phone has no address."""
    driver.phones["1001"].answers(after_s=0.6)
    call = await driver.click("1001", UNPLUGGED)
    call.reaches_nobody()


@play("click")
async def click_then_transfer(driver: Driver) -> None:
    """The agent hands the customer over to a colleague."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).answers(after_s=0.8)
    driver.phones["1006"].answers(after_s=0.6)
    call = await driver.click("1001", MOBILE)
    customer = await call.answered()
    await talk()
    call.expects("1006")
    await driver.blind_transfer(call, call.initiator, "1006")
    colleague = await call.dialled("1006")
    call.handed_to(colleague)
    await colleague.wait_up()
    await talk()
    await customer.hang_up()
