"""Conferences: each participant's call is a record of its own."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import CUSTOMER, OTHER_CUSTOMER, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did


@play("conference", brief=True)
async def conference_of_three(driver: Driver) -> None:
    """An extension, a customer, another extension."""
    first = await driver.call_from("1001", "4000")
    await first.initiator.wait_up()
    first.in_room(None)
    await asyncio.sleep(0.5)
    customer = await driver.call_in(caller=CUSTOMER, did=did("4000"))
    await customer.initiator.wait_up()
    customer.in_room("1001")
    await talk()
    await customer.hang_up()
    await asyncio.sleep(0.3)
    await first.hang_up()


@play("conference")
async def customer_waits_in_the_conference(driver: Driver) -> None:
    """The customer is there first; the extension comes later and leaves first."""
    customer = await driver.call_in(caller=CUSTOMER, did=did("4000"))
    await customer.initiator.wait_up()
    await asyncio.sleep(1.5)
    agent = await driver.call_from("1001", "4000")
    await agent.initiator.wait_up()
    agent.in_room(None)
    customer.in_room("1001")
    await talk()
    await agent.hang_up()
    await asyncio.sleep(0.5)
    await customer.hang_up()


@play("conference")
async def customer_leaves_an_empty_conference(driver: Driver) -> None:
    """Nobody of the company comes."""
    customer = await driver.call_in(caller=CUSTOMER, did=did("4000"))
    await customer.initiator.wait_up()
    await asyncio.sleep(1.0)
    await customer.hang_up()


@play("conference")
async def conference_of_extensions(driver: Driver) -> None:
    """Three colleagues."""
    calls = []
    for phone in ("1001", "1002", "1003"):
        call = await driver.call_from(phone, "4000")
        await call.initiator.wait_up()
        call.in_room(None)
        calls.append(call)
        await asyncio.sleep(0.4)
    await talk()
    for call in calls:
        await call.hang_up()
        await asyncio.sleep(0.2)


@play("conference")
async def two_customers_and_an_extension(driver: Driver) -> None:
    """Both customers are answered in the moment in which the extension comes."""
    customers = []
    for caller in (CUSTOMER, OTHER_CUSTOMER):
        customer = await driver.call_in(caller=caller, did=did("4000"))
        await customer.initiator.wait_up()
        customers.append(customer)
        await asyncio.sleep(0.5)
    agent = await driver.call_from("1001", "4000")
    await agent.initiator.wait_up()
    agent.in_room(None)
    for customer in customers:
        customer.in_room("1001")
    await talk()
    for call in (*customers, agent):
        await call.hang_up()
        await asyncio.sleep(0.2)
