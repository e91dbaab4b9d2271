"""Calls that must be taken with a key, are announced to who takes them, or go on afterwards."""

import asyncio

from support.asterisk_lab.call import Call
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.plays.moments import CUSTOMER, MOBILE, now, taken, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did

# The question is asked for a moment, then the key counts.
QUESTION_S = 0.7
# The queue waits for a second and plays a beep before it lets the caller through.
ANNOUNCED_S = 1.4


async def takes(call: Call, leg: Leg) -> None:
    """Press the key that lets the caller through: only then somebody is there."""
    await leg.wait_up()
    await asyncio.sleep(QUESTION_S)
    await leg.press("1")
    leg.up_at = leg.pressed_at
    await asyncio.sleep(0.5)
    await talk()
    await call.hang_up()


@play("confirmed")
async def group_taken_with_a_key(driver: Driver) -> None:
    """Two phones behind Local channels ring; one is lifted and the key pressed."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6601"))
    await takes(call, await call.rung_by("1002"))


@play("confirmed")
async def group_lifted_but_not_taken(driver: Driver) -> None:
    """One receiver is lifted, no key pressed; the other one takes the call."""
    driver.phones["1001"].answers(after_s=0.4)
    driver.phones["1002"].answers(after_s=2.0)
    call = await driver.call_in(caller=CUSTOMER, did=did("6601"))
    call.never_joined(await call.rung_by("1001"))
    await takes(call, await call.rung_by("1002"))


@play("confirmed", brief=True)
async def phone_taken_with_a_key(driver: Driver) -> None:
    """One phone; lifted, and the key pressed."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6602"))
    await takes(call, await call.rung_by("1001"))


@play("confirmed")
async def phone_lifted_but_not_taken(driver: Driver) -> None:
    """The receiver is lifted and no key pressed; the next person answers."""
    driver.phones["1001"].answers(after_s=0.4)
    driver.phones["1003"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6602"))
    call.never_joined(await call.rung_by("1001"))
    await taken(call, "1003")
    await talk()
    await call.hang_up()


@play("confirmed")
async def phone_lifted_and_the_caller_leaves(driver: Driver) -> None:
    """The receiver is lifted, and the caller goes before the key is pressed."""
    driver.phones["1001"].answers(after_s=0.4)
    call = await driver.call_in(caller=CUSTOMER, did=did("6602"))
    leg = await call.rung_by("1001")
    call.never_joined(leg)
    await leg.wait_up()
    await asyncio.sleep(QUESTION_S)
    await call.hang_up()


@play("confirmed", on_16=False)
async def queue_taken_with_a_key(driver: Driver) -> None:
    """The agent of a queue presses a key to take the caller."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6647"), queue="plain")
    await takes(call, await call.rung_by("1001"))


@play("confirmed")
async def announced_to_the_called(driver: Driver) -> None:
    """Whoever is called hears an announcement first."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6626"))
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("confirmed")
async def queue_announced_to_the_agent(driver: Driver) -> None:
    """The agent hears an announcement, and how long the caller has waited."""
    driver.phones["1001"].answers(after_s=0.5)
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("6642"), queue="announced")
    leg = await (await call.rung_by("1001")).wait_up()
    leg.up_at = now() + ANNOUNCED_S
    await asyncio.sleep(4.0)
    await leg.hang_up()


@play("confirmed")
async def queue_caller_leaves_during_the_announcement(driver: Driver) -> None:
    """The caller goes while the agent hears the announcement."""
    driver.phones["1001"].answers(after_s=0.5)
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("6642"), queue="announced")
    leg = await (await call.rung_by("1001")).wait_up()
    call.never_joined(leg)
    await asyncio.sleep(0.5)
    await call.hang_up()


@play("goes on")
async def another_person_afterwards(driver: Driver) -> None:
    """When the first person hangs up, the PBX calls another one for the caller."""
    driver.phones["1001"].answers(after_s=0.5)
    driver.phones["1002"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6603"))
    leg = await call.answered()
    await talk()
    await leg.hang_up()
    await taken(call, "1002")
    await talk()
    await call.hang_up()


@play("goes on")
async def nobody_afterwards(driver: Driver) -> None:
    """When the first person hangs up, another phone rings in vain."""
    driver.phones["1001"].answers(after_s=0.5)
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("6603"))
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("goes on")
async def recording_afterwards(driver: Driver) -> None:
    """When the person hangs up, the caller hears a recording and goes."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6604"))
    leg = await call.answered()
    await talk()
    await leg.hang_up()
    await talk()
    await call.hang_up()


@play("goes on")
async def caller_goes_before_the_recording(driver: Driver) -> None:
    """The caller hangs up first."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6604"))
    await call.answered()
    await talk()
    await call.hang_up()


