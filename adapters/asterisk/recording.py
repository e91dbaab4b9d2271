"""A recorded AMI stream: NAME.ami holds the bytes, NAME.idx when they arrived.

Each line of NAME.idx is one arrival: seconds since the connection was opened, and the number of
bytes; -1 instead of a number is a lost connection. An event's time is that of the line which
delivered its last byte.
"""

import gzip
import re
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from uuid import NAMESPACE_OID, uuid5

from adapters.asterisk.codec import Framer
from gateway.core.errors import UsageError

SAMPLES: Final = Path(__file__).parent / "samples"
LOST: Final = -1
# What a server says by itself at login, and what belongs to somebody else's questions.
_OWN: Final = frozenset({"FullyBooted", "SuccessfulAuth", "ChallengeSent"})
_UNIQUEID: Final = re.compile(rb"(?<![\d.])(1\d{9})\.(\d{1,6})(?![\d.])")
_FIRST_ID: Final = re.compile(rb"\r\nUniqueid: (?:[^\r]*-)?(1\d{9})\.")
_UUID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CHANNEL_NO: Final = re.compile(rb"(?<=-)([0-9a-f]{8})(?=[;,\s]|$)")
_COUNTERS_A_PLAY: Final = 10_000
_DAY_S: Final = 86_400


def read_bytes(path: Path) -> bytes:
    """Return a file's content, unpacked if its name ends with .gz.

    Raises UsageError if it cannot be read.
    """
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError) as error:
        raise UsageError(
            f"The recording {path} cannot be read.", remedy="Check its name and its rights."
        ) from error


def read_index(text: str) -> tuple[tuple[float, int], ...]:
    """Return the arrivals of an index file as (seconds, number of bytes or LOST).

    Raises UsageError if a line is not of that form.
    """
    arrivals = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            seconds, size = line.split()
            arrivals.append((float(seconds), int(size)))
        except ValueError:
            raise UsageError(
                f"Line {number} of the index is not a time and a number of bytes.",
                remedy="Record the stream again, or remove the .idx to replay without times.",
            ) from None
    return tuple(arrivals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The events of a recording, each with its time in seconds since the first one."""

    name: str
    events: tuple[tuple[float, bytes], ...]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read NAME.ami and the NAME.idx beside it; raises UsageError if that cannot be."""
        index = path.with_suffix(".idx")
        text = read_bytes(index).decode("ascii", "replace")
        return cls.parse(path.stem, read_bytes(path), text)

    @classmethod
    def parse(cls, name: str, ami: bytes, index: str) -> Self:
        """Return the events of a stream, without the server's greeting and its answers."""
        ends: list[int] = []
        times: list[float] = []
        end = 0
        for seconds, size in read_index(index):
            if size > 0:
                end += size
                ends.append(end)
                times.append(seconds)
        events: list[tuple[float, bytes]] = []
        for frame in Framer().feed(ami):
            if not frame.name or frame.name in _OWN or frame.get("EventList"):
                continue
            line = bisect_left(ends, frame.end)
            if line < len(times):
                events.append((times[line], frame.raw))
        first = events[0][0] if events else 0.0
        return cls(name=name, events=tuple((at - first, raw) for at, raw in events))

    @property
    def epoch(self) -> int:
        """Return the epoch of the first Uniqueid, 0 if there is none."""
        for _, raw in self.events:
            found = _FIRST_ID.search(raw)
            if found:
                return int(found.group(1))
        return 0

    def freshened(self, *, play: int, epoch: int) -> Self:
        """Return the same events as if they happened anew: no id is the same as in another play.

        Uniqueids and Linkedids start at `epoch` (seconds since 1970), bridges and channel names
        get new ids of equal length; `play` counts the plays of one server.
        """
        old = self.epoch

        def uniqueid(found: re.Match[bytes]) -> bytes:
            seconds = int(found.group(1))
            if abs(seconds - old) > _DAY_S:
                return found.group()
            counter = int(found.group(2)) + play * _COUNTERS_A_PLAY
            return b"%d.%d" % (seconds - old + epoch, counter)

        def bridge(found: re.Match[bytes]) -> bytes:
            return str(uuid5(NAMESPACE_OID, f"{epoch} {play} {found.group().decode()}")).encode()

        def channel(found: re.Match[bytes]) -> bytes:
            return b"%08x" % ((int(found.group(1), 16) + play * _COUNTERS_A_PLAY) & 0xFFFFFFFF)

        events = []
        for at, raw in self.events:
            fresh = _UNIQUEID.sub(uniqueid, raw)
            fresh = _UUID.sub(bridge, fresh)
            events.append((at, _CHANNEL_NO.sub(channel, fresh)))
        return type(self)(name=self.name, events=tuple(events))


def samples() -> tuple[Path, ...]:
    """Return the recordings that come with the product, by name."""
    return tuple(sorted(SAMPLES.glob("*.ami")))
