"""Blind transfers: with the phone's key, a feature code, AMI; to people, queues and outside."""

import asyncio

from support.asterisk_lab import handovers
from support.asterisk_lab.call import Call
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.plays.moments import CUSTOMER, MOBILE, PROMPT_S, taken, talk, talking
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did

play("blind transfer", brief=True, brief_16=True)(handovers.blind_transfer)
play("blind transfer")(handovers.blind_transfer_nobody_takes)
play("blind transfer", media=False, name="blind_transfer_without_media")(handovers.blind_transfer)


async def by_feature_code(call: Call, by: Leg, to: str) -> None:
    """Press the PBX's key for blind transfers and the number; the customer hears music."""
    await by.press("#1")
    call.hold_starts(at=by.pressed_at)
    await asyncio.sleep(PROMPT_S)
    call.note_transfer("blind", by, to)
    await by.press(to)
    await call.dialled(to)
    call.hold_ends()


async def by_ami(driver: Driver, call: Call, by: Leg, to: str) -> None:
    """Let a program transfer."""
    call.note_transfer("blind", by, to)
    channel = await driver.channel_of(by)
    await driver.ami("BlindTransfer", Channel=channel, Exten=to, Context="from-phones")


async def by_redirect(driver: Driver, call: Call, to: str) -> None:
    """Let a program send the customer elsewhere; nothing announces it as a transfer."""
    channel = await driver.channel_of(call.initiator, caller=call.caller)
    await driver.ami("Redirect", Channel=channel, Exten=to, Context="from-phones", Priority="1")


@play("blind transfer")
async def feature_code_transfer(driver: Driver) -> None:
    """The agent presses #1 and the colleague's number."""
    call, leg = await talking(driver)
    driver.phones["1002"].answers(after_s=0.7)
    await by_feature_code(call, leg, "1002")
    colleague = await taken(call, "1002")
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def ami_blind_transfer(driver: Driver) -> None:
    """A program transfers."""
    call, leg = await talking(driver)
    driver.phones["1002"].answers(after_s=0.7)
    await by_ami(driver, call, leg, "1002")
    await taken(call, "1002")
    await talk()
    await call.hang_up()


@play("blind transfer")
async def ami_redirect(driver: Driver) -> None:
    """A program redirects the customer's channel."""
    call, _ = await talking(driver)
    driver.phones["1002"].answers(after_s=0.7)
    await by_redirect(driver, call, "1002")
    await taken(call, "1002")
    await talk()
    await call.hang_up()


@play("blind transfer")
async def ami_redirect_nobody_takes(driver: Driver) -> None:
    """A program redirects the customer's channel to somebody who does not come."""
    call, _ = await talking(driver)
    driver.phones["1002"].only_rings()
    await by_redirect(driver, call, "1002")


@play("blind transfer")
async def blind_transfer_outside(driver: Driver) -> None:
    """To a mobile."""
    call, leg = await talking(driver)
    driver.outside(MOBILE).answers(after_s=0.7)
    call.expects(MOBILE)
    await driver.blind_transfer(call, leg, MOBILE)
    mobile = await taken(call, MOBILE)
    await talk()
    await mobile.hang_up()


@play("blind transfer")
async def feature_code_transfer_outside_busy(driver: Driver) -> None:
    """To a mobile that is busy."""
    call, leg = await talking(driver)
    driver.outside(MOBILE).is_busy(after_s=0.2)
    call.expects(MOBILE)
    await by_feature_code(call, leg, MOBILE)


@play("blind transfer")
async def blind_transfer_into_a_queue(driver: Driver) -> None:
    """To sales, where somebody answers."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=1.0)
    driver.phones["1004"].only_rings()
    await driver.blind_transfer(call, leg, "2002")
    await call.dialled("1003")
    call.enters_queue("sales")
    colleague = await taken(call, "1003")
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def blind_transfer_into_a_queue_abandoned(driver: Driver) -> None:
    """To sales, where the customer loses patience."""
    call, leg = await talking(driver)
    for member in ("1003", "1004"):
        driver.phones[member].only_rings()
    await driver.blind_transfer(call, leg, "2002")
    await call.dialled("1003")
    call.enters_queue("sales")
    await talk()
    await call.hang_up()


@play("blind transfer")
async def blind_transfer_to_a_busy_colleague(driver: Driver) -> None:
    """The target is busy; the PBX lets the customer go."""
    call, leg = await talking(driver)
    driver.phones["1002"].is_busy(after_s=0.2)
    await driver.blind_transfer(call, leg, "1002")


@play("blind transfer")
async def blind_transfer_refused(driver: Driver) -> None:
    """The target presses the red key."""
    call, leg = await talking(driver)
    driver.phones["1002"].rejects(after_s=0.7)
    await driver.blind_transfer(call, leg, "1002")


@play("blind transfer")
async def blind_transfer_abandoned(driver: Driver) -> None:
    """The customer hangs up while the target's phone rings."""
    call, leg = await talking(driver)
    driver.phones["1002"].only_rings()
    await driver.blind_transfer(call, leg, "1002")
    await call.dialled("1002")
    await talk()
    await call.hang_up()


@play("blind transfer")
async def blind_transfer_twice(driver: Driver) -> None:
    """From the first to the second, from the second to the third."""
    call, leg = await talking(driver)
    driver.phones["1002"].answers(after_s=0.6)
    driver.phones["1003"].answers(after_s=0.6)
    await driver.blind_transfer(call, leg, "1002")
    second = await taken(call, "1002")
    await talk()
    await driver.blind_transfer(call, second, "1003")
    third = await taken(call, "1003")
    await talk()
    await third.hang_up()


@play("blind transfer")
async def blind_transfer_and_back(driver: Driver) -> None:
    """The second gives the customer back to the first."""
    call, leg = await talking(driver)
    driver.phones["1002"].answers(after_s=0.6)
    await driver.blind_transfer(call, leg, "1002")
    second = await taken(call, "1002")
    await talk()
    await driver.blind_transfer(call, second, "1001")
    await taken(call, "1001")
    await talk()
    await call.hang_up()


@play("blind transfer")
async def blind_transfer_of_a_queue_call(driver: Driver) -> None:
    """The agent of a queue hands the customer over."""
    for member in ("1003", "1004"):
        driver.phones[member].only_rings()
    driver.phones["1003"].answers(after_s=0.6)
    driver.phones["1006"].answers(after_s=0.6)
    call = await driver.call_in(caller=CUSTOMER, did=did("2002"), queue="sales")
    leg = await call.answered()
    await talk()
    await driver.blind_transfer(call, leg, "1006")
    colleague = await taken(call, "1006")
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def blind_transfer_of_an_outbound_call(driver: Driver) -> None:
    """Whoever called the customer hands them over to a colleague."""
    driver.outside(MOBILE).answers(after_s=0.6)
    driver.phones["1006"].answers(after_s=0.6)
    call = await driver.call_from("1005", MOBILE)
    customer = await call.answered()
    await talk()
    call.expects("1006")
    await driver.blind_transfer(call, call.initiator, "1006")
    colleague = await call.dialled("1006")
    call.handed_to(colleague)
    await colleague.wait_up()
    await talk()
    await customer.hang_up()
