"""Queues with announcements, limits and rests, and blind transfers that go unusual ways."""

import asyncio

from support.asterisk_lab import handovers
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.handing import by_feature_code
from support.asterisk_lab.plays.moments import (
    CUSTOMER,
    OTHER_CUSTOMER,
    PROMPT_S,
    taken,
    talk,
    talking,
)
from support.asterisk_lab.plays.oddities import answered_and_over
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did


@play("blind transfer")
async def held_then_sent_on(driver: Driver) -> None:
    """The phone holds the customer, then sends them on, as desk phones do."""
    call, leg = await talking(driver)
    driver.phones["1002"].answers(after_s=0.7)
    await leg.hold()
    await talk()
    since, _ = leg.held[-1]
    await driver.blind_transfer(call, leg, "1002")
    leg.held[-1] = (since, call.moves[-1].at)
    await taken(call, "1002")
    await talk()
    await call.hang_up()


@play("blind transfer")
async def sent_on_and_sent_back_to_the_queue(driver: Driver) -> None:
    """By feature code into the queue the customer came from."""
    for phone in ("1003", "1004"):
        driver.phones[phone].only_rings()
    driver.phones["1003"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("2002"), queue="sales")
    leg = await call.answered()
    await talk()
    driver.phones["1003"].only_rings()
    driver.phones["1004"].answers(after_s=1.0)
    await leg.press("#1")
    call.hold_starts(at=leg.pressed_at)
    await asyncio.sleep(PROMPT_S)
    call.note_transfer("blind", leg, "2002")
    await leg.press("2002")
    await call.dialled("1004")
    call.hold_ends()
    await taken(call, "1004")
    await talk()
    await call.hang_up()


@play("blind transfer")
async def sent_to_a_refusing_dialplan(driver: Driver) -> None:
    """To a number that is always busy."""
    call, leg = await talking(driver)
    await driver.blind_transfer(call, leg, "6611")


@play("queue")
async def queue_gives_up_after_one_round(driver: Driver) -> None:
    """One round in vain, then another phone answers."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6641"), queue="plain")
    await (await call.rung_by("1001")).wait_ended()
    call.leaves_queue()
    await taken(call, "1002")
    await talk()
    await call.hang_up()


@play("queue")
async def queue_tells_positions(driver: Driver) -> None:
    """Announcements interrupt the music; the second member answers."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=0.7)
    await answered_and_over(driver, "6643", queue="positions")


@play("queue")
async def queue_tells_positions_to_the_impatient(driver: Driver) -> None:
    """The caller goes during an announcement."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("6643"), queue="positions")
    await call.rung_by("1001")
    await asyncio.sleep(2.5)
    await call.hang_up()


@play("queue")
async def queue_pauses_who_does_not_come(driver: Driver) -> None:
    """The first member is paused for not coming; the second answers."""
    driver.phones["1012"].only_rings()
    driver.phones["1002"].answers(after_s=0.7)
    await answered_and_over(driver, "6644", queue="pausing")


@play("queue")
async def queue_has_no_room(driver: Driver) -> None:
    """One waits, the next finds no room and gets to a phone."""
    driver.phones["1001"].only_rings()
    driver.phones["1003"].answers(after_s=0.5)
    first = await driver.call_in(caller=CUSTOMER, did=did("6646"), queue="narrow")
    await first.rung_by("1001")
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("6646"), queue="narrow")
    second.never_waits()
    await taken(second, "1003")
    await talk()
    await second.hang_up()
    await first.hang_up()


@play("queue")
async def queue_of_phones_and_a_relay(driver: Driver) -> None:
    """Members of two kinds in turn; the third answers."""
    driver.phones["1001"].is_busy(after_s=0.2)
    driver.phones["1002"].rejects(after_s=0.4)
    driver.phones["1003"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6648"), queue="mixed")
    await call.answered()
    await talk()
    await call.hang_up()


@play("queue")
async def queue_waits_for_a_resting_agent(driver: Driver) -> None:
    """The second caller waits for the agent's wrap-up time."""
    driver.phones["1001"].answers(after_s=0.4)
    first = await driver.call_in(caller=CUSTOMER, did=did("6649"), queue="resting")
    leg = await first.answered()
    second = await driver.call_in(caller=OTHER_CUSTOMER, did=did("6649"), queue="resting")
    await talk()
    await leg.hang_up()
    await second.answered()
    await talk()
    await second.hang_up()


@play("queue")
async def two_queues_without_an_answer(driver: Driver) -> None:
    """The PBX answers only when an agent of the second queue does."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("6650"), queue="plain")
    await call.rung_by("1002")
    call.enters_queue("slim")
    driver.phones["1001"].answers(after_s=0.4)
    await call.answered()
    await talk()
    await call.hang_up()


@play("queue")
async def queue_after_one_without_agents(driver: Driver) -> None:
    """The first queue refuses, the second serves."""
    driver.phones["1001"].answers(after_s=0.5)
    await answered_and_over(driver, "6651", queue="plain")


@play("blind transfer", name="feature_code_transfer_after_hold")
async def feature_code_after_hold(driver: Driver) -> None:
    """The agent holds and resumes, then presses #1 and a number."""
    call, leg = await talking(driver)
    driver.phones["1002"].answers(after_s=0.7)
    await leg.hold()
    await talk()
    await leg.unhold()
    await talk()
    await by_feature_code(call, leg, "1002")
    await taken(call, "1002")
    await talk()
    await call.hang_up()


play("attended", media=False, name="attended_by_feature_code_without_media")(
    handovers.attended_transfer
)
