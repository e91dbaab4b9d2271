"""Channels and bridges as the call table sees them: mutable, owned by one table."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from gateway.core.inputs import BridgeKind, ChannelKind, ChannelState, Identity

if TYPE_CHECKING:
    from gateway.core.calls import Call
    from gateway.core.legs import Leg

# Where a channel stands that the PBX dials itself (Asterisk: extension `s`).
EXTENSION_DIGITS: Final = 6
NOWHERE: Final = frozenset({"", "s"})


def prefixed(prefix: str, number: str) -> str:
    """Return an extension of another PBX of ours as `branch:201`; outside numbers stay as they are.

    What is longer than an extension comes through that PBX from the world, or goes there.
    """
    if not prefix or not number.isdigit() or len(number) > EXTENSION_DIGITS:
        return number
    return f"{prefix}:{number}"


class Channel:
    """One channel of the PBX.

    `seq` and `bridge_seq` number the events that created it and last moved it, so that a snapshot
    can be judged; `past_bridge` is the bridge it was last seen leaving; `unseen_bridge` one that it
    left without being seen to enter; `entered_at` is when it came into its bridge. `introduced`:
    its own first event was told, with `mark`, by which a second one of that id is told apart.
    `asked` and the causes: how it ended, for a leg that is told later.
    """

    __slots__ = (
        "asked",
        "bridge",
        "bridge_seq",
        "call",
        "called",
        "caller_name",
        "cause",
        "entered_at",
        "exten",
        "half",
        "held",
        "hung_up",
        "introduced",
        "is_party",
        "kind",
        "leg",
        "linkedid",
        "mark",
        "name",
        "number",
        "party",
        "past_bridge",
        "prefix",
        "relay",
        "seq",
        "state",
        "target",
        "tech_cause",
        "uid",
        "unseen_bridge",
    )

    def __init__(self, uid: str, linkedid: str, identity: Identity, state: ChannelState) -> None:
        self.uid = uid
        self.linkedid = linkedid
        self.state = state
        self.number = ""
        self.caller_name = ""
        self.exten = ""
        self.call: Call | None = None
        self.leg: Leg | None = None
        self.bridge: Bridge | None = None
        self.past_bridge = ""
        self.unseen_bridge = ""
        self.held = False
        self.called = False
        self.hung_up = False
        self.asked = False
        self.cause: int | None = None
        self.tech_cause: int | None = None
        self.introduced = False
        self.mark = 0
        self.entered_at: datetime | None = None
        self.seq = 0
        self.bridge_seq = 0
        self.become(identity)

    def become(self, identity: Identity) -> None:
        """Take on what the channel stands for (now)."""
        self.name = identity.name
        self.kind = identity.kind
        self.party = identity.party
        self.prefix = identity.prefix
        self.relay = identity.relay
        self.half = identity.half
        self.target = identity.target
        self.is_party = self.kind is ChannelKind.EXTENSION or self.kind is ChannelKind.TRUNK

    @property
    def is_extension(self) -> bool:
        """Whether one of our people's phones is at its end."""
        return self.kind is ChannelKind.EXTENSION

    @property
    def is_trunk(self) -> bool:
        """Whether it goes out of the house."""
        return self.kind is ChannelKind.TRUNK

    @property
    def label(self) -> str | None:
        """Return what a record calls whoever is at its end: extension, or outside number."""
        if self.kind is ChannelKind.EXTENSION:
            return self.party
        number = self.leg.number if self.leg is not None and self.leg.number else self.number
        if not number:
            return None
        return prefixed(self.prefix, number)


class Bridge:
    """Where channels meet; `members` by unique id, in order of arrival."""

    __slots__ = ("id", "kind", "members")

    def __init__(self, bridge_id: str, kind: BridgeKind) -> None:
        self.id = bridge_id
        self.kind = kind
        self.members: dict[str, Channel] = {}
