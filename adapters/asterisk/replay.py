"""A recorded AMI stream in, call records out: the same code that follows a live PBX."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.asterisk.codec import Frame, FrameLimitError, Framer
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.translate import WANTED, Translator
from adapters.asterisk.words import epoch_of, number_of
from gateway.core.errors import UsageError
from gateway.core.events import CallEvent
from gateway.core.ids import CallId
from gateway.core.inputs import Input, LinkDown, PbxRestarted, Tick
from gateway.core.numbers import NumberPlan
from gateway.core.record import CallRecord, Seconds
from gateway.core.table import CallTable

LIST_EVENTS: Final = (
    b"BridgeListComplete",
    b"BridgeListItem",
    b"CoreShowChannel",
    b"CoreShowChannelsComplete",
    b"QueueEntry",
    b"QueueStatusComplete",
)
_BOOTED: Final = "FullyBooted"
_SHUTDOWN: Final = "Shutdown"
_FOLLOWED: Final = {**WANTED, **dict.fromkeys((*LIST_EVENTS, b"FullyBooted", b"Shutdown"), ())}
_LISTED: Final = frozenset({"BridgeListItem", "CoreShowChannel", "QueueEntry"})
_CHANNEL: Final = "CoreShowChannel"
_CHANNELS_END: Final = "CoreShowChannelsComplete"
_CHANNELS_FOLLOW: Final = b"Channels will follow"
_OTHER_ENDS: Final = frozenset({"BridgeListComplete", "QueueStatusComplete"})
_STAMPED: Final = b"\r\nTimestamp: "
_BOOT_SLACK: Final = timedelta(seconds=3)
_NOT_TIMED: Final = datetime.fromtimestamp(0, UTC)
CUT: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The records of a recording; `timed` is False if it held no times at all."""

    records: tuple[CallRecord, ...]
    timed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What one read of the recorder brought: bytes, or the news that the link was lost."""

    at_s: float
    data: bytes
    lost: bool = False


def replay(
    ami: bytes,
    idx: str | None,
    settings: AsteriskSettings,
    plan: NumberPlan,
) -> Replayed:
    """Return the records of all calls in a recording, ordered by start, then id.

    `idx` is the text of the .idx beside the .ami; merged calls are left out, unfinished ones are
    live. Raises UsageError if `idx` is not what the recorder writes.
    """
    run = _Run(settings, plan, timed=idx is not None or _STAMPED in ami)
    segments = list(read_index(idx, ami)) if idx is not None else [Segment(at_s=0.0, data=ami)]
    run.begin(first_epoch(ami))
    for position, segment in enumerate(segments):
        if segment.lost:
            if position < len(segments) - 1:
                run.lose(segment.at_s)
        else:
            run.feed(segment.at_s, segment.data)
    run.close()
    timed = idx is not None or run.stamped
    records = run.records() if timed else (_untimed(record) for record in run.records())
    kept = [record for record in records if record.merged_into is None]
    kept.sort(key=lambda record: (record.started_at or _NOT_TIMED, str(record.id)))
    return Replayed(records=tuple(kept), timed=timed)


def read_recording(path: Path) -> tuple[bytes, str | None]:
    """Return a recording's bytes and the text of the .idx beside it, None if there is none.

    Raises UsageError if the recording cannot be read.
    """
    try:
        ami = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The recording {path} cannot be read.", remedy="Check the file name and its rights."
        ) from error
    try:
        return ami, path.with_suffix(".idx").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ami, None


def read_index(idx: str, ami: bytes) -> Iterator[Segment]:
    """Cut a recording as its .idx says: `seconds bytes` a line, -1 bytes where the link was lost.

    The recording may be longer or shorter than the index; what is left over comes at the end.
    """
    position, base, last = 0, 0.0, 0.0
    lines = [line.split() for line in idx.splitlines() if line.strip()]
    for number, fields in enumerate(lines, start=1):
        try:
            seconds, size = float(fields[0]), int(fields[1])
        except (ValueError, IndexError):
            raise _no_index(number) from None
        if size < CUT:
            raise _no_index(number)
        if seconds + base < last:
            base = last - seconds  # the recorder counted anew after reconnecting
        last = seconds + base
        if size == CUT:
            if number == len(lines) and position < len(ami):
                yield Segment(at_s=last, data=ami[position:])
                position = len(ami)
            yield Segment(at_s=last, data=b"", lost=True)
        else:
            yield Segment(at_s=last, data=ami[position : position + size])
            position += size
    if position < len(ami):
        yield Segment(at_s=last, data=ami[position:])


def _no_index(number: int) -> UsageError:
    return UsageError(
        f"Line {number} of the .idx is not a time and a number of bytes.",
        remedy="Give the .idx that was recorded with this .ami, or remove it.",
    )


def first_epoch(ami: bytes) -> datetime:
    """Return the epoch of the first Uniqueid, which stands for the recording's zero."""
    needle = b"\r\nUniqueid: "
    start = ami.find(needle)
    while start >= 0:
        start += len(needle)
        found = epoch_of(ami[start : start + 200].partition(b"\r\n")[0].decode("latin-1"))
        if found is not None:
            return found
        start = ami.find(needle, start)
    return _NOT_TIMED


