"""When the whole memory is looked through for garbage."""

import gc
from collections.abc import Iterator

import pytest

from gateway.runtime.tuning import LEAST_S, MOST_S, Tidying


@pytest.fixture(name="looks")
def looks_through_everything() -> Iterator[list[int]]:
    """Count what the interpreter tells of its own collections of the oldest generation."""
    found: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] == 2:
            found.append(1)

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


def test_memory_is_looked_through_once_an_hour_and_only_while_no_call_is_up(
    looks: list[int],
) -> None:
    """With 500 pages it takes 80 ms, which no pop may wait."""
    quiet = True
    tidying = Tidying(lambda: quiet)
    gc.disable()
    try:
        tidying.let_pass(LEAST_S / 2)
        assert looks == []
        tidying.let_pass(LEAST_S / 2)
        assert looks == [1]
        quiet = False
        tidying.let_pass(MOST_S / 2)
        assert looks == [1]
        tidying.let_pass(MOST_S / 2)  # where somebody always talks: once a day
        assert looks == [1, 1]
    finally:
        gc.enable()
