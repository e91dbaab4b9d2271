"""Counts what goes through the trunks of one PBX, from the inputs its call table gets anyway."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.core.elsewhere import TakenElsewhere
from gateway.core.inputs import (
    ChannelCreated,
    ChannelHungUp,
    ChannelKind,
    ChannelRenamed,
    ChannelState,
    ChannelStateChanged,
    Input,
    LinkDown,
    PbxRestarted,
    Snapshot,
)
from gateway.core.mystery import CHANNEL_PREFIX
from gateway.core.trunks import TrunkFailure
from gateway.core.trunkwords import call_failed, is_faulty


@dataclass(slots=True)
class Line:
    """One channel on a trunk; `up`: somebody or something answered."""

    trunk: str
    inbound: bool
    up: bool
    seq: int


@dataclass(slots=True)
class Count:
    """What went through one trunk since it was last taken; `now` and the times stay."""

    now: int = 0
    most: int = 0
    calls: int = 0
    inbound: int = 0
    failed: int = 0
    last_call_at: datetime | None = None
    last_inbound_at: datetime | None = None
    failure: TrunkFailure | None = None

    def taken(self) -> "Count":
        """Return what was counted, and count anew."""
        counted = Count(self.now, self.most, self.calls, self.inbound, self.failed)
        self.most, self.calls, self.inbound, self.failed = self.now, 0, 0, 0
        return counted


class Tally:
    """Hears inputs of a PBX; `changed` is told the trunk whose channels changed."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        self._changed = changed
        self._lines: dict[str, Line] = {}
        self._counts: dict[str, Count] = {}
        # Channels that ended while a snapshot is on its way: it must not revive them.
        self._gone: set[str] | None = set()
        self._handlers: Final[dict[type[Input], Callable[..., None]]] = {
            ChannelCreated: self._created,
            ChannelRenamed: self._renamed,
            ChannelStateChanged: self._state,
            ChannelHungUp: self._hung_up,
            TakenElsewhere: self._taken,
            Snapshot: self._snapshot,
            LinkDown: self._link_down,
            PbxRestarted: self._restarted,
        }

    @property
    def hears(self) -> frozenset[type[Input]]:
        """Which inputs count."""
        return frozenset(self._handlers)

    def hear(self, item: Input) -> None:
        """Take one input; of others than `hears` it wants nothing."""
        handler = self._handlers.get(type(item))
        if handler is not None:
            handler(item)

    def count(self, trunk: str) -> Count:
        """Return what was counted of a trunk."""
        found = self._counts.get(trunk)
        if found is None:
            found = self._counts[trunk] = Count()
        return found

    def trunks(self) -> Iterator[str]:
        """Yield the trunks that calls went through."""
        yield from self._counts

    def _created(self, item: ChannelCreated) -> None:
        if item.identity.kind is not ChannelKind.TRUNK or item.channel in self._lines:
            return
        trunk, inbound = item.identity.party, item.channel == item.linkedid
        up = item.state is ChannelState.UP
        self._lines[item.channel] = Line(trunk, inbound, up, item.seq)
        count = self._more(trunk)
        if item.begin and not item.channel.startswith(CHANNEL_PREFIX):
            count.calls += 1
            count.last_call_at = item.at
            if inbound:
                count.inbound += 1
                count.last_inbound_at = item.at

    def _renamed(self, item: ChannelRenamed) -> None:
        line = self._lines.get(item.channel)
        if line is None:
            return
        if item.identity.kind is not ChannelKind.TRUNK:
            self._less(item.channel)
        elif item.identity.party != line.trunk:
            self._less(item.channel)
            line.trunk = item.identity.party
            self._lines[item.channel] = line
            self._more(line.trunk)

    def _state(self, item: ChannelStateChanged) -> None:
        if item.state is ChannelState.UP and (line := self._lines.get(item.channel)) is not None:
            line.up = True

    def _hung_up(self, item: ChannelHungUp) -> None:
        if self._gone is not None:
            self._gone.add(item.channel)
        line = self._less(item.channel)
        if line is None or line.up or line.inbound or not is_faulty(item.cause, item.tech_cause):
            return
        count = self.count(line.trunk)
        count.failed += 1
        words = call_failed(item.cause, item.tech_cause)
        count.failure = TrunkFailure(at=item.at, code=item.tech_cause or None, words=words)

    def _taken(self, item: TakenElsewhere) -> None:
        """Let go of a call that somebody took: nobody will tell when it ends."""
        if self._gone is not None:
            self._gone.add(item.channel)
        self._less(item.channel)

    def _more(self, trunk: str) -> Count:
        count = self.count(trunk)
        count.now += 1
        count.most = max(count.most, count.now)
        self._changed(trunk)
        return count

    def _less(self, channel: str) -> Line | None:
        line = self._lines.pop(channel, None)
        if line is not None:
            self.count(line.trunk).now -= 1
            self._changed(line.trunk)
        return line

    def _snapshot(self, item: Snapshot) -> None:
        listed = {one.channel for one in item.channels}
        for channel, line in list(self._lines.items()):
            if channel not in listed and line.seq <= item.requested_seq:
                self._less(channel)
        gone, self._gone = self._gone or set(), None
        for one in item.channels:
            trunk = one.identity.kind is ChannelKind.TRUNK
            if trunk and one.channel not in self._lines and one.channel not in gone:
                inbound = one.channel == one.linkedid
                up = one.state is ChannelState.UP
                self._lines[one.channel] = Line(one.identity.party, inbound, up, 0)
                self._more(one.identity.party)

    def _link_down(self, _item: LinkDown) -> None:
        self._gone = set()

    def _restarted(self, _item: PbxRestarted) -> None:
        for channel in list(self._lines):
            self._less(channel)
