"""The frames of the event stream, encoded once however many sockets they go to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from gateway.core.record import time_json


@dataclass(frozen=True, slots=True, kw_only=True)
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
    stamp = f',"at":"{time_json(at)}"' if at is not None else ""
    head = f'{{"seq":{seq},"type":"{event_type}"{stamp},"data":'
    return Frame(seq=seq, head=head.encode(), data=data)


def renumbered(frame: Frame, seq: int) -> Frame:
    """Return the same frame under another `seq`."""
    head = b'{"seq":%d' % seq + frame.head[frame.head.index(b",") :]
    return Frame(seq=seq, head=head, data=frame.data)
