"""When an event happened, and whether we were told of it before."""

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.asterisk.codec import Frame

# What stands between us and the PBX may deliver an event again, or late, by so much.
LATE: Final = timedelta(seconds=2)
# ... and its delivery takes a moment itself.
_KEPT: Final = LATE + timedelta(milliseconds=500)
# A Timestamp that is further back than events come late: the PBX's clock was set back.
_STEP: Final = timedelta(seconds=5)
_TIMESTAMP: Final = b"\r\nTimestamp: "
_NONE: Final = timedelta()


class Repeats:
    """Tells events apart from ones delivered twice: the same bytes within two seconds.

    Asterisk sends the same bytes twice only where the second event says nothing new.
    """

    __slots__ = ("_order", "_seen")

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._order: deque[tuple[datetime, bytes]] = deque()

    def told(self, raw: bytes, at: datetime) -> bool:
        """Note an event that arrived at `at`; True if it was told already."""
        order = self._order
        while order and at - order[0][0] > _KEPT:
            self._seen.discard(order.popleft()[1])
        if raw in self._seen:
            return True
        self._seen.add(raw)
        order.append((at, raw))
        return False


class Timeline:
    """Places events in time: by their Timestamp header where there is one, else by their arrival.

    Arrival never goes backwards; Timestamps may, for events that others overtook, but not by a
    clock that is set back: from then on its distance is added.
    """

    __slots__ = ("_back", "_last", "stamped")

    def __init__(self) -> None:
        self._last: datetime | None = None
        self._back = _NONE
        self.stamped = False

    def place(self, frame: Frame, at: datetime) -> datetime:
        """Return when an event that arrived at `at` happened."""
        last = self._last
        stamped = self.stamped = _TIMESTAMP in frame.raw
        if stamped:
            at = _stamp(frame.get("Timestamp"), at) + self._back
        if last is None or at >= last:
            self._last = at
            return at
        if not stamped:
            return last
        if last - at > _STEP:
            self._back += last - at
            return last
        return at


def _stamp(text: str, at: datetime) -> datetime:
    """Return the time in a Timestamp header (seconds since 1970), else when it arrived."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return at
