"""Calls that move from one person to another: transfers, forwards, pickups, parking."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.settings import did
from support.asterisk_lab.truth import Truth

TALK_S = 1.0
# Asterisk listens for a feature code this long after the last digit, and says "transfer" first.
PROMPT_S = 1.5


async def blind_transfer(driver: Driver) -> Truth:
    """Let an agent hand the caller over to a colleague without asking (REFER)."""
    driver.phones["1001"].answers(after_s=0.5)
    driver.phones["1002"].answers(after_s=1.0)
    call = await driver.call_in(caller="+393285556677", name="Lucia Marchi", did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    await driver.blind_transfer(call, leg, "1002")
    colleague = await (await call.ringing("1002")).wait_up()
    await asyncio.sleep(TALK_S)
    await colleague.hang_up()
    return await call.ended()


async def blind_transfer_nobody_takes(driver: Driver) -> Truth:
    """Hand over to a colleague who does not come; the PBX gives up."""
    driver.phones["1001"].answers(after_s=0.5)
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller="+393285556677", did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    await driver.blind_transfer(call, leg, "1002")
    return await call.ended()


async def attended_transfer(driver: Driver) -> Truth:
    """Ask a colleague first, by the PBX's feature code, then hand over."""
    driver.phones["1001"].answers(after_s=0.5)
    driver.phones["1003"].answers(after_s=1.0)
    call = await driver.call_in(caller="+393285556677", did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    await leg.press("*2")
    await asyncio.sleep(PROMPT_S)
    call.note_transfer("attended", leg, "1003")
    call.hold_starts(at=leg.pressed_at)
    await leg.press("1003")
    colleague = await (await call.ringing("1003", timeout_s=10)).wait_up()
    await asyncio.sleep(TALK_S)
    await leg.hand_over()
    call.hold_ends()
    await asyncio.sleep(TALK_S)
    await colleague.hang_up()
    return await call.ended()


async def forward_by_phone(driver: Driver) -> Truth:
    """Let a phone send its callers on to a colleague (302)."""
    driver.phones["1001"].forwards("1002")
    driver.phones["1002"].answers(after_s=0.5)
    call = await driver.call_in(caller="+393402223344", did=did("1001"))
    forwarding = await call.rung_by("1001")
    call.note_transfer("forward", forwarding, "1002")
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    await leg.hang_up()
    return await call.ended()


async def pickup_of_a_colleague(driver: Driver) -> Truth:
    """Let a colleague fetch the call from a phone that keeps ringing."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller="+393402223344", did=did("1001"))
    ringing = await call.ringing("1001")
    await asyncio.sleep(1.0)
    call.note_transfer("pickup", ringing, "1004")
    picker = await driver.call_from("1004", "**1001")
    call.taken_by(picker.initiator)
    await picker.initiator.wait_up()
    await asyncio.sleep(TALK_S)
    await picker.hang_up()
    return await call.ended()


async def park_and_retrieve(driver: Driver) -> Truth:
    """Park the caller; a colleague fetches the call elsewhere."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller="+393402223344", did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    call.note_transfer("park", leg, "1004")
    await leg.press("#72")
    call.hold_starts(at=leg.pressed_at)
    await asyncio.sleep(PROMPT_S)
    fetching = await driver.call_from("1004", "701")
    call.taken_by(fetching.initiator)
    await fetching.initiator.wait_up()
    call.hold_ends()
    await asyncio.sleep(TALK_S)
    await fetching.hang_up()
    return await call.ended()
