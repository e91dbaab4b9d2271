"""Menus at one, two and three levels, and people who choose nothing or the wrong thing."""

import asyncio

from support.asterisk_lab import scenarios
from support.asterisk_lab.call import Call
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import CUSTOMER, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did

LISTEN_S = 1.0

play("menu", brief=True)(scenarios.menu_then_queue)


async def listening(driver: Driver, number: str) -> Call:
    """Let somebody call a menu and listen for a moment."""
    call = await driver.call_in(caller=CUSTOMER, did=did(number))
    await call.initiator.wait_up()
    await asyncio.sleep(LISTEN_S)
    return call


async def choose(call: Call, digit: str) -> None:
    """Press a key and listen to what follows."""
    await call.initiator.press(digit)
    await asyncio.sleep(LISTEN_S)


@play("menu")
async def menu_then_phone(driver: Driver) -> None:
    """Choose a person."""
    driver.phones["1003"].answers(after_s=0.5)
    call = await listening(driver, "3000")
    await call.initiator.press("3")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("menu")
async def menu_then_hang_up(driver: Driver) -> None:
    """Listen, choose nothing, hang up."""
    call = await listening(driver, "3000")
    await call.hang_up()


@play("menu")
async def menu_gives_up(driver: Driver) -> None:
    """Choose nothing until the menu gives up."""
    await driver.call_in(caller=CUSTOMER, did=did("3000"))


@play("menu")
async def two_menus_then_phone(driver: Driver) -> None:
    """Choose twice."""
    driver.phones["1004"].answers(after_s=0.5)
    call = await listening(driver, "3100")
    await choose(call, "1")
    await call.initiator.press("1")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("menu")
async def three_menus_then_nobody(driver: Driver) -> None:
    """Choose three times, the last time by an application that reads digits; nobody comes."""
    driver.phones["1006"].only_rings()
    call = await listening(driver, "3100")
    await choose(call, "1")
    await choose(call, "2")
    await call.initiator.press("1")


@play("menu")
async def menu_back_and_wrong_key_then_queue(driver: Driver) -> None:
    """Go back, press a key that means nothing, then choose a queue."""
    driver.phones["1003"].answers(after_s=0.7)
    driver.phones["1004"].only_rings()
    call = await listening(driver, "3100")
    for digit in ("1", "9", "7"):
        await choose(call, digit)
    await call.initiator.press("2")
    await call.ringing("1003")
    call.enters_queue("sales")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("menu")
async def second_menu_times_out_into_a_queue(driver: Driver) -> None:
    """Who chooses nothing in the second menu comes to the queue."""
    for member in ("1001", "1002"):
        driver.phones[member].answers(after_s=0.5)
    call = await listening(driver, "3100")
    await call.initiator.press("1")
    await call.rung_by("1001", "1002", timeout_s=40)
    call.enters_queue("support")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("menu")
async def third_menu_abandoned(driver: Driver) -> None:
    """Hang up in the third menu."""
    call = await listening(driver, "3100")
    await choose(call, "1")
    await choose(call, "2")
    await call.hang_up()
