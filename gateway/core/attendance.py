"""Who waits in queues, who serves them and what phones do: what `QueueBoard` is fed with.

Interfaces are the PBX's own names of a queue's members (Asterisk: `PJSIP/1001`,
`Local/1001@from-queue/n`); `extension` is "" where none of our people's phones is behind them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.inputs import Input, PbxEvent
from gateway.core.values import value


class DeviceState(StrEnum):
    """What a phone does, as the PBX sees it."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    IN_USE = "in_use"
    BUSY = "busy"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    RINGING = "ringing"
    RINGING_IN_USE = "ringing_in_use"
    ON_HOLD = "on_hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who serves a queue; `dynamic` members signed in and can sign out."""

    interface: str
    extension: str
    name: str
    state: DeviceState
    paused: bool = False
    pause_reason: str = ""
    paused_since: datetime | None = None
    in_call: bool = False
    calls_taken: int = 0
    last_call_at: datetime | None = None
    penalty: int = 0
    dynamic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCaller:
    """A caller in a queue, as listed; `linkedid` names the first channel of the call."""

    queue: str
    channel: str
    linkedid: str
    position: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What somebody says about themselves, as the PBX keeps it (available, away, dnd, …)."""

    status: str
    message: str = ""


class AttendanceInput(Input):
    """Marks what only concerns queues and presence: the call table needs none of it."""

    __slots__ = ()


@value
class CallerJoined(AttendanceInput, PbxEvent):
    """A caller entered a queue at `position` (from 1)."""

    queue: str
    channel: str
    linkedid: str
    position: int


@value
class CallerLeft(AttendanceInput, PbxEvent):
    """A caller is no longer waiting: answered, given up or sent on."""

    queue: str
    channel: str


@value
class MemberTold(AttendanceInput, PbxEvent):
    """A member is new, or anything about one changed."""

    queue: str
    member: Member


@value
class MemberGone(AttendanceInput, PbxEvent):
    """A member serves the queue no longer."""

    queue: str
    interface: str


@value
class DeviceTold(AttendanceInput, PbxEvent):
    """A phone changed its state; an extension may have several phones."""

    device: str
    extension: str
    state: DeviceState


@value
class PresenceTold(AttendanceInput, PbxEvent):
    """Somebody changed what they say about themselves."""

    extension: str
    presence: Presence


@value
class AttendanceSnapshot(AttendanceInput):
    """Everything as listed; what changed after event `requested_seq` is truer than this.

    `devices` are (device, extension, state), `presences` (extension, presence); empty if the PBX
    lists none.
    """

    requested_seq: int
    queues: tuple[str, ...]
    members: tuple[tuple[str, Member], ...]
    callers: tuple[WaitingCaller, ...]
    devices: tuple[tuple[str, str, DeviceState], ...] = ()
    presences: tuple[tuple[str, Presence], ...] = ()
