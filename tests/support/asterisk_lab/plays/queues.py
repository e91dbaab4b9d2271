"""Queues: every strategy, members who do not come, callers who do not stay."""

import asyncio

from support.asterisk_lab import scenarios
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import CUSTOMER, OTHER_CUSTOMER, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did

for scenario in (
    scenarios.queue_rings_all,
    scenarios.queue_abandoned,
    scenarios.queue_without_agents,
):
    play("queue")(scenario)
play("queue", brief=True, brief_16=True)(scenarios.queue_second_agent_answers)
play("queue", brief=True)(scenarios.queue_with_local_members)
play("queue", media=False, name="queue_with_local_members_without_media")(
    scenarios.queue_with_local_members
)
play("queue", stamped=True, name="queue_second_agent_with_timestamps")(
    scenarios.queue_second_agent_answers
)


@play("queue")
async def linear_queue_second_member_answers(driver: Driver) -> None:
    """The queue asks its members in their order."""
    driver.phones["1005"].only_rings()
    driver.phones["1006"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("2006"), queue="reception")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("queue")
async def linear_queue_first_member_is_busy(driver: Driver) -> None:
    """The queue goes on to the next member at once."""
    driver.phones["1005"].is_busy(after_s=0.2)
    driver.phones["1006"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("2006"), queue="reception")
    await call.answered()
    await talk()
    await call.hang_up()


@play("queue")
async def linear_queue_first_member_rejects(driver: Driver) -> None:
    """The first member presses the red key."""
    driver.phones["1005"].rejects(after_s=0.7)
    driver.phones["1006"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("2006"), queue="reception")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("queue")
async def leastrecent_queue_asks_the_other_one(driver: Driver) -> None:
    """Two calls in turn: the second goes to who has rested longest."""
    for member in ("1007", "1008"):
        driver.phones[member].answers(after_s=0.5)
    for caller in (CUSTOMER, OTHER_CUSTOMER):
        call = await driver.call_in(caller=caller, did=did("2007"), queue="hotline")
        leg = await call.answered()
        await talk()
        await leg.hang_up()
        await call.ended()
        await asyncio.sleep(1.1)


@play("queue")
async def queue_retries_until_the_agent_comes(driver: Driver) -> None:
    """The same phone rings twice."""
    driver.phones["1007"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2009"), queue="waiting")
    await (await call.ringing("1007")).wait_ended()
    driver.phones["1007"].answers(after_s=0.5)
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("queue")
async def queue_gives_up(driver: Driver) -> None:
    """Nobody comes, and the queue lets the caller go."""
    driver.phones["1010"].only_rings()
    await driver.call_in(caller=CUSTOMER, did=did("2011"), queue="brief")


@play("queue")
async def queue_gives_up_and_another_takes_over(driver: Driver) -> None:
    """The first queue gives up, the second finds somebody."""
    driver.phones["1010"].only_rings()
    driver.phones["1003"].answers(after_s=1.0)
    driver.phones["1004"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2012"), queue="brief")
    leg = await call.rung_by("1003")
    call.enters_queue("sales")
    await leg.wait_up()
    await talk()
    await call.hang_up()


@play("queue")
async def queue_left_by_key(driver: Driver) -> None:
    """The caller presses the key that leads out of the queue."""
    driver.phones["1009"].only_rings()
    driver.phones["1003"].answers(after_s=0.7)
    call = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    await call.ringing("1009")
    await asyncio.sleep(1.0)
    await call.initiator.press("1")
    leg = await call.ringing("1003")
    call.leaves_queue()
    await leg.wait_up()
    await talk()
    await leg.hang_up()


@play("queue")
async def queue_ringall_behind_relays(driver: Driver) -> None:
    """Three members behind Local channels ring at once; the second answers."""
    driver.phones["1005"].only_rings()
    driver.phones["1006"].answers(after_s=1.0)
    driver.phones["1007"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2010"), queue="team")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("queue")
async def queue_ringall_behind_relays_abandoned(driver: Driver) -> None:
    """Three members behind Local channels ring, and the caller leaves."""
    for member in ("1005", "1006", "1007"):
        driver.phones[member].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2010"), queue="team")
    await call.ringing("1006")
    await asyncio.sleep(1.0)
    await call.hang_up()


@play("queue")
async def queue_relays_ring_again(driver: Driver) -> None:
    """Three members behind Local channels ring in vain, then all again; one answers."""
    members = ("1005", "1006", "1007")
    for member in members:
        driver.phones[member].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2010"), queue="team")
    await (await call.ringing("1006")).wait_ended()
    driver.phones["1006"].answers(after_s=0.7)
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("queue")
async def queue_relay_member_does_not_come(driver: Driver) -> None:
    """The first member behind a Local channel lets it ring, the second answers."""
    driver.phones["1005"].only_rings()
    driver.phones["1006"].answers(after_s=0.7)
    call = await driver.call_in(caller=CUSTOMER, did=did("2005"), queue="desk")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("queue", brief=True)
async def second_caller_waits_for_the_agent(driver: Driver) -> None:
    """One agent, two callers: the second waits until the first has gone."""
    driver.phones["1009"].answers(after_s=0.7)
    first = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    leg = await first.answered()
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("2008"), queue="info")
    await asyncio.sleep(2.0)
    await leg.hang_up()
    again = await second.answered()
    await talk()
    await again.hang_up()


@play("queue")
async def second_caller_gives_up(driver: Driver) -> None:
    """One agent, two callers: the second never gets to a phone."""
    driver.phones["1009"].answers(after_s=0.7)
    first = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    await first.answered()
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("2008"), queue="info")
    await asyncio.sleep(2.0)
    await second.hang_up()
    await asyncio.sleep(0.3)
    await first.hang_up()


@play("queue")
async def agent_takes_a_second_call(driver: Driver) -> None:
    """An agent on the telephone holds one caller and answers the next."""
    driver.phones["1007"].answers(after_s=0.7)
    first = await driver.call_in(caller=CUSTOMER, did=did("2009"), queue="waiting")
    leg = await first.answered()
    await talk()
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("2009"), queue="waiting")
    await second.ringing("1007")
    await leg.hold()
    other = await second.answered()
    await talk()
    await other.hang_up()
    await asyncio.sleep(0.3)
    await leg.unhold()
    await talk()
    await leg.hang_up()


@play("queue")
async def three_callers_two_agents(driver: Driver) -> None:
    """Three wait, two are served, the third goes."""
    for member in ("1001", "1002"):
        driver.phones[member].answers(after_s=0.6)
    served = [
        await driver.call_in(caller=f"+39331000000{one}", did=did("2001"), queue="support")
        for one in range(2)
    ]
    for call in served:
        await call.answered()
    third = await driver.call_in(caller=OTHER_CUSTOMER, did=did("2001"), queue="support")
    await asyncio.sleep(1.5)
    await third.hang_up()
    for call in served:
        await call.hang_up()
