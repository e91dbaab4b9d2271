"""Queues of more kinds: strategies, penalties, members elsewhere, and where callers go then."""

import asyncio

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.forwards import ALWAYS, desk, forwarded
from support.asterisk_lab.plays.moments import CUSTOMER, OTHER_CUSTOMER, talk, talking
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.plays.routes import HOME, said_goodbye
from support.asterisk_lab.settings import did

TWINS = {"devices": {"1011": "1001"}}


async def one_of_two_comes(driver: Driver, number: str, queue: str) -> None:
    """Let whoever is asked first not come, and the other one answer."""
    for member in ("1007", "1008"):
        driver.phones[member].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did(number), queue=queue)
    first = await call.rung_by("1007", "1008")
    other = "1008" if first.device == "1007" else "1007"
    for member in ("1007", "1008"):
        driver.phones[member].answers(after_s=0.6)
    await (await call.rung_by(other, "1007", "1008")).wait_ended()
    await said_goodbye(call)


@play("queue")
async def fewest_calls_queue(driver: Driver) -> None:
    """Whoever has taken fewest calls is asked."""
    await one_of_two_comes(driver, "2015", "fewest")


@play("queue")
async def random_queue(driver: Driver) -> None:
    """Chance decides who is asked."""
    await one_of_two_comes(driver, "2016", "chance")


@play("queue")
async def ordered_round_robin_queue(driver: Driver) -> None:
    """The members are asked in turn."""
    await one_of_two_comes(driver, "2017", "orderly")


@play("queue")
async def weighted_random_queue(driver: Driver) -> None:
    """Chance decides, and a penalty weighs."""
    await one_of_two_comes(driver, "2018", "weighted")


@play("queue")
async def penalty_other_member_answers(driver: Driver) -> None:
    """Who has a penalty is asked while the others pause."""
    driver.phones["1006"].answers(after_s=0.6)
    await driver.ami("QueuePause", Interface="PJSIP/1005", Paused="true", Queue="tiered")
    try:
        call = await driver.call_in(caller=CUSTOMER, did=did("2019"), queue="tiered")
        await said_goodbye(call)
        await call.ended()
    finally:
        await driver.ami("QueuePause", Interface="PJSIP/1005", Paused="false", Queue="tiered")


@play("queue", media=False, name="queue_member_at_home_without_media")
@play("queue")
async def queue_member_at_home_answers(driver: Driver) -> None:
    """A desk phone and a mobile behind Local channels; the mobile answers."""
    driver.phones["1005"].only_rings()
    driver.outside(HOME).answers(after_s=1.0)
    call = await driver.call_in(caller=CUSTOMER, did=did("2030"), queue="homework")
    call.expects(HOME)
    await said_goodbye(call)


@play("queue")
async def queue_member_at_home_is_busy(driver: Driver) -> None:
    """The mobile is busy and the desk phone answers."""
    driver.phones["1005"].answers(after_s=1.0)
    driver.outside(HOME).is_busy(after_s=0.2)
    call = await driver.call_in(caller=CUSTOMER, did=did("2030"), queue="homework")
    call.expects(HOME)
    await said_goodbye(call)


@play("queue", settings=TWINS)
async def queue_member_with_two_phones(driver: Driver) -> None:
    """One member, two phones behind one Local channel."""
    driver.phones["1001"].only_rings()
    driver.phones["1011"].answers(after_s=1.0)
    call = await driver.call_in(caller=CUSTOMER, did=did("2031"), queue="both")
    call.twins = TWINS["devices"]
    await said_goodbye(call)


@play("queue")
async def queue_member_has_set_a_forward(driver: Driver) -> None:
    """The member's Local channel follows a forward set in the PBX."""
    driver.phones["1003"].answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1005", "1003"):
        call = await driver.call_in(caller=CUSTOMER, did=did("2032"), queue="shifting")
        call.note_transfer("forward", desk(driver, "1005"), "1003")
        await said_goodbye(call)
        await call.ended()


@play("queue")
async def queue_member_has_set_a_forward_outside(driver: Driver) -> None:
    """The member's calls go to a mobile."""
    driver.outside(HOME).answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1005", HOME):
        call = await driver.call_in(caller=CUSTOMER, did=did("2032"), queue="shifting")
        call.expects(HOME)
        call.note_transfer("forward", desk(driver, "1005"), HOME)
        await said_goodbye(call)
        await call.ended()


@play("queue")
async def queue_members_refuse_in_turn(driver: Driver) -> None:
    """Behind Local channels one rejects, one is busy, one answers."""
    driver.phones["1005"].rejects(after_s=0.6)
    driver.phones["1006"].is_busy(after_s=0.2)
    driver.phones["1007"].answers(after_s=0.7)
    call = await driver.call_in(caller=CUSTOMER, did=did("2034"), queue="help")
    await said_goodbye(call)


@play("queue")
async def queue_three_rounds_then_abandoned(driver: Driver) -> None:
    """Nobody of three behind Local channels comes; the caller leaves in the fourth ringing."""
    for member in ("1005", "1006", "1007"):
        driver.phones[member].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2034"), queue="help")
    for _ in range(3):
        leg = await call.rung_by(*{"1005", "1006", "1007"} - {one.device for one in call.legs})
        await leg.wait_ended()
    await asyncio.sleep(1.6)
    await call.hang_up()


