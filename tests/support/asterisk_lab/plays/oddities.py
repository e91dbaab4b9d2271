"""Ways through a dialplan that few systems have, but some do."""

import asyncio
from itertools import pairwise

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.plays.forwards import desk
from support.asterisk_lab.plays.moments import (
    CUSTOMER,
    MOBILE,
    now,
    taken,
    talk,
    talking,
)
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did


async def answered_and_over(
    driver: Driver, number: str, *, queue: str | None = None, sent: tuple[str, ...] = ()
) -> None:
    """Call, talk, and let whoever answered hang up; `sent`: the way by which the PBX sends on."""
    call = await driver.call_in(caller=CUSTOMER, did=did(number), queue=queue)
    for one, other in pairwise(sent):
        call.note_transfer("forward", desk(driver, one), other)
    call.sent_on_by(*sent[1:-1])
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("relay", brief=True)
async def relay_optimised_away(driver: Driver) -> None:
    """A phone behind a Local channel that goes away after the answer."""
    driver.phones["1001"].answers(after_s=0.7)
    await answered_and_over(driver, "6606", sent=("6606", "1001"))


@play("relay", media=False)
async def relay_not_optimised_without_media(driver: Driver) -> None:
    """The Local channel could go away, but nobody sends sound."""
    driver.phones["1001"].answers(after_s=0.7)
    await answered_and_over(driver, "6606", sent=("6606", "1001"))


@play("relay")
async def relays_of_a_group_optimised_away(driver: Driver) -> None:
    """Two phones behind such Local channels; the second answers, and holds."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=0.7)
    call = await driver.call_in(caller=CUSTOMER, did=did("6607"))
    leg = await call.answered()
    await talk()
    await leg.hold()
    await talk()
    await leg.unhold()
    await talk()
    await call.hang_up()


@play("relay")
async def two_relays_optimised_away(driver: Driver) -> None:
    """A phone behind two Local channels."""
    driver.phones["1001"].answers(after_s=0.7)
    await answered_and_over(driver, "6608", sent=("6608", "6606", "1001"))


@play("relay")
async def relay_optimised_away_then_transferred(driver: Driver) -> None:
    """The call is handed over blindly when the relay is gone."""
    driver.phones["1001"].answers(after_s=0.5)
    driver.phones["1003"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6606"))
    call.note_transfer("forward", desk(driver, "6606"), "1001")
    leg = await call.answered()
    await asyncio.sleep(1.5)
    await driver.blind_transfer(call, leg, "1003")
    colleague = await taken(call, "1003")
    await talk()
    await colleague.hang_up()


@play("relay")
async def queue_relays_optimised_away(driver: Driver) -> None:
    """Members behind Local channels that go away."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=0.7)
    await answered_and_over(driver, "6645", queue="slim")


@play("relay")
async def queue_relays_transferred(driver: Driver) -> None:
    """The agent behind a relay that went away asks a colleague and hands over."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=0.5)
    driver.phones["1003"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6645"), queue="slim")
    leg = await call.answered()
    await asyncio.sleep(1.5)
    consultation = await driver.consult(leg, "1003")
    colleague = await consultation.answered()
    await talk()
    await driver.join(call, leg, consultation, kind="attended")
    since, _ = leg.held[-1]
    leg.held[-1] = (since, now())
    await talk()
    await colleague.hang_up()


@play("relay")
async def phone_and_relay_together(driver: Driver) -> None:
    """A phone and another behind a relay ring; the one behind the relay answers."""
    driver.phones["1002"].only_rings()
    driver.phones["1001"].answers(after_s=0.7)
    await answered_and_over(driver, "6633")


@play("spy")
async def supervisor_listens(driver: Driver) -> None:
    """Somebody listens to a colleague's call: no part of it."""
    call, leg = await talking(driver)
    spy = await driver.call_from("1004", "6609")
    await spy.initiator.wait_up()
    await talk()
    await spy.hang_up()
    await talk()
    await leg.hang_up()
    await call.ended()


@play("spy")
async def supervisor_whispers(driver: Driver) -> None:
    """Somebody speaks to a colleague alone; the customer leaves first."""
    call, _ = await talking(driver)
    spy = await driver.call_from("1004", "6610")
    await spy.initiator.wait_up()
    await talk()
    await call.hang_up()
    await talk()
    await spy.hang_up()


@play("refused by the dialplan")
async def dialplan_is_busy(driver: Driver) -> None:
    """The dialplan says busy: there is nobody to dial."""
    call = await driver.call_in(caller=CUSTOMER, did=did("6611"))
    call.reaches_nobody()


