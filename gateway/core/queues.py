"""The queues and phones of one PBX at this moment: events in, what changed out; no I/O."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.core.attendance import (
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
)
from gateway.core.inputs import Input, LinkDown, PbxRestarted
from gateway.core.values import value

# What was told while the lists of a snapshot were on their way is remembered this far back.
REMEMBERED: Final = 4_096

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A caller who waits; `position` counts from 1."""

    channel: str
    linkedid: str
    position: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """One queue; `stale`: the link is down, this is how it was last seen."""

    name: str
    waiting: tuple[Waiting, ...]
    members: tuple[Member, ...]
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneView:
    """One extension: the busiest state of its phones, since when, and its presence."""

    extension: str
    state: DeviceState
    since: datetime
    presence: Presence | None
    stale: bool


@value
class QueueChanged:
    """A queue is not as it was."""

    queue: str


@value
class PhoneChanged:
    """An extension's state or presence is not as it was."""

    extension: str


Change = QueueChanged | PhoneChanged

# The busiest of an extension's phones tells what the person does.
_RANK: Final = (
    DeviceState.RINGING_IN_USE,
    DeviceState.RINGING,
    DeviceState.IN_USE,
    DeviceState.ON_HOLD,
    DeviceState.BUSY,
    DeviceState.IDLE,
    DeviceState.UNAVAILABLE,
    DeviceState.INVALID,
    DeviceState.UNKNOWN,
)


class _Queue:
    """`callers`: linkedid and since when of each channel that waits, the first in line first."""

    __slots__ = ("callers", "members")

    def __init__(self) -> None:
        self.callers: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self.members: dict[str, Member] = {}

    def join(self, channel: str, caller: tuple[str, datetime], *, place: int) -> bool:
        """Let a caller in at a place counted from 1, 0 for the end; False if known already."""
        if channel in self.callers:
            return False
        behind = list(self.callers)[place - 1 :] if 1 < place <= len(self.callers) else ()
        self.callers[channel] = caller
        if place == 1:
            self.callers.move_to_end(channel, last=False)
        for other in behind:
            self.callers.move_to_end(other)
        return True

    def leave(self, channel: str) -> bool:
        """Let a caller go; False if they did not wait."""
        return self.callers.pop(channel, None) is not None

    def waiting(self) -> tuple[Waiting, ...]:
        """Return who waits, by position."""
        return tuple(
            Waiting(
                channel=channel,
                linkedid=linkedid,
                position=place,
                since=since,
            )
            for place, (channel, (linkedid, since)) in enumerate(self.callers.items(), 1)
        )


class _Phone:
    __slots__ = ("devices", "presence", "since", "state")

    def __init__(self, at: datetime) -> None:
        self.devices: dict[str, DeviceState] = {}
        self.state = DeviceState.UNKNOWN
        self.since = at
        self.presence: Presence | None = None