@play("queue")
async def queue_left_between_two_rounds(driver: Driver) -> None:
    """The caller hangs up while nobody's phone rings."""
    driver.phones["1007"].rejects(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("2009"), queue="waiting")
    await (await call.ringing("1007")).wait_ended()
    await asyncio.sleep(0.4)
    await call.hang_up()


@play("queue")
async def queue_gives_up_then_phone(driver: Driver) -> None:
    """The queue gives up, a phone answers."""
    driver.phones["1010"].only_rings()
    driver.phones["1003"].answers(after_s=0.8)
    call = await driver.call_in(caller=CUSTOMER, did=did("2013"), queue="brief")
    leg = await call.ringing("1003")
    call.leaves_queue()
    await leg.wait_up()
    await said_goodbye(call)


@play("queue")
async def queue_gives_up_then_phone_in_vain(driver: Driver) -> None:
    """The queue gives up, a phone is busy."""
    driver.phones["1010"].only_rings()
    driver.phones["1003"].is_busy(after_s=0.2)
    call = await driver.call_in(caller=CUSTOMER, did=did("2013"), queue="brief")
    await call.ringing("1003")
    call.leaves_queue()


@play("queue", on_16=False)
async def queue_gives_up_then_voicemail(driver: Driver) -> None:
    """The queue gives up, the voicemail answers."""
    driver.phones["1010"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2014"), queue="brief")
    await (await call.ringing("1010")).wait_ended()
    call.leaves_queue()
    call.voicemail_answers()
    await talk()
    await call.hang_up()


@play("queue", on_16=False)
async def queue_left_by_key_for_voicemail(driver: Driver) -> None:
    """The caller presses the key that leads to the voicemail."""
    driver.phones["1009"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    await call.ringing("1009")
    await asyncio.sleep(0.8)
    await call.initiator.press("2")
    await asyncio.sleep(0.6)
    call.leaves_queue()
    call.voicemail_answers()
    await talk()
    await call.hang_up()


@play("queue")
async def queue_closes_while_somebody_waits(driver: Driver) -> None:
    """The only member pauses: nobody waits any longer."""
    driver.phones["1008"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("2033"), queue="leaving")
    await call.ringing("1008")
    await driver.ami("QueuePause", Interface="PJSIP/1008", Paused="true", Queue="leaving")
    try:
        await call.ended()
    finally:
        await driver.ami("QueuePause", Interface="PJSIP/1008", Paused="false", Queue="leaving")


@play("queue")
async def queue_spares_a_busy_member(driver: Driver) -> None:
    """One member is on the telephone: only the other one rings."""
    first, _ = await talking(driver, "1003", caller=OTHER_CUSTOMER)
    driver.phones["1004"].answers(after_s=0.7)
    call = await driver.call_in(caller=CUSTOMER, did=did("2002"), queue="sales")
    call.expects("1004")
    await said_goodbye(call)
    await call.ended()
    await first.hang_up()


@play("queue")
async def queue_member_sends_on_by_phone(driver: Driver) -> None:
    """The member's phone sends the queue's call to a colleague (302), who answers."""
    driver.phones["1005"].forwards("1003")
    driver.phones["1003"].answers(after_s=0.6)
    call = await driver.call_in(caller=CUSTOMER, did=did("2005"), queue="desk")
    call.note_transfer("forward", await call.rung_by("1005"), "1003")
    await said_goodbye(call)


@play("queue")
async def agent_of_two_queues_holds_one(driver: Driver) -> None:
    """The agent of a queue holds its caller to take another one directly."""
    driver.phones["1009"].answers(after_s=0.6)
    first = await driver.call_in(caller=CUSTOMER, did=did("2008"), queue="info")
    leg = await first.answered()
    await talk()
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("1009"))
    await second.ringing("1009")
    await leg.hold()
    other = await second.answered()
    await talk()
    await other.hold()
    await leg.unhold()
    await talk()
    await leg.hang_up()
    await asyncio.sleep(0.3)
    await other.unhold()
    await talk()
    await second.hang_up()


@play("queue")
async def two_callers_ring_at_once(driver: Driver) -> None:
    """Two callers, two agents who ring for both; each answers one."""
    driver.phones["1005"].answers(after_s=0.8)
    driver.phones["1006"].only_rings()
    first = await driver.call_in(caller=CUSTOMER, did=did("2006"), queue="reception")
    leg = await first.answered()
    driver.phones["1006"].answers(after_s=0.8)
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("2006"), queue="reception")
    other = await second.answered()
    await talk()
    await leg.hang_up()
    await asyncio.sleep(0.4)
    await other.hang_up()


@play("queue")
async def queue_call_of_a_colleague_is_left(driver: Driver) -> None:
    """An internal caller leaves the queue: missed, never abandoned."""
    driver.phones["1009"].only_rings()
    call = await driver.call_from("1005", "2008", queue="info")
    await call.ringing("1009")
    await talk()
    await call.hang_up()
