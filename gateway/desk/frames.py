"""The frames of the event stream, encoded once however many sockets they go to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from gateway.core.record import time_json


@dataclass(slots=True)  # not frozen, which would double the time to make one: never changed
class Frame:
    """One event of one user; `data`, the long part, is one object for all who get the event."""

    seq: int
    head: bytes
    data: bytes

    @property
    def body(self) -> bytes:
        """Return the whole JSON text in UTF-8."""
        return self.head + self.data + b"}"


def encode_data(data: Mapping[str, object]) -> bytes:
    """Encode the `data` member, to be shared by all users that get the event."""
    return orjson.dumps(data)


def encode_frame(seq: int, event_type: str, at: datetime | None, data: bytes) -> Frame:
    """Put the envelope `{seq, type, at, data}` around encoded data; no `at`: the hello frame."""
    return numbered(seq, encode_envelope(event_type, at), data)


def encode_envelope(event_type: str, at: datetime | None) -> bytes:
    """Encode what stands between `seq` and data, the same for all users that get the event."""
    stamp = f',"at":"{time_json(at)}"' if at is not None else ""
    return f',"type":"{event_type}"{stamp},"data":'.encode()


def numbered(seq: int, envelope: bytes, data: bytes) -> Frame:
    """Return the frame of one user; `envelope` is from `encode_envelope`."""
    return Frame(seq, b'{"seq":%d%b' % (seq, envelope), data)


def renumbered(frame: Frame, seq: int) -> Frame:
    """Return the same frame under another `seq`."""
    return numbered(seq, frame.head[frame.head.index(b",") :], frame.data)
