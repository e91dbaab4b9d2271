"""Turns the bytes of a fuzzer into decisions, without needing the fuzzer to run them again."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Reads decisions off a byte string; when it is used up every decision is the first one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._next = 0

    @property
    def left(self) -> int:
        """How many bytes are not used yet."""
        return len(self._data) - self._next

    def byte(self) -> int:
        """Return the next byte, 0 at the end."""
        if self._next >= len(self._data):
            return 0
        self._next += 1
        return self._data[self._next - 1]

    def one_of(self, options: Sequence[T]) -> T:
        """Return one of up to 256 options."""
        return options[self.byte() % len(options)]

    def take(self, size: int) -> bytes:
        """Return up to so many bytes."""
        start, self._next = self._next, min(self._next + size, len(self._data))
        return self._data[start : self._next]

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(self.left)
