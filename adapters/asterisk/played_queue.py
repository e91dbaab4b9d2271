"""The queue and the phones of a playback: who serves, who is paused, what each phone does."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

Headers = dict[str, str]
# AST_DEVICE_* as DeviceStateChange spells them and as queues number them.
_STATUS: Final = {"NOT_INUSE": "1", "INUSE": "2", "RINGING": "6", "ONHOLD": "8"}
_IDLE: Final = "NOT_INUSE"


@dataclass(slots=True)
class _Member:
    paused: bool = False
    reason: str = ""
    paused_at: int = 0


class PlayedQueue:
    """One queue and the phones around it; `phones` maps extensions to names."""

    def __init__(self, queue: str, phones: Mapping[str, str]) -> None:
        self.queue = queue
        self.phones = dict(phones)
        self._members = {extension: _Member() for extension in phones}
        self._states = dict.fromkeys(phones, _IDLE)

    def tell(self, states: Mapping[str, str]) -> Iterator[tuple[str, Headers]]:
        """Take what each busy phone does; yield the events of those that changed."""
        for extension in self.phones:
            state = states.get(extension, _IDLE)
            if state == self._states[extension]:
                continue
            self._states[extension] = state
            yield "DeviceStateChange", {"Device": f"PJSIP/{extension}", "State": state}
            if extension in self._members:
                yield "QueueMemberStatus", self._told(extension)

    def pause(
        self, extension: str, *, paused: bool, reason: str
    ) -> Iterator[tuple[str, Headers]] | None:
        """Pause a member or let it go on; yields the event, None if there is no such member."""
        member = self._members.get(extension)
        if member is None:
            return None
        member.paused, member.reason = paused, reason if paused else ""
        member.paused_at = int(time.time()) if paused else 0
        return iter([("QueueMemberPause", self._told(extension))])

    def join(self, extension: str) -> Iterator[tuple[str, Headers]] | None:
        """Sign a phone in; None if it is in already or there is no such phone."""
        if extension in self._members or extension not in self.phones:
            return None
        self._members[extension] = _Member()
        return iter([("QueueMemberAdded", self._told(extension))])

    def leave(self, extension: str) -> Iterator[tuple[str, Headers]] | None:
        """Sign a phone out; None if it is not in."""
        if extension not in self._members:
            return None
        told = self._told(extension)
        del self._members[extension]
        return iter([("QueueMemberRemoved", told)])

    def listed(self) -> Iterator[tuple[str, Headers]]:
        """Yield what QueueStatus lists."""
        yield "QueueParams", {"Queue": self.queue}
        for extension in self._members:
            told = self._told(extension)
            named = {"Name": told["MemberName"], "Location": told["Interface"]}
            yield "QueueMember", {**told, **named}

    def devices(self) -> Iterator[tuple[str, Headers]]:
        """Yield what DeviceStateList lists."""
        for extension, state in self._states.items():
            yield "DeviceStateChange", {"Device": f"PJSIP/{extension}", "State": state}

    def _told(self, extension: str) -> Headers:
        member, state = self._members[extension], self._states[extension]
        return {
            "Queue": self.queue,
            "MemberName": self.phones[extension],
            "Interface": f"PJSIP/{extension}",
            "StateInterface": f"PJSIP/{extension}",
            "Membership": "dynamic",
            "Penalty": "0",
            "CallsTaken": "0",
            "LastCall": "0",
            "LastPause": str(member.paused_at),
            "InCall": "1" if state == "INUSE" else "0",
            "Status": _STATUS[state],
            "Paused": "1" if member.paused else "0",
            "PausedReason": member.reason,
            "Ringinuse": "0",
        }
