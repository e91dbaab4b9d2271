"""A failing part is restarted, and a part that keeps failing ends the process."""

import asyncio

import pytest

from gateway.runtime import supervise as module
from gateway.runtime.clock import SystemClock
from gateway.runtime.supervise import MAX_RESTARTS, PartFailedError, supervise


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restart at once: the pause is for machines, not for tests."""
    monkeypatch.setattr(module, "PAUSE_S", 0)


async def test_part_that_fails_once_goes_on() -> None:
    """One bad answer of a peer must not end the telephone service."""
    runs = 0

    async def part() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RuntimeError("once")

    await supervise("part", part, SystemClock())
    assert runs == 2


async def test_part_that_keeps_failing_ends_the_process() -> None:
    """A process that only pretends to work is worse than one that ends."""
    runs = 0

    async def part() -> None:
        nonlocal runs
        runs += 1
        raise RuntimeError("always")

    with pytest.raises(PartFailedError):
        await supervise("part", part, SystemClock())
    assert runs == MAX_RESTARTS + 1


async def test_cancelling_is_no_failure() -> None:
    """A stop is not restarted."""

    async def part() -> None:
        await asyncio.sleep(3600)

    task = asyncio.ensure_future(supervise("part", part, SystemClock()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_part_that_fails_while_it_is_stopped_is_not_started_again() -> None:
    """A stop that ends in a failure must still end: the process would hang otherwise."""
    runs = 0

    async def part() -> None:
        nonlocal runs
        runs += 1
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as error:
            raise RuntimeError("while stopping") from error

    task = asyncio.ensure_future(supervise("part", part, SystemClock()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait_for(asyncio.wait([task]), 5)
    assert runs == 1
