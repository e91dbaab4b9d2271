"""What the call table is fed with; every input carries `at` (aware UTC), set by the reader.

`channel` is always the PBX's unique id of a channel (Asterisk: Uniqueid), never its name. The
adapter tells what kind of channel it is; the core knows no vendor's naming.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.values import value


class ChannelKind(StrEnum):
    """What stands at the end of a channel."""

    EXTENSION = "extension"
    TRUNK = "trunk"
    RELAY = "relay"
    NOBODY = "nobody"


class ChannelState(StrEnum):
    """How far a channel is; `ring` calls us, `ringing` is being called."""

    DOWN = "down"
    RING = "ring"
    RINGING = "ringing"
    UP = "up"
    OTHER = "other"


class BridgeKind(StrEnum):
    """What being in a bridge means: people talk, wait in a parking lot, or share a room."""

    ORDINARY = "ordinary"
    PARKING = "parking"
    CONFERENCE = "conference"


class Application(StrEnum):
    """What the PBX does with a channel itself; none of these is a person."""

    MENU = "menu"
    QUEUE = "queue"
    VOICEMAIL = "voicemail"
    CONFERENCE = "conference"


@value
class Input:
    """Anything the table can be told."""

    at: datetime


@value
class PbxEvent(Input):
    """A vendor-neutral event; `seq` counts the events of one link, from 1, never backwards."""

    seq: int


@value
class Identity:
    """Who a channel is: `party` is the extension or the trunk's name, "" for relays.

    A relay has two halves of the same `relay` name, `half` 1 (the side that was asked for) and 2
    (the side that runs the dialplan); `target` is the number it was made to reach.
    """

    name: str
    kind: ChannelKind
    party: str = ""
    relay: str = ""
    half: int = 0
    target: str = ""
    prefix: str = ""


@value
class ChannelCreated(PbxEvent):
    """A channel exists; `begin` says that we saw it begin, else it was met in mid-call.

    `linkedid` names the first channel of its call, `number`, `caller_name` and `exten` are raw;
    `withheld` is None where the PBX does not tell presentation; `since` is when the channel, or the
    call of one met in mid-call, must have begun by the PBX's clock, to the second.
    """

    channel: str
    linkedid: str
    identity: Identity
    state: ChannelState
    number: str = ""
    caller_name: str = ""
    exten: str = ""
    withheld: bool | None = None
    begin: bool = True
    since: datetime | None = None


@value
class ChannelRenamed(PbxEvent):
    """A channel now stands for something else (Asterisk: masquerade)."""

    channel: str
    identity: Identity


@value
class ChannelStateChanged(PbxEvent):
    """A channel rings or is up; up says nothing about a person (DESIGN: answered_by)."""

    channel: str
    state: ChannelState


@value
class DialBegan(PbxEvent):
    """`channel` ("" if nobody: originated) dials `dest`; `exten` is where the dialplan stands.

    `number` is the outside number as dialled, or the extension.
    """

    channel: str
    dest: str
    exten: str = ""
    number: str = ""


@value
class DialAlerted(PbxEvent):
    """The dialled phone rings (180, not 183)."""

    dest: str


@value
class DialEnded(PbxEvent):
    """Dialling `dest` is over, perhaps told twice; `forward` is where the phone sent the caller."""

    dest: str
    answered: bool
    forward: str = ""


@value
class DialFailed(PbxEvent):
    """`channel` wanted to dial and nothing could be dialled (no registered contact)."""

    channel: str


@value
class BridgeEntered(PbxEvent):
    """A channel entered a bridge."""

    channel: str
    bridge: str
    kind: BridgeKind


@value
class BridgeLeft(PbxEvent):
    """A channel left a bridge, perhaps one nobody saw it enter."""

    channel: str
    bridge: str
    kind: BridgeKind


@value
class HangupRequested(PbxEvent):
    """The far end of a channel wants to end it; `soft`: the PBX itself does."""

    channel: str
    soft: bool = False
    cause: int | None = None
    tech_cause: int | None = None


@value
class ChannelHungUp(PbxEvent):
    """A channel is gone; `cause` is Q.850, `tech_cause` the SIP code where the PBX tells it."""

    channel: str
    cause: int | None = None
    tech_cause: int | None = None


@value
class HoldChanged(PbxEvent):
    """The phone of `channel` put its other side on hold, or took it back."""

    channel: str
    held: bool


@value
class ApplicationStarted(PbxEvent):
    """The PBX runs an application on `channel`; `subject`: the queue's, menu's or box's name."""

    channel: str
    application: Application
    subject: str = ""
    exten: str = ""


