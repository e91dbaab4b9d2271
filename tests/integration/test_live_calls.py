"""Real calls on a real Asterisk, followed by the real adapter: the record is what happened."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.follower import Follower, observer
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.scenarios import SCENARIOS
from support.asterisk_lab.truth import Truth, differences

from gateway.core.events import Anomaly
from gateway.core.record import CallRecord

# The first test plays every scenario that was asked for; most of that time is ringing and talking.
pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

LABS = 4
SCENARIO_S = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What became of one scenario: what happened, and what the product says about it."""

    truth: Truth
    record: CallRecord
    anomalies: tuple[Anomaly, ...]
    still_live: tuple[CallRecord, ...]


@pytest.fixture(scope="module")
def played(
    asterisk: AsteriskLab, request: pytest.FixtureRequest
) -> Iterator[dict[str, Played | Exception]]:
    """Play the scenarios of this run, a few at a time, each alone on its telephone system."""
    wanted = [
        str(item.callspec.params["scenario"])
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.path == request.path
        and hasattr(item, "callspec")
    ]
    with ExitStack() as stack:
        others = [stack.enter_context(AsteriskLab()) for _ in range(min(LABS, len(wanted)) - 1)]
        yield asyncio.run(play_all([asterisk, *others], wanted))


async def play_all(labs: list[AsteriskLab], names: list[str]) -> dict[str, Played | Exception]:
    """Let each lab take the next scenario until none is left."""
    results: dict[str, Played | Exception] = {}
    left = list(reversed(names))

    async def work(lab: AsteriskLab) -> None:
        while left:
            name = left.pop()
            try:
                async with asyncio.timeout(SCENARIO_S):
                    results[name] = await play(lab, name)
            except Exception as error:  # noqa: BLE001  # the scenario's own test raises it
                results[name] = error

    async with asyncio.TaskGroup() as group:
        for lab in labs:
            group.create_task(work(lab))
    return results


async def play(lab: AsteriskLab, name: str) -> Played:
    """Play one scenario before the eyes of adapter and call table."""
    async with Driver(lab) as driver, Follower(observer(lab)) as follower:
        await follower.up()
        truth = await SCENARIOS[name](driver)
        record = await follower.record_of(truth.caller)
        return Played(
            truth=truth,
            record=record,
            anomalies=tuple(follower.anomalies),
            still_live=follower.table.live(),
        )


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_record_equals_what_the_far_ends_saw(
    played: dict[str, Played | Exception], scenario: str
) -> None:
    """Who called, who was rung, who answered, who hung up and how long it took, field by field."""
    result = played[scenario]
    if isinstance(result, Exception):
        raise result
    assert differences(result.truth, result.record) == []
    assert result.anomalies == ()
    assert result.still_live == ()
