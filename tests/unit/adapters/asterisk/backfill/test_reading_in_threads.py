"""Reading a history can be stopped at any moment."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from adapters.asterisk.backfill.history import _in_thread

LONG_S = 5.0


async def test_reading_that_is_stopped_in_a_step_ends_and_is_closed() -> None:
    """The daemon must stop while a slow database answers, and leave no connection behind."""
    began, closed = threading.Event(), threading.Event()

    def steps(halt: threading.Event) -> Iterator[int]:
        try:
            began.set()
            halt.wait(LONG_S)
            yield 1
        finally:
            closed.set()

    async def read() -> None:
        async for _item in _in_thread(steps):
            pytest.fail("nothing is told after the stop")

    reading = asyncio.ensure_future(read())
    await asyncio.to_thread(began.wait, LONG_S)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(reading, LONG_S / 2)
    assert closed.is_set()


async def test_reading_tells_every_step_in_order() -> None:
    """A page after the other, in whatever thread."""
    assert [item async for item in _in_thread(lambda _halt: iter([1, 2, 3]))] == [1, 2, 3]