@value
class QueueJoined(PbxEvent):
    """A caller waits in a queue."""

    channel: str
    queue: str


@value
class QueueLeft(PbxEvent):
    """A caller is no longer in a queue; who left or gave up is told by other events."""

    channel: str
    queue: str


@value
class QueueRefused(PbxEvent):
    """The queue that `channel` asked for does not take callers now."""

    channel: str


@value
class QueueAnswered(PbxEvent):
    """An agent of the queue takes `channel`; they may still have to be joined."""

    channel: str
    queue: str


@value
class ConferenceJoined(PbxEvent):
    """A channel takes part in a conference held in `bridge`."""

    channel: str
    bridge: str


@value
class RelayJoined(PbxEvent):
    """Two channels are the halves of one relay."""

    one: str
    two: str


@value
class RecordingStarted(PbxEvent):
    """The PBX records what is said on `channel`; `url` is where it can be heard."""

    channel: str
    url: str


@value
class PickedUp(PbxEvent):
    """`channel` takes the call that rings at `target`."""

    channel: str
    target: str


@value
class Parked(PbxEvent):
    """`channel` was put into a parking lot by `parker` (an extension)."""

    channel: str
    parker: str


@value
class Unparked(PbxEvent):
    """`retriever` (a channel) took `channel` out of the parking lot."""

    channel: str
    retriever: str


@value
class BlindTransferred(PbxEvent):
    """`transferer` sent `transferee` to `exten` (as dialled) and is out of the call."""

    transferer: str
    transferee: str
    exten: str


@value
class AttendedTransferred(PbxEvent):
    """A transferer joined its two calls; both channels are the same where the PBX conducted it."""

    first: str
    second: str
    transferee: str = ""


@value
class OriginateAnswered(PbxEvent):
    """A call that was originated reached its first party; `exten` is where it goes from there."""

    channel: str
    exten: str


@value
class OriginateFailed(PbxEvent):
    """An originated call did not reach its first party; the PBX tells no channel any more."""

    kind: ChannelKind
    party: str
    exten: str


@value
class PresentationTold(PbxEvent):
    """Whether the caller on `channel` withholds the number."""

    channel: str
    withheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotChannel:
    """A channel as listed, with what `ChannelCreated` tells; `bridge` is "" if it is in none."""

    channel: str
    linkedid: str
    identity: Identity
    state: ChannelState
    number: str = ""
    caller_name: str = ""
    exten: str = ""
    bridge: str = ""
    since: datetime | None = None
    withheld: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotBridge:
    """A bridge as listed."""

    bridge: str
    kind: BridgeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotQueueCaller:
    """A caller waiting in a queue as listed."""

    channel: str
    queue: str
    since: datetime | None = None


@value
class Snapshot(Input):
    """Everything that is up; what changed after event `requested_seq` is truer than this."""

    requested_seq: int
    channels: tuple[SnapshotChannel, ...]
    bridges: tuple[SnapshotBridge, ...] = ()
    queues: tuple[SnapshotQueueCaller, ...] = ()


@value
class LinkDown(Input):
    """The link to the PBX is gone; nothing is known until the next Snapshot."""


@value
class PbxRestarted(Input):
    """The PBX lost all its calls (another boot than the one we knew)."""


@value
class QueryAnswer(Input):
    """The answer to a Query; None if the PBX had none in time."""

    query_id: str
    value: str | None


@value
class ClockTold(Input):
    """From now on the PBX tells when its events happened: one that comes late shows by its `at`."""


@value
class Tick(Input):
    """The deadline that `next_deadline()` asked for has come."""
