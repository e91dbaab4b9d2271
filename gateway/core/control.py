"""What may be asked of a PBX beside following it, as values; ports.py has the port itself."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlCapabilities:
    """What a PBX lets us do; the desk asks this, never the adapter's name.

    `hold` are patterns of the extensions whose phones obey a request to hold (Asterisk: SIP NOTIFY
    talk/hold); `reason` says why what is False is so, for the person who asked.
    """

    dial: bool = False
    hang_up: bool = False
    blind_transfer: bool = False
    attended_transfer: bool = False
    park: bool = False
    queue_members: bool = False
    message_waiting: bool = False
    hold: tuple[str, ...] = ()
    reason: str = ""

    def can_hold(self, extension: str) -> bool:
        """Whether the phone of an extension can be held from outside."""
        return any(fnmatchcase(extension, pattern) for pattern in self.hold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Anything the PBX can be told to do; channels are unique ids, as in the inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Originate(Command):
    """Ring the phone of `extension`, then dial `to` as if that phone had dialled it.

    `channel` is the unique id that the phone's channel must get: it names the request, so that a
    lost answer can be looked up and never needs a second attempt.
    """

    channel: str
    extension: str
    to: str
    caller_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(Command):
    """End a channel; `reject` tells the far side that it was refused (Q.850 cause 21)."""

    channel: str
    reject: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Command):
    """Have the phone at the end of `channel` hold its other side, or take it back."""

    channel: str
    extension: str
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindTransfer(Command):
    """Send whoever talks with `channel` to `to`, as the phone of `extension` would."""

    channel: str
    extension: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedTransfer(Command):
    """Let `channel` consult `to`; hanging up completes it, `CancelTransfer` goes back."""

    channel: str
    extension: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer(Command):
    """Give a consultation up and return to the customer."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Park(Command):
    """Park `channel`; `parker` is the name of the channel that parks it (Asterisk wants names)."""

    channel: str
    parker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember(Command):
    """Sign an extension in to a queue; `like` are the interfaces that the queue has already."""

    queue: str
    extension: str
    name: str = ""
    like: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMember(Command):
    """Sign a member out of a queue, by the interface the queue knows it by."""

    queue: str
    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseMember(Command):
    """Pause a member, or end its pause; an empty `queue` means all of them."""

    interface: str
    paused: bool
    queue: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMessageWaiting(Command):
    """Tell the phones of a mailbox how many messages wait."""

    mailbox: str
    new: int
    old: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginateTold:
    """What became of an originated call's first leg, told by the PBX; words if it failed."""

    channel: str
    answered: bool
    cause: str = ""
    remedy: str = ""
