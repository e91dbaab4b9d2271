"""Calls of every family, played through the lab; each returns what really happened.

`SCENARIOS` holds them all, those of `handovers` included.
"""

import asyncio
from collections.abc import Awaitable, Callable

from support.asterisk_lab import handovers
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.settings import did
from support.asterisk_lab.truth import Truth

Scenario = Callable[[Driver], Awaitable[Truth]]

TALK_S = 1.0


async def answered_and_caller_hangs_up(driver: Driver) -> Truth:
    """Ring one phone, talk, and let the caller say goodbye."""
    driver.phones["1001"].answers(after_s=1.0)
    call = await driver.call_in(caller="+393331234567", name="Mario Bianchi", did=did("1001"))
    await call.answered()
    await asyncio.sleep(TALK_S)
    await call.hang_up()
    return await call.ended()


async def answered_with_hold_and_agent_hangs_up(driver: Driver) -> Truth:
    """Talk, hold, talk again, and let the agent hang up."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller="+390612345678", name="Studio Verdi", did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    await leg.hold()
    await asyncio.sleep(TALK_S)
    await leg.unhold()
    await asyncio.sleep(TALK_S)
    await leg.hang_up()
    return await call.ended()


async def nobody_answers(driver: Driver) -> Truth:
    """Let one phone ring until the PBX gives up."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller="+393471112233", did=did("1001"))
    return await call.ended()


async def phone_is_busy(driver: Driver) -> Truth:
    """Meet a busy phone."""
    driver.phones["1001"].is_busy()
    call = await driver.call_in(caller="+393471112233", did=did("1001"))
    return await call.ended()


async def agent_rejects(driver: Driver) -> Truth:
    """Let the agent press the red key."""
    driver.phones["1001"].rejects(after_s=1.0)
    call = await driver.call_in(caller="+393471112233", did=did("1001"))
    return await call.ended()


async def phone_does_not_disturb(driver: Driver) -> Truth:
    """Meet a phone that refuses before it rings."""
    driver.phones["1001"].does_not_disturb()
    call = await driver.call_in(caller="+393471112233", did=did("1001"))
    return await call.ended()


async def caller_gives_up(driver: Driver) -> Truth:
    """Let the caller lose patience while one phone rings."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller="+393471112233", did=did("1001"))
    await call.ringing("1001")
    await asyncio.sleep(1.5)
    await call.hang_up()
    return await call.ended()


async def withheld_number(driver: Driver) -> Truth:
    """Call without showing a number."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=None, did=did("1001"))
    await call.answered()
    await asyncio.sleep(TALK_S)
    await call.hang_up()
    return await call.ended()


async def queue_second_agent_answers(driver: Driver) -> Truth:
    """Let the first agent of a queue not come to the telephone."""
    for member in ("1001", "1002"):
        driver.phones[member].only_rings()
    call = await driver.call_in(caller="+393402223344", did=did("2001"), queue="support")
    first = await call.rung_by("1001", "1002")
    second = "1002" if first.device == "1001" else "1001"
    driver.phones[second].answers(after_s=0.5)
    await call.answered()
    await asyncio.sleep(TALK_S)
    await call.hang_up()
    return await call.ended()


async def queue_rings_all(driver: Driver) -> Truth:
    """Ring two agents of a queue at once; one answers."""
    driver.phones["1003"].answers(after_s=1.0)
    driver.phones["1004"].only_rings()
    call = await driver.call_in(caller="+393402223344", did=did("2002"), queue="sales")
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    await leg.hang_up()
    return await call.ended()


async def queue_abandoned(driver: Driver) -> Truth:
    """Let the caller leave the queue."""
    for member in ("1001", "1002"):
        driver.phones[member].only_rings()
    call = await driver.call_in(caller="+393402223344", did=did("2001"), queue="support")
    await call.rung_by("1001", "1002")
    await asyncio.sleep(1.0)
    await call.hang_up()
    return await call.ended()


async def ring_group_one_answers(driver: Driver) -> Truth:
    """Ring three phones at once; the second answers."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=1.0)
    driver.phones["1003"].only_rings()
    call = await driver.call_in(caller="+393285556677", did=did("2003"))
    await call.answered()
    await asyncio.sleep(TALK_S)
    await call.hang_up()
    return await call.ended()


async def menu_then_queue(driver: Driver) -> Truth:
    """Choose the queue in a menu."""
    for member in ("1001", "1002"):
        driver.phones[member].answers(after_s=0.5)
    call = await driver.call_in(caller="+393285556677", did=did("3000"))
    await call.initiator.wait_up()
    await asyncio.sleep(2.0)
    await call.initiator.press("1")
    call.enters_queue("support")
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    await leg.hang_up()
    return await call.ended()


async def outbound_answered(driver: Driver) -> Truth:
    """Let an agent call a customer."""
    driver.outside("+393485556688").answers(after_s=1.0)
    call = await driver.call_from("1005", "+393485556688")
    await call.answered()
    await asyncio.sleep(TALK_S)
    await call.hang_up()
    return await call.ended()


async def internal_answered(driver: Driver) -> Truth:
    """Let an agent call a colleague."""
    driver.phones["1006"].answers(after_s=0.5)
    call = await driver.call_from("1005", "1006")
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    await leg.hang_up()
    return await call.ended()


async def outbound_busy(driver: Driver) -> Truth:
    """Let an agent call a customer who is on the telephone."""
    driver.outside("+393485556688").is_busy()
    call = await driver.call_from("1005", "+393485556688")
    return await call.ended()


async def queue_without_agents(driver: Driver) -> Truth:
    """Call a queue that takes nobody in because no agent is there."""
    call = await driver.call_in(caller="+393402223344", did=did("2004"), queue="night")
    call.never_waits()
    return await call.ended()


async def queue_with_local_members(driver: Driver) -> Truth:
    """Call a queue whose members stand behind Local channels, as FreePBX makes them."""
    driver.phones["1005"].answers(after_s=1.0)
    call = await driver.call_in(caller="+393402223344", did=did("2005"), queue="desk")
    leg = await call.answered()
    await asyncio.sleep(TALK_S)
    await leg.hang_up()
    return await call.ended()


async def voicemail(driver: Driver) -> Truth:
    """Reach the voicemail of somebody who does not come."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller="+393402223344", did=did("5001"))
    await call.initiator.wait_up()
    call.voicemail_answers()
    await asyncio.sleep(TALK_S)
    await call.hang_up()
    return await call.ended()


SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        answered_and_caller_hangs_up,
        answered_with_hold_and_agent_hangs_up,
        nobody_answers,
        phone_is_busy,
        agent_rejects,
        phone_does_not_disturb,
        caller_gives_up,
        withheld_number,
        queue_second_agent_answers,
        queue_rings_all,
        queue_abandoned,
        ring_group_one_answers,
        menu_then_queue,
        outbound_answered,
        internal_answered,
        outbound_busy,
        queue_without_agents,
        queue_with_local_members,
        voicemail,
        handovers.blind_transfer,
        handovers.blind_transfer_nobody_takes,
        handovers.attended_transfer,
        handovers.forward_by_phone,
        handovers.pickup_of_a_colleague,
        handovers.park_and_retrieve,
    )
}
