"""Calls that seldom go this way: lines that are down, programs that join, phones that page."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.consulting import leg_unheld
from support.asterisk_lab.plays.forwards import ALWAYS, desk, forwarded
from support.asterisk_lab.plays.moments import (
    CUSTOMER,
    MOBILE,
    taken,
    talk,
    talking,
)
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did


@play("early media")
async def mobile_heard_early_is_busy(driver: Driver) -> None:
    """The carrier announces that the mobile is busy; it never rang."""
    driver.outside(MOBILE).is_busy(after_s=1.5)
    driver.outside(MOBILE).sounds_early()
    await driver.call_from("1005", MOBILE)


@play("early media")
async def mobile_heard_early_answers(driver: Driver) -> None:
    """The carrier plays something, then the mobile answers without having rung."""
    driver.outside(MOBILE).answers(after_s=1.0)
    driver.outside(MOBILE).sounds_early()
    call = await driver.call_from("1005", MOBILE)
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("early media")
async def mobile_heard_early_given_up(driver: Driver) -> None:
    """The carrier plays something, and the agent hangs up."""
    driver.outside(MOBILE).only_rings()
    driver.outside(MOBILE).sounds_early()
    call = await driver.call_from("1005", MOBILE)
    await call.rung_by(MOBILE)
    await talk()
    await call.hang_up()


@play("early media")
async def mobile_heard_early_for_a_caller(driver: Driver) -> None:
    """A caller from outside is sent to a mobile that is heard but never rings."""
    driver.outside(MOBILE).only_rings()
    driver.outside(MOBILE).sounds_early()
    call = await driver.call_in(caller=CUSTOMER, did=did("6620"))
    call.expects(MOBILE)


@play("outside")
async def second_line_after_a_failure(driver: Driver) -> None:
    """The first carrier is down, the second is not."""
    driver.outside(MOBILE).answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6634"))
    call.expects(MOBILE)
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("group")
async def hunt_through_relays(driver: Driver) -> None:
    """Three phones in turn, each behind a Local channel; the third answers. No forward."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].only_rings()
    driver.phones["1003"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6635"))
    await call.answered()
    await talk()
    await call.hang_up()


@play("attended transfer")
async def asks_whose_calls_are_forwarded(driver: Driver) -> None:
    """By feature code; the colleague's calls go to another one."""
    call, leg = await talking(driver)
    driver.phones["1004"].answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1003", "1004"):
        await leg.press("*2")
        await asyncio.sleep(1.5)
        call.note_transfer("attended", leg, "1003")
        call.hold_starts(at=leg.pressed_at)
        await leg.press("1003")
        colleague = await call.dialled("1004")
        call.note_transfer("forward", desk(driver, "1003"), "1004")
        call.sent_on_by("1003")
        await colleague.wait_up()
        await talk()
        await leg.hand_over()
        call.hold_ends()
        await talk()
        await colleague.hang_up()
        await call.ended()


@play("attended transfer")
async def asks_and_hands_over_through_slim_relays(driver: Driver) -> None:
    """By feature code to a number whose phone is behind a relay that goes away."""
    call, leg = await talking(driver)
    driver.phones["1002"].answers(after_s=0.5)
    driver.phones["1001"].only_rings()
    await leg.press("*2")
    await asyncio.sleep(1.5)
    call.note_transfer("attended", leg, "2005")
    call.hold_starts(at=leg.pressed_at)
    driver.phones["1005"].answers(after_s=0.5)
    await leg.press("2005")
    colleague = await call.dialled("1005")
    call.enters_queue("desk")
    await colleague.wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def sent_to_where_a_person_may_be(driver: Driver) -> None:
    """To a number behind which a phone, a colleague's and a mobile ring."""
    call, leg = await talking(driver)
    driver.phones["1006"].answers(after_s=0.7)
    driver.phones["1002"].only_rings()
    call.expects("+393450001111")
    await driver.blind_transfer(call, leg, "2506")
    colleague = await taken(call, "1006")
    await talk()
    await colleague.hang_up()


@play("blind transfer")
async def sent_on_through_a_slim_relay(driver: Driver) -> None:
    """To a number whose phone is behind a relay that goes away."""
    call, leg = await talking(driver, "1003")
    driver.phones["1001"].answers(after_s=0.7)
    await driver.blind_transfer(call, leg, "6606")
    await call.dialled("1001")
    call.note_transfer("forward", desk(driver, "6606"), "1001")
    call.sent_on_by("6606")
    colleague = await taken(call, "1001")
    await asyncio.sleep(1.5)
    await colleague.hang_up()


@play("park")
async def parked_by_a_program(driver: Driver) -> None:
    """A program parks the customer; a colleague retrieves."""
    call, leg = await talking(driver)
    call.note_transfer("park", leg, "1004")
    mine = await driver.channel_of(leg)
    customer = await driver.channel_of(call.initiator, caller=call.caller)
    call.hold_starts()
    await driver.ami("Park", Channel=customer, TimeoutChannel=mine, Timeout="20000")
    await asyncio.sleep(1.5)
    fetching = await driver.call_from("1004", "701")
    call.taken_by(fetching.initiator)
    await fetching.initiator.wait_up()
    call.hold_ends()
    await talk()
    await fetching.hang_up()


@play("hold")
async def both_hold(driver: Driver) -> None:
    """Two colleagues hold each other."""
    driver.phones["1002"].answers(after_s=0.5)
    call = await driver.call_from("1005", "1002")
    leg = await call.answered()
    await talk()
    await leg.hold()
    await asyncio.sleep(0.5)
    await call.initiator.hold()
    await talk()
    await leg.unhold()
    await asyncio.sleep(0.5)
    await call.initiator.unhold()
    await talk()
    await call.hang_up()


@play("inbound")
async def caller_with_a_short_number(driver: Driver) -> None:
    """A caller from outside shows a number like a colleague's."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller="1002", did=did("1001"))
    call.expects("1001")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("attended transfer")
async def refer_attended_after_a_queue_and_a_hold(driver: Driver) -> None:
    """A queue's agent holds and resumes, asks on the second line and joins both."""
    driver.phones["1003"].answers(after_s=0.5)
    driver.phones["1004"].only_rings()
    driver.phones["1006"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("2002"), queue="sales")
    leg = await call.answered()
    await talk()
    await leg.hold()
    await talk()
    await leg.unhold()
    asking = await driver.consult(leg, "1006")
    colleague = await asking.answered()
    await talk()
    await driver.join(call, leg, asking, kind="attended")
    await leg_unheld(leg)
    await talk()
    await colleague.hang_up()
