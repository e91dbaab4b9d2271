"""When the daemon's threads are kept on one processor, and when they are let go."""

import os
import threading
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.runtime.processor import (
    APART_LOOKS,
    BUSY,
    CROWDED,
    FULL,
    Processor,
    _last_of,
    _waited_s,
    allowed,
    helpers,
)


@pytest.fixture(name="one")
def one_processor() -> Iterator[int]:
    """Give a processor to be bound to, and let go of it afterwards."""
    everywhere = allowed()
    yield min(everywhere)
    os.sched_setaffinity(0, everywhere)


def test_threads_that_share_the_interpreter_stay_together_while_they_are_busy(one: int) -> None:
    """At rest there is nothing to gain; under load each change of processor costs both."""
    everywhere = allowed()
    processor = Processor(everywhere)
    said = []
    for busy in (BUSY / 2, BUSY * 2, BUSY / 2):  # a quiet moment is no reason to move
        processor.look(busy=busy, crowded=0.0, processor=one)
        said.append((processor.bound_to, allowed()))
    assert said == [(None, everywhere), (one, {one}), (one, {one})]


@pytest.mark.parametrize(
    ("busy", "crowded"), [(BUSY * 2, CROWDED * 1.1), (FULL * 1.01, CROWDED / 2)]
)
def test_threads_run_anywhere_once_their_processor_is_wanted_by_others(
    one: int, busy: float, crowded: float
) -> None:
    """Somebody else is bound to it, too, or an import runs beside: a pop must not wait for that."""
    everywhere = allowed()
    processor = Processor(everywhere)
    processor.look(busy=BUSY * 2, crowded=0.0, processor=one)
    processor.look(busy=busy, crowded=crowded, processor=one)
    assert processor.bound_to is None
    assert allowed() == everywhere
    for _ in range(APART_LOOKS):
        processor.look(busy=BUSY * 2, crowded=0.0, processor=one)
        assert processor.bound_to is None
    processor.look(busy=BUSY * 2, crowded=0.0, processor=one)
    assert processor.bound_to == one


def test_threads_of_the_store_wait_for_the_loop_only_while_they_share_its_processor(
    one: int,
) -> None:
    """Whoever wakes would otherwise push the loop away in the middle of a pop."""
    processor = Processor(allowed())
    said: list[tuple[int, AbstractSet[int]]] = []
    with ThreadPoolExecutor(1, thread_name_prefix="store-reader") as pool:

        def note() -> None:
            said.append(pool.submit(lambda: (os.sched_getscheduler(0), allowed())).result())

        for crowded in (0.0, 0.0, CROWDED * 2):
            processor.look(busy=BUSY * 2, crowded=crowded, processor=one)
            note()
    # the first look was before the thread was there
    assert [policy for policy, _ in said] == [os.SCHED_OTHER, os.SCHED_BATCH, os.SCHED_OTHER]
    assert [where for _, where in said] == [{one}, {one}, allowed()]
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_a_policy_that_the_administrator_chose_is_kept(one: int) -> None:
    """The service manager may run the whole process as it likes."""
    with ThreadPoolExecutor(1, thread_name_prefix="store-reader") as pool:
        pool.submit(allowed).result()  # it is there, with the policy of a thread of ours
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        try:
            processor = Processor(allowed())
            for crowded in (0.0, CROWDED * 2):
                processor.look(busy=BUSY * 2, crowded=crowded, processor=one)
                assert os.sched_getscheduler(0) == os.SCHED_BATCH
                assert pool.submit(os.sched_getscheduler, 0).result() == os.SCHED_OTHER
        finally:
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def test_what_is_full_already_is_not_put_on_one_processor(one: int) -> None:
    """Who uses more than one has work that runs beside the interpreter."""
    processor = Processor(allowed())
    processor.look(busy=FULL * 1.5, crowded=0.0, processor=one)
    assert processor.bound_to is None


def test_what_blocks_or_hashes_runs_anywhere_even_if_started_by_a_bound_thread(one: int) -> None:
    """A password takes a tenth of a second to hash, without the interpreter."""
    everywhere = allowed()
    os.sched_setaffinity(0, {one})
    with helpers(everywhere) as pool:
        assert pool.submit(allowed).result() == everywhere


async def test_nothing_is_looked_at_where_there_is_no_choice(one: int) -> None:
    """The administrator or the container has decided."""
    processor = Processor({one})
    await processor.run()
    assert processor.bound_to is None


def test_linux_tells_where_a_thread_ran_and_how_long_it_waited() -> None:
    """Both are counted by the kernel for each thread."""
    thread = Path(f"/proc/self/task/{threading.get_native_id()}")
    assert _last_of(thread) in allowed()
    assert _waited_s(thread) >= 0
