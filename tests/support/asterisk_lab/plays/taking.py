"""Pickups and parked calls among hand-overs; hand-overs that nobody takes."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.consulting import by_ami, by_code, leg_unheld
from support.asterisk_lab.plays.fetching import parked, picked_up
from support.asterisk_lab.plays.forwards import ALWAYS, desk, forwarded
from support.asterisk_lab.plays.moments import CUSTOMER, MOBILE, taken, talk, talking
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did


@play("pickup")
async def pickup_of_a_group_call_by_group(driver: Driver) -> None:
    """One phone of a hunt rings; a colleague fetches whatever rings."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2023"))
    await (await call.ringing("1001")).wait_ended()
    leg = await picked_up(driver, call, await call.dialled("1002"), "*8")
    await leg.hang_up()


@play("pickup")
async def pickup_of_a_forwarded_call(driver: Driver) -> None:
    """A call sent on to a colleague is fetched from there."""
    driver.phones["1002"].only_rings()
    async with forwarded(driver, ALWAYS, "1001", "1002"):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.note_transfer("forward", desk(driver, "1001"), "1002")
        call.sent_on_by("1002")
        leg = await picked_up(driver, call, await call.ringing("1002"), "**1002")
        await leg.hang_up()
        await call.ended()


@play("pickup")
async def pickup_of_a_transferred_call(driver: Driver) -> None:
    """A call sent on to a colleague is fetched by a third."""
    call, leg = await talking(driver)
    driver.phones["1002"].only_rings()
    await driver.blind_transfer(call, leg, "1002")
    call.sent_on_by("1002")
    taker = await picked_up(driver, call, await call.dialled("1002"), "**1002")
    await taker.hang_up()


