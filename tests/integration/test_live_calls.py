"""Real calls on a real Asterisk, followed by the real adapter: the record is what happened."""

import pytest
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.follower import Follower, observer
from support.asterisk_lab.scenarios import SCENARIOS
from support.asterisk_lab.truth import differences

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_record_equals_what_the_far_ends_saw(driver: Driver, scenario: str) -> None:
    """Who called, who was rung, who answered, who hung up and how long it took, field by field."""
    async with Follower(observer(driver.lab)) as follower:
        await follower.up()
        truth = await SCENARIOS[scenario](driver)
        record = await follower.record_of(truth.caller)
        assert differences(truth, record) == []
        assert follower.anomalies == []
        assert follower.table.live() == ()
