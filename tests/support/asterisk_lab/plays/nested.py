"""Phones dialled in subroutines and everywhere a person may be; refusals of many kinds."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.forwards import (
    ALWAYS,
    desk,
    forwarded,
)
from support.asterisk_lab.plays.moments import CUSTOMER
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.plays.routes import HOME, said_goodbye
from support.asterisk_lab.settings import UNPLUGGED, did


@play("direct")
async def nested_phone_answers(driver: Driver) -> None:
    """The phone is dialled three subroutines deep."""
    driver.phones["1001"].answers(after_s=0.8)
    await said_goodbye(await driver.call_in(caller=CUSTOMER, did=did("2401")))


@play("direct")
async def nested_phone_is_busy(driver: Driver) -> None:
    """The phone is dialled three subroutines deep, and busy."""
    driver.phones["1001"].is_busy(after_s=0.3)
    await driver.call_in(caller=CUSTOMER, did=did("2401"))


@play("direct")
async def nested_phone_rings_in_vain(driver: Driver) -> None:
    """The phone is dialled three subroutines deep, and nobody comes."""
    driver.phones["1001"].only_rings()
    await driver.call_in(caller=CUSTOMER, did=did("2401"))


@play("direct")
async def nested_forward_is_no_forward_of_an_extension(driver: Driver) -> None:
    """Dialled at extension `s`, nothing tells whose forward it is: only the target is rung."""
    driver.phones["1002"].answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1001", "1002"):
        call = await driver.call_in(caller=CUSTOMER, did=did("2401"))
        await said_goodbye(call)
        await call.ended()


@play("group")
async def follow_me_own_phone_answers(driver: Driver) -> None:
    """A person's phone, a colleague's and a mobile ring behind relays; the person answers."""
    driver.phones["1001"].answers(after_s=1.2)
    driver.phones["1002"].only_rings()
    driver.outside(HOME).only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2501"))
    call.expects(HOME)
    await said_goodbye(call)


@play("group")
async def follow_me_colleague_answers(driver: Driver) -> None:
    """The colleague, behind two relays, answers."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=1.2)
    driver.outside(HOME).only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2501"))
    call.expects(HOME)
    await said_goodbye(call)


@play("group", media=False, name="follow_me_mobile_answers_without_media")
@play("group")
async def follow_me_mobile_answers(driver: Driver) -> None:
    """The mobile, behind two relays, answers."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].is_busy(after_s=0.2)
    driver.outside(HOME).answers(after_s=1.2)
    call = await driver.call_in(caller=CUSTOMER, did=did("2501"))
    call.expects(HOME)
    await said_goodbye(call)


@play("group")
async def follow_me_abandoned(driver: Driver) -> None:
    """All three ring, and the caller leaves."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].only_rings()
    driver.outside(HOME).only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2501"))
    call.expects(HOME)
    await call.ringing("1002")
    await asyncio.sleep(1.2)
    await call.hang_up()


@play("group")
async def follow_me_of_an_internal_call(driver: Driver) -> None:
    """A colleague looks for a person everywhere."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=1.0)
    driver.outside(HOME).only_rings()
    call = await driver.call_from("1005", "2501")
    call.direction = "internal"
    call.expects(HOME)
    await said_goodbye(call)


@play("group")
async def group_one_does_not_disturb_others_ring(driver: Driver) -> None:
    """One refuses at once, one does not exist, one rings in vain."""
    driver.phones["1001"].does_not_disturb()
    driver.phones["1002"].does_not_exist()
    driver.phones["1003"].only_rings()
    await driver.call_in(caller=CUSTOMER, did=did("2003"))


@play("group")
async def group_all_refuse_differently(driver: Driver) -> None:
    """One is busy, one does not exist, one has no line: busy before failed."""
    driver.phones["1001"].is_busy(after_s=0.2)
    driver.phones["1002"].does_not_exist()
    driver.phones["1003"].is_congested()
    await driver.call_in(caller=CUSTOMER, did=did("2003"))


@play("direct")
async def number_leads_nowhere(driver: Driver) -> None:
    """The PBX says goodbye and hangs up; there is no route."""
    call = await driver.call_in(caller=CUSTOMER, did=did("3900"))
    await call.ended()


@play("internal")
async def internal_does_not_disturb(driver: Driver) -> None:
    """The colleague's phone refuses at once."""
    driver.phones["1006"].does_not_disturb()
    await driver.call_from("1005", "1006")


@play("internal")
async def internal_forwarded(driver: Driver) -> None:
    """The colleague's calls go to another one."""
    driver.phones["1006"].answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1001", "1006"):
        call = await driver.call_from("1005", "1001")
        call.note_transfer("forward", desk(driver, "1001"), "1006")
        await said_goodbye(call)
        await call.ended()


@play("internal")
async def internal_forwarded_phone_is_unplugged(driver: Driver) -> None:
    """The colleague's calls go to a phone without an address."""
    async with forwarded(driver, ALWAYS, "1001", UNPLUGGED):
        call = await driver.call_from("1005", "1001")
        call.note_transfer("forward", desk(driver, "1001"), UNPLUGGED)
        call.reaches_nobody()
        await call.ended()


@play("direct")
async def withheld_number_into_a_queue(driver: Driver) -> None:
    """Nobody knows who waits."""
    driver.phones["1009"].answers(after_s=0.8)
    call = await driver.call_in(caller=None, did=did("2008"), queue="info")
    await said_goodbye(call)
