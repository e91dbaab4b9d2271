"""Attended transfers after others, of calls of every kind, and to what is no single person."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.consulting import by_ami, by_code, leg_unheld
from support.asterisk_lab.plays.moments import MOBILE, PROMPT_S, taken, talk, talking
from support.asterisk_lab.plays.play import play


@play("attended transfer")
async def consultation_on_the_phone_then_blind_transfer(driver: Driver) -> None:
    """The phone asks one colleague on its second line, then sends the customer to another."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    driver.phones["1004"].answers(after_s=0.7)
    asking = await driver.consult(leg, "1003")
    await asking.answered()
    await talk()
    await asking.hang_up()
    await asyncio.sleep(0.3)
    await leg.unhold()
    await talk()
    await driver.blind_transfer(call, leg, "1004")
    other = await taken(call, "1004")
    await talk()
    await other.hang_up()


@play("attended transfer")
async def attended_declined_then_blind_transfer(driver: Driver) -> None:
    """The colleague does not want the call; it is sent to another one."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    driver.phones["1004"].answers(after_s=0.7)
    colleague = await (await by_code(driver, call, leg)).wait_up()
    call.never_joined(colleague)
    await talk()
    await colleague.hang_up()
    await colleague.wait_ended()
    call.hold_ends()
    await asyncio.sleep(2.5)
    await driver.blind_transfer(call, leg, "1004")
    other = await taken(call, "1004")
    await talk()
    await call.hang_up()
    await other.wait_ended()


@play("attended transfer")
async def attended_aborted_by_code(driver: Driver) -> None:
    """The agent presses the key that takes the customer back."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    colleague = await (await by_code(driver, call, leg)).wait_up()
    call.never_joined(colleague)
    await talk()
    await leg.press("*1")
    await colleague.wait_ended()
    call.hold_ends()
    await talk()
    await leg.hang_up()


@play("attended transfer")
async def attended_completed_by_code(driver: Driver) -> None:
    """The agent presses the key that hands over, instead of hanging up."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    colleague = await (await by_code(driver, call, leg)).wait_up()
    await talk()
    await leg.press("*2")
    await leg.wait_ended()
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("attended transfer")
async def attended_three_way_by_code(driver: Driver) -> None:
    """The agent presses the key that joins all three, and leaves later."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    colleague = await (await by_code(driver, call, leg)).wait_up()
    await talk()
    await leg.press("*3")
    await asyncio.sleep(leg.pressed_at - asyncio.get_running_loop().time())
    call.hold_ends()
    await asyncio.sleep(2.0)
    await leg.release()
    await talk()
    await colleague.hang_up()


