"""AMI's events and lists about queues, phones and presence, for `gateway.core.queues`."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from adapters.asterisk.codec import Frame
from adapters.asterisk.naming import Naming
from adapters.asterisk.words import number_of
from gateway.core.attendance import (
    AttendanceInput,
    AttendanceSnapshot,
    CallerJoined,
    CallerLeft,
    DeviceState,
    DeviceTold,
    Member,
    MemberGone,
    MemberTold,
    Presence,
    PresenceTold,
    WaitingCaller,
)
from gateway.core.inputs import ChannelKind

# The names that only this module needs; the reader follows them beside `translate.WANTED`.
ALSO_WANTED: Final[Mapping[bytes, tuple[bytes, ...]]] = MappingProxyType(
    {
        b"QueueMemberAdded": (),
        b"QueueMemberRemoved": (),
        b"QueueMemberPause": (),
        b"QueueMemberStatus": (),
        b"DeviceStateChange": tuple(
            f"Device: {technology}/{digit}".encode()
            for technology in ("PJSIP", "SIP", "IAX2")
            for digit in range(10)
        ),
        b"PresenceStateChange": (),
    }
)
TOLD_HERE: Final = frozenset(name.decode() for name in ALSO_WANTED) | {
    "QueueCallerJoin",
    "QueueCallerLeave",
}

# AST_DEVICE_* as queues number them, and as DeviceStateChange spells them.
_STATUS: Final = (
    DeviceState.UNKNOWN,
    DeviceState.IDLE,
    DeviceState.IN_USE,
    DeviceState.BUSY,
    DeviceState.INVALID,
    DeviceState.UNAVAILABLE,
    DeviceState.RINGING,
    DeviceState.RINGING_IN_USE,
    DeviceState.ON_HOLD,
)
_STATES: Final = {
    "NOT_INUSE": DeviceState.IDLE,
    "INUSE": DeviceState.IN_USE,
    "BUSY": DeviceState.BUSY,
    "INVALID": DeviceState.INVALID,
    "UNAVAILABLE": DeviceState.UNAVAILABLE,
    "RINGING": DeviceState.RINGING,
    "RINGINUSE": DeviceState.RINGING_IN_USE,
    "ONHOLD": DeviceState.ON_HOLD,
}
_HINT: Final = re.compile(r"^hint:([0-9*]+)(?:@|$)", re.IGNORECASE)
_TEXT_LIMIT: Final = 200

_Handler = Callable[[Frame, datetime, int], AttendanceInput | None]


class Attendance:
    """Turns the frames of one PBX into attendance inputs; names are read as its settings say."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._handlers: dict[str, _Handler] = {
            "QueueCallerJoin": self._joined,
            "QueueCallerLeave": self._left,
            "QueueMemberAdded": self._member_told,
            "QueueMemberPause": self._member_told,
            "QueueMemberRemoved": self._member_gone,
            "QueueMemberStatus": self._member_told,
            "DeviceStateChange": self._device_told,
            "PresenceStateChange": self._presence_told,
        }

    def translate(self, frame: Frame, at: datetime, seq: int) -> AttendanceInput | None:
        """Return what an event means, None for one that means nothing here."""
        handler = self._handlers.get(frame.name)
        return None if handler is None else handler(frame, at, seq)

    @staticmethod
    def _joined(frame: Frame, at: datetime, seq: int) -> CallerJoined:
        uid = frame.get("Uniqueid")
        return CallerJoined(
            at=at,
            seq=seq,
            queue=frame.get("Queue"),
            channel=uid,
            linkedid=frame.get("Linkedid") or uid,
            position=number_of(frame.get("Position")) or 0,
        )

    @staticmethod
    def _left(frame: Frame, at: datetime, seq: int) -> CallerLeft:
        return CallerLeft(at=at, seq=seq, queue=frame.get("Queue"), channel=frame.get("Uniqueid"))

    def _member_told(self, frame: Frame, at: datetime, seq: int) -> MemberTold:
        member = self._member(frame, frame.get("Interface"), frame.get("MemberName"))
        return MemberTold(at=at, seq=seq, queue=frame.get("Queue"), member=member)

    @staticmethod
    def _member_gone(frame: Frame, at: datetime, seq: int) -> MemberGone:
        interface = frame.get("Interface")
        return MemberGone(at=at, seq=seq, queue=frame.get("Queue"), interface=interface)

    def snapshot(
        self, at: datetime, requested_seq: int, frames: Iterable[Frame]
    ) -> AttendanceSnapshot:
        """Return what QueueStatus, DeviceStateList and PresenceStateList listed."""
        queues: dict[str, None] = {}
        members: list[tuple[str, Member]] = []
        callers: list[WaitingCaller] = []
        devices: list[tuple[str, str, DeviceState]] = []
        presences: list[tuple[str, Presence]] = []
        for frame in frames:
            match frame.name:
                case "QueueParams":
                    queues[frame.get("Queue")] = None
                case "QueueMember":
                    member = self._member(frame, frame.get("Location"), frame.get("Name"))
                    members.append((frame.get("Queue"), member))
                case "QueueEntry":
                    callers.append(_waiting(frame, at))
                case "DeviceStateChange":
                    told = self._device_told(frame, at, 0)
                    if told is not None:
                        devices.append((told.device, told.extension, told.state))
                case "PresenceStateChange":
                    said = self._presence_told(frame, at, 0)
                    if said is not None:
                        presences.append((said.extension, said.presence))
        return AttendanceSnapshot(
            at=at,
            requested_seq=requested_seq,
            queues=tuple(queues),
            members=tuple(members),
            callers=tuple(callers),
            devices=tuple(devices),
            presences=tuple(presences),
        )

    def _member(self, frame: Frame, interface: str, name: str) -> Member:
        paused = frame.get("Paused") == "1"
        status = number_of(frame.get("Status")) or 0
        return Member(
            interface=interface,
            extension=self._extension(frame.get("StateInterface"), interface),
            name="" if name == interface else name,
            state=_STATUS[status] if status < len(_STATUS) else DeviceState.UNKNOWN,
            paused=paused,
            pause_reason=frame.get("PausedReason") if paused else "",
            paused_since=_instant(frame.get("LastPause")) if paused else None,
            in_call=frame.get("InCall") == "1",
            calls_taken=number_of(frame.get("CallsTaken")) or 0,
            last_call_at=_instant(frame.get("LastCall")),
            penalty=number_of(frame.get("Penalty")) or 0,
            dynamic=frame.get("Membership") == "dynamic",
        )

    def _extension(self, state_interface: str, interface: str) -> str:
        """Return whose phone is behind a member: `PJSIP/1001`, `hint:1001@…`, `Local/1001@…`."""
        for name in (state_interface, interface):
            hint = _HINT.match(name)
            if hint is not None:
                return self._naming.folded(hint.group(1))
            identity = self._naming.identity(name) if name else None
            if identity is not None and identity.kind is ChannelKind.EXTENSION:
                return identity.party
            if identity is not None and identity.kind is ChannelKind.RELAY:
                return identity.target
        return ""

    def _device_told(self, frame: Frame, at: datetime, seq: int) -> DeviceTold | None:
        device = frame.get("Device")
        extension = self._naming.device(device)
        state = _STATES.get(frame.get("State"), DeviceState.UNKNOWN)
        if not extension:
            return None
        return DeviceTold(at=at, seq=seq, device=device, extension=extension, state=state)

    def _presence_told(self, frame: Frame, at: datetime, seq: int) -> PresenceTold | None:
        kind, _, extension = frame.get("Presentity").partition(":")
        if kind != "CustomPresence" or not extension.isdigit():
            return None
        presence = Presence(
            status=frame.get("Status")[:_TEXT_LIMIT], message=frame.get("Message")[:_TEXT_LIMIT]
        )
        whose = self._naming.folded(extension)
        return PresenceTold(at=at, seq=seq, extension=whose, presence=presence)


def _waiting(frame: Frame, at: datetime) -> WaitingCaller:
    waited = number_of(frame.get("Wait")) or 0
    channel = frame.get("Uniqueid")
    return WaitingCaller(
        queue=frame.get("Queue"),
        channel=channel,
        # the list does not tell it; a caller's own channel nearly always began the call
        linkedid=channel,
        position=number_of(frame.get("Position")) or 0,
        since=at - timedelta(seconds=waited),
    )


def _instant(seconds: str) -> datetime | None:
    """Return a time that Asterisk wrote as seconds since 1970, 0 for never."""
    number = number_of(seconds)
    if not number:
        return None
    try:
        return datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return None
