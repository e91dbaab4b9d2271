"""Longer ways through a telephone system: forwards of forwards, menus, voicemails."""

import asyncio

from support.asterisk_lab.call import Call
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.forwards import (
    ALWAYS,
    NOBODY_COMES,
    ON_BUSY,
    desk,
    forwarded,
)
from support.asterisk_lab.plays.menus import choose, listening
from support.asterisk_lab.plays.moments import CUSTOMER, MOBILE, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did

HOME = "+393450001111"


async def said_goodbye(call: Call) -> None:
    """Let whoever answers talk and hang up."""
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("forward")
async def forward_always_outside_busy(driver: Driver) -> None:
    """All calls of a phone go to a mobile, which is busy."""
    driver.outside(MOBILE).is_busy(after_s=0.2)
    async with forwarded(driver, ALWAYS, "1001", MOBILE):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.expects(MOBILE)
        call.note_transfer("forward", desk(driver, "1001"), MOBILE)
        await call.ended()


@play("forward")
async def forward_always_outside_nobody_comes(driver: Driver) -> None:
    """All calls of a phone go to a mobile, which rings in vain."""
    driver.outside(MOBILE).only_rings()
    async with forwarded(driver, ALWAYS, "1001", MOBILE):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.expects(MOBILE)
        call.note_transfer("forward", desk(driver, "1001"), MOBILE)
        await call.ended()


@play("forward")
async def forward_when_nobody_comes_outside(driver: Driver) -> None:
    """The PBX sends the caller to a mobile when the phone has rung in vain."""
    driver.phones["1001"].only_rings()
    driver.outside(MOBILE).answers(after_s=0.7)
    async with forwarded(driver, NOBODY_COMES, "1001", MOBILE):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.expects(MOBILE)
        await said_goodbye(call)
        await call.ended()


@play("forward")
async def forward_to_a_queue(driver: Driver) -> None:
    """All calls of a phone go to a queue."""
    driver.phones["1009"].answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1001", "2008"):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"), queue="info")
        call.note_transfer("forward", desk(driver, "1001"), "2008")
        await said_goodbye(call)
        await call.ended()


@play("forward")
async def forward_to_a_group(driver: Driver) -> None:
    """All calls of a phone go to a group."""
    for phone in ("1001", "1002"):
        driver.phones[phone].only_rings()
    driver.phones["1003"].answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1005", "2003"):
        call = await driver.call_in(caller=CUSTOMER, did=did("1005"))
        call.note_transfer("forward", desk(driver, "1005"), "2003")
        await said_goodbye(call)
        await call.ended()


@play("forward")
async def forward_always_then_on_busy(driver: Driver) -> None:
    """A phone sends to a second, which is busy and sends to a third."""
    driver.phones["1002"].is_busy(after_s=0.2)
    driver.phones["1003"].answers(after_s=0.7)
    async with (
        forwarded(driver, ALWAYS, "1001", "1002"),
        forwarded(driver, ON_BUSY, "1002", "1003"),
    ):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.note_transfer("forward", desk(driver, "1001"), "1002")
        call.sent_on_by("1002")
        await said_goodbye(call)
        await call.ended()


@play("forward")
async def forward_three_times_outside(driver: Driver) -> None:
    """From phone to phone to phone to a mobile."""
    driver.outside(MOBILE).answers(after_s=0.7)
    async with (
        forwarded(driver, ALWAYS, "1001", "1002"),
        forwarded(driver, ALWAYS, "1002", "1003"),
        forwarded(driver, ALWAYS, "1003", MOBILE),
    ):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.expects(MOBILE)
        for one, other in (("1001", "1002"), ("1002", "1003"), ("1003", MOBILE)):
            call.note_transfer("forward", desk(driver, one), other)
        call.sent_on_by("1002", "1003")
        await said_goodbye(call)
        await call.ended()


@play("forward")
async def forward_of_an_internal_call_outside(driver: Driver) -> None:
    """A colleague's call goes to a mobile."""
    driver.outside(MOBILE).answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1001", MOBILE):
        call = await driver.call_from("1005", "1001")
        call.direction = "outbound"
        call.expects(MOBILE)
        call.note_transfer("forward", desk(driver, "1001"), MOBILE)
        await said_goodbye(call)
        await call.ended()


@play("forward")
async def forward_to_a_phone_that_forwards(driver: Driver) -> None:
    """The PBX sends to a second phone, which sends to a third itself (302)."""
    driver.phones["1002"].forwards("1003")
    driver.phones["1003"].answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1001", "1002"):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.note_transfer("forward", desk(driver, "1001"), "1002")
        call.note_transfer("forward", await call.rung_by("1002"), "1003")
        call.sent_on_by("1002")
        await said_goodbye(call)
        await call.ended()


@play("forward")
async def forward_by_two_phones(driver: Driver) -> None:
    """A phone sends to a second (302), the second to a third (302)."""
    driver.phones["1001"].forwards("1002")
    driver.phones["1002"].forwards("1003")
    driver.phones["1003"].answers(after_s=0.7)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    call.note_transfer("forward", await call.rung_by("1001"), "1002")
    call.note_transfer("forward", await call.rung_by("1002"), "1003")
    call.sent_on_by("1002")
    await said_goodbye(call)


