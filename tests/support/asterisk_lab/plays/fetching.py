"""Calls that a colleague fetches: pickups, and calls parked and retrieved."""

import asyncio

from support.asterisk_lab import handovers
from support.asterisk_lab.call import Call
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.plays.moments import CUSTOMER, PROMPT_S, taken, talk, talking
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did

play("pickup", brief=True)(handovers.pickup_of_a_colleague)
play("park", brief=True)(handovers.park_and_retrieve)


async def picked_up(driver: Driver, call: Call, ringing: Leg, code: str) -> Leg:
    """Let 1004 fetch a ringing call, and talk."""
    await asyncio.sleep(0.7)
    call.note_transfer("pickup", ringing, "1004")
    picker = await driver.call_from("1004", code)
    call.taken_by(picker.initiator)
    await picker.initiator.wait_up()
    await talk()
    return picker.initiator


@play("pickup")
async def pickup_by_group(driver: Driver) -> None:
    """Fetch whatever rings."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    leg = await picked_up(driver, call, await call.ringing("1001"), "*8")
    await leg.hang_up()


@play("pickup")
async def pickup_of_a_queue_call(driver: Driver) -> None:
    """Fetch the call of a queue that rings at a member's phone."""
    driver.phones["1009"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    leg = await picked_up(driver, call, await call.ringing("1009"), "**1009")
    await leg.hang_up()


@play("pickup")
async def pickup_of_a_queue_call_behind_a_relay(driver: Driver) -> None:
    """Fetch the call of a queue whose member stands behind a Local channel."""
    driver.phones["1005"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2005"), queue="desk")
    leg = await picked_up(driver, call, await call.ringing("1005"), "**1005")
    await leg.hang_up()


@play("pickup")
async def pickup_of_a_group_call(driver: Driver) -> None:
    """Three phones ring; a fourth fetches the call from the second."""
    for phone in ("1001", "1002", "1003"):
        driver.phones[phone].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2003"))
    await picked_up(driver, call, await call.ringing("1002"), "**1002")
    await call.hang_up()


@play("pickup")
async def pickup_of_an_internal_call(driver: Driver) -> None:
    """Fetch a colleague's call to a colleague."""
    driver.phones["1001"].only_rings()
    call = await driver.call_from("1005", "1001")
    await picked_up(driver, call, await call.ringing("1001"), "**1001")
    await call.hang_up()


@play("pickup")
async def pickup_then_transfer(driver: Driver) -> None:
    """Fetch a call and send it on."""
    driver.phones["1001"].only_rings()
    driver.phones["1006"].answers(after_s=0.6)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    leg = await picked_up(driver, call, await call.ringing("1001"), "**1001")
    await driver.blind_transfer(call, leg, "1006")
    colleague = await taken(call, "1006")
    await talk()
    await colleague.hang_up()


@play("pickup")
async def pickup_too_late(driver: Driver) -> None:
    """Nothing rings there any more."""
    call = await driver.call_from("1004", "**1001")
    call.reaches_nobody()


async def parked(call: Call, leg: Leg) -> None:
    """Press the key that parks the caller."""
    await leg.press("#72")
    call.hold_starts(at=leg.pressed_at)
    await asyncio.sleep(PROMPT_S)


@play("park")
async def parked_caller_gives_up(driver: Driver) -> None:
    """Nobody retrieves the call, and the caller leaves."""
    call, leg = await talking(driver)
    await parked(call, leg)
    await call.hang_up()


@play("park")
async def parked_call_comes_back(driver: Driver) -> None:
    """Nobody retrieves the call; the PBX calls the agent who parked it."""
    call, leg = await talking(driver)
    await parked(call, leg)
    again = await call.dialled("1001")
    call.hold_ends()
    await again.wait_up()
    await talk()
    await again.hang_up()


@play("park")
async def parked_call_comes_back_in_vain(driver: Driver) -> None:
    """The PBX calls the agent who parked the call, and nobody comes."""
    call, leg = await talking(driver)
    driver.phones["1001"].only_rings()
    await parked(call, leg)
    await call.dialled("1001")
    call.hold_ends()


@play("park")
async def park_and_retrieve_oneself(driver: Driver) -> None:
    """The agent walks to another room and retrieves the call at the same number."""
    call, leg = await talking(driver)
    call.note_transfer("park", leg, "1001")
    await parked(call, leg)
    fetching = await driver.call_from("1001", "701")
    call.taken_by(fetching.initiator)
    await fetching.initiator.wait_up()
    call.hold_ends()
    await talk()
    await call.hang_up()


@play("park")
async def parked_twice(driver: Driver) -> None:
    """Parked, retrieved, parked and retrieved again."""
    call, leg = await talking(driver)
    for retriever in ("1004", "1006"):
        call.note_transfer("park", leg, retriever)
        await parked(call, leg)
        fetching = await driver.call_from(retriever, "701")
        call.taken_by(fetching.initiator)
        leg = await fetching.initiator.wait_up()
        call.hold_ends()
        await talk()
    await call.hang_up()


@play("park")
async def parked_by_transfer(driver: Driver) -> None:
    """The agent transfers the caller blindly to the parking number; a colleague retrieves."""
    call, leg = await talking(driver)
    call.note_transfer("park", leg, "1004")
    await leg.redirect(f"sip:700@{driver.lab.addresses.pbx}")
    call.hold_starts()
    await asyncio.sleep(0.3)
    await leg.release()
    await asyncio.sleep(PROMPT_S)
    fetching = await driver.call_from("1004", "701")
    call.taken_by(fetching.initiator)
    await fetching.initiator.wait_up()
    call.hold_ends()
    await talk()
    await call.hang_up()
