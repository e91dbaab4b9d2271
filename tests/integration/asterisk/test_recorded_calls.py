"""Calls that a real Asterisk records with MixMonitor, transferred or not."""

import asyncio

import pytest
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.follower import Follower, observer
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import did

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

CALLER = "+393331234567"
URL = "https://pbx.example/play/{file}"


async def test_recording_is_named_also_after_a_transfer(
    asterisk: AsteriskLab, driver: Driver
) -> None:
    """MixMonitor is started on the customer's channel, who then goes from 1001 to 1002."""
    driver.phones["1001"].answers(after_s=0.2)
    driver.phones["1002"].answers(after_s=0.2)
    async with Follower(observer(asterisk, recording_url=URL)) as follower:
        await follower.up()
        call = await driver.call_in(caller=CALLER, did=did("1001"))
        leg = await call.answered()
        listed = await driver.ami("CoreShowChannels")
        (channel,) = {
            one["Channel"] for one in listed if one.get("Channel", "").startswith("PJSIP/carrier")
        }
        await driver.ami("MixMonitor", Channel=channel, File="/spool/in-+393331234567.wav")
        await asyncio.sleep(0.5)
        await driver.blind_transfer(call, leg, "1002")
        await call.ringing("1002")
        await asyncio.sleep(0.5)
        await call.hang_up()
        record = await follower.record_of(CALLER)
    assert record.final_talker == "1002"
    (recording,) = record.recordings
    assert recording.url == "https://pbx.example/play/in-%2B393331234567.wav"
    assert recording.from_at is not None
    assert record.answered_at is not None
    assert recording.from_at >= record.answered_at