@play("attended transfer", media=False)
async def attended_then_blind_without_media(driver: Driver) -> None:
    """The relays of the first hand-over are never optimised away."""
    call, leg = await talking(driver)
    for phone in ("1003", "1004"):
        driver.phones[phone].answers(after_s=0.6)
    second = await (await by_ami(driver, call, leg)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await driver.blind_transfer(call, second, "1004")
    third = await taken(call, "1004")
    await talk()
    await third.hang_up()


@play("attended transfer", media=False)
async def attended_twice_without_media(driver: Driver) -> None:
    """Two relays in a row; the customer hangs up."""
    call, leg = await talking(driver)
    for phone in ("1003", "1004"):
        driver.phones[phone].answers(after_s=0.6)
    second = await (await by_ami(driver, call, leg)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await (await by_ami(driver, call, second, "1004")).wait_up()
    await talk()
    await second.hand_over()
    call.hold_ends()
    await talk()
    await call.hang_up()


@play("attended transfer", media=False)
async def attended_then_held_without_media(driver: Driver) -> None:
    """Whoever took the call through a relay holds the customer."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.6)
    second = await (await by_ami(driver, call, leg)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await second.hold()
    await talk()
    await second.unhold()
    await talk()
    await second.hang_up()


@play("attended transfer")
async def attended_transfer_by_code_of_an_outbound_call(driver: Driver) -> None:
    """Whoever called the customer asks a colleague by feature code and hands over."""
    driver.outside(MOBILE).answers(after_s=0.6)
    driver.phones["1003"].answers(after_s=0.6)
    call = await driver.call_from("1005", MOBILE)
    customer = await call.answered()
    await talk()
    call.expects("1003")
    colleague = await (await by_code(driver, call, call.initiator)).wait_up()
    await talk()
    call.handed_to(colleague)
    await call.initiator.hand_over()
    call.hold_ends()
    await talk()
    await customer.hang_up()


@play("attended transfer")
async def attended_transfer_of_an_internal_call(driver: Driver) -> None:
    """Whoever was called asks a third by feature code and hands over."""
    driver.phones["1006"].answers(after_s=0.6)
    driver.phones["1003"].answers(after_s=0.6)
    call = await driver.call_from("1005", "1006")
    leg = await call.answered()
    await talk()
    colleague = await (await by_code(driver, call, leg)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("attended transfer")
async def refer_attended_transfer_of_an_internal_call(driver: Driver) -> None:
    """Whoever was called asks a third on the second line and joins both."""
    driver.phones["1006"].answers(after_s=0.6)
    driver.phones["1003"].answers(after_s=0.6)
    call = await driver.call_from("1005", "1006")
    leg = await call.answered()
    await talk()
    asking = await driver.consult(leg, "1003")
    colleague = await asking.answered()
    await talk()
    await driver.join(call, leg, asking, kind="attended")
    await leg_unheld(leg)
    await talk()
    await colleague.hang_up()


@play("attended transfer")
async def attended_transfer_to_a_group(driver: Driver) -> None:
    """The agent asks whoever of a group comes, and hands over."""
    call, leg = await talking(driver, "1005")
    for phone in ("1001", "1002"):
        driver.phones[phone].only_rings()
    driver.phones["1003"].answers(after_s=0.8)
    await leg.press("*2")
    await asyncio.sleep(PROMPT_S)
    call.note_transfer("attended", leg, "2003")
    call.hold_starts(at=leg.pressed_at)
    await leg.press("2003")
    colleague = await taken(call, "1003")
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("attended transfer")
async def attended_transfer_to_a_queue(driver: Driver) -> None:
    """The agent waits in a queue for the colleague, asks and hands over."""
    call, leg = await talking(driver)
    driver.phones["1004"].only_rings()
    driver.phones["1003"].answers(after_s=0.8)
    await leg.press("*2")
    await asyncio.sleep(PROMPT_S)
    call.note_transfer("attended", leg, "2002")
    call.hold_starts(at=leg.pressed_at)
    await leg.press("2002")
    await call.dialled("1003")
    call.enters_queue("sales")
    colleague = await taken(call, "1003")
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("attended transfer")
async def refer_attended_transfer_to_a_queue(driver: Driver) -> None:
    """The phone waits in a queue on its second line, talks with the agent there and joins both."""
    call, leg = await talking(driver)
    driver.phones["1009"].answers(after_s=0.8)
    asking = await driver.consult(leg, "2008")
    colleague = await asking.answered()
    await talk()
    await driver.join(call, leg, asking, kind="attended")
    call.enters_queue("info")
    await leg_unheld(leg)
    await talk()
    await colleague.hang_up()


@play("attended transfer")
async def refer_attended_then_blind_transfer(driver: Driver) -> None:
    """Joined by the phone, then sent on."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    driver.phones["1004"].answers(after_s=0.7)
    asking = await driver.consult(leg, "1003")
    colleague = await asking.answered()
    await talk()
    await driver.join(call, leg, asking, kind="attended")
    await leg_unheld(leg)
    await talk()
    await driver.blind_transfer(call, colleague, "1004")
    last = await taken(call, "1004")
    await talk()
    await last.hang_up()


@play("attended transfer")
async def refer_attended_twice(driver: Driver) -> None:
    """Joined by one phone, then by the next."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.7)
    driver.phones["1004"].answers(after_s=0.7)
    asking = await driver.consult(leg, "1003")
    second = await asking.answered()
    await talk()
    await driver.join(call, leg, asking, kind="attended")
    await leg_unheld(leg)
    await talk()
    again = await driver.consult(second, "1004")
    third = await again.answered()
    await talk()
    await driver.join(call, second, again, kind="attended")
    await leg_unheld(second)
    await talk()
    await call.hang_up()
    await third.wait_ended()


@play("attended transfer")
async def refer_attended_after_a_consultation_in_vain(driver: Driver) -> None:
    """The first colleague does not come, the second does."""
    call, leg = await talking(driver)
    driver.phones["1003"].is_busy(after_s=0.2)
    driver.phones["1004"].answers(after_s=0.7)
    first = await driver.consult(leg, "1003")
    await first.ended()
    asking = await driver.call_from("1001", "1004")
    colleague = await asking.answered()
    await talk()
    await driver.join(call, leg, asking, kind="attended")
    await leg_unheld(leg)
    await talk()
    await colleague.hang_up()
