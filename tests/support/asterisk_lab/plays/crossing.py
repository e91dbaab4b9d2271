"""Click-to-call with more ways to fail, conferences in other orders, calls that cross."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.consulting import by_code
from support.asterisk_lab.plays.fetching import picked_up
from support.asterisk_lab.plays.moments import (
    CUSTOMER,
    MOBILE,
    OTHER_CUSTOMER,
    taken,
    talk,
    talking,
)
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.plays.routes import said_goodbye
from support.asterisk_lab.settings import did


@play("click")
async def click_on_a_group(driver: Driver) -> None:
    """The number is a group; the second phone answers."""
    driver.phones["1005"].answers(after_s=0.6)
    for phone in ("1001", "1003"):
        driver.phones[phone].only_rings()
    driver.phones["1002"].answers(after_s=0.8)
    await said_goodbye(await driver.click("1005", "2003"))


@play("click")
async def click_on_a_queue(driver: Driver) -> None:
    """The number is a queue."""
    driver.phones["1005"].answers(after_s=0.6)
    driver.phones["1009"].answers(after_s=0.8)
    call = await driver.click("1005", "2008")
    await call.dialled("1009")
    call.enters_queue("info")
    await said_goodbye(call)


@play("click")
async def click_on_a_colleague_in_vain(driver: Driver) -> None:
    """The colleague does not come."""
    driver.phones["1005"].answers(after_s=0.6)
    driver.phones["1006"].only_rings()
    await driver.click("1005", "1006")


@play("click")
async def click_on_a_busy_colleague(driver: Driver) -> None:
    """The colleague is on the telephone."""
    driver.phones["1005"].answers(after_s=0.6)
    driver.phones["1006"].is_busy(after_s=0.2)
    await driver.click("1005", "1006")


@play("click")
async def click_agent_does_not_disturb(driver: Driver) -> None:
    """The agent's phone refuses at once."""
    driver.phones["1001"].does_not_disturb()
    await driver.click("1001", MOBILE)


