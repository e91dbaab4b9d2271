"""What is up right now on the PBX: the lists taken after every login, and whether it restarted."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from adapters.asterisk import faults
from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.session import Session
from gateway.core.errors import AuthError

# Every list answers with events of its own names; the stream's filter must let them through.
LIST_EVENTS: Final[Mapping[bytes, tuple[bytes, ...]]] = MappingProxyType(
    dict.fromkeys(
        (
            b"CoreShowChannel",
            b"CoreShowChannelsComplete",
            b"BridgeListItem",
            b"BridgeListComplete",
            b"QueueParams",
            b"QueueMember",
            b"QueueEntry",
            b"QueueStatusComplete",
            b"DeviceStateListComplete",
            b"PresenceStateListComplete",
        ),
        (),
    )
)
# Parked calls stand in a bridge of type parking; ParkedCalls itself needs write = call, which an
# observer must not have.
_LISTS: Final = (
    Action.CORE_SHOW_CHANNELS,
    Action.BRIDGE_LIST,
    Action.QUEUE_STATUS,
    Action.DEVICE_STATE_LIST,
    Action.PRESENCE_STATE_LIST,
)
# Two readings of the PBX's uptime may differ by its rounding and a slow answer.
UPTIME_SLACK_S: Final = 3.0
QUARTER_S: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The frames of every list we were given, and which one we were refused."""

    frames: list[Frame]
    denied: tuple[Action, ...]


async def take_lists(session: Session, timeout_s: float) -> Lists:
    """Ask for channels, bridges, queues, and the states of phones and people.

    A list that the PBX does not know (module not loaded) counts as empty; one that the AMI user
    may not have is named in `denied`. Raises TransientError if they take too long together.
    """
    frames: list[Frame] = []
    denied: list[Action] = []
    try:
        async with asyncio.timeout(timeout_s):
            for action in _LISTS:
                try:
                    frames += (await session.ask(action, timeout_s=timeout_s))[1:]
                except AuthError:
                    denied.append(action)
                except faults.UnknownError:
                    continue
    except TimeoutError:
        raise faults.slow_lists() from None
    return Lists(frames=frames, denied=tuple(denied))


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """Which start of Asterisk we are connected to, as far as we may know.

    `started` is CoreStatus' start-up time as text (local, without zone); `uptime_s` FullyBooted's
    Uptime, read at the monotonic time `read_at`.
    """

    started: str
    uptime_s: float | None
    read_at: float

    def is_another(self, later: "Boot") -> bool:
        """Whether Asterisk was started anew between two readings.

        The start-up time is printed as local time: it moves by quarters of an hour with daylight
        saving time, and then the uptime decides, which in turn moves with the PBX's clock.
        """
        if self.started and later.started:
            moved = _seconds_between(self.started, later.started)
            if moved is not None and moved % QUARTER_S:
                return True
            if moved == 0:
                return False
        if self.uptime_s is None or later.uptime_s is None:
            return False
        expected = self.uptime_s + later.read_at - self.read_at
        return later.uptime_s < expected - UPTIME_SLACK_S


def _seconds_between(started: str, later: str) -> float | None:
    """Return how far apart two printed times are, None if they are of another form."""
    if started == later:
        return 0.0
    try:
        return abs(
            (datetime.fromisoformat(later) - datetime.fromisoformat(started)).total_seconds()
        )
    except ValueError:
        return None


async def read_boot(session: Session, booted: Frame | None, *, at: float, timeout_s: float) -> Boot:
    """Return the boot we are connected to; `booted` is the FullyBooted event if it came."""
    started = ""
    try:
        status = (await session.ask(Action.CORE_STATUS, timeout_s=timeout_s))[0]
    except AuthError:
        pass
    except faults.UnknownError:
        pass
    else:
        started = f"{status.get('CoreStartupDate')} {status.get('CoreStartupTime')}".strip()
    uptime = booted.get("Uptime") if booted is not None else ""
    return Boot(
        started=started,
        uptime_s=float(uptime) if uptime.isascii() and uptime.isdigit() else None,
        read_at=at,
    )
