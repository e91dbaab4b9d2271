"""AMI framing on bytes: an event is recognised by its name before anything is decoded.

An AMI message ends with an empty line; some Asterisk builds send one empty line more (after
TestEvent), and the banner line is followed by the first Response without one. Decoding is per
header, because a caller's name may be UTF-8 or whatever the carrier sent.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.core.errors import PeerProtocolError

MAX_FRAME_BYTES: Final = 65_536
MAX_HEADERS: Final = 256
MAX_BANNER_BYTES: Final = 1_024

_EOL: Final = b"\r\n"
_END: Final = b"\r\n\r\n"
_EVENT: Final = b"Event: "
_RESPONSE: Final = b"Response: "
# A message of so many lines has at least one byte and a line's end in each.
_LINE: Final = 3


class _Needles(dict[str, bytes]):
    """What precedes the value of a header; names come from code, so these stay few."""

    def __missing__(self, header: str) -> bytes:
        needle = self[header] = b"\r\n" + header.encode("latin-1") + b": "
        return needle


_needles: Final = _Needles()


def decode_value(value: bytes) -> str:
    """Return a header's value: UTF-8, else Latin-1 (which never fails)."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


class Frame:
    """One AMI message; headers are looked up in the bytes when asked for.

    `name` is the event's name, "" for anything that is no event; `raw` the bytes without the
    closing empty line; `end` the offset in the stream just behind the message.
    """

    __slots__ = ("end", "name", "raw")

    def __init__(self, name: str, raw: bytes, end: int) -> None:
        self.name = name
        self.raw = raw
        self.end = end

    @property
    def is_response(self) -> bool:
        """Whether this answers an action (it may also start a list)."""
        return self.raw.startswith(_RESPONSE)

    def get(self, header: str, default: str = "") -> str:
        """Return the first value of a header; case and spacing matter only for speed."""
        _, found, rest = self.raw.partition(_needles[header])
        if not found:
            return self._get_slowly(header, default)
        value = rest.partition(_EOL)[0]
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("latin-1")

    def rare(self, header: str) -> str:
        """Return the first value of a header that most events lack, spelt as Asterisk does.

        To look for another spelling where there is none costs more than to read five headers.
        """
        _, found, rest = self.raw.partition(_needles[header])
        return decode_value(rest.partition(_EOL)[0]) if found else ""

    def _get_slowly(self, header: str, default: str) -> str:
        """Return the first value of a header, ignoring case and whether a space precedes it."""
        lines, wanted = (_EOL + self.raw).lower(), _needles[header][:-1].lower()
        start = lines.find(wanted)
        if start < 0:
            return default
        value = self.raw[start + len(wanted) - len(_EOL) :].partition(_EOL)[0]
        return decode_value(value.removeprefix(b" "))

    def all(self, header: str) -> tuple[str, ...]:
        """Return every value of a header that may be repeated, in order."""
        wanted = header.lower()
        return tuple(value for key, value in self.items() if key.lower() == wanted)

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield every header with its value, in order; lines without a colon are passed over."""
        for line in self.raw.split(_EOL):
            key, colon, value = line.partition(b":")
            if colon:
                yield decode_value(key), decode_value(value.removeprefix(b" "))

    def __repr__(self) -> str:
        """Name and size only: the content is personal data."""
        kind = "Response" if self.is_response else self.name or "?"
        return f"<Frame {kind} {len(self.raw)} B to {self.end}>"


class FrameLimitError(PeerProtocolError):
    """The stream broke a limit; `frames` are the whole messages that came before it."""

    def __init__(self, message: str, *, frames: list[Frame]) -> None:
        super().__init__(
            message,
            remedy="The link is reset. If it repeats, something that is not Asterisk's AMI answers"
            " on this port, or the connection damages data.",
        )
        self.frames = frames


class Framer:
    """Cuts a byte stream into frames, however it is chunked; memory stays below two frames.

    `wanted` maps an event's name to byte needles, one of which its frame must hold (none: all are
    wanted); events not in it are passed over undecoded. Without `wanted` every message comes out.
    Responses always do. `seen` counts all messages, also those passed over; `nameless` tells
    whether any of those that came out last is no event.
    """

    __slots__ = (
        "_all",
        "_end",
        "_long",
        "_max_bytes",
        "_max_headers",
        "_names",
        "_rest",
        "banner",
        "nameless",
        "seen",
    )

    def __init__(
        self,
        wanted: Mapping[bytes, tuple[bytes, ...]] | None = None,
        max_frame_bytes: int = MAX_FRAME_BYTES,
        max_headers: int = MAX_HEADERS,
    ) -> None:
        self.banner: str | None = None
        self.seen = 0
        self.nameless = False
        self._max_bytes = max_frame_bytes
        self._max_headers = max_headers
        # What is no longer than this breaks no limit.
        self._long = min(max_frame_bytes, (max_headers - 1) * _LINE)
        self._end = 0
        self._rest = b""
        self._all = wanted is None
        self._names = {
            _EVENT + name: (decode_value(name), needles) for name, needles in (wanted or {}).items()
        }

    def feed(self, data: bytes) -> list[Frame]:
        """Return the messages that `data` completes.

        Raises FrameLimitError (a PeerProtocolError) on an endless frame or banner, and on a frame
        with too many headers; the stream cannot be used any further then.
        """
        self.nameless = False
        parts = self._split(data)
        self.seen += len(parts)
        frames: list[Frame] = []
        names, long, end = self._names, self._long, self._end
        for part in parts:
            size = len(part)
            end += size + 4
            if size > long and size > self._max_bytes:
                raise FrameLimitError("A message from the PBX is too long.", frames=frames)
            known = names.get(part.partition(_EOL)[0])
            if known is not None:
                name, needles = known
                if needles and not _holds(part, needles):
                    continue
                frame = Frame(name, part, end)
            elif part[:7] == _EVENT and names:
                # Most of an unfiltered stream ends here: VarSet, CEL and TestEvent are 69 % of it.
                continue
            else:
                other = self._other(part, end)
                if other is None:
                    continue
                frame = other
            if size > long and part.count(_EOL) >= self._max_headers:
                raise FrameLimitError("A message has too many headers.", frames=frames)
            frames.append(frame)
        self._end = end
        if len(self._rest) > self._max_bytes + 3:
            raise FrameLimitError("A message from the PBX has no end.", frames=frames)
        return frames

    def _split(self, data: bytes) -> list[bytes]:
        """Return the whole messages in what was kept and `data`; keep the unfinished rest."""
        if self._rest:
            data = self._rest + data
        if self.banner is None:
            self._rest = data
            if not self._take_banner():
                return []
            data = self._rest
        parts = data.split(_END)
        self._rest = parts.pop()
        return parts

    def _take_banner(self) -> bool:
        """Cut off the first line if it is a banner; False while it is still incomplete."""
        line, eol, rest = self._rest.partition(_EOL)
        if not eol:
            if len(line) > MAX_BANNER_BYTES:
                raise FrameLimitError("The first line from the peer has no end.", frames=[])
            return False
        if b": " in line:
            self.banner = ""
            return True
        self.banner = decode_value(line)
        self._end = len(line) + 2
        self._rest = rest
        return True

    def _other(self, part: bytes, end: int) -> Frame | None:
        """Return the frame of a message that needs a closer look, None if it is not wanted."""
        if part[:2] == _EOL:
            part = part.lstrip(_EOL)
        if not part.startswith(_EVENT):
            kept = part if self._all else part.startswith(_RESPONSE)
            if not kept:
                return None
            self.nameless = True
            return Frame("", part, end)
        line = part.partition(_EOL)[0]
        if self._all:
            return Frame(decode_value(line[7:]), part, end)
        known = self._names.get(line)
        if known is None or not _holds(part, known[1]):
            return None
        return Frame(known[0], part, end)


def _holds(part: bytes, needles: tuple[bytes, ...]) -> bool:
    """Whether a message holds one of the needles, if there are any."""
    for needle in needles:
        if needle in part:
            return True
    return not needles
