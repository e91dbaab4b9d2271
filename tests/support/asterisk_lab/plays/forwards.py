"""Calls sent on: by the PBX always, on busy or when nobody comes, and by the phone itself (302)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from support.asterisk_lab import handovers
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.plays.moments import CUSTOMER, MOBILE, now, talk
from support.asterisk_lab.plays.play import play
from support.asterisk_lab.settings import did

ALWAYS, ON_BUSY, NOBODY_COMES = "CF", "CFB", "CFU"

play("forward", brief=True)(handovers.forward_by_phone)
play("forward", media=False, name="forward_by_phone_without_media")(handovers.forward_by_phone)


@asynccontextmanager
async def forwarded(driver: Driver, when: str, phone: str, to: str) -> AsyncIterator[None]:
    """Set a forward in the PBX for as long as the block runs."""
    await driver.ami("DBPut", Family=when, Key=phone, Val=to)
    try:
        yield
    finally:
        await driver.ami("DBDel", Family=when, Key=phone)


def desk(driver: Driver, phone: str) -> Leg:
    """Return somebody to name as the one who sends on, where no phone of theirs rings."""
    return Leg(driver.desks, channel="", device=phone, caller="", started_at=now())


@play("forward", brief=True, brief_16=True)
async def forward_always(driver: Driver) -> None:
    """All calls of a phone go to a colleague."""
    driver.phones["1002"].answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1001", "1002"):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.note_transfer("forward", desk(driver, "1001"), "1002")
        leg = await call.answered()
        await talk()
        await leg.hang_up()
        await call.ended()


@play("forward")
async def forward_always_nobody_comes(driver: Driver) -> None:
    """All calls of a phone go to a colleague who does not come."""
    driver.phones["1002"].only_rings()
    async with forwarded(driver, ALWAYS, "1001", "1002"):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.note_transfer("forward", desk(driver, "1001"), "1002")
        await call.ended()


@play("forward")
async def forward_always_outside(driver: Driver) -> None:
    """All calls of a phone go to a mobile."""
    driver.outside(MOBILE).answers(after_s=0.7)
    async with forwarded(driver, ALWAYS, "1001", MOBILE):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.expects(MOBILE)
        call.note_transfer("forward", desk(driver, "1001"), MOBILE)
        leg = await call.answered()
        await talk()
        await leg.hang_up()
        await call.ended()


@play("forward")
async def forward_twice(driver: Driver) -> None:
    """A phone sends to a second, the second to a third."""
    driver.phones["1003"].answers(after_s=0.7)
    async with (
        forwarded(driver, ALWAYS, "1001", "1002"),
        forwarded(driver, ALWAYS, "1002", "1003"),
    ):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.note_transfer("forward", desk(driver, "1001"), "1002")
        call.note_transfer("forward", desk(driver, "1002"), "1003")
        # Whoever takes the call in the end took it from both.
        call.sent_on_by("1002")
        leg = await call.answered()
        await talk()
        await leg.hang_up()
        await call.ended()


@play("forward")
async def forward_on_busy(driver: Driver) -> None:
    """The PBX sends the callers of a busy phone to a colleague: it was rung, so no `forward`."""
    driver.phones["1001"].is_busy(after_s=0.2)
    driver.phones["1002"].answers(after_s=0.7)
    async with forwarded(driver, ON_BUSY, "1001", "1002"):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        leg = await call.answered()
        await talk()
        await leg.hang_up()
        await call.ended()


@play("forward")
async def forward_on_busy_outside_nobody_comes(driver: Driver) -> None:
    """A busy phone's caller is sent to a mobile that nobody answers."""
    driver.phones["1001"].is_busy(after_s=0.2)
    driver.outside(MOBILE).only_rings()
    async with forwarded(driver, ON_BUSY, "1001", MOBILE):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.expects(MOBILE)
        await call.ended()


@play("forward")
async def forward_when_nobody_comes(driver: Driver) -> None:
    """The PBX sends the caller on when the phone has rung in vain."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=0.7)
    async with forwarded(driver, NOBODY_COMES, "1001", "1002"):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        leg = await call.answered()
        await talk()
        await leg.hang_up()
        await call.ended()


@play("forward")
async def forward_abandoned(driver: Driver) -> None:
    """The caller hangs up while the colleague's phone rings."""
    driver.phones["1002"].only_rings()
    async with forwarded(driver, ALWAYS, "1001", "1002"):
        call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
        call.note_transfer("forward", desk(driver, "1001"), "1002")
        await call.ringing("1002")
        await talk()
        await call.hang_up()
        await call.ended()


@play("forward")
async def forward_by_phone_outside(driver: Driver) -> None:
    """A phone sends its callers to a mobile (302)."""
    driver.phones["1001"].forwards(MOBILE)
    driver.outside(MOBILE).answers(after_s=0.7)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    call.expects(MOBILE)
    call.note_transfer("forward", await call.rung_by("1001"), MOBILE)
    leg = await call.answered()
    await talk()
    await leg.hang_up()


@play("forward")
async def forward_by_phone_nobody_comes(driver: Driver) -> None:
    """A phone sends its callers to a colleague who does not come (302)."""
    driver.phones["1001"].forwards("1002")
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    call.note_transfer("forward", await call.rung_by("1001"), "1002")


@play("forward")
async def forward_by_phone_to_a_busy_colleague(driver: Driver) -> None:
    """A phone sends its callers to a colleague who is on the telephone (302)."""
    driver.phones["1001"].forwards("1002")
    driver.phones["1002"].is_busy(after_s=0.2)
    call = await driver.call_in(caller=CUSTOMER, did=did("1001"))
    call.note_transfer("forward", await call.rung_by("1001"), "1002")


@play("forward")
async def forward_by_phone_of_an_internal_call(driver: Driver) -> None:
    """A colleague's call is sent on (302)."""
    driver.phones["1001"].forwards("1002")
    driver.phones["1002"].answers(after_s=0.7)
    call = await driver.call_from("1005", "1001")
    call.note_transfer("forward", await call.rung_by("1001"), "1002")
    leg = await call.answered()
    await talk()
    await leg.hang_up()
