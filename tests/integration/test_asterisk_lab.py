"""The lab itself: what the live tests stand on."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import did

pytestmark = pytest.mark.integration


def gone(path: Path, timeout_s: float = 5.0) -> bool:
    """Return whether a path has disappeared within the time."""
    end = time.monotonic() + timeout_s
    while path.exists() and time.monotonic() < end:
        time.sleep(0.02)
    return not path.exists()


def test_second_lab_side_by_side_has_its_own_net_and_leaves_nothing(asterisk: AsteriskLab) -> None:
    """Several test runs share one machine and one cache."""
    with AsteriskLab() as other:
        assert other.addresses.pbx != asterisk.addresses.pbx
        pids = [instance.pid for instance in other.instances]
        assert None not in pids
        with other.ami() as ami:
            assert "Asterisk 22" in ami.command("core show version")
        home = other.home
    assert not home.exists()
    assert all(gone(Path(f"/proc/{pid}")) for pid in pids)


def test_lab_dies_with_the_process_that_started_it() -> None:
    """A test run that is killed leaves no telephone system behind."""
    program = (
        "import sys, time; from support.asterisk_lab.lab import AsteriskLab\n"
        "lab = AsteriskLab(); lab.start()\n"
        "print(*[one.pid for one in lab.instances], flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    ) as run:
        assert run.stdout is not None
        pids = run.stdout.readline().split()
        assert len(pids) == len(("pbx", "carrier", "phones"))
        run.send_signal(signal.SIGKILL)
        run.wait(5)
    assert all(gone(Path(f"/proc/{pid}")) for pid in pids)


async def test_far_ends_see_who_rang_who_answered_and_who_hung_up(driver: Driver) -> None:
    """The truth comes from the two ends of the call, with their own clocks' times."""
    driver.phones["1001"].answers(after_s=0.5)
    call = await driver.call_in(caller="+393331234567", name="Mario Bianchi", did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(0.5)
    await leg.hang_up()
    truth = await call.ended()
    took_s = asyncio.get_running_loop().time() - call.began_at
    assert (truth.rung, truth.answered_by, truth.ended_by) == ((("1001",),), "1001", "callee")
    ring_s, talk_s = truth.seconds["ring"], truth.seconds["talk"]
    assert ring_s is not None
    assert talk_s is not None
    assert min(ring_s, talk_s) > 0.4
    rounded_s = 0.001  # each of the two is rounded to the next millisecond
    assert ring_s + talk_s <= took_s + rounded_s


async def test_telephone_system_restarts_and_takes_calls_again(driver: Driver) -> None:
    """Tests of outages restart the PBX under the phones' feet."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller="+393331234567", did=did("1001"))
    await call.ringing("1001")
    await driver.restart_pbx(kill=True)
    await driver.forget(call)
    driver.phones["1001"].answers(after_s=0.1)
    again = await driver.call_in(caller="+393331234567", did=did("1001"))
    await again.answered()
    await asyncio.sleep(0.5)
    await again.hang_up()
    assert (await again.ended()).outcome == "answered"
