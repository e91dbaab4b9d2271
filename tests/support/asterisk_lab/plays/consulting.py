"""Attended and blonde transfers: by feature code, AMI and the phone's own key (REFER+Replaces)."""

import asyncio

from support.asterisk_lab import handovers
from support.asterisk_lab.call import Call
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.plays.moments import (
    ATXFER_S,
    CUSTOMER,
    MOBILE,
    PROMPT_S,
    now,
    taken,
    talk,
    talking,
)
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did

play("attended transfer", brief=True, brief_16=True)(handovers.attended_transfer)
play("attended transfer", brief=True, media=False, name="attended_transfer_without_media")(
    handovers.attended_transfer
)
play("attended transfer", stamped=True, name="attended_transfer_with_timestamps")(
    handovers.attended_transfer
)

# An agent whose colleague is busy hears that before the customer is given back.
ERROR_TONE_S = 1.0


async def by_code(
    driver: Driver, call: Call, leg: Leg, to: str = "1003", *, kind: str = "attended"
) -> Leg:
    """Press the PBX's key for attended transfers and the number; the customer hears music."""
    await leg.press("*2")
    await asyncio.sleep(PROMPT_S)
    call.note_transfer(kind, leg, to)
    call.hold_starts(at=leg.pressed_at)
    await leg.press(to)
    return await call.dialled(to)


async def by_ami(
    driver: Driver, call: Call, leg: Leg, to: str = "1003", *, kind: str = "attended"
) -> Leg:
    """Let a program ask a colleague."""
    call.note_transfer(kind, leg, to)
    call.hold_starts(at=now() + ATXFER_S)
    channel = await driver.channel_of(leg)
    await driver.ami("Atxfer", Channel=channel, Exten=to, Context="from-phones")
    return await call.dialled(to)


@play("attended transfer")
async def ami_attended_transfer(driver: Driver) -> None:
    """A program asks and the agent hangs up to hand over."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    colleague = await (await by_ami(driver, call, leg)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await call.hang_up()
    await colleague.wait_ended()


@play("attended transfer", brief=True)
async def refer_attended_transfer(driver: Driver) -> None:
    """The phone asks on its second line and joins both."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    asking = await driver.consult(leg, "1003")
    colleague = await asking.answered()
    await talk()
    await driver.join(call, leg, asking, kind="attended")
    await leg_unheld(leg)
    await talk()
    await colleague.hang_up()


async def leg_unheld(leg: Leg) -> None:
    """Note that the customer hears a voice again: the phone that held them has let go."""
    since, _ = leg.held[-1]
    leg.held[-1] = (since, now())


@play("attended transfer")
async def refer_attended_transfer_outside(driver: Driver) -> None:
    """The phone asks a mobile on its second line and joins both."""
    call, leg = await talking(driver)
    driver.outside(MOBILE).answers(after_s=0.7)
    asking = await driver.consult(leg, MOBILE)
    mobile = await asking.answered()
    await talk()
    await driver.join(call, leg, asking, kind="attended")
    await leg_unheld(leg)
    await talk()
    await mobile.hang_up()


@play("attended transfer")
async def refer_consultation_without_transfer(driver: Driver) -> None:
    """The phone asks on its second line, hangs up there and goes on with the customer."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    asking = await driver.consult(leg, "1003")
    await asking.answered()
    await talk()
    await asking.hang_up()
    await asyncio.sleep(0.3)
    await leg.unhold()
    await talk()
    await call.hang_up()


@play("attended transfer")
async def attended_transfer_declined(driver: Driver) -> None:
    """The colleague answers, does not want the call and hangs up."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    colleague = await (await by_code(driver, call, leg)).wait_up()
    call.never_joined(colleague)
    await talk()
    await colleague.hang_up()
    await colleague.wait_ended()
    call.hold_ends()
    await talk()
    await call.hang_up()


@play("attended transfer")
async def attended_transfer_target_is_busy(driver: Driver) -> None:
    """The colleague is on the telephone."""
    call, leg = await talking(driver)
    driver.phones["1003"].is_busy(after_s=0.2)
    colleague = await by_code(driver, call, leg)
    await colleague.wait_ended()
    await asyncio.sleep(ERROR_TONE_S)
    call.hold_ends()
    await asyncio.sleep(2 * PROMPT_S)
    await leg.hang_up()


@play("attended transfer")
async def attended_transfer_target_does_not_come(driver: Driver) -> None:
    """The colleague does not come; the agent talks with the customer again."""
    call, leg = await talking(driver)
    driver.phones["1003"].only_rings()
    colleague = await by_code(driver, call, leg)
    await colleague.wait_ended()
    call.hold_ends()
    await asyncio.sleep(2 * PROMPT_S)
    await leg.hang_up()


