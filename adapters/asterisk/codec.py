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
_needles: dict[str, bytes] = {}


def _needle(header: str) -> bytes:
    """Return what precedes the value of a header; names come from code, so the cache is small."""
    found = _needles.get(header)
    if found is None:
        found = _needles[header] = b"\r\n" + header.encode("latin-1") + b":"
    return found


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
        """Return the first value of a header; case matters only for speed."""
        needle = _needle(header)
        raw = self.raw
        start = raw.find(needle)
        if start < 0:
            start = self._find_slowly(needle)
            if start == -1:
                return default
        start += len(needle)
        if raw[start : start + 1] == b" ":
            start += 1
        end = raw.find(_EOL, start)
        value = raw[start:] if end < 0 else raw[start:end]
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.decode("latin-1")

    def rare(self, header: str) -> str:
        """Return the first value of a header that most events lack, spelt as Asterisk does.

        To look for another spelling where there is none costs more than to read five headers.
        """
        return self.get(header) if _needle(header) in self.raw else ""

    def _find_slowly(self, needle: bytes) -> int:
        """Return where `needle` would start, ignoring case; -2 if it is the very first header."""
        lowered, needle = self.raw.lower(), needle.lower()
        if lowered.startswith(needle[2:]):
            return -2
        return lowered.find(needle)

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
    Responses always do. `seen` counts all messages, also those passed over.
    """

    __slots__ = ("_end", "_max_bytes", "_max_headers", "_names", "_rest", "banner", "seen")

    def __init__(
        self,
        wanted: Mapping[bytes, tuple[bytes, ...]] | None = None,
        max_frame_bytes: int = MAX_FRAME_BYTES,
        max_headers: int = MAX_HEADERS,
    ) -> None:
        self.banner: str | None = None
        self.seen = 0
        self._max_bytes = max_frame_bytes
        self._max_headers = max_headers
        self._end = 0
        self._rest = b""
        self._names = (
            None
            if wanted is None
            else {name: (decode_value(name), needles) for name, needles in wanted.items()}
        )

    def feed(self, data: bytes) -> list[Frame]:
        """Return the messages that `data` completes.

        Raises FrameLimitError (a PeerProtocolError) on an endless frame or banner, and on a frame
        with too many headers; the stream cannot be used any further then.
        """
        parts = self._split(data)
        self.seen += len(parts)
        frames: list[Frame] = []
        names = self._names
        end = self._end
        for part in parts:
            end += len(part) + 4
            if len(part) > self._max_bytes:
                raise FrameLimitError("A message from the PBX is too long.", frames=frames)
            if names is not None and part[:7] == _EVENT:
                # Most of the stream ends here: VarSet, CEL and TestEvent are 69 % of it.
                eol = part.find(_EOL, 7)
                known = names.get(part[7:eol] if eol > 0 else part[7:])
                if known is None or not _holds(part, known[1]):
                    continue
                frame = Frame(known[0], part, end)
            else:
                other = self._other(part, end)
                if other is None:
                    continue
                frame = other
            if part.count(_EOL) >= self._max_headers:
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
        names = self._names
        if not part.startswith(_EVENT):
            kept = part.startswith(_RESPONSE) if names is not None else part
            return Frame("", part, end) if kept else None
        name = part[7:].partition(_EOL)[0]
        if names is None:
            return Frame(decode_value(name), part, end)
        known = names.get(name)
        if known is None or not _holds(part, known[1]):
            return None
        return Frame(known[0], part, end)


def _holds(part: bytes, needles: tuple[bytes, ...]) -> bool:
    """Whether a message holds one of the needles, if there are any."""
    for needle in needles:
        if needle in part:
            return True
    return not needles
