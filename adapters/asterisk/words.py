"""Words of AMI's headers and what they mean to the core."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from adapters.asterisk.codec import Frame
from gateway.core.inputs import BridgeKind, ChannelState

STATES: Final = {
    "Down": ChannelState.DOWN,
    "Rsrvd": ChannelState.DOWN,
    "OffHook": ChannelState.DOWN,
    "Dialing": ChannelState.RINGING,
    "Ring": ChannelState.RING,
    "Ringing": ChannelState.RINGING,
    "Up": ChannelState.UP,
}
PRESENTATION: Final = "CALLERID(PRES)"
_UNKNOWN: Final = "<unknown>"
# int() refuses thousands of digits, and no header of ours has more than an int64.
_DIGITS: Final = 18
_ESCAPED: Final = re.compile(r"\\([abfnrtv\\'\"?])")
_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def known(value: str) -> str:
    """Return a header's value, "" for what Asterisk writes where there is none."""
    return "" if value == _UNKNOWN else value


def name_of(value: str) -> str:
    """Return a caller's name as it was sent: Asterisk escapes names like C text (ast_escape_c)."""
    name = known(value)
    return _ESCAPED.sub(_unescaped, name) if "\\" in name else name


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])


def number_of(value: str) -> int | None:
    """Return a header's number, None if it holds none that Asterisk would write."""
    if len(value) > _DIGITS or not (value.isascii() and value.isdigit()):
        return None
    return int(value)


def withheld(frame: Frame, prefix: str = "") -> bool | None:
    """Read `ChanVariable: CALLERID(pres)=…` (manager.conf: channelvars); None if it is not there.

    Whatever does not say that it may be shown hides the number.
    """
    for variable in frame.all(prefix + "ChanVariable"):
        name, _, value = variable.partition("=")
        if name.upper() == PRESENTATION:
            return not value.startswith("allowed")
    return None


def bridge_kind(frame: Frame) -> BridgeKind:
    """Return what being in the bridge of an event or list entry means."""
    kind = frame.get("BridgeType")
    if kind == "basic":
        return BridgeKind.ORDINARY
    if kind == "parking" or frame.get("BridgeTechnology") == "holding_bridge":
        return BridgeKind.PARKING
    if frame.get("BridgeCreator") == "ConfBridge":
        return BridgeKind.CONFERENCE
    return BridgeKind.ORDINARY


def epoch_of(uid: str) -> datetime | None:
    """Return when a channel was made, to the second: `[systemname-]epoch.counter`."""
    return _instant(uid.rpartition("-")[2].partition(".")[0])


@lru_cache(maxsize=16)
def _instant(seconds: str) -> datetime | None:
    """Return the moment of whole seconds since 1970; the channels of a call share one or two."""
    if not (seconds.isascii() and seconds.isdigit()):
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