@play("attended transfer")
async def customer_leaves_during_the_consultation(driver: Driver) -> None:
    """The customer hangs up while the colleague is being asked."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    colleague = await (await by_code(driver, call, leg)).wait_up()
    call.never_joined(colleague)
    await talk()
    await call.hang_up()
    await call.initiator.wait_ended()
    await talk()
    await leg.release()
    await colleague.release()


@play("attended transfer")
async def customer_leaves_while_the_target_rings(driver: Driver) -> None:
    """The customer hangs up before the colleague answers."""
    call, leg = await talking(driver)
    driver.phones["1003"].only_rings()
    await by_code(driver, call, leg)
    await talk()
    await call.hang_up()
    await call.initiator.wait_ended()
    await leg.release()


@play("attended transfer")
async def attended_transfer_outside(driver: Driver) -> None:
    """A program asks a mobile."""
    call, leg = await talking(driver)
    driver.outside(MOBILE).answers(after_s=0.7)
    call.expects(MOBILE)
    mobile = await (await by_ami(driver, call, leg, MOBILE)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await mobile.hang_up()


@play("attended transfer")
async def attended_transfer_twice(driver: Driver) -> None:
    """The colleague asks a third one in turn."""
    call, leg = await talking(driver)
    for phone in ("1003", "1004"):
        driver.phones[phone].answers(after_s=0.6)
    second = await (await by_ami(driver, call, leg)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    third = await (await by_ami(driver, call, second, "1004")).wait_up()
    await talk()
    await second.hand_over()
    call.hold_ends()
    await talk()
    await third.hang_up()


@play("attended transfer")
async def attended_then_blind_transfer(driver: Driver) -> None:
    """The colleague who was asked sends the customer on without asking."""
    call, leg = await talking(driver)
    for phone in ("1003", "1004"):
        driver.phones[phone].answers(after_s=0.6)
    second = await (await by_code(driver, call, leg)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await driver.blind_transfer(call, second, "1004")
    third = await taken(call, "1004")
    await talk()
    await third.hang_up()


@play("attended transfer")
async def attended_transfer_of_a_queue_call(driver: Driver) -> None:
    """An agent of a queue with members behind Local channels asks a colleague."""
    driver.phones["1005"].answers(after_s=0.6)
    driver.phones["1003"].answers(after_s=0.6)
    call = await driver.call_in(caller=CUSTOMER, did=did("2005"), queue="desk")
    leg = await call.answered()
    await talk()
    colleague = await (await by_code(driver, call, leg)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("attended transfer")
async def refer_attended_transfer_of_an_outbound_call(driver: Driver) -> None:
    """Whoever called the customer asks a colleague and joins both."""
    driver.outside(MOBILE).answers(after_s=0.6)
    driver.phones["1006"].answers(after_s=0.6)
    call = await driver.call_from("1005", MOBILE)
    customer = await call.answered()
    await talk()
    asking = await driver.consult(call.initiator, "1006")
    colleague = await asking.answered()
    await talk()
    call.handed_to(colleague)
    await driver.join(call, call.initiator, asking, kind="attended")
    await leg_unheld(call.initiator)
    await talk()
    await customer.hang_up()


@play("blonde transfer", brief=True)
async def blonde_transfer(driver: Driver) -> None:
    """The agent hangs up while the colleague's phone still rings."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=2.0)
    colleague = await by_code(driver, call, leg, kind="blonde")
    await asyncio.sleep(0.7)
    await leg.hand_over()
    await colleague.wait_up()
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("blonde transfer")
async def ami_blonde_transfer(driver: Driver) -> None:
    """A program asks, the agent hangs up while the colleague's phone still rings."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=2.0)
    colleague = await by_ami(driver, call, leg, kind="blonde")
    await asyncio.sleep(0.7)
    await leg.hand_over()
    await colleague.wait_up()
    call.hold_ends()
    await talk()
    await call.hang_up()


@play("blonde transfer")
async def blonde_transfer_abandoned(driver: Driver) -> None:
    """The customer loses patience before the colleague answers."""
    call, leg = await talking(driver)
    driver.phones["1003"].only_rings()
    await by_code(driver, call, leg, kind="blonde")
    await asyncio.sleep(0.7)
    await leg.hand_over()
    await talk()
    await call.hang_up()


@play("blonde transfer")
async def blonde_transfer_comes_back(driver: Driver) -> None:
    """The colleague does not come: the PBX calls the agent again, who talks with the customer."""
    call, leg = await talking(driver)
    driver.phones["1003"].only_rings()
    await by_code(driver, call, leg, kind="blonde")
    await asyncio.sleep(0.7)
    await leg.hand_over()
    again = await taken(call, "1001")
    call.hold_ends()
    await talk()
    await again.hang_up()


@play("blonde transfer")
async def refer_blonde_transfer(driver: Driver) -> None:
    """The phone joins its two lines while the second still rings."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=2.0)
    asking = await driver.consult(leg, "1003")
    colleague = await asking.ringing("1003")
    await asyncio.sleep(0.7)
    await driver.join(call, leg, asking, kind="blonde")
    await colleague.wait_up()
    await leg_unheld(leg)
    await talk()
    await colleague.hang_up()
