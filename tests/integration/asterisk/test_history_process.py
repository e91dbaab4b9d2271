"""The process that reads a history: killable at any moment, its troubles told in words."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from support.recorded_history import LONG_AGO, history, recalled, rows, table

from adapters.asterisk.backfill.history import AsteriskHistory
from gateway.core.errors import ConfigError, TransientError
from gateway.core.ports import Recalled

pytestmark = pytest.mark.integration


def children() -> set[int]:
    """Return the processes that this one has begun and that are still there."""
    found = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("ascii")
    return {int(pid) for pid in found.split()}


async def read(source: AsteriskHistory) -> list[Recalled]:
    """Return everything that a history tells."""
    return [one async for page in source.since(LONG_AGO) for one in page]


async def test_child_tells_what_reading_here_tells(tmp_path: Path) -> None:
    """Records and channels pass through the pipe as they are, and the process is gone after."""
    before = children()
    source = history(
        cel=table(tmp_path / "cel.db", "cel", rows("asterisk22", "cel")),
        cdr=table(tmp_path / "cdr.db", "cdr", rows("asterisk22", "cdr")),
    )
    assert await read(source) == await recalled(source)
    assert children() <= before


async def test_reading_that_is_stopped_leaves_no_process(tmp_path: Path) -> None:
    """The daemon must stop while a slow database answers."""
    before = children()
    source = history(cel=table(tmp_path / "cel.db", "cel", rows("asterisk22", "cel")))
    reading = asyncio.ensure_future(read(source))
    async with asyncio.timeout(30):
        while children() <= before:  # noqa: ASYNC110 - the kernel is asked
            await asyncio.sleep(0.005)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert children() <= before


async def test_child_that_is_killed_is_trouble_that_passes(tmp_path: Path) -> None:
    """Short of memory the kernel may kill it: the gap stays open, and it is read again."""
    before = children()
    source = history(cel=table(tmp_path / "cel.db", "cel", rows("asterisk22", "cel")))
    reading = asyncio.ensure_future(read(source))
    async with asyncio.timeout(30):
        while not (begun := children() - before):  # noqa: ASYNC110 - the kernel is asked
            await asyncio.sleep(0.005)
    os.kill(begun.pop(), signal.SIGKILL)
    with pytest.raises(TransientError) as told:
        await reading
    assert told.value.detail == f"exit {-signal.SIGKILL}"


async def test_trouble_with_the_database_comes_through(tmp_path: Path) -> None:
    """Both kinds of error, with their remedies, and never a traceback."""
    with pytest.raises(TransientError, match="cannot be read") as transient:
        await read(history(cel=f"sqlite:///{tmp_path / 'none.db'}"))
    assert transient.value.remedy
    other = table(tmp_path / "cdr.db", "cdr", rows("asterisk22", "cdr"))
    with pytest.raises(ConfigError) as wrong:
        await read(history(cel=other))
    assert wrong.value.where == "pbx.pbx.cel.table"