@play("refused by the dialplan")
async def dialplan_is_congested(driver: Driver) -> None:
    """The dialplan says congestion."""
    call = await driver.call_in(caller=CUSTOMER, did=did("6612"))
    call.reaches_nobody()


@play("refused by the dialplan")
async def dialplan_rejects(driver: Driver) -> None:
    """The dialplan hangs up with a cause."""
    call = await driver.call_in(caller=CUSTOMER, did=did("6613"))
    call.reaches_nobody()


@play("announcement")
async def closed_says_goodbye(driver: Driver) -> None:
    """A recording, and the PBX hangs up."""
    await driver.call_in(caller=CUSTOMER, did=did("6615"))


@play("announcement")
async def closed_caller_leaves(driver: Driver) -> None:
    """A recording, and the caller hangs up."""
    call = await driver.call_in(caller=CUSTOMER, did=did("6615"))
    await call.initiator.wait_up()
    await talk()
    await call.hang_up()


@play("announcement")
async def voicemail_at_once(driver: Driver) -> None:
    """The voicemail answers, nobody was rung."""
    call = await driver.call_in(caller=CUSTOMER, did=did("6616"))
    await call.initiator.wait_up()
    call.voicemail_answers()
    await asyncio.sleep(2.0)
    await call.hang_up()


@play("announcement")
async def caller_leaves_before_anybody_rings(driver: Driver) -> None:
    """The caller hears an announcement without being answered, and goes."""
    call = await driver.call_in(caller=CUSTOMER, did=did("6617"))
    await talk()
    await call.hang_up()


@play("announcement")
async def announcement_then_a_phone(driver: Driver) -> None:
    """An announcement before the phone rings; nobody is answered by it."""
    driver.phones["1001"].answers(after_s=0.5)
    await answered_and_over(driver, "6617")


@play("outside")
async def straight_to_a_mobile(driver: Driver) -> None:
    """Our number leads to a mobile."""
    driver.outside(MOBILE).answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6620"))
    call.expects(MOBILE)
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("outside")
async def straight_to_a_busy_mobile(driver: Driver) -> None:
    """Our number leads to a mobile, which is busy."""
    driver.outside(MOBILE).is_busy(after_s=0.2)
    call = await driver.call_in(caller=CUSTOMER, did=did("6620"))
    call.expects(MOBILE)


@play("outside")
async def dialled_on_from_outside(driver: Driver) -> None:
    """A caller from outside gets a line and dials a mobile."""
    driver.outside(MOBILE).answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6622"))
    call.expects(MOBILE)
    await call.initiator.wait_up()
    await talk()
    await call.initiator.press(f"{MOBILE}#")
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("menu")
async def extension_dialled_in_a_menu(driver: Driver) -> None:
    """The caller knows whom they want."""
    driver.phones["1004"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("6623"))
    await call.initiator.wait_up()
    await talk()
    await call.initiator.press("1004")
    leg = await taken(call, "1004")
    await talk()
    await leg.hang_up()


@play("pickup")
async def pickup_by_mark(driver: Driver) -> None:
    """A colleague fetches the call by a mark of the dialplan."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("6624"))
    ringing = await call.ringing("1001")
    await talk()
    call.note_transfer("pickup", ringing, "1004")
    picker = await driver.call_from("1004", "6625")
    call.taken_by(picker.initiator)
    await picker.initiator.wait_up()
    await talk()
    await call.hang_up()


@play("follow me")
async def list_nobody_comes(driver: Driver) -> None:
    """Nobody of the list comes; the voicemail does."""
    for phone in ("1001", "1002", "1003"):
        driver.phones[phone].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("6627"))
    await (await call.rung_by("1002")).wait_ended()
    await asyncio.sleep(3.0)
    await call.hang_up()


@play("again")
async def phone_rings_twice(driver: Driver) -> None:
    """The same phone is dialled a second time."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("6630"))
    await (await call.ringing("1001")).wait_ended()
    driver.phones["1001"].answers(after_s=0.5)
    await call.answered()
    await talk()
    await call.hang_up()


@play("forward")
async def forward_by_phones_in_a_circle(driver: Driver) -> None:
    """A phone sends to a second, the second to a third (302), who answers."""
    driver.phones["1001"].forwards("1002")
    driver.phones["1002"].forwards("1003")
    driver.phones["1003"].answers(after_s=0.5)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    call.note_transfer("forward", await call.rung_by("1001"), "1002")
    call.note_transfer("forward", await call.rung_by("1002"), "1003")
    call.sent_on_by("1002")
    await call.answered()
    await talk()
    await call.hang_up()