class _Run:
    """One pass over a recording; every connection in it is framed anew."""

    def __init__(self, settings: AsteriskSettings, plan: NumberPlan, *, timed: bool) -> None:
        self._translator = Translator(settings, timed=timed)
        self._table = CallTable(settings.name, plan)
        self._framer = Framer(_FOLLOWED)
        self._zero = _NOT_TIMED
        self._at = _NOT_TIMED
        self._found: dict[CallId, CallRecord] = {}
        self._listed: list[Frame] = []
        self._channels: list[Frame] = []
        self._requested_seq = 0
        self._boot: datetime | None = None
        self.stamped = False

    def begin(self, zero: datetime) -> None:
        self._zero = self._at = zero

    def feed(self, at_s: float, data: bytes) -> None:
        at = self._zero + timedelta(seconds=at_s)
        self._at = max(at, self._at)
        try:
            frames = self._framer.feed(data)
        except FrameLimitError as error:
            # A live link would be reset here; go on behind the damage.
            self._framer = Framer(_FOLLOWED)
            frames = error.frames
        for frame in frames:
            self._take(frame)

    def lose(self, at_s: float) -> None:
        self._at = max(self._zero + timedelta(seconds=at_s), self._at)
        self._framer = Framer(_FOLLOWED)
        self._listed.clear()
        self._channels.clear()
        self._apply(LinkDown(at=self._at))

    def close(self) -> None:
        """Let the time for late facts pass; calls that are still up stay up."""
        self._at += timedelta(seconds=10)
        self._apply(Tick(at=self._at))

    def records(self) -> Iterator[CallRecord]:
        for record in self._table.live():
            self._found[record.id] = record
        yield from self._found.values()

    def _take(self, frame: Frame) -> None:
        name = frame.name
        if not name:
            if _CHANNELS_FOLLOW in frame.raw:
                self._requested_seq = self._translator.seq
                self._channels.clear()
        elif name in _LISTED:
            self._listed.append(frame)
        elif name == _CHANNELS_END:
            self._channels = [one for one in self._listed if one.name == _CHANNEL]
            self._snapshot()
        elif name in _OTHER_ENDS:
            self._resnapshot()
        elif name == _BOOTED:
            self._booted(frame)
        elif name == _SHUTDOWN:
            self._apply(PbxRestarted(at=self._at))
        else:
            self._translate(frame)

    def _translate(self, frame: Frame) -> None:
        if not self.stamped and _STAMPED in frame.raw:
            self.stamped = True
        for told in self._translator.translate(frame, self._at):
            self._apply(told)

    def _resnapshot(self) -> None:
        """Apply the list of channels again, now that one that explains it has come."""
        if self._channels:
            self._snapshot()

    def _snapshot(self) -> None:
        """Apply the list of channels with what the other lists have told so far."""
        others = [one for one in self._listed if one.name != _CHANNEL]
        listed, self._listed = [*self._channels, *others], others
        self._apply(self._translator.snapshot(self._at, self._requested_seq, listed))

    def _booted(self, frame: Frame) -> None:
        """Notice another boot by its uptime; the first one is where we begin."""
        uptime = number_of(frame.get("Uptime"))
        if uptime is None:
            return
        boot = self._at - timedelta(seconds=uptime)
        if self._boot is not None and boot - self._boot > _BOOT_SLACK:
            self._apply(PbxRestarted(at=self._at))
        self._boot = boot

    def _apply(self, item: Input) -> None:
        for output in self._table.apply(item):
            if isinstance(output, CallEvent):
                self._found[output.record.id] = output.record


def _untimed(record: CallRecord) -> CallRecord:
    """Take out every time that the recording did not hold."""
    root = epoch_of(record.linkedid)
    return replace(
        record,
        started_at=root or record.started_at,
        answered_at=None,
        ended_at=None,
        transfers=tuple(replace(move, at=None) for move in record.transfers),
        seconds=Seconds(),
    )
