"""A random walk of calls on a real Asterisk, several at once: each record is what happened."""

import secrets
from pathlib import Path

import pytest
from support.asterisk_lab.chroot import ASTERISK_16, ASTERISK_22, LabUnavailableError, Release
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.excerpt import save_excerpt
from support.asterisk_lab.follower import Follower, observer
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.performance import compare
from support.asterisk_lab.recording import Recording
from support.asterisk_lab.settings import LAB_SECRET
from support.asterisk_lab.walk import Walk

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

RATE = 5.0


@pytest.mark.parametrize(
    ("release", "count"),
    [
        pytest.param(ASTERISK_22, 100, id="22"),
        pytest.param(ASTERISK_22, 500, id="22-long", marks=pytest.mark.exhaustive),
        pytest.param(ASTERISK_16, 100, id="16", marks=pytest.mark.exhaustive),
    ],
)
async def test_random_calls_are_recorded_as_they_happened(
    release: Release, count: int, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Whatever people do at the same time, no call is lost, doubled or mixed up with another."""
    seed = pytestconfig.getoption("--seed") or secrets.randbelow(1_000_000)
    print(f"--seed {seed}")  # noqa: T201  # shown when the test fails
    wrong = await walk(release, count, seed, tmp_path)
    told = "\n".join(wrong)
    assert not wrong, f"--seed {seed} makes the same calls; streams are in {tmp_path}\n{told}"


async def walk(release: Release, count: int, seed: int, folder: Path) -> list[str]:
    """Return every difference, after saving the streams of the calls concerned."""
    try:
        lab = AsteriskLab(release=release)
        lab.start()
    except LabUnavailableError as error:
        pytest.fail(str(error))
    try:
        async with (
            Driver(lab) as driver,
            Recording(lab, user="lab", secret=LAB_SECRET) as recording,
            Follower(observer(lab)) as follower,
        ):
            await follower.up()
            walking = Walk(driver, seed=seed, rate=RATE, voicemail=release != ASTERISK_16)
            await walking.calls(count)
            await driver.quiet()
            await follower.settled()
            ami, idx = recording.so_far()
    finally:
        lab.stop()
    wrong = [f"{one.habit} {one.number}: {one.error}" for one in walking.walked if one.error]
    truths = [one.truth for one in sorted(walking.walked, key=lambda one: one.began_at)]
    found = compare([truth for truth in truths if truth is not None], follower.final())
    for record in follower.final():
        parties = f"{record.caller.number} → {record.called.number}"
        if any(line.startswith(parties) for line in found):
            save_excerpt(ami, idx, record.linkedid, folder / f"{record.caller.number}")
    return [*wrong, *found, *(str(one) for one in follower.anomalies)]