@play("goes on")
async def queue_goes_on_afterwards(driver: Driver) -> None:
    """When the agent hangs up, the caller goes on to another phone."""
    driver.phones["1001"].answers(after_s=0.5)
    driver.phones["1002"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6640"), queue="plain")
    leg = await call.answered()
    await talk()
    await leg.hang_up()
    await taken(call, "1002")
    await talk()
    await call.hang_up()


@play("goes on")
async def talk_is_limited(driver: Driver) -> None:
    """The PBX ends the call after two seconds."""
    driver.phones["1001"].answers(after_s=0.5)
    await driver.call_in(caller=CUSTOMER, did=did("6618"))


@play("goes on")
async def call_is_limited(driver: Driver) -> None:
    """The PBX ends the call three seconds after its beginning."""
    driver.phones["1001"].answers(after_s=0.5)
    await driver.call_in(caller=CUSTOMER, did=did("6619"))


@play("goes on")
async def call_is_limited_while_it_rings(driver: Driver) -> None:
    """The PBX ends the call three seconds after its beginning; nobody has come."""
    driver.phones["1001"].only_rings()
    await driver.call_in(caller=CUSTOMER, did=did("6619"))


@play("goes on")
async def program_hangs_up(driver: Driver) -> None:
    """A program ends the call."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    await call.answered()
    await talk()
    channel = await driver.channel_of(call.initiator, caller=call.caller)
    await driver.ami("Hangup", Channel=channel)


@play("goes on")
async def program_hangs_up_the_agent(driver: Driver) -> None:
    """A program ends the agent's line."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    leg = await call.answered()
    await talk()
    await driver.ami("Hangup", Channel=await driver.channel_of(leg))


@play("redirected")
async def redirected_while_it_rings(driver: Driver) -> None:
    """A program sends the caller elsewhere while a phone rings."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    await call.ringing("1001")
    await talk()
    channel = await driver.channel_of(call.initiator, caller=call.caller)
    await driver.ami("Redirect", Channel=channel, Exten="1002", Context="from-phones", Priority="1")
    await taken(call, "1002")
    await talk()
    await call.hang_up()


@play("redirected")
async def redirected_out_of_a_queue(driver: Driver) -> None:
    """A program takes a waiting caller out of the queue."""
    driver.phones["1009"].only_rings()
    driver.phones["1002"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    await call.ringing("1009")
    await talk()
    channel = await driver.channel_of(call.initiator, caller=call.caller)
    call.leaves_queue()
    await driver.ami("Redirect", Channel=channel, Exten="1002", Context="from-phones", Priority="1")
    await taken(call, "1002")
    await talk()
    await call.hang_up()


@play("redirected")
async def both_redirected_into_a_conference(driver: Driver) -> None:
    """A program puts customer and agent into a conference."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    leg = await call.answered()
    await talk()
    channel = await driver.channel_of(call.initiator, caller=call.caller)
    await driver.ami(
        "Redirect",
        Channel=channel,
        ExtraChannel=await driver.channel_of(leg),
        Exten="4000",
        Context="from-phones",
        Priority="1",
        ExtraExten="4000",
        ExtraContext="from-phones",
        ExtraPriority="1",
    )
    await asyncio.sleep(1.5)
    await call.hang_up()
    await asyncio.sleep(0.3)
    await leg.hang_up()


@play("redirected")
async def joined_by_a_program(driver: Driver) -> None:
    """A program joins a waiting customer with a colleague who waits as well."""
    call = await driver.call_in(caller=CUSTOMER, did=did("6628"))
    await call.initiator.wait_up()
    waiting = await driver.call_from("1003", "6628")
    await waiting.initiator.wait_up()
    await talk()
    call.taken_by(waiting.initiator)
    one = await driver.channel_of(call.initiator, caller=call.caller)
    await driver.ami("Bridge", Channel1=one, Channel2=await driver.channel_of(waiting.initiator))
    waiting.initiator.up_at = now()
    await talk()
    await call.hang_up()


@play("outgoing", name="outgoing_number_outside_answers_in_a_group")
async def phone_and_mobile_dialled_directly(driver: Driver) -> None:
    """A phone and a number outside ring together, without relays; the mobile answers."""
    driver.phones["1001"].only_rings()
    driver.outside(MOBILE).answers(after_s=0.7)
    call = await driver.call_in(caller=CUSTOMER, did=did("6621"))
    call.expects(MOBILE)
    await call.answered()
    await talk()
    await call.hang_up()
