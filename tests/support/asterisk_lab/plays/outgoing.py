"""Calls that phones place: to colleagues, services and numbers outside."""

import asyncio

from support.asterisk_lab import scenarios
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import MOBILE, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import UNPLUGGED

play("internal", brief=True)(scenarios.internal_answered)
play("outbound", brief=True)(scenarios.outbound_answered)
play("outbound")(scenarios.outbound_busy)


@play("internal")
async def internal_nobody_comes(driver: Driver) -> None:
    """The colleague's phone rings in vain."""
    driver.phones["1006"].only_rings()
    await driver.call_from("1005", "1006")


@play("internal")
async def internal_name_with_apostrophe(driver: Driver) -> None:
    """The caller's name holds a character that AMI escapes."""
    driver.phones["1006"].answers(after_s=0.5)
    call = await driver.call_from("1013", "1006")
    await call.answered()
    await talk()
    await call.hang_up()


@play("internal")
async def internal_given_up(driver: Driver) -> None:
    """The caller hangs up while the colleague's phone rings."""
    driver.phones["1006"].only_rings()
    call = await driver.call_from("1005", "1006")
    await call.ringing("1006")
    await talk()
    await call.hang_up()


@play("internal")
async def internal_busy(driver: Driver) -> None:
    """The colleague is on the telephone."""
    driver.phones["1006"].is_busy(after_s=0.2)
    await driver.call_from("1005", "1006")


@play("internal")
async def internal_rejected(driver: Driver) -> None:
    """The colleague presses the red key."""
    driver.phones["1006"].rejects(after_s=0.7)
    await driver.call_from("1005", "1006")


@play("internal")
async def internal_unplugged(driver: Driver) -> None:
    """The colleague's phone has no address."""
    call = await driver.call_from("1005", UNPLUGGED)
    call.reaches_nobody()


@play("internal")
async def internal_call_to_a_group(driver: Driver) -> None:
    """A colleague calls a group."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].only_rings()
    driver.phones["1003"].answers(after_s=0.8)
    call = await driver.call_from("1005", "2003")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("internal")
async def internal_call_to_a_queue(driver: Driver) -> None:
    """A colleague calls a queue."""
    driver.phones["1009"].answers(after_s=0.8)
    call = await driver.call_from("1005", "2008", queue="info")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("outbound")
async def outbound_nobody_comes(driver: Driver) -> None:
    """The customer's phone rings in vain."""
    driver.outside(MOBILE).only_rings()
    await driver.call_from("1005", MOBILE)


@play("outbound")
async def outbound_rejected(driver: Driver) -> None:
    """The customer presses the red key."""
    driver.outside(MOBILE).rejects(after_s=0.8)
    await driver.call_from("1005", MOBILE)


@play("outbound")
async def outbound_unallocated(driver: Driver) -> None:
    """The number does not exist."""
    driver.outside(MOBILE).does_not_exist()
    await driver.call_from("1005", MOBILE)


@play("outbound")
async def outbound_congested(driver: Driver) -> None:
    """The carrier has no line."""
    driver.outside(MOBILE).is_congested()
    await driver.call_from("1005", MOBILE)


@play("outbound")
async def outbound_given_up(driver: Driver) -> None:
    """The agent hangs up while the customer's phone rings."""
    driver.outside(MOBILE).only_rings()
    call = await driver.call_from("1005", MOBILE)
    await call.ringing(MOBILE)
    await asyncio.sleep(1.2)
    await call.hang_up()


@play("outbound")
async def outbound_customer_hangs_up(driver: Driver) -> None:
    """The customer ends the call."""
    driver.outside("+41443332211").answers(after_s=0.8)
    call = await driver.call_from("1005", "+41443332211")
    leg = await call.answered()
    await talk()
    await leg.hang_up()
