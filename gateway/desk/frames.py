"""The frames of the event stream, encoded once however many sockets they go to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from gateway.core.record import time_json

NO_SEQ: Final = -1
Data = tuple[bytes, ...]
"""JSON in pieces that stand one after the other."""


@dataclass(slots=True)  # not frozen, which would double the time to make one: never changed
class Frame:
    """One event of one user; `rest`, all but its `seq`, is one object for all who get the event.

    Its pieces may be those of other events: frames are kept for pages that come back, and nine
    tenths of a pop are what the one before said. `since` is when the hub has it from, in monotonic
    seconds. What is no event has `NO_SEQ`.
    """

    seq: int
    rest: Data
    since: float = 0.0

    @property
    def body(self) -> bytes:
        """Return the whole JSON text in UTF-8."""
        if self.seq == NO_SEQ:
            return b"".join(self.rest)
        return b"".join((b'{"seq":%d' % self.seq, *self.rest))


def encode_data(data: Mapping[str, object]) -> bytes:
    """Encode the `data` member, to be shared by all users that get the event.

    It is kept for pages that come back, and orjson (3.13) leaves the buffer that it wrote into, up
    to five times as large, with what it returns: a copy has its own size.
    """
    return bytes(memoryview(orjson.dumps(data)))


def encode_frame(seq: int, event_type: str, at: datetime | None, data: bytes | Data) -> Frame:
    """Put the envelope `{seq, type, at, data}` around encoded data; no `at`: the hello frame."""
    return Frame(seq, encode_rest(event_type, at, data))


def encode_rest(event_type: str, at: datetime | None, data: bytes | Data) -> Data:
    """Encode all but `seq`, the same for all users that get the event."""
    stamp = f',"at":"{time_json(at)}"' if at is not None else ""
    envelope = f',"type":"{event_type}"{stamp},"data":'.encode()
    return (envelope, data, b"}") if isinstance(data, bytes) else (envelope, *data, b"}")