@play("pickup", media=False)
async def pickup_behind_a_relay_without_media(driver: Driver) -> None:
    """The relay to the member of a queue stays for the whole call."""
    driver.phones["1005"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2005"), queue="desk")
    await picked_up(driver, call, await call.ringing("1005"), "**1005")
    await call.hang_up()


@play("pickup")
async def pickup_of_one_member_of_many(driver: Driver) -> None:
    """Three members behind Local channels ring; a colleague fetches the call from the second."""
    for phone in ("1005", "1006", "1007"):
        driver.phones[phone].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2010"), queue="team")
    leg = await picked_up(driver, call, await call.ringing("1006"), "**1006")
    await leg.hang_up()


@play("pickup")
async def pickup_then_held_and_handed_over(driver: Driver) -> None:
    """Fetch a call, hold it, ask a colleague and hand over."""
    driver.phones["1001"].only_rings()
    driver.phones["1006"].answers(after_s=0.6)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    leg = await picked_up(driver, call, await call.ringing("1001"), "**1001")
    asking = await driver.consult(leg, "1006")
    colleague = await asking.answered()
    await talk()
    call.hold_starts(at=leg.held[-1][0])
    await driver.join(call, leg, asking, kind="attended")
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("pickup")
async def pickup_of_a_nested_call(driver: Driver) -> None:
    """Fetch a call whose phone is dialled three subroutines deep."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2401"))
    leg = await picked_up(driver, call, await call.ringing("1001"), "**1001")
    await leg.hang_up()


@play("park")
async def parked_and_picked_up_when_it_comes_back(driver: Driver) -> None:
    """Nobody retrieves the call; when the parker's phone rings a colleague fetches it."""
    call, leg = await talking(driver)
    driver.phones["1001"].only_rings()
    await parked(call, leg)
    again = await call.dialled("1001")
    call.hold_ends()
    taker = await picked_up(driver, call, again, "**1001")
    await taker.hang_up()


@play("park")
async def parked_then_transferred(driver: Driver) -> None:
    """Whoever retrieved the call sends it on."""
    call, leg = await talking(driver)
    driver.phones["1006"].answers(after_s=0.6)
    call.note_transfer("park", leg, "1004")
    await parked(call, leg)
    fetching = await driver.call_from("1004", "701")
    call.taken_by(fetching.initiator)
    taker = await fetching.initiator.wait_up()
    call.hold_ends()
    await talk()
    await driver.blind_transfer(call, taker, "1006")
    last = await taken(call, "1006")
    await talk()
    await last.hang_up()


@play("park")
async def parked_and_retrieved_then_held(driver: Driver) -> None:
    """Whoever retrieved the call holds it."""
    call, leg = await talking(driver)
    call.note_transfer("park", leg, "1004")
    await parked(call, leg)
    fetching = await driver.call_from("1004", "701")
    call.taken_by(fetching.initiator)
    taker = await fetching.initiator.wait_up()
    call.hold_ends()
    await talk()
    call.hold_starts()
    await taker.hold()
    await talk()
    await taker.unhold()
    call.hold_ends()
    await talk()
    await taker.hang_up()


@play("park")
async def queue_call_parked(driver: Driver) -> None:
    """An agent of a queue parks the customer; a colleague retrieves."""
    driver.phones["1009"].answers(after_s=0.6)
    call = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    leg = await call.answered()
    await talk()
    call.note_transfer("park", leg, "1004")
    await parked(call, leg)
    fetching = await driver.call_from("1004", "701")
    call.taken_by(fetching.initiator)
    taker = await fetching.initiator.wait_up()
    call.hold_ends()
    await talk()
    await taker.hang_up()


@play("park")
async def internal_call_parked(driver: Driver) -> None:
    """A colleague's call is parked and retrieved by a third."""
    driver.phones["1001"].answers(after_s=0.6)
    call = await driver.call_from("1005", "1001")
    leg = await call.answered()
    await talk()
    call.note_transfer("park", leg, "1004")
    await parked(call, leg)
    fetching = await driver.call_from("1004", "701")
    call.taken_by(fetching.initiator)
    taker = await fetching.initiator.wait_up()
    call.hold_ends()
    await talk()
    await taker.hang_up()


@play("park")
async def outbound_call_parked(driver: Driver) -> None:
    """Whoever called the customer parks them; a colleague retrieves."""
    driver.outside(MOBILE).answers(after_s=0.6)
    call = await driver.call_from("1005", MOBILE)
    customer = await call.answered()
    await talk()
    call.note_transfer("park", call.initiator, "1004")
    await parked(call, call.initiator)
    fetching = await driver.call_from("1004", "701")
    call.taken_by(fetching.initiator)
    call.handed_to(fetching.initiator)
    await fetching.initiator.wait_up()
    call.hold_ends()
    await talk()
    await customer.hang_up()


@play("blonde transfer")
async def blonde_transfer_refused_comes_back(driver: Driver) -> None:
    """The colleague refuses: the PBX calls the agent again, who talks with the customer."""
    call, leg = await talking(driver)
    driver.phones["1003"].rejects(after_s=2.0)
    await by_code(driver, call, leg, kind="blonde")
    await asyncio.sleep(0.7)
    await leg.hand_over()
    again = await taken(call, "1001")
    call.hold_ends()
    await talk()
    await again.hang_up()


@play("blonde transfer")
async def blonde_transfer_comes_back_in_vain(driver: Driver) -> None:
    """The colleague does not come, and the agent has gone as well."""
    call, leg = await talking(driver)
    driver.phones["1003"].only_rings()
    await by_code(driver, call, leg, kind="blonde")
    await asyncio.sleep(0.7)
    await leg.hand_over()
    driver.phones["1001"].only_rings()
    await call.dialled("1001")
    await asyncio.sleep(1.0)
    await call.hang_up()


@play("blonde transfer", media=False)
async def blonde_transfer_without_media(driver: Driver) -> None:
    """The relay stays for the whole call."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=2.0)
    colleague = await by_ami(driver, call, leg, kind="blonde")
    await asyncio.sleep(0.7)
    await leg.hand_over()
    await colleague.wait_up()
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("blonde transfer")
async def blonde_transfer_outside(driver: Driver) -> None:
    """To a mobile that still rings."""
    call, leg = await talking(driver)
    driver.outside(MOBILE).answers(after_s=2.0)
    call.expects(MOBILE)
    mobile = await by_ami(driver, call, leg, MOBILE, kind="blonde")
    await asyncio.sleep(0.7)
    await leg.hand_over()
    await mobile.wait_up()
    call.hold_ends()
    await talk()
    await mobile.hang_up()


@play("blonde transfer")
async def refer_blonde_transfer_abandoned(driver: Driver) -> None:
    """The phone joins its two lines while the second rings; the customer gives up."""
    call, leg = await talking(driver)
    driver.phones["1003"].only_rings()
    asking = await driver.consult(leg, "1003")
    await asking.ringing("1003")
    await asyncio.sleep(0.7)
    await driver.join(call, leg, asking, kind="blonde")
    await talk()
    await call.hang_up()


@play("blonde transfer")
async def refer_blonde_transfer_in_vain(driver: Driver) -> None:
    """The phone joins its two lines while the second rings; nobody comes."""
    call, leg = await talking(driver)
    driver.phones["1003"].only_rings()
    asking = await driver.consult(leg, "1003")
    await asking.ringing("1003")
    await asyncio.sleep(0.7)
    await driver.join(call, leg, asking, kind="blonde")


@play("blonde transfer")
async def refer_blonde_transfer_into_a_queue(driver: Driver) -> None:
    """The phone joins its two lines while the second waits in a queue."""
    call, leg = await talking(driver)
    driver.phones["1009"].answers(after_s=1.8)
    asking = await driver.consult(leg, "2008")
    colleague = await asking.ringing("1009")
    await asyncio.sleep(0.7)
    await driver.join(call, leg, asking, kind="blonde")
    call.enters_queue("info")
    await colleague.wait_up()
    await leg_unheld(leg)
    await talk()
    await colleague.hang_up()


@play("blonde transfer")
async def blonde_then_blind_transfer(driver: Driver) -> None:
    """Handed over while it rang, then sent on."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=2.0)
    driver.phones["1004"].answers(after_s=0.7)
    colleague = await by_code(driver, call, leg, kind="blonde")
    await asyncio.sleep(0.7)
    await leg.hand_over()
    await colleague.wait_up()
    call.hold_ends()
    await talk()
    await driver.blind_transfer(call, colleague, "1004")
    last = await taken(call, "1004")
    await talk()
    await last.hang_up()


@play("hold")
async def held_then_asked_by_code(driver: Driver) -> None:
    """The agent holds and resumes, then asks a colleague by feature code."""
    call, leg = await talking(driver)
    driver.phones["1003"].answers(after_s=0.6)
    await leg.hold()
    await talk()
    await leg.unhold()
    await talk()
    colleague = await (await by_code(driver, call, leg)).wait_up()
    await talk()
    await leg.hand_over()
    call.hold_ends()
    await talk()
    await colleague.hang_up()


@play("hold", media=False)
async def held_without_media(driver: Driver) -> None:
    """Nobody sends sound."""
    call, leg = await talking(driver)
    await leg.hold()
    await talk()
    await leg.unhold()
    await talk()
    await call.hang_up()


@play("hold")
async def held_by_the_customer(driver: Driver) -> None:
    """The customer's telephone system plays music to the agent: no hold of ours."""
    call, _ = await talking(driver)
    await call.initiator.hold()
    await talk()
    await call.initiator.unhold()
    await talk()
    await call.hang_up()


@play("hold")
async def held_by_an_agent_of_a_queue(driver: Driver) -> None:
    """A member behind a Local channel holds twice, and the customer leaves in the second."""
    driver.phones["1005"].answers(after_s=0.6)
    call = await driver.call_in(caller=CUSTOMER, did=did("2005"), queue="desk")
    leg = await call.answered()
    await talk()
    await leg.hold()
    await talk()
    await leg.unhold()
    await talk()
    await leg.hold()
    await talk()
    await call.hang_up()
