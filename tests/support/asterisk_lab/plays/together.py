"""Several calls at once: call waiting, one caller on several lines, a busy minute."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import CUSTOMER, OTHER_CUSTOMER, talk, talking
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did


@play("call waiting", brief=True)
async def call_waiting_answered(driver: Driver) -> None:
    """The agent holds the first caller, talks with the second and comes back."""
    first, leg = await talking(driver)
    driver.phones["1001"].answers(after_s=1.0)
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("1001"))
    await second.ringing("1001")
    await leg.hold()
    other = await second.answered()
    await talk()
    await other.hang_up()
    await asyncio.sleep(0.3)
    await leg.unhold()
    await talk()
    await first.hang_up()


@play("call waiting")
async def call_waiting_ignored(driver: Driver) -> None:
    """The second caller rings in vain."""
    first, _ = await talking(driver)
    driver.phones["1001"].only_rings()
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("1001"))
    await second.ended()
    await first.hang_up()


@play("call waiting")
async def call_waiting_first_caller_leaves(driver: Driver) -> None:
    """The held first caller hangs up while the agent talks with the second."""
    first, leg = await talking(driver)
    driver.phones["1001"].answers(after_s=0.7)
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("1001"))
    await second.ringing("1001")
    await leg.hold()
    await second.answered()
    await talk()
    await first.hang_up()
    await talk()
    await second.hang_up()


@play("several calls", brief=True)
async def two_calls_of_one_caller(driver: Driver) -> None:
    """A switchboard calls twice at once."""
    driver.phones["1001"].answers(after_s=0.7)
    driver.phones["1002"].answers(after_s=1.2)
    first = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    first.expects("1001")
    second = await driver.call_in(caller=CUSTOMER, did=did("1002"))
    second.expects("1002")
    leg = await first.answered()
    await second.answered()
    await talk()
    await leg.hang_up()
    await asyncio.sleep(0.4)
    await second.hang_up()


@play("several calls")
async def three_calls_of_one_caller_one_missed(driver: Driver) -> None:
    """The same number on three lines: one answered, one missed, one abandoned."""
    driver.phones["1001"].answers(after_s=0.7)
    for phone in ("1002", "1003"):
        driver.phones[phone].only_rings()
    calls = []
    for phone in ("1001", "1002", "1003"):
        call = await driver.call_in(caller=CUSTOMER, did=did(phone))
        call.expects(phone)
        calls.append(call)
    await calls[0].answered()
    await calls[2].ringing("1003")
    await talk()
    await calls[2].hang_up()
    await calls[1].ended()
    await calls[0].hang_up()


@play("several calls")
async def five_calls_at_once(driver: Driver) -> None:
    """Five callers, five phones."""
    calls = []
    for number in range(5):
        phone = f"100{number + 1}"
        driver.phones[phone].answers(after_s=0.5 + number / 5)
        calls.append(await driver.call_in(caller=f"+3933300000{number}9", did=did(phone)))
    for call in calls:
        await call.answered()
    await talk()
    for call in calls:
        await call.hang_up()


@play("several calls")
async def two_agents_call_each_other(driver: Driver) -> None:
    """Both call at the same moment, and both let it ring."""
    for phone in ("1005", "1006"):
        driver.phones[phone].only_rings()
    one = await driver.call_from("1005", "1006")
    one.expects("1006")
    other = await driver.call_from("1006", "1005")
    other.expects("1005")