@play("click")
async def click_held(driver: Driver) -> None:
    """The agent holds the customer."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).answers(after_s=0.8)
    call = await driver.click("1001", MOBILE)
    customer = await call.answered()
    await talk()
    await call.initiator.hold()
    await talk()
    await call.initiator.unhold()
    await talk()
    await customer.hang_up()


@play("click")
async def click_then_attended_transfer(driver: Driver) -> None:
    """The agent asks a colleague and hands the customer over."""
    driver.phones["1001"].answers(after_s=0.6)
    driver.outside(MOBILE).answers(after_s=0.8)
    driver.phones["1003"].answers(after_s=0.6)
    call = await driver.click("1001", MOBILE)
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


@play("click")
async def click_twice(driver: Driver) -> None:
    """Two agents click on two customers at the same time."""
    for phone in ("1001", "1002"):
        driver.phones[phone].answers(after_s=0.8)
    driver.outside(MOBILE).answers(after_s=0.8)
    driver.outside("3485556600").is_busy(after_s=0.3)
    first = await driver.click("1001", MOBILE)
    second = await driver.click("1002", "3485556600")
    first.expects(MOBILE)
    second.expects("3485556600")
    leg = await first.answered()
    await talk()
    await leg.hang_up()


@play("click")
async def click_answered_at_once(driver: Driver) -> None:
    """Agent and customer lift the receiver in the moment in which it rings."""
    driver.phones["1001"].answers(after_s=0.1)
    driver.outside(MOBILE).answers(after_s=0.1)
    call = await driver.click("1001", MOBILE)
    await call.answered()
    await talk()
    await call.hang_up()


@play("conference")
async def extension_between_two_customers(driver: Driver) -> None:
    """Customer, extension, customer; the extension leaves before both."""
    first = await driver.call_in(caller=CUSTOMER, did=did("4000"))
    await first.initiator.wait_up()
    await asyncio.sleep(0.5)
    agent = await driver.call_from("1001", "4000")
    await agent.initiator.wait_up()
    agent.in_room(None)
    first.in_room("1001")
    await asyncio.sleep(0.5)
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("4000"))
    await second.initiator.wait_up()
    second.in_room("1001")
    await talk()
    for call in (agent, second, first):
        await call.hang_up()
        await asyncio.sleep(0.3)


@play("conference")
async def customer_meets_one_extension_after_another(driver: Driver) -> None:
    """The first extension goes before the second comes; the second is the final talker."""
    customer = await driver.call_in(caller=CUSTOMER, did=did("4000"))
    await customer.initiator.wait_up()
    await asyncio.sleep(0.4)
    for phone in ("1001", "1002"):
        agent = await driver.call_from(phone, "4000")
        await agent.initiator.wait_up()
        agent.in_room(None)
        customer.in_room(phone)
        await talk()
        await agent.hang_up()
        await asyncio.sleep(0.3)
    await customer.hang_up()


@play("conference")
async def extension_alone_in_a_conference(driver: Driver) -> None:
    """Nobody else comes."""
    agent = await driver.call_from("1001", "4000")
    await agent.initiator.wait_up()
    agent.in_room(None)
    await talk()
    await agent.hang_up()


@play("conference")
async def two_customers_without_an_extension(driver: Driver) -> None:
    """Two customers meet, and nobody of the company."""
    calls = []
    for caller in (CUSTOMER, OTHER_CUSTOMER):
        call = await driver.call_in(caller=caller, did=did("4000"))
        await call.initiator.wait_up()
        calls.append(call)
        await asyncio.sleep(0.4)
    await talk()
    for call in calls:
        await call.hang_up()
        await asyncio.sleep(0.3)


@play("call waiting")
async def call_waiting_refused(driver: Driver) -> None:
    """The agent presses the red key for the second caller."""
    first, _ = await talking(driver)
    driver.phones["1001"].rejects(after_s=0.8)
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("1001"))
    await second.ended()
    await talk()
    await first.hang_up()


@play("call waiting")
async def call_waiting_busy(driver: Driver) -> None:
    """The phone takes no second call."""
    first, _ = await talking(driver)
    driver.phones["1001"].is_busy(after_s=0.2)
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("1001"))
    await second.ended()
    await talk()
    await first.hang_up()


@play("call waiting")
async def call_waiting_abandoned(driver: Driver) -> None:
    """The second caller gives up."""
    first, _ = await talking(driver)
    driver.phones["1001"].only_rings()
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("1001"))
    await second.ringing("1001")
    await talk()
    await second.hang_up()
    await second.ended()
    await talk()
    await first.hang_up()


@play("call waiting")
async def call_waiting_picked_up(driver: Driver) -> None:
    """A colleague fetches the second call from the busy phone."""
    first, _ = await talking(driver)
    driver.phones["1001"].only_rings()
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("1001"))
    leg = await picked_up(driver, second, await second.ringing("1001"), "**1001")
    await leg.hang_up()
    await talk()
    await first.hang_up()


@play("call waiting")
async def call_waiting_first_is_sent_on(driver: Driver) -> None:
    """The agent sends the first caller to a colleague and answers the second."""
    first, leg = await talking(driver)
    driver.phones["1001"].answers(after_s=2.5)
    driver.phones["1002"].answers(after_s=0.6)
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("1001"))
    await second.ringing("1001")
    first.expects("1002")
    await driver.blind_transfer(first, leg, "1002")
    colleague = await taken(first, "1002")
    other = await second.answered()
    await talk()
    await other.hang_up()
    await colleague.hang_up()


@play("several calls")
async def one_caller_in_a_queue_and_at_a_phone(driver: Driver) -> None:
    """The same number waits in a queue and talks with somebody."""
    driver.phones["1009"].only_rings()
    driver.phones["1001"].answers(after_s=0.7)
    waiting = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    waiting.expects("1009")
    await waiting.ringing("1009")
    talked = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    talked.expects("1001")
    leg = await talked.answered()
    await talk()
    await leg.hang_up()
    await asyncio.sleep(0.4)
    await waiting.hang_up()


@play("several calls")
async def one_caller_tries_three_times(driver: Driver) -> None:
    """Busy, in vain, answered: three calls one after the other."""
    driver.phones["1001"].is_busy(after_s=0.2)
    await (await driver.call_in(caller=CUSTOMER, did=did("1001"))).ended()
    driver.phones["1001"].rejects(after_s=0.5)
    await (await driver.call_in(caller=CUSTOMER, did=did("1001"))).ended()
    driver.phones["1001"].answers(after_s=0.5)
    await said_goodbye(await driver.call_in(caller=CUSTOMER, did=did("1001")))


@play("several calls")
async def agent_calls_out_while_a_customer_is_held(driver: Driver) -> None:
    """Two calls of one agent that are never joined."""
    first, leg = await talking(driver)
    driver.outside(MOBILE).answers(after_s=0.6)
    await leg.hold()
    second = await driver.call_from("1001", MOBILE)
    await second.answered()
    await talk()
    await second.hang_up()
    await asyncio.sleep(0.3)
    await leg.unhold()
    await talk()
    await first.hang_up()


@play("outbound")
async def outbound_customer_does_not_disturb(driver: Driver) -> None:
    """The customer's phone refuses at once."""
    driver.outside(MOBILE).does_not_disturb()
    await driver.call_from("1005", MOBILE)


@play("outbound")
async def outbound_busy_then_answered(driver: Driver) -> None:
    """Two attempts."""
    driver.outside(MOBILE).is_busy(after_s=0.2)
    await (await driver.call_from("1005", MOBILE)).ended()
    driver.outside(MOBILE).answers(after_s=0.7)
    await said_goodbye(await driver.call_from("1005", MOBILE))


@play("outbound", media=False)
async def outbound_held_by_customer_without_media(driver: Driver) -> None:
    """The customer's telephone system plays music: no hold of ours."""
    driver.outside(MOBILE).answers(after_s=0.6)
    call = await driver.call_from("1005", MOBILE)
    customer = await call.answered()
    await talk()
    await customer.hold()
    await talk()
    await customer.unhold()
    await talk()
    await call.hang_up()
