"""What stands between the socket and the rest: stamps and a bounded queue, in order."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.asterisk.codec import MAX_FRAME_BYTES, Frame
from gateway.core.inputs import Input
from gateway.core.ports import Clock


class Stamper:
    """Gives arrival times: the wall clock once per connection, monotonic since, never backwards."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall = clock.now()
        self._started = clock.monotonic()
        self._last = self._wall

    def anchor(self) -> None:
        """Take the wall clock anew; called when a connection is made."""
        self._wall = self._clock.now()
        self._started = self._clock.monotonic()

    def now(self) -> datetime:
        """Return the time of what arrives now (aware UTC)."""
        return self.at(self._clock.monotonic())

    def at(self, monotonic: float) -> datetime:
        """Return the time of what arrived at this moment of the monotonic clock."""
        at = self._wall + timedelta(seconds=monotonic - self._started)
        self._last = max(self._last, at)
        return self._last


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Events that came with one segment."""

    at: datetime
    frames: list[Frame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The lists of a snapshot, whole; `requested_seq` is the last event known when asking."""

    at: datetime
    requested_seq: int
    frames: list[Frame]
    delivered: asyncio.Event


Item = Arrived | Listed | Input


class Intake:
    """A bounded first-in first-out queue; too many events make `put` say so, nothing is dropped.

    Only events count against the limits: what we put in ourselves (a snapshot, a lost link) is
    one or two items a connection.
    """

    def __init__(self, *, max_frames: int, max_bytes: int) -> None:
        self._items: deque[Item] = deque()
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._wanted = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self.frames = 0
        self.bytes = 0

    @property
    def empty(self) -> bool:
        """Whether nothing waits, so that what arrives need not wait either."""
        return not self._items

    def fits(self, frames: list[Frame]) -> bool:
        """Tell whether there is room for these events."""
        if self.frames + len(frames) > self._max_frames:
            return False
        room = self._max_bytes - self.bytes
        return len(frames) * MAX_FRAME_BYTES <= room or _size(frames) <= room

    def put(self, arrived: Arrived) -> bool:
        """Keep events; False if they do not fit any more, and then none of them is kept."""
        if not self.fits(arrived.frames):
            return False
        self.frames += len(arrived.frames)
        self.bytes += _size(arrived.frames)
        self.add(arrived)
        return True

    def add(self, item: Item) -> None:
        """Keep something of our own, behind the events that came before it."""
        self._items.append(item)
        self._drained.clear()
        self._wanted.set()

    async def get(self) -> Item:
        """Return the next item; waits for one."""
        while not self._items:
            self._wanted.clear()
            await self._wanted.wait()
        item = self._items.popleft()
        if isinstance(item, Arrived):
            self.frames -= len(item.frames)
            self.bytes -= _size(item.frames)
        if not self._items:
            self._drained.set()
        return item

    async def drained(self) -> None:
        """Return when everything has been taken out."""
        await self._drained.wait()


def _size(frames: list[Frame]) -> int:
    return sum(len(frame.raw) for frame in frames)
