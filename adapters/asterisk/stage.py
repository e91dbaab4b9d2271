"""What is up in a playback, for those who sign in in the middle of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from adapters.asterisk.casting import Person, Talk
from adapters.asterisk.codec import Frame

_LISTED: Final = (
    "Channel",
    "ChannelState",
    "ChannelStateDesc",
    "CallerIDNum",
    "CallerIDName",
    "ConnectedLineNum",
    "ConnectedLineName",
    "Language",
    "AccountCode",
    "Context",
    "Exten",
    "Priority",
    "Uniqueid",
    "Linkedid",
)
_TALKS, _HELD = "INUSE", "ONHOLD"
_HOLDS: Final = frozenset({"Hold", "Unhold"})
_STATES: Final = {"Ringing": "RINGING", "Ring": _TALKS, "Up": _TALKS}
_BRIDGE: Final = ("BridgeUniqueid", "BridgeType", "BridgeTechnology", "BridgeCreator", "BridgeName")
_OF_CHANNEL: Final = frozenset(
    {"Newchannel", "Newstate", "Newexten", "NewCallerid", "NewConnectedLine", "BridgeEnter"}
)


@dataclass(slots=True)
class _Channel:
    headers: dict[str, str]
    since: float
    bridge: str = ""
    held: bool = False


@dataclass(slots=True)
class _Bridge:
    headers: dict[str, str]
    members: set[str] = field(default_factory=set)


class Stage:
    """Follows the events that are sent and lists channels and bridges as Asterisk would."""

    def __init__(self) -> None:
        self._channels: dict[str, _Channel] = {}
        self._bridges: dict[str, _Bridge] = {}

    def follow(self, frame: Frame, now: float) -> None:
        """Take one event; `now` is any clock in seconds that does not go backwards."""
        uniqueid = frame.get("Uniqueid")
        if not uniqueid:
            return
        if frame.name == "Hangup":
            self._leave(uniqueid)
            self._channels.pop(uniqueid, None)
        elif frame.name == "BridgeLeave":
            self._leave(uniqueid)
        elif frame.name in _HOLDS and uniqueid in self._channels:
            self._channels[uniqueid].held = frame.name == "Hold"
        elif frame.name in _OF_CHANNEL:
            known = self._channels.get(uniqueid)
            if known is None and frame.name != "Newchannel":
                return
            channel = known or self._channels.setdefault(uniqueid, _Channel({}, now))
            channel.headers = {key: frame.get(key) for key in _LISTED}
            if frame.name == "BridgeEnter":
                self._enter(uniqueid, channel, frame)

    def _enter(self, uniqueid: str, channel: _Channel, frame: Frame) -> None:
        self._leave(uniqueid)
        channel.bridge = frame.get("BridgeUniqueid")
        bridge = self._bridges.setdefault(channel.bridge, _Bridge({}))
        bridge.headers = {key: frame.get(key) for key in _BRIDGE}
        bridge.members.add(uniqueid)

    def _leave(self, uniqueid: str) -> None:
        channel = self._channels.get(uniqueid)
        if channel is None or not channel.bridge:
            return
        bridge = self._bridges[channel.bridge]
        bridge.members.discard(uniqueid)
        if not bridge.members:
            del self._bridges[channel.bridge]
        channel.bridge = ""

    def channels(self, now: float) -> Iterator[dict[str, str]]:
        """Yield the headers of each CoreShowChannel event."""
        for channel in self._channels.values():
            seconds = int(now - channel.since)
            duration = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
            yield {
                **channel.headers,
                "Application": "",
                "ApplicationData": "",
                "Duration": duration,
                "BridgeId": channel.bridge,
            }

    def bridges(self) -> Iterator[dict[str, str]]:
        """Yield the headers of each BridgeListItem event."""
        for bridge in self._bridges.values():
            yield {**bridge.headers, "BridgeNumChannels": str(len(bridge.members))}

    def headers(self, channel: str) -> dict[str, str] | None:
        """Return what events say of a channel that is up, found by name or Uniqueid."""
        found = self._find(channel)
        return None if found is None else found.headers

    def talk(self, channel: str) -> Talk | None:
        """Return who talks over a channel of ours and with whom; None if nobody does."""
        own = self._find(channel)
        bridge = self._bridges.get(own.bridge) if own is not None else None
        if own is None or bridge is None:
            return None
        for uniqueid in bridge.members:
            other = self._channels[uniqueid]
            if other is not own:
                return Talk(
                    agent=_person(own.headers),
                    other=_person(other.headers),
                    bridge=own.bridge,
                    linkedid=own.headers["Linkedid"],
                )
        return None

    def states(self) -> dict[str, str]:
        """Return what each phone with a channel does, as DeviceStateChange names it."""
        found: dict[str, str] = {}
        for channel in self._channels.values():
            extension = _person(channel.headers).extension
            state = _STATES.get(channel.headers["ChannelStateDesc"])
            if state == _TALKS and channel.held:
                state = _HELD
            if extension and state is not None and found.get(extension) != _TALKS:
                found[extension] = state
        return found

    def _find(self, channel: str) -> _Channel | None:
        by_id = self._channels.get(channel)
        if by_id is not None:
            return by_id
        named = (one for one in self._channels.values() if one.headers["Channel"] == channel)
        return next(named, None)

    def left_over(self, uniqueids: set[str]) -> Iterator[bytes]:
        """Yield a Hangup for each of these channels that is still up, its recording over."""
        for uniqueid in sorted(uniqueids & self._channels.keys()):
            headers = self._channels[uniqueid].headers
            lines = [f"{key}: {value}" for key, value in headers.items()]
            yield "\r\n".join(
                ["Event: Hangup", "Privilege: call,all", *lines, "Cause: 16", "Cause-txt: "]
            ).encode()


def _person(headers: dict[str, str]) -> Person:
    return Person(
        channel=headers["Channel"],
        uniqueid=headers["Uniqueid"],
        number=headers["CallerIDNum"],
        name=headers["CallerIDName"],
    )
