"""AMI events to the core's vendor-neutral inputs.

Channels are told by Uniqueid. An event of a channel that we did not see begin comes with a
`ChannelCreated(begin=False)` before it, made from the event's own headers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Final

from adapters.asterisk.codec import Frame
from adapters.asterisk.listing import read_snapshot
from adapters.asterisk.naming import Naming, dialled_number, forward_number
from adapters.asterisk.settings import AsteriskSettings, PresentationSource
from adapters.asterisk.words import STATES, bridge_kind, epoch_of, known, number_of
from gateway.core.inputs import (
    Application,
    ApplicationStarted,
    AttendedTransferred,
    BlindTransferred,
    BridgeEntered,
    BridgeLeft,
    ChannelCreated,
    ChannelHungUp,
    ChannelKind,
    ChannelRenamed,
    ChannelState,
    ChannelStateChanged,
    ConferenceJoined,
    DialAlerted,
    DialBegan,
    DialEnded,
    DialFailed,
    HangupRequested,
    HoldChanged,
    Input,
    OriginateAnswered,
    OriginateFailed,
    Parked,
    PickedUp,
    QueueAnswered,
    QueueJoined,
    QueueLeft,
    QueueRefused,
    Snapshot,
    Unparked,
)

WANTED: Final[Mapping[bytes, tuple[bytes, ...]]] = MappingProxyType(
    {
        b"AgentConnect": (),
        b"AttendedTransfer": (),
        b"BlindTransfer": (),
        b"BridgeEnter": (),
        b"BridgeLeave": (),
        b"ConfbridgeJoin": (),
        b"DialBegin": (),
        b"DialEnd": (),
        b"DialState": (b"DialStatus: RINGING",),
        b"Hangup": (),
        b"HangupRequest": (),
        b"Hold": (),
        b"Newchannel": (),
        b"Newexten": (
            b"Application: Queue\r\n",
            b"Application: VoiceMail\r\n",
            b"Application: BackGround\r\n",
            b"Application: Background\r\n",
            b"Application: WaitExten",
            b"Application: Read\r\n",
        ),
        b"Newstate": (),
        b"OriginateResponse": (),
        b"ParkedCall": (),
        b"Pickup": (),
        b"QueueCallerJoin": (),
        b"QueueCallerLeave": (),
        b"Rename": (),
        b"SoftHangupRequest": (),
        b"UnParkedCall": (),
        b"Unhold": (),
        b"VarSet": (
            b"Variable: QUEUESTATUS\r\n",
            b"Variable: DIALSTATUS\r\nValue: CHANUNAVAIL",
        ),
    }
)
_MENUS: Final = frozenset({"BackGround", "Background", "WaitExten", "Read"})
_REFUSED: Final = frozenset({"JOINEMPTY", "FULL", "JOINUNAVAIL"})
_GONE_KEPT: Final = 4_096
_TIMESTAMP: Final = b"\r\nTimestamp: "

Told = tuple[Input, ...]
_NOTHING: Final[Told] = ()


class Translator:
    """Turns the frames of one PBX into inputs; `seq` is that of the last event translated."""

    def __init__(self, settings: AsteriskSettings) -> None:
        self._settings = settings
        self._naming = Naming(settings)
        self._known: dict[str, None] = {}
        self._gone: dict[str, None] = {}
        self._last: datetime | None = None
        self._ask_vars = settings.presentation is PresentationSource.CHANNELVARS
        self.seq = 0
        self._handlers: dict[str, Callable[[Frame, datetime], Told]] = {
            "AgentConnect": self._agent_connect,
            "AttendedTransfer": self._attended,
            "BlindTransfer": self._blind,
            "BridgeEnter": self._bridge_enter,
            "BridgeLeave": self._bridge_leave,
            "ConfbridgeJoin": self._conference,
            "DialBegin": self._dial_begin,
            "DialEnd": self._dial_end,
            "DialState": self._dial_state,
            "Hangup": self._hangup,
            "HangupRequest": self._hangup_request,
            "Hold": self._hold,
            "Newchannel": self._newchannel,
            "Newexten": self._newexten,
            "Newstate": self._newstate,
            "OriginateResponse": self._originated,
            "ParkedCall": self._parked,
            "Pickup": self._pickup,
            "QueueCallerJoin": self._queue_join,
            "QueueCallerLeave": self._queue_leave,
            "Rename": self._rename,
            "SoftHangupRequest": self._soft_hangup,
            "UnParkedCall": self._unparked,
            "Unhold": self._unhold,
            "VarSet": self._varset,
        }

    def translate(self, frame: Frame, at: datetime) -> Sequence[Input]:
        """Return what an event means, nothing for one that does not matter.

        `at` is when it arrived; the event's own Timestamp header wins where timestampevents is on.
        """
        handler = self._handlers.get(frame.name)
        if handler is None:
            return _NOTHING
        self.seq += 1
        if _TIMESTAMP in frame.raw:
            at = self._stamp(frame.get("Timestamp"), at)
        if self._last is not None and at < self._last:
            at = self._last
        self._last = at
        return handler(frame, at)

    def snapshot(self, at: datetime, requested_seq: int, frames: Iterable[Frame]) -> Snapshot:
        """Return the lists taken after a login as one input."""
        found = read_snapshot(self._naming, at, requested_seq, frames)
        for entry in found.channels:
            if entry.channel not in self._gone:
                self._known[entry.channel] = None
        return found

    @staticmethod
    def _stamp(text: str, at: datetime) -> datetime:
        try:
            return datetime.fromtimestamp(float(text), UTC)
        except (ValueError, OverflowError, OSError):
            return at

    # Meeting channels

    def _meet(self, frame: Frame, at: datetime, prefix: str = "") -> tuple[str, Told]:
        """Return a channel's Uniqueid and, if it is new to us, who it is."""
        uid = frame.get(prefix + "Uniqueid")
        if uid in self._known or not uid or uid in self._gone:
            return uid, _NOTHING
        name = frame.get(prefix + "Channel")
        if not name:
            return uid, _NOTHING
        self._known[uid] = None
        linkedid = frame.get(prefix + "Linkedid") or uid
        created = ChannelCreated(
            at=at,
            seq=self.seq,
            channel=uid,
            linkedid=linkedid,
            identity=self._naming.identity(name),
            state=STATES.get(frame.get(prefix + "ChannelStateDesc"), ChannelState.OTHER),
            number=known(frame.get(prefix + "CallerIDNum")),
            caller_name=known(frame.get(prefix + "CallerIDName")),
            exten=frame.get(prefix + "Exten"),
            begin=False,
            since=epoch_of(linkedid),
        )
        return uid, (created,)

    def _newchannel(self, frame: Frame, at: datetime) -> Told:
        get = frame.get
        uid = get("Uniqueid")
        if uid in self._known or uid in self._gone:
            return _NOTHING
        self._known[uid] = None
        return (
            ChannelCreated(
                at=at,
                seq=self.seq,
                channel=uid,
                linkedid=get("Linkedid") or uid,
                identity=self._naming.identity(get("Channel")),
                state=STATES.get(get("ChannelStateDesc"), ChannelState.OTHER),
                number=known(get("CallerIDNum")),
                caller_name=known(get("CallerIDName")),
                exten=get("Exten"),
                withheld=self._withheld(frame) if self._ask_vars else None,
            ),
        )

    @staticmethod
    def _withheld(frame: Frame) -> bool | None:
        """Read `ChanVariable: CALLERID(pres)=prohib…` (manager.conf: channelvars)."""
        for variable in frame.all("ChanVariable"):
            name, _, value = variable.partition("=")
            if name.upper() == "CALLERID(PRES)":
                return value.startswith("prohib")
        return None

    def _rename(self, frame: Frame, at: datetime) -> Told:
        uid = frame.get("Uniqueid")
        identity = self._naming.identity(frame.get("Newname"))
        return (ChannelRenamed(at=at, seq=self.seq, channel=uid, identity=identity),)

    def _newstate(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        state = STATES.get(frame.get("ChannelStateDesc"), ChannelState.OTHER)
        return (*met, ChannelStateChanged(at=at, seq=self.seq, channel=uid, state=state))

    # Dialling

    def _dial_begin(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        dest, dest_met = self._meet(frame, at, "Dest")
        began = DialBegan(
            at=at,
            seq=self.seq,
            channel=uid,
            dest=dest,
            exten=frame.get("Exten"),
            number=dialled_number(frame.get("DialString")),
        )
        return (*met, *dest_met, began)

    def _dial_state(self, frame: Frame, at: datetime) -> Told:
        if frame.get("DialStatus") != "RINGING":
            return _NOTHING
        return (DialAlerted(at=at, seq=self.seq, dest=frame.get("DestUniqueid")),)

    def _dial_end(self, frame: Frame, at: datetime) -> Told:
        return (
            DialEnded(
                at=at,
                seq=self.seq,
                dest=frame.get("DestUniqueid"),
                answered=frame.get("DialStatus") == "ANSWER",
                forward=forward_number(known(frame.get("Forward"))),
            ),
        )

    # Bridges

    def _bridge_enter(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        entered = BridgeEntered(
            at=at,
            seq=self.seq,
            channel=uid,
            bridge=frame.get("BridgeUniqueid"),
            kind=bridge_kind(frame),
        )
        return (*met, entered)

    def _bridge_leave(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        left = BridgeLeft(
            at=at,
            seq=self.seq,
            channel=uid,
            bridge=frame.get("BridgeUniqueid"),
            kind=bridge_kind(frame),
        )
        return (*met, left)

    def _conference(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        bridge = frame.get("BridgeUniqueid")
        return (*met, ConferenceJoined(at=at, seq=self.seq, channel=uid, bridge=bridge))

    def _hold(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        return (*met, HoldChanged(at=at, seq=self.seq, channel=uid, held=True))

    def _unhold(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        return (*met, HoldChanged(at=at, seq=self.seq, channel=uid, held=False))

    # Hanging up

    def _hangup_request(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        asked = HangupRequested(
            at=at,
            seq=self.seq,
            channel=uid,
            cause=number_of(frame.get("Cause")),
            tech_cause=number_of(frame.get("TechCause")),
        )
        return (*met, asked)

    def _soft_hangup(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        return (*met, HangupRequested(at=at, seq=self.seq, channel=uid, soft=True))

    def _hangup(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        self._known.pop(uid, None)
        self._gone[uid] = None
        if len(self._gone) > _GONE_KEPT:
            del self._gone[next(iter(self._gone))]
        ended = ChannelHungUp(
            at=at,
            seq=self.seq,
            channel=uid,
            cause=number_of(frame.get("Cause")),
            tech_cause=number_of(frame.get("TechCause")),
        )
        return (*met, ended)

    # Queues and applications

    def _queue_join(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        return (*met, QueueJoined(at=at, seq=self.seq, channel=uid, queue=frame.get("Queue")))

    def _queue_leave(self, frame: Frame, at: datetime) -> Told:
        uid = frame.get("Uniqueid")
        return (QueueLeft(at=at, seq=self.seq, channel=uid, queue=frame.get("Queue")),)

    def _agent_connect(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        return (*met, QueueAnswered(at=at, seq=self.seq, channel=uid, queue=frame.get("Queue")))

    def _newexten(self, frame: Frame, at: datetime) -> Told:
        name = frame.get("Application")
        if name == "Queue":
            application, subject = Application.QUEUE, frame.get("AppData").partition(",")[0]
        elif name == "VoiceMail":
            application, subject = Application.VOICEMAIL, frame.get("AppData").partition(",")[0]
        elif name in _MENUS:
            application, subject = Application.MENU, self._menu(frame.get("Context"))
        else:
            return _NOTHING
        uid, met = self._meet(frame, at)
        started = ApplicationStarted(
            at=at,
            seq=self.seq,
            channel=uid,
            application=application,
            subject=subject,
            exten=frame.get("Exten"),
        )
        return (*met, started)

    def _menu(self, context: str) -> str:
        """Name a menu by its context: what the pattern's star stands for, else the whole."""
        for pattern in self._settings.ivr_contexts:
            if fnmatchcase(context, pattern):
                fixed = pattern.partition("*")[0]
                return context.removeprefix(fixed) or context if "*" in pattern else context
        return context

    def _varset(self, frame: Frame, at: datetime) -> Told:
        variable, value = frame.get("Variable"), frame.get("Value")
        if variable == "QUEUESTATUS" and value in _REFUSED:
            uid, met = self._meet(frame, at)
            return (*met, QueueRefused(at=at, seq=self.seq, channel=uid))
        if variable == "DIALSTATUS" and value == "CHANUNAVAIL":
            uid, met = self._meet(frame, at)
            return (*met, DialFailed(at=at, seq=self.seq, channel=uid))
        return _NOTHING

    # Transfers

    def _pickup(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at)
        target, target_met = self._meet(frame, at, "Target")
        return (*met, *target_met, PickedUp(at=at, seq=self.seq, channel=uid, target=target))

    def _parked(self, frame: Frame, at: datetime) -> Told:
        if frame.get("ActionID"):
            return _NOTHING  # an entry of the list that ParkedCalls asks for
        uid, met = self._meet(frame, at, "Parkee")
        parker = self._naming.device(frame.get("ParkerDialString"))
        return (*met, Parked(at=at, seq=self.seq, channel=uid, parker=parker))

    def _unparked(self, frame: Frame, at: datetime) -> Told:
        uid, met = self._meet(frame, at, "Parkee")
        retriever, retriever_met = self._meet(frame, at, "Retriever")
        told = Unparked(at=at, seq=self.seq, channel=uid, retriever=retriever)
        return (*met, *retriever_met, told)

    def _blind(self, frame: Frame, at: datetime) -> Told:
        if frame.get("Result") not in {"Success", ""}:
            return _NOTHING
        transferer, met = self._meet(frame, at, "Transferer")
        transferee, transferee_met = self._meet(frame, at, "Transferee")
        told = BlindTransferred(
            at=at,
            seq=self.seq,
            transferer=transferer,
            transferee=transferee,
            exten=frame.get("Extension"),
        )
        return (*met, *transferee_met, told)

    def _attended(self, frame: Frame, at: datetime) -> Told:
        if frame.get("Result") not in {"Success", ""}:
            return _NOTHING
        first, met = self._meet(frame, at, "OrigTransferer")
        second, second_met = self._meet(frame, at, "SecondTransferer")
        told = AttendedTransferred(
            at=at,
            seq=self.seq,
            first=first,
            second=second,
            transferee=frame.get("TransfereeUniqueid"),
        )
        return (*met, *second_met, told)

    def _originated(self, frame: Frame, at: datetime) -> Told:
        uid = known(frame.get("Uniqueid"))
        exten = frame.get("Exten")
        if uid and frame.get("Response") == "Success":
            return (OriginateAnswered(at=at, seq=self.seq, channel=uid, exten=exten),)
        if frame.get("Response") != "Failure":
            return _NOTHING
        identity = self._naming.identity(frame.get("Channel"))
        party = identity.target if identity.kind is ChannelKind.RELAY else identity.party
        failed = OriginateFailed(at=at, seq=self.seq, kind=identity.kind, party=party, exten=exten)
        return (failed,)
