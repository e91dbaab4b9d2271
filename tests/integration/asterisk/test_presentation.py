"""Callers who withhold a number that their carrier asserts, on a real Asterisk."""

import asyncio
import re

import pytest
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.follower import Follower, observer
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import did

from gateway.core.events import CallEvent, CallStarted, LegDialled
from gateway.core.inputs import QueryAnswer
from gateway.core.record import Presentation

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

CALLER = "+393331234567"
VARIABLES = "CALLERID(pres)"
NO_VARIABLES = "NONE"  # Asterisk keeps the old ones if the line is gone after a reload


def set_variables(lab: AsteriskLab, *, told: bool) -> None:
    """Let every event tell the presentation of its channel, or not (manager.conf)."""
    file = lab.pbx.home / "etc" / "manager.conf"
    text = re.sub(r"^channelvars.*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    line = f"[general]\nchannelvars = {VARIABLES if told else NO_VARIABLES}\n"
    file.write_text(text.replace("[general]\n", line, 1), encoding="utf-8")
    with lab.ami() as ami:
        ami.action("Reload", Module="manager")


@pytest.fixture
def telling(asterisk: AsteriskLab) -> AsteriskLab:
    """Give a telephone system whose administrator has set channelvars."""
    set_variables(asterisk, told=True)
    return asterisk


@pytest.fixture(autouse=True)
def _silent_again(asterisk: AsteriskLab) -> None:
    set_variables(asterisk, told=False)


async def ring(driver: Driver, number: str = "1001", *, asserted: bool) -> None:
    """Call, let the phone ring for a moment and hang up."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller=CALLER, name="Mario", did=did(number), asserted=asserted)
    await call.ringing("1001")
    await asyncio.sleep(0.3)
    await call.hang_up()


def shown(follower: Follower, *kinds: type[CallEvent]) -> list[Presentation]:
    """Return what each of these events said of the caller's presentation."""
    return [one.record.caller.presentation for one in follower.events if isinstance(one, kinds)]


def last_shown(follower: Follower) -> Presentation | None:
    """Return what the newest event said of the caller's presentation."""
    return follower.events[-1].record.caller.presentation if follower.events else None


@pytest.mark.parametrize("number", ["1001", "2001"], ids=["phone", "queue"])
@pytest.mark.parametrize("asserted", [True, False], ids=["withheld", "allowed"])
async def test_channel_variables_tell_before_the_phone_rings(
    telling: AsteriskLab, driver: Driver, number: str, *, asserted: bool
) -> None:
    """Newchannel always says "allowed": what it says must not be believed."""
    async with Follower(observer(telling, presentation="channelvars")) as follower:
        await follower.up()
        await ring(driver, number, asserted=asserted)
        record = await follower.record_of(CALLER)
    truth = Presentation.WITHHELD if asserted else Presentation.ALLOWED
    assert record.caller.presentation is truth
    assert shown(follower, CallStarted) == [Presentation.WITHHELD]
    assert set(shown(follower, LegDialled)) == {truth}
    assert not any(isinstance(item, QueryAnswer) for item in follower.inputs)


@pytest.mark.parametrize("source", ["getvar", "channelvars"])
@pytest.mark.parametrize("asserted", [True, False], ids=["withheld", "allowed"])
async def test_question_tells_where_events_do_not(
    asterisk: AsteriskLab, driver: Driver, source: str, *, asserted: bool
) -> None:
    """A manager.conf without channelvars is no reason to show who wants to be hidden."""
    async with Follower(observer(asterisk, presentation=source)) as follower:
        await follower.up()
        await ring(driver, asserted=asserted)
        record = await follower.record_of(CALLER)
    assert record.caller.presentation is (
        Presentation.WITHHELD if asserted else Presentation.ALLOWED
    )
    assert shown(follower, CallStarted) == [Presentation.WITHHELD]
    (answer,) = [item for item in follower.inputs if isinstance(item, QueryAnswer)]
    assert answer.value == ("prohib_not_screened" if asserted else "allowed_not_screened")


@pytest.mark.parametrize("source", ["getvar", "channelvars"])
@pytest.mark.parametrize("asserted", [True, False], ids=["withheld", "allowed"])
async def test_caller_met_in_mid_call_is_judged_too(
    telling: AsteriskLab, driver: Driver, source: str, *, asserted: bool
) -> None:
    """After a restart of the daemon nobody is shown who was hidden before."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller=CALLER, did=did("1001"), asserted=asserted)
    await call.ringing("1001")
    truth = Presentation.WITHHELD if asserted else Presentation.ALLOWED
    async with Follower(observer(telling, presentation=source)) as follower:
        await follower.up()
        await follower.wait(lambda: last_shown(follower) is truth)
        await call.hang_up()
        record = await follower.record_of(CALLER)
    assert record.caller.presentation is truth
    hidden = shown(follower, CallStarted) == [Presentation.WITHHELD]
    assert hidden or (source == "channelvars" and not asserted)
