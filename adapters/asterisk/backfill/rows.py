"""Rows of CEL and CDR as read from whatever table or file they are kept in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.asterisk.words import known

# enum ast_cel_event_type, for tables whose eventtype column is a number.
EVENT_NAMES: Final = {
    1: "CHAN_START",
    2: "CHAN_END",
    3: "HANGUP",
    4: "ANSWER",
    5: "APP_START",
    6: "APP_END",
    7: "PARK_START",
    8: "PARK_END",
    9: "USER_DEFINED",
    10: "BRIDGE_ENTER",
    11: "BRIDGE_EXIT",
    12: "BLINDTRANSFER",
    13: "ATTENDEDTRANSFER",
    14: "PICKUP",
    15: "FORWARD",
    16: "LINKEDID_END",
    17: "LOCAL_OPTIMIZE",
    18: "LOCAL_OPTIMIZE_BEGIN",
    19: "STREAM_BEGIN",
    20: "STREAM_END",
    21: "DTMF",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CelRow:
    """One event of a channel; `no` orders the rows of one moment as Asterisk wrote them."""

    at: datetime
    no: int
    event: str
    channel: str
    uniqueid: str
    linkedid: str
    number: str = ""
    caller_name: str = ""
    exten: str = ""
    context: str = ""
    app: str = ""
    data: str = ""
    extra: Mapping[str, str]

    @property
    def is_root(self) -> bool:
        """Whether the row belongs to the first channel of its call."""
        return self.uniqueid == self.linkedid


@dataclass(frozen=True, slots=True, kw_only=True)
class CdrRow:
    """One stretch between two channels; `answer` is that of `channel`, by whatever application."""

    start: datetime
    answer: datetime | None
    end: datetime
    no: int
    caller_id: str
    src: str
    dst: str
    did: str
    channel: str
    dest_channel: str
    app: str
    data: str
    disposition: str
    uniqueid: str
    linkedid: str
    recording: str = ""


def event_name(value: object) -> str:
    """Return an event's name from its name or its number, "" if it is none we know."""
    if isinstance(value, int):
        return EVENT_NAMES.get(value, "")
    text = str(value or "")
    if text.isascii() and text.isdigit():
        return EVENT_NAMES.get(int(text), "")
    return text.upper()


def extra_of(value: object) -> Mapping[str, str]:
    """Return the JSON object of an `extra` column as text values; {} if it holds none."""
    if not value:
        return {}
    try:
        found = value if isinstance(value, dict) else json.loads(str(value))
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(key): "" if item is None else str(item) for key, item in found.items()}


def text_of(value: object) -> str:
    """Return a column's text, "" for NULL and for what Asterisk writes where there is nothing."""
    return "" if value is None else known(str(value))
