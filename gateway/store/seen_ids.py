"""Which entries a file has named already, in 16 to 32 bytes for each: files have ten million."""

from array import array
from typing import Final
from uuid import UUID

_FIRST_SIZE: Final = 1 << 12
_MASK: Final = (1 << 64) - 1


class SeenIds:
    """A set of ids that only grows.

    A `set` of texts would take 120 bytes for each id, inside a daemon that answers pops. Kept are
    64 bits of each id, which are a digest already: of ten million, two are taken for one with a
    probability of three in a million.
    """

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * _FIRST_SIZE))
        self._count = 0

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def add(self, identifier: str) -> bool:
        """Remember an id of `contacts.contact_id`; False if it was there before."""
        if 2 * self._count >= len(self._table):
            self._grow()
        key = UUID(identifier).int & _MASK or 1
        place = _place(self._table, key)
        if self._table[place] == key:
            return False
        self._table[place] = key
        self._count += 1
        return True

    def _grow(self) -> None:
        larger = array("Q", bytes(16 * len(self._table)))
        for key in self._table:
            if key:
                larger[_place(larger, key)] = key
        self._table = larger


def _place(table: "array[int]", key: int) -> int:
    """Return where a key stands, or the free place where it would."""
    last = len(table) - 1
    place = (key * 0x9E3779B97F4A7C15 >> 20) & last
    while table[place] not in {0, key}:
        place = (place + 1) & last
    return place
