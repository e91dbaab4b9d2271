"""Blind transfers after others, of calls of every kind, and to what is no single person."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.consulting import by_code
from support.asterisk_lab.plays.forwards import ALWAYS, desk, forwarded
from support.asterisk_lab.plays.handing import by_feature_code
from support.asterisk_lab.plays.moments import CUSTOMER, MOBILE, taken, talk, talking
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did


@play("blind transfer")
async def blind_then_attended_then_blind(driver: Driver) -> None:
    """Sent on, asked for and handed over, sent on again."""
    call, leg = await talking(driver)
    for phone in ("1002", "1003", "1004"):
        driver.phones[phone].answers(after_s=0.6)
    await driver.blind_transfer(call, leg, "1002")
    second = await taken(call, "1002")
    await talk()
    third = await (await by_code(driver, call, second)).wait_up()
    await talk()
    await second.hand_over()
    call.hold_ends()
    await talk()
    await driver.blind_transfer(call, third, "1004")
    fourth = await taken(call, "1004")
    await talk()
    await fourth.hang_up()


@play("blind transfer")
async def blind_transfer_to_a_group(driver: Driver) -> None:
    """Three phones ring; one takes the customer."""
    call, leg = await talking(driver, "1005")
    for phone in ("1001", "1002"):
        driver.phones[phone].only_rings()
    driver.phones["1003"].answers(after_s=1.0)
    await driver.blind_transfer(call, leg, "2003")
    colleague = await taken(call, "1003")
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def blind_transfer_to_a_group_in_vain(driver: Driver) -> None:
    """Three phones ring; nobody comes."""
    call, leg = await talking(driver, "1005")
    for phone in ("1001", "1002", "1003"):
        driver.phones[phone].only_rings()
    await driver.blind_transfer(call, leg, "2003")
    await call.dialled("1001")


@play("blind transfer")
async def blind_transfer_into_a_menu(driver: Driver) -> None:
    """The customer chooses a colleague there."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.8)
    await driver.blind_transfer(call, leg, "3000")
    await asyncio.sleep(2.0)
    await call.initiator.press("3")
    colleague = await taken(call, "1003")
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def blind_transfer_into_a_menu_abandoned(driver: Driver) -> None:
    """The customer chooses nothing and goes."""
    call, leg = await talking(driver)
    await driver.blind_transfer(call, leg, "3000")
    await asyncio.sleep(2.0)
    await call.hang_up()


@play("blind transfer", on_16=False)
async def blind_transfer_to_voicemail(driver: Driver) -> None:
    """The customer speaks to a colleague's voicemail."""
    call, leg = await talking(driver)
    await driver.blind_transfer(call, leg, "*1002")
    await asyncio.sleep(2.0)
    await call.hang_up()


@play("blind transfer")
async def blind_transfer_outside_nobody_comes(driver: Driver) -> None:
    """A mobile rings in vain."""
    call, leg = await talking(driver)
    driver.outside(MOBILE).only_rings()
    call.expects(MOBILE)
    await driver.blind_transfer(call, leg, MOBILE)
    await call.dialled(MOBILE)


@play("blind transfer")
async def blind_transfer_outside_rejected(driver: Driver) -> None:
    """A mobile's owner presses the red key."""
    call, leg = await talking(driver)
    driver.outside(MOBILE).rejects(after_s=0.8)
    call.expects(MOBILE)
    await driver.blind_transfer(call, leg, MOBILE)
    await call.dialled(MOBILE)


@play("blind transfer")
async def blind_transfer_to_a_forwarded_colleague(driver: Driver) -> None:
    """The target has set a forward in the PBX."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1002", "1003"):
        await driver.blind_transfer(call, leg, "1002")
        call.note_transfer("forward", desk(driver, "1002"), "1003")
        call.sent_on_by("1002")
        colleague = await taken(call, "1003")
        await talk()
        await colleague.hang_up()
        await call.ended()


@play("blind transfer")
async def blind_transfer_to_a_phone_that_forwards(driver: Driver) -> None:
    """The target's phone sends the customer on (302)."""
    call, leg = await talking(driver)
    driver.phones["1002"].forwards("1003")
    driver.phones["1003"].answers(after_s=0.7)
    await driver.blind_transfer(call, leg, "1002")
    call.note_transfer("forward", await call.rung_by("1002"), "1003")
    call.sent_on_by("1002")
    colleague = await taken(call, "1003")
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def blind_transfer_from_queue_to_queue(driver: Driver) -> None:
    """An agent of one queue sends the customer to another, where they wait for the next."""
    driver.phones["1009"].answers(after_s=0.6)
    driver.phones["1003"].only_rings()
    driver.phones["1004"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    leg = await call.answered()
    await talk()
    await driver.blind_transfer(call, leg, "2002")
    await (await call.dialled("1003")).wait_ended()
    driver.phones["1003"].answers(after_s=0.6)
    colleague = await taken(call, "1003")
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def blind_transfer_of_an_internal_call_by_the_caller(driver: Driver) -> None:
    """Whoever called a colleague sends them on to a third."""
    driver.phones["1006"].answers(after_s=0.6)
    driver.phones["1003"].answers(after_s=0.6)
    call = await driver.call_from("1005", "1006")
    colleague = await call.answered()
    await talk()
    call.expects("1003")
    await driver.blind_transfer(call, call.initiator, "1003")
    third = await call.dialled("1003")
    call.handed_to(third)
    await third.wait_up()
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def blind_transfer_of_an_internal_call_by_the_colleague(driver: Driver) -> None:
    """Whoever was called sends the caller on to a mobile."""
    driver.phones["1006"].answers(after_s=0.6)
    driver.outside(MOBILE).answers(after_s=0.6)
    call = await driver.call_from("1005", "1006")
    colleague = await call.answered()
    await talk()
    call.expects(MOBILE)
    await driver.blind_transfer(call, colleague, MOBILE)
    mobile = await taken(call, MOBILE)
    await talk()
    await mobile.hang_up()


@play("blind transfer")
async def feature_code_transfer_of_an_outbound_call(driver: Driver) -> None:
    """Whoever called the customer presses #1 and a colleague's number."""
    driver.outside(MOBILE).answers(after_s=0.6)
    driver.phones["1006"].answers(after_s=0.6)
    call = await driver.call_from("1005", MOBILE)
    customer = await call.answered()
    await talk()
    call.expects("1006")
    await by_feature_code(call, call.initiator, "1006")
    colleague = await call.ringing("1006")
    call.handed_to(colleague)
    await colleague.wait_up()
    await call.initiator.wait_ended()
    await talk()
    await customer.hang_up()
