"""Keeps one caller one contact: one creation at a time for a number, remembered for a while.

A CRM's search may find a new contact only after a moment; a second call of the same stranger in
that moment must not make a second one.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from crm_sync.connectors.people import Person

REMEMBERED: Final = 500


T = TypeVar("T")


class Makings(Generic[T]):
    """What one connector made lately, by number; nothing of it is stored."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._made: OrderedDict[str, T] = OrderedDict()

    async def once(
        self,
        e164: str,
        search: Callable[[], Awaitable[T | None]],
        make: Callable[[], Awaitable[T]],
    ) -> T:
        """Return who has the number: made lately, found by now, or made."""
        async with self._turn:
            if e164 not in self._made:
                found = await search()
                self._made[e164] = found if found is not None else await make()
                while len(self._made) > REMEMBERED:
                    self._made.popitem(last=False)
            return self._made[e164]

    def forget(self, e164: str) -> None:
        """Search and make anew next time: what was made is gone."""
        self._made.pop(e164, None)


class Creating(Makings[Person]):
    """The contacts that one connector made lately."""
