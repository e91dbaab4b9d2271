"""Several phones rung at once or one after the other, without a queue."""

import asyncio

from support.asterisk_lab import scenarios
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import CUSTOMER, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did

TWINS = {"devices": {"1011": "1001"}}
MOBILE = "+393450001111"

play("group", brief=True)(scenarios.ring_group_one_answers)


@play("group")
async def group_nobody_comes(driver: Driver) -> None:
    """Three phones ring in vain."""
    for phone in ("1001", "1002", "1003"):
        driver.phones[phone].only_rings()
    await driver.call_in(caller=CUSTOMER, did=did("2003"))


@play("group")
async def group_two_refuse_third_answers(driver: Driver) -> None:
    """One is busy, one rejects, one comes."""
    driver.phones["1001"].is_busy()
    driver.phones["1002"].rejects(after_s=0.7)
    driver.phones["1003"].answers(after_s=1.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("2003"))
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("group")
async def group_all_busy(driver: Driver) -> None:
    """All three are on the telephone."""
    for phone in ("1001", "1002", "1003"):
        driver.phones[phone].is_busy(after_s=0.2)
    await driver.call_in(caller=CUSTOMER, did=did("2003"))


@play("group")
async def group_busy_and_rejecting(driver: Driver) -> None:
    """Two are busy, one does not want to."""
    driver.phones["1001"].is_busy(after_s=0.2)
    driver.phones["1002"].is_busy(after_s=0.2)
    driver.phones["1003"].rejects(after_s=0.8)
    await driver.call_in(caller=CUSTOMER, did=did("2003"))


@play("group")
async def group_abandoned(driver: Driver) -> None:
    """The caller leaves while three phones ring."""
    for phone in ("1001", "1002", "1003"):
        driver.phones[phone].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2003"))
    await call.ringing("1002")
    await asyncio.sleep(1.0)
    await call.hang_up()


@play("group")
async def group_behind_relays(driver: Driver) -> None:
    """Two phones behind Local channels, as FreePBX makes groups; one answers."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=1.0)
    call = await driver.call_in(caller=CUSTOMER, did=did("2020"))
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("group")
async def phones_one_after_the_other(driver: Driver) -> None:
    """A hunt: three phones in turn, the third answers."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].only_rings()
    driver.phones["1003"].answers(after_s=0.7)
    call = await driver.call_in(caller=CUSTOMER, did=did("2023"))
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("twins", brief=True, settings=TWINS)
async def twin_device_answers(driver: Driver) -> None:
    """Two phones of one person ring; the one in the workshop is taken."""
    driver.phones["1001"].only_rings()
    driver.phones["1011"].answers(after_s=1.0)
    call = await driver.call_in(caller=CUSTOMER, did=did("2021"))
    call.twins = TWINS["devices"]
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("twins", settings=TWINS)
async def twin_devices_in_vain(driver: Driver) -> None:
    """Two phones of one person ring, and nobody comes."""
    for phone in ("1001", "1011"):
        driver.phones[phone].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2021"))
    call.twins = TWINS["devices"]


@play("twins")
async def mobile_twin_answers(driver: Driver) -> None:
    """The desk phone and the mobile of one person ring; the mobile is taken."""
    driver.phones["1001"].only_rings()
    driver.outside(MOBILE).answers(after_s=1.0)
    call = await driver.call_in(caller=CUSTOMER, did=did("2022"))
    call.expects(MOBILE)
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("twins")
async def desk_phone_of_a_mobile_twin_answers(driver: Driver) -> None:
    """The desk phone and the mobile of one person ring; the desk phone is taken."""
    driver.phones["1001"].answers(after_s=1.0)
    driver.outside(MOBILE).only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2022"))
    call.expects(MOBILE)
    await call.answered()
    await talk()
    await call.hang_up()
