"""Calls that end at a voicemail, or could have."""

import asyncio

from support.asterisk_lab import scenarios
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.moments import CUSTOMER, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import UNPLUGGED, did

play("voicemail", brief=True, on_16=False)(scenarios.voicemail)


@play("voicemail", on_16=False)
async def voicemail_of_a_busy_phone(driver: Driver) -> None:
    """The phone is busy, the voicemail answers."""
    driver.phones["1002"].is_busy()
    call = await driver.call_in(caller=CUSTOMER, did=did("5002"))
    await call.initiator.wait_up()
    call.voicemail_answers()
    await talk()
    await call.hang_up()


@play("voicemail", on_16=False)
async def voicemail_of_an_unplugged_phone(driver: Driver) -> None:
    """Nothing to dial, the voicemail answers at once."""
    call = await driver.call_in(caller=CUSTOMER, did=did(f"50{UNPLUGGED[-2:]}"))
    await call.initiator.wait_up()
    call.voicemail_answers()
    await talk()
    await call.hang_up()


@play("voicemail")
async def caller_leaves_before_the_voicemail(driver: Driver) -> None:
    """The caller hangs up while the phone rings."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("5001"))
    await call.ringing("1001")
    await asyncio.sleep(1.0)
    await call.hang_up()


@play("voicemail")
async def answered_before_the_voicemail(driver: Driver) -> None:
    """The agent comes in time."""
    driver.phones["1001"].answers(after_s=1.0)
    call = await driver.call_in(caller=CUSTOMER, did=did("5001"))
    leg = await call.answered()
    await talk()
    await leg.hang_up()
