"""Click-to-call where the PBX reaches the agent through a Local channel, as FreePBX does."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import CUSTOMER, MOBILE, talk, talking
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.plays.routes import said_goodbye

AGENT = "Local/1001@extensions"


@play("click", media=False, name="relayed_click_answered_without_media")
@play("click")
async def relayed_click_answered(driver: Driver) -> None:
    """Both come; the customer hangs up."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).answers(after_s=0.8)
    await said_goodbye(await driver.click("1001", MOBILE, through=AGENT))


@play("click")
async def relayed_click_agent_hangs_up(driver: Driver) -> None:
    """Both come; the agent hangs up. The relay is never optimised away."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).answers(after_s=0.8)
    call = await driver.click("1001", MOBILE, through=f"{AGENT}/n")
    await call.answered()
    await talk()
    await call.hang_up()


@play("click")
async def relayed_click_agent_does_not_come(driver: Driver) -> None:
    """The agent's phone rings in vain."""
    driver.phones["1001"].only_rings()
    await driver.click("1001", MOBILE, patience_s=2.0, through=f"{AGENT}/n")


@play("click")
async def relayed_click_agent_is_busy(driver: Driver) -> None:
    """The agent's phone is busy."""
    driver.phones["1001"].is_busy(after_s=0.2)
    await driver.click("1001", MOBILE, through=f"{AGENT}/n")


@play("click")
async def relayed_click_customer_is_busy(driver: Driver) -> None:
    """The customer is on the telephone."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).is_busy(after_s=0.2)
    await driver.click("1001", MOBILE, through=f"{AGENT}/n")


@play("click")
async def relayed_click_on_a_colleague(driver: Driver) -> None:
    """The number is an extension."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.phones["1002"].answers(after_s=0.6)
    await said_goodbye(await driver.click("1001", "1002", through=f"{AGENT}/n"))


@play("click")
async def relayed_click_agent_gives_up(driver: Driver) -> None:
    """The agent hangs up while the customer's phone rings."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).only_rings()
    call = await driver.click("1001", MOBILE, through=f"{AGENT}/n")
    await call.ringing(MOBILE)
    await asyncio.sleep(1.0)
    await call.hang_up()


@play("click")
async def relayed_click_beside_a_waiting_call(driver: Driver) -> None:
    """The agent clicks while a customer of theirs is held."""
    first, leg = await talking(driver, caller=CUSTOMER)
    await leg.hold()
    driver.outside(MOBILE).answers(after_s=0.8)
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.click("1001", MOBILE, through=f"{AGENT}/n")
    await said_goodbye(call)
    await call.ended()
    await leg.unhold()
    await talk()
    await first.hang_up()
