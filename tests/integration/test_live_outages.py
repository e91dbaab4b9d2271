"""The link to a real Asterisk breaks, or Asterisk itself does: calls survive, or end truthfully."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.asterisk_lab.ami import AMI_PORT
from support.asterisk_lab.call import Call
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.follower import Follower, observer
from support.asterisk_lab.settings import did
from support.asterisk_lab.truth import differences
from support.relay import Relay

from gateway.core.ports import LinkPhase
from gateway.core.record import Direction, EndKind, Outcome

pytestmark = pytest.mark.integration

CALLER = "+393331234567"
QUICK = {"backoff_first_s": 0.1, "backoff_most_s": 0.3}


@pytest.fixture
async def network(driver: Driver) -> AsyncIterator[Relay]:
    """Give the network between the follower and the telephone system."""
    async with Relay(driver.lab.addresses.pbx, AMI_PORT) as relay:
        yield relay


@pytest.fixture
async def follower(driver: Driver, network: Relay) -> AsyncIterator[Follower]:
    """Give a follower whose link runs through the network and comes back quickly."""
    settings = observer(driver.lab, host=network.host, port=network.port, link=QUICK)
    async with Follower(settings) as following:
        await following.up()
        yield following


async def talking(driver: Driver) -> Call:
    """Return a call that is being talked on."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller=CALLER, name="Mario Bianchi", did=did("1001"))
    await call.answered()
    await asyncio.sleep(0.5)
    return call


async def test_call_survives_a_cut_link_and_its_record_is_whole(
    driver: Driver, network: Relay, follower: Follower
) -> None:
    """What is up before and after a gap, with nothing lost in it, is told in full."""
    call = await talking(driver)
    before = await follower.live(CALLER)
    network.cut()
    await follower.taken_stock(2)
    await follower.up()
    after = await follower.live(CALLER)
    assert (after.id, after.answered_by, after.answered_at) == (
        before.id,
        "1001",
        before.answered_at,
    )
    await asyncio.sleep(0.5)
    await call.hang_up()
    truth = await call.ended()
    assert differences(truth, await follower.record_of(CALLER)) == []


async def test_queued_call_survives_a_cut_link_and_is_answered_afterwards(
    driver: Driver, network: Relay, follower: Follower
) -> None:
    """A caller who waits in a queue during the gap keeps start, queue and waiting time."""
    for member in ("1001", "1002"):
        driver.phones[member].only_rings()
    call = await driver.call_in(caller=CALLER, did=did("2001"), queue="support")
    await call.rung_by("1001", "1002")
    await asyncio.sleep(0.3)
    network.cut()
    await follower.taken_stock(2)
    for member in ("1001", "1002"):
        driver.phones[member].answers(after_s=0.3)
    await call.answered()
    await asyncio.sleep(0.5)
    await call.hang_up()
    truth = await call.ended()
    assert differences(truth, await follower.record_of(CALLER)) == []


async def test_call_that_ends_while_the_link_is_down_ends_unseen(
    driver: Driver, network: Relay, follower: Follower
) -> None:
    """What was seen stays, what nobody saw is null: no invented time, nobody blamed."""
    call = await talking(driver)
    network.unplug()
    await follower.lost()
    await call.hang_up()
    await call.ended()
    await driver.quiet()
    network.plug()
    record = await follower.record_of(CALLER)
    assert record.end is EndKind.UNSEEN
    assert not record.complete
    assert (record.outcome, record.answered_by) == (Outcome.ANSWERED, "1001")
    assert record.ended_by is None
    assert record.seconds.talk is None


async def test_call_that_starts_while_the_link_is_down_is_adopted(
    driver: Driver, network: Relay, follower: Follower
) -> None:
    """A call met in mid-conversation is known by its parties, and honest about the rest."""
    network.unplug()
    await follower.lost()
    call = await talking(driver)
    network.plug()
    record = await follower.live(CALLER)
    assert record.direction is Direction.INBOUND
    await call.hang_up()
    await call.ended()
    ended = await follower.record_of(CALLER)
    assert ended.end is EndKind.SEEN
    assert not ended.complete
    assert (ended.outcome, ended.answered_by) == (Outcome.ANSWERED, "1001")
    assert (ended.answered_at, ended.seconds.ring, ended.seconds.talk) == (None, None, None)


async def test_frozen_link_is_noticed_and_the_call_survives(driver: Driver) -> None:
    """A half-open link looks connected for ever unless somebody asks and counts the seconds."""
    limits = {**QUICK, "ping_interval_s": 0.3, "ping_timeout_s": 0.5}
    async with Relay(driver.lab.addresses.pbx, AMI_PORT) as network:
        settings = observer(driver.lab, host=network.host, port=network.port, link=limits)
        async with Follower(settings) as follower:
            await follower.up()
            call = await talking(driver)
            network.freeze()
            await follower.lost()
            network.thaw()
            await follower.taken_stock(2)
            await call.hang_up()
            truth = await call.ended()
            assert differences(truth, await follower.record_of(CALLER)) == []


async def test_killed_asterisk_ends_its_calls_and_is_followed_again(
    driver: Driver, follower: Follower
) -> None:
    """After a restart of the PBX nothing of the old calls is left, and new calls are new calls."""
    call = await talking(driver)
    old = await follower.live(CALLER)
    await driver.restart_pbx(kill=True)
    await driver.forget(call)
    await follower.taken_stock(2)
    await follower.up()
    ended = await follower.record_of(CALLER)
    assert ended.id == old.id
    assert ended.end is EndKind.PBX_RESTART
    assert (ended.outcome, ended.answered_by) == (Outcome.ANSWERED, "1001")

    driver.phones["1002"].answers(after_s=0.3)
    again = await driver.call_in(caller="+390612345678", did=did("1002"))
    await again.answered()
    await asyncio.sleep(0.5)
    await again.hang_up()
    truth = await again.ended()
    assert differences(truth, await follower.record_of("+390612345678")) == []


async def test_stopped_asterisk_is_told_in_words_and_followed_again(
    driver: Driver, follower: Follower
) -> None:
    """An orderly stop announces itself: the administrator reads that, not `connection lost`."""
    await asyncio.to_thread(driver.lab.stop_pbx)
    state = await follower.state(LinkPhase.DOWN)
    told = [one for one in follower.states if one.phase is LinkPhase.DOWN]
    assert "stopped or restarted" in told[0].cause
    assert state.remedy
    assert state.next_try_at is not None
    await asyncio.to_thread(driver.lab.start_pbx)
    await follower.up()
