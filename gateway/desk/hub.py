"""The fan-out: every user's events in order, kept a while for pages that come back."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.core.ports import Clock
from gateway.desk.frames import Data, Frame, encode_data, encode_frame, encode_rest
from gateway.desk.subscription import CloseCode, Subscription

RING_LIMIT: Final = 1_000
RING_SECONDS: Final = 600.0
SWEEP_SECONDS: Final = 60.0
MAX_SEQ_DIGITS: Final = 15

Snapshot = Callable[[str], Iterable[Frame]]


@dataclass(slots=True)
class _Lane:
    """What the hub keeps of one user: `ring` holds the last frames, oldest first.

    There is no ring before the first event: most people who are connected are not called now.
    """

    seq: int = 0
    ring: deque[Frame] | None = None
    sockets: list[Subscription] = field(default_factory=list)

    def forget(self, before: float) -> None:
        """Drop what is older than the ring keeps."""
        while self.ring and self.ring[0].since < before:
            self.ring.popleft()
        if not self.ring:
            self.ring = None

    def after(self, seq: int) -> tuple[Frame, ...] | None:
        """Return the frames that follow `seq`, or None if some of them are gone."""
        if seq > self.seq or seq < 0:
            return None
        kept = self.ring or ()
        if self.seq - seq > len(kept):
            return None
        return tuple(frame for frame in kept if frame.seq > seq)


class Hub:
    """Publish to users, subscribe sockets (DESIGN section 6, RELIABILITY rule 13).

    `seq` counts per user from 1, without holes, within one `epoch` (a new one at each start of the
    process). Owned by the event loop; nothing here waits. `snapshot` gives the frames that describe
    this moment to a page that comes without history.
    """

    def __init__(self, clock: Clock, *, epoch: str, snapshot: Snapshot | None = None) -> None:
        self.epoch = epoch
        self._clock = clock
        self._snapshots: list[Snapshot] = [snapshot] if snapshot is not None else []
        self._lanes: dict[str, _Lane] = {}
        self._next_sweep = 0.0

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Let another part of the desk describe this moment to pages that come without history."""
        self._snapshots.append(snapshot)

    def publish(self, user: str, event_type: str, data: Mapping[str, object], at: datetime) -> int:
        """Send one event to all sockets of a user; returns its `seq`."""
        return self.publish_encoded((user,), event_type, encode_data(data), at)[user]

    def publish_many(
        self,
        users: Iterable[str],
        event_type: str,
        data: Mapping[str, object],
        at: datetime,
    ) -> dict[str, int]:
        """Send one event to several users, encoding its data once; returns each user's `seq`."""
        return self.publish_encoded(users, event_type, encode_data(data), at)

    def publish_encoded(
        self, users: Iterable[str], event_type: str, data: bytes | Data, at: datetime
    ) -> dict[str, int]:
        """Send one event whose data is encoded already; returns each user's `seq`."""
        monotonic = self._clock.monotonic()
        if monotonic >= self._next_sweep:
            self._sweep(monotonic)
        rest = encode_rest(event_type, at, data)
        seqs: dict[str, int] = {}
        for user in users:
            lane = self._lanes.get(user)
            if lane is None:
                lane = self._lanes[user] = _Lane()
            seq = seqs[user] = lane.seq = lane.seq + 1
            frame = Frame(seq, rest, monotonic)
            if lane.ring is None:
                lane.ring = deque(maxlen=RING_LIMIT)
            lane.ring.append(frame)
            for socket in lane.sockets:
                socket.offer(frame)
        return seqs

    def subscribe(
        self, user: str, since: str | None = None, *, credential: str = ""
    ) -> Subscription:
        """Open a socket's view: hello, then what it missed after `since` = "EPOCH:SEQ".

        Without `since`, and after a `reload` (the history it asks for is gone), the frames of this
        moment follow. Either way the seqs go up by one from that of the hello frame, over what
        follows it and into what happens next.
        """
        lane = self._lanes.setdefault(user, _Lane())
        lane.forget(self._clock.monotonic() - RING_SECONDS)
        missed = None if since is None else self._missed(lane, since)
        resumed = missed is not None
        backlog = self._moment(user, lane, reload=since is not None) if missed is None else missed
        hello = self._hello(lane.seq - len(backlog), resumed=resumed, follow=len(backlog))
        subscription = Subscription(user=user, credential=credential, backlog=(hello, *backlog))
        lane.sockets.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a socket that is gone; the user's history stays for its return."""
        lane = self._lanes.get(subscription.user)
        if lane is not None and subscription in lane.sockets:
            lane.sockets.remove(subscription)

    def seq(self, user: str) -> int:
        """Return the seq of the last event of a user, 0 if there was none."""
        lane = self._lanes.get(user)
        return lane.seq if lane is not None else 0

    def has_page(self, user: str) -> bool:
        """Tell whether a socket of this user is open."""
        lane = self._lanes.get(user)
        return lane is not None and bool(lane.sockets)

    def users(self) -> tuple[str, ...]:
        """Return the users that have events or sockets."""
        return tuple(self._lanes)

    def sockets(self) -> tuple[Subscription, ...]:
        """Return all open sockets."""
        return tuple(socket for lane in self._lanes.values() for socket in lane.sockets)

    def forget(self) -> None:
        """Drop the frames kept for pages that come back: somebody in them was erased."""
        for lane in self._lanes.values():
            lane.ring = None

    def close(self, code: CloseCode = CloseCode.GOING_AWAY) -> None:
        """Close every socket, at shutdown."""
        for socket in self.sockets():
            socket.close(code)

    def _sweep(self, monotonic: float) -> None:
        self._next_sweep = monotonic + SWEEP_SECONDS
        for lane in self._lanes.values():
            lane.forget(monotonic - RING_SECONDS)

    def _missed(self, lane: _Lane, since: str) -> tuple[Frame, ...] | None:
        epoch, _, seq = since.rpartition(":")
        if epoch != self.epoch or not (
            seq.isascii() and seq.isdigit() and len(seq) <= MAX_SEQ_DIGITS
        ):
            return None
        return lane.after(int(seq))

    def _moment(self, user: str, lane: _Lane, *, reload: bool) -> tuple[Frame, ...]:
        """Return the frames that show this moment, numbered up to the user's last event."""
        fresh = [frame for snapshot in self._snapshots for frame in snapshot(user)]
        fresh.sort(key=lambda frame: frame.seq)
        if reload:
            fresh.insert(0, encode_frame(0, "reload", self._clock.now(), b"{}"))
        # somebody who has just been given an extension sees more than was ever sent to them
        lane.seq = max(lane.seq, len(fresh))
        first = lane.seq - len(fresh) + 1
        return tuple(Frame(first + place, frame.rest) for place, frame in enumerate(fresh))

    def _hello(self, seq: int, *, resumed: bool, follow: int) -> Frame:
        data: dict[str, object] = {"epoch": self.epoch, "resumed": resumed, "follow": follow}
        return encode_frame(seq, "hello", self._clock.now(), encode_data(data))
