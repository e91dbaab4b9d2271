"""Pauses of the reading thread: it shares the interpreter with the loop, and pops go first."""

import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

BREATH_S: Final = 0.0005
# Rows handled in about a millisecond.
ROWS: Final = 32

T = TypeVar("T")


def breathing(items: Iterable[T]) -> Iterator[T]:
    """Yield `items` with a pause after every few, so that nobody waits long for the interpreter."""
    for number, item in enumerate(items, start=1):
        if number % ROWS == 0:
            time.sleep(BREATH_S)
        yield item
