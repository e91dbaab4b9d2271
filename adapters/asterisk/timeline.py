"""When an event happened, and whether we were told of it before."""

from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.asterisk.codec import Frame

# What stands between us and the PBX may deliver an event again, or late, by so much.
LATE: Final = timedelta(seconds=2)
# ... and its delivery takes a moment itself.
_KEPT: Final = LATE + timedelta(milliseconds=500)
# A Timestamp that is further back than events come late: the PBX's clock was set back.
_STEP: Final = timedelta(seconds=5)
# Asterisk may send these again of itself. Whoever delivers any other event twice is believed to do
# so with all for a while.
_OFTEN: Final = frozenset({"CEL", "DialEnd", "Newexten", "UserEvent", "VarSet"})
_REPEATING: Final = timedelta(minutes=1)
# What an event takes back.
_FAMILY: Final = {
    "Unhold": "Hold",
    "BridgeLeave": "BridgeEnter",
    "QueueCallerLeave": "QueueCallerJoin",
    "UnParkedCall": "ParkedCall",
}
_BACK_AND_FORTH: Final = frozenset(_FAMILY.values())
_TOGETHER: Final = _BACK_AND_FORTH | _OFTEN | frozenset(_FAMILY)
_TIMESTAMP: Final = b"\r\nTimestamp: "
# It is the third header of an event (Asterisk, main/manager.c): no need to look through all.
_TIMESTAMP_WITHIN: Final = 300
_NONE: Final = timedelta()


class Repeats:
    """Tells events apart from ones delivered twice: the same bytes within two seconds.

    Asterisk itself sends the same bytes twice where the second event says nothing new, or where
    something else was said of the channel in between: hold, unhold, hold. Only on a wire that
    repeats other events is the latter taken for a repeat too, and there only every second time.
    Only a hash of the bytes is kept (64 bits: of 20 000 events in the window two are taken for one
    once in 10^11 times).
    """

    __slots__ = ("_copies", "_latest", "_repeating_until", "_seen", "_until")

    def __init__(self) -> None:
        # When which bytes were told: since the last turn, and in the 2.5 s or more before it.
        self._seen: tuple[dict[int, datetime], dict[int, datetime]] = {}, {}
        # The last that was told, kept as long, of what may be taken back: of a family and channel.
        self._latest: tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]] = {}, {}
        self._until: datetime | None = None
        self._copies: dict[int, int] = {}
        self._repeating_until: datetime | None = None

    def told(self, frame: Frame, at: datetime) -> bool:
        """Note an event that arrived at `at`; True if it was told already."""
        if self._until is None or at > self._until:
            self._turn(at)
        known, (seen, before) = hash(frame.raw), self._seen
        if known in seen or known in before:
            if not self._is_kept(known, at):
                self._copies.pop(known, None)
            elif not self._is_said_again(frame, known, at):
                return True
        seen[known] = at
        if frame.name in _TOGETHER:
            self._latest[0][_subject(frame)] = known
        return False

    def _turn(self, at: datetime) -> None:
        """Forget at once what is surely too old; the rest is judged when it comes again."""
        self._until = at + _KEPT
        self._seen = {}, self._seen[0]
        self._latest = {}, self._latest[0]
        seen, before = self._seen
        for known in [one for one in self._copies if one not in before and one not in seen]:
            del self._copies[known]

    def _is_kept(self, known: int, at: datetime) -> bool:
        seen, before = self._seen
        noted_at = seen.get(known) or before.get(known)
        return noted_at is not None and at - noted_at <= _KEPT

    def _is_said_again(self, frame: Frame, known: int, at: datetime) -> bool:
        """Whether the same bytes are news: something else was true of the channel meanwhile."""
        family = _FAMILY.get(frame.name, frame.name)
        if family not in _BACK_AND_FORTH and family not in _OFTEN:
            self._repeating_until = at + _REPEATING
        if self._repeating_until is not None and at < self._repeating_until:
            if family not in _BACK_AND_FORTH:
                return False
            copies = self._copies[known] = self._copies.get(known, 1) + 1
            if copies % 2 == 0:
                return False
        subject = _subject(frame)
        latest, before = self._latest
        other = latest.get(subject) or before.get(subject)
        return other is not None and other != known and self._is_kept(other, at)


def _subject(frame: Frame) -> tuple[str, str]:
    return _FAMILY.get(frame.name, frame.name), frame.get("Uniqueid")


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
        stamped = self.stamped = frame.raw.find(_TIMESTAMP, 0, _TIMESTAMP_WITHIN) >= 0
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