class QueueBoard:
    """Follows the queues and phones of one PBX; equal inputs give equal outputs, none raises."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}
        self._phones: dict[str, _Phone] = {}
        self._told: OrderedDict[Key, int] = OrderedDict()
        self._stale = True
        self._rules: dict[type[Input], Callable[[Any], list[Change]]] = {
            CallerJoined: self._on_joined,
            CallerLeft: self._on_left,
            MemberTold: self._on_member,
            MemberGone: self._on_member_gone,
            DeviceTold: self._on_device,
            PresenceTold: self._on_presence,
            AttendanceSnapshot: self._on_snapshot,
            LinkDown: self._on_link_down,
            PbxRestarted: self._on_restarted,
        }

    @property
    def hears(self) -> frozenset[type[Input]]:
        """Which inputs may change something."""
        return frozenset(self._rules)

    def apply(self, item: Input) -> tuple[Change, ...]:
        """Return what `item` changes; an input that concerns neither changes nothing."""
        rule = self._rules.get(type(item))
        changes = () if rule is None else rule(item)
        return tuple(changes) if len(changes) <= 1 else tuple(dict.fromkeys(changes))

    def queues(self) -> tuple[QueueView, ...]:
        """Return all queues, by name."""
        return tuple(self._view(name) for name in sorted(self._queues))

    def queue(self, name: str) -> QueueView | None:
        """Return one queue."""
        return self._view(name) if name in self._queues else None

    def phones(self) -> tuple[PhoneView, ...]:
        """Return all extensions of which anything is known."""
        return tuple(self._phone_view(extension) for extension in sorted(self._phones))

    def phone(self, extension: str) -> PhoneView | None:
        """Return one extension."""
        return self._phone_view(extension) if extension in self._phones else None

    @property
    def stale(self) -> bool:
        """Whether the link is down, so that all may be otherwise by now."""
        return self._stale

    def devices(self, extension: str) -> tuple[tuple[str, DeviceState], ...]:
        """Return the devices that an extension has on this PBX, each with its own state."""
        phone = self._phones.get(extension)
        return tuple(sorted(phone.devices.items())) if phone is not None else ()

    def _view(self, name: str) -> QueueView:
        queue = self._queues[name]
        return QueueView(
            name=name,
            waiting=queue.waiting(),
            members=tuple(queue.members[interface] for interface in sorted(queue.members)),
            stale=self._stale,
        )

    def _phone_view(self, extension: str) -> PhoneView:
        phone = self._phones[extension]
        return PhoneView(
            extension=extension,
            state=phone.state,
            since=phone.since,
            presence=phone.presence,
            stale=self._stale,
        )

    # Events

    def _on_joined(self, event: CallerJoined) -> list[Change]:
        self._note(("caller", event.queue, event.channel), event.seq)
        queue = self._queue(event.queue)
        caller = event.linkedid, event.at
        joined = queue.join(event.channel, caller, place=event.position)
        return [QueueChanged(queue=event.queue)] if joined else []

    def _on_left(self, event: CallerLeft) -> list[Change]:
        self._note(("caller", event.queue, event.channel), event.seq)
        queue = self._queue(event.queue)
        return [QueueChanged(queue=event.queue)] if queue.leave(event.channel) else []

    def _on_member(self, event: MemberTold) -> list[Change]:
        self._note(("member", event.queue, event.member.interface), event.seq)
        members = self._queue(event.queue).members
        if members.get(event.member.interface) == event.member:
            return []
        members[event.member.interface] = event.member
        return [QueueChanged(queue=event.queue)]

    def _on_member_gone(self, event: MemberGone) -> list[Change]:
        self._note(("member", event.queue, event.interface), event.seq)
        gone = self._queue(event.queue).members.pop(event.interface, None)
        return [] if gone is None else [QueueChanged(queue=event.queue)]

    def _on_device(self, event: DeviceTold) -> list[Change]:
        self._note(("device", event.device, ""), event.seq)
        return self._set_device(event.device, event.extension, event.state, event.at)

    def _on_presence(self, event: PresenceTold) -> list[Change]:
        self._note(("presence", event.extension, ""), event.seq)
        return self._set_presence(event.extension, event.presence, event.at)

    def _set_device(
        self, device: str, extension: str, state: DeviceState, at: datetime
    ) -> list[Change]:
        phone = self._phone(extension, at)
        phone.devices[device] = state
        busiest = min(phone.devices.values(), key=_RANK.index)
        if busiest is phone.state:
            return []
        phone.state, phone.since = busiest, at
        return [PhoneChanged(extension=extension)]

    def _set_presence(self, extension: str, presence: Presence, at: datetime) -> list[Change]:
        phone = self._phone(extension, at)
        if phone.presence == presence:
            return []
        phone.presence = presence
        return [PhoneChanged(extension=extension)]

    # The link

    def _on_link_down(self, _event: LinkDown) -> list[Change]:
        if self._stale:
            return []
        self._stale = True
        return self._everything()

    def _on_restarted(self, _event: PbxRestarted) -> list[Change]:
        for queue in self._queues.values():
            queue.callers.clear()
        return self._everything()

    def _on_snapshot(self, event: AttendanceSnapshot) -> list[Change]:
        """Take the lists over; live events since they were asked for are truer."""
        before = {name: self._view(name) for name in self._queues}
        phones = {extension: self._phone_view(extension) for extension in self._phones}
        self._stale = False
        self._list_queues(event)
        for device, extension, state in event.devices:
            if not self._is_newer(("device", device, ""), event):
                self._set_device(device, extension, state, event.at)
        for extension, presence in event.presences:
            if not self._is_newer(("presence", extension, ""), event):
                self._set_presence(extension, presence, event.at)
        self._told.clear()
        changes: list[Change] = [
            QueueChanged(queue=name)
            for name in sorted({*before, *self._queues})
            if name not in self._queues or before.get(name) != self._view(name)
        ]
        changes += [
            PhoneChanged(extension=extension)
            for extension in sorted(self._phones)
            if phones.get(extension) != self._phone_view(extension)
        ]
        return changes

    def _list_queues(self, event: AttendanceSnapshot) -> None:
        listed = {name: _Queue() for name in event.queues}
        for name, member in event.members:
            listed.setdefault(name, _Queue()).members[member.interface] = member
        for caller in sorted(event.callers, key=lambda one: (one.queue, one.position)):
            queue = listed.setdefault(caller.queue, _Queue())
            queue.join(caller.channel, (caller.linkedid, caller.since), place=0)
        for name in {*self._queues, *listed}:
            old = self._queues.get(name, _Queue())
            new = listed.setdefault(name, _Queue())
            self._keep_newer(name, old, new, event)
            for channel, (linkedid, _) in new.callers.items():
                # what we saw ourselves is finer than the whole seconds of the list
                if channel in old.callers:
                    new.callers[channel] = linkedid, old.callers[channel][1]
        self._queues = {
            name: queue
            for name, queue in listed.items()
            if name in event.queues or queue.members or queue.callers
        }

    def _keep_newer(self, name: str, old: _Queue, new: _Queue, event: AttendanceSnapshot) -> None:
        for interface in {*old.members, *new.members}:
            if self._is_newer(("member", name, interface), event):
                new.members.pop(interface, None)
                if interface in old.members:
                    new.members[interface] = old.members[interface]
        newer = {
            channel
            for channel in (*new.callers, *old.callers)
            if self._is_newer(("caller", name, channel), event)
        }
        for channel in newer - old.callers.keys():
            new.leave(channel)
        for channel, caller in old.callers.items():
            if channel in newer:
                new.join(channel, caller, place=0)

    # Keeping

    def _queue(self, name: str) -> _Queue:
        return self._queues.setdefault(name, _Queue())

    def _phone(self, extension: str, at: datetime) -> _Phone:
        phone = self._phones.get(extension)
        if phone is None:
            phone = self._phones[extension] = _Phone(at)
        return phone

    def _note(self, key: Key, seq: int) -> None:
        self._told[key] = seq
        self._told.move_to_end(key)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)

    def _is_newer(self, key: Key, snapshot: AttendanceSnapshot) -> bool:
        return self._told.get(key, 0) > snapshot.requested_seq

    def _everything(self) -> list[Change]:
        changes: list[Change] = [QueueChanged(queue=name) for name in self._queues]
        return changes + [PhoneChanged(extension=extension) for extension in self._phones]
