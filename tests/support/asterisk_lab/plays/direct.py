"""One caller, one phone: every way in which that can go."""

import asyncio

from support.asterisk_lab import scenarios
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import CUSTOMER, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import UNPLUGGED, did

for scenario in (
    scenarios.nobody_answers,
    scenarios.phone_is_busy,
    scenarios.agent_rejects,
    scenarios.phone_does_not_disturb,
    scenarios.caller_gives_up,
    scenarios.withheld_number,
):
    play("direct")(scenario)
play("direct", brief=True, brief_16=True)(scenarios.answered_and_caller_hangs_up)
play("direct", stamped=True, name="answered_with_timestamps")(
    scenarios.answered_and_caller_hangs_up
)
play("direct", media=False, name="answered_without_media")(scenarios.answered_and_caller_hangs_up)


@play("direct")
async def phone_is_unallocated(driver: Driver) -> None:
    """The phone's own server says 404."""
    driver.phones["1001"].does_not_exist()
    await driver.call_in(caller=CUSTOMER, did=did("1001"))


@play("direct")
async def phone_is_congested(driver: Driver) -> None:
    """The phone says 503."""
    driver.phones["1001"].is_congested()
    await driver.call_in(caller=CUSTOMER, did=did("1001"))


@play("direct")
async def phone_is_unplugged(driver: Driver) -> None:
    """The PBX knows no address of the phone."""
    call = await driver.call_in(caller=CUSTOMER, did=did(UNPLUGGED))
    call.reaches_nobody()


@play("direct")
async def caller_leaves_at_once(driver: Driver) -> None:
    """The caller hangs up in the moment in which the phone begins to ring."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    await call.ringing("1001")
    await call.hang_up()


@play("direct")
async def answered_for_a_blink(driver: Driver) -> None:
    """The agent lifts the receiver and puts it down."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(0.1)
    await leg.hang_up()


@play("direct")
async def number_in_national_form(driver: Driver) -> None:
    """The carrier sends both numbers without +."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller="0612345678", did="0299991001")
    await call.answered()
    await talk()
    await call.hang_up()
