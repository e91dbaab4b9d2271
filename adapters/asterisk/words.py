"""Words of AMI's headers and what they mean to the core."""

from datetime import UTC, datetime
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
_UNKNOWN: Final = "<unknown>"


def known(value: str) -> str:
    """Return a header's value, "" for what Asterisk writes where there is none."""
    return "" if value == _UNKNOWN else value


def number_of(value: str) -> int | None:
    """Return a header's number, None if it holds none."""
    return int(value) if value.isascii() and value.isdigit() else None


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
    seconds = uid.rpartition("-")[2].partition(".")[0]
    if not (seconds.isascii() and seconds.isdigit()):
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