@play("forward")
async def forward_by_phone_outside_nobody_comes(driver: Driver) -> None:
    """A phone sends its callers to a mobile that nobody answers (302)."""
    driver.phones["1001"].forwards(MOBILE)
    driver.outside(MOBILE).only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    call.expects(MOBILE)
    call.note_transfer("forward", await call.rung_by("1001"), MOBILE)


@play("forward")
async def forward_by_phone_abandoned(driver: Driver) -> None:
    """The caller hangs up while the colleague's phone rings (302)."""
    driver.phones["1001"].forwards("1002")
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    call.note_transfer("forward", await call.rung_by("1001"), "1002")
    await call.ringing("1002")
    await talk()
    await call.hang_up()


@play("forward")
async def forward_by_a_phone_of_a_group(driver: Driver) -> None:
    """One phone of a group sends its call on (302); the colleague answers."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].only_rings()
    driver.phones["1003"].forwards("1005", after_s=0.5)
    driver.phones["1005"].answers(after_s=0.8)
    call = await driver.call_in(caller=CUSTOMER, did=did("2003"))
    sender = await call.rung_by("1003")
    await asyncio.sleep(0.5)
    call.note_transfer("forward", sender, "1005")
    await said_goodbye(call)


@play("menu", on_16=False)
async def menu_then_voicemail(driver: Driver) -> None:
    """Choose the voicemail."""
    call = await listening(driver, "3200")
    await call.initiator.press("2")
    await asyncio.sleep(0.5)
    call.voicemail_answers()
    await talk()
    await call.hang_up()


@play("menu")
async def menu_then_group(driver: Driver) -> None:
    """Choose a group of three."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=0.8)
    driver.phones["1003"].only_rings()
    call = await listening(driver, "3200")
    await call.initiator.press("3")
    await said_goodbye(call)


@play("menu")
async def menu_then_mobile(driver: Driver) -> None:
    """Choose a mobile."""
    driver.outside(HOME).answers(after_s=0.8)
    call = await listening(driver, "3200")
    call.expects(HOME)
    await call.initiator.press("4")
    await said_goodbye(call)


@play("menu")
async def menu_times_out_to_a_phone(driver: Driver) -> None:
    """Choose nothing; a phone rings."""
    driver.phones["1006"].answers(after_s=0.8)
    call = await listening(driver, "3200")
    await (await call.ringing("1006", timeout_s=40)).wait_up()
    await said_goodbye(call)


@play("menu")
async def menu_invalid_choice_ends_it(driver: Driver) -> None:
    """Press a key that means nothing; the PBX hangs up."""
    call = await listening(driver, "3200")
    await call.initiator.press("8")


@play("menu", on_16=False)
async def menu_then_queue_then_voicemail(driver: Driver) -> None:
    """The queue gives up, the voicemail answers."""
    driver.phones["1010"].only_rings()
    call = await listening(driver, "3200")
    await call.initiator.press("1")
    leg = await call.ringing("1010")
    call.enters_queue("brief")
    await leg.wait_ended()
    call.leaves_queue()
    call.voicemail_answers()
    await talk()
    await call.hang_up()


@play("menu")
async def menu_called_by_a_colleague(driver: Driver) -> None:
    """An internal caller listens and chooses a group."""
    driver.phones["1001"].answers(after_s=0.8)
    driver.phones["1002"].only_rings()
    driver.phones["1003"].only_rings()
    call = await driver.call_from("1005", "3200")
    await call.initiator.wait_up()
    await talk()
    await choose(call, "3")
    await said_goodbye(call)


@play("voicemail", on_16=False)
async def voicemail_says_busy(driver: Driver) -> None:
    """The phone is busy, and the voicemail says so."""
    driver.phones["1002"].is_busy()
    call = await driver.call_in(caller=CUSTOMER, did=did("5102"))
    await call.initiator.wait_up()
    call.voicemail_answers()
    await talk()
    await call.hang_up()


@play("voicemail", on_16=False)
async def voicemail_left_quickly(driver: Driver) -> None:
    """The caller hangs up in the moment in which the voicemail answers."""
    driver.phones["1001"].rejects(after_s=0.6)
    call = await driver.call_in(caller=CUSTOMER, did=did("5101"))
    await call.initiator.wait_up()
    call.voicemail_answers()
    await call.hang_up()


@play("voicemail", on_16=False)
async def voicemail_of_a_phone_that_does_not_disturb(driver: Driver) -> None:
    """The phone refuses at once, the voicemail answers a colleague."""
    driver.phones["1001"].does_not_disturb()
    call = await driver.call_from("1005", "2501")
    driver.phones["1002"].is_busy()
    driver.outside(HOME).is_busy()
    call.expects(HOME)
    await call.initiator.wait_up()
    call.voicemail_answers()
    await talk()
    await call.hang_up()


@play("voicemail", on_16=False)
async def voicemail_called_by_a_colleague(driver: Driver) -> None:
    """A colleague leaves a message without ringing anybody."""
    call = await driver.call_from("1005", "*1001")
    await call.initiator.wait_up()
    call.voicemail_answers()
    await talk()
    await call.hang_up()
