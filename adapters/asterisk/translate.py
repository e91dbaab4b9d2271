"""AMI events to the core's vendor-neutral inputs.

Channels are told by Uniqueid. An event of a channel that we did not see begin comes with a
`ChannelCreated(begin=False)` before it, made from the event's own headers.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from adapters.asterisk import moves, noting, waits
from adapters.asterisk.acquaintance import NOTHING, Acquaintance, Told
from adapters.asterisk.codec import Frame
from adapters.asterisk.listing import read_snapshot
from adapters.asterisk.naming import Naming, dialled_number, forward_number
from adapters.asterisk.presentation import Presentations
from adapters.asterisk.settings import AsteriskSettings, PresentationSource
from adapters.asterisk.timeline import Repeats, Timeline
from adapters.asterisk.wanted import WANTED
from adapters.asterisk.words import STATES, bridge_kind, epoch_of, known, name_of, number_of
from gateway.core.inputs import (
    BridgeEntered,
    BridgeLeft,
    ChannelCreated,
    ChannelHungUp,
    ChannelRenamed,
    ChannelState,
    ChannelStateChanged,
    ClockTold,
    DialAlerted,
    DialBegan,
    DialEnded,
    HangupRequested,
    HoldChanged,
    Input,
    Snapshot,
)

__all__ = ["WANTED", "Translator"]


class Translator:
    """Turns the frames of one PBX into inputs; `seq` is that of the last event translated.

    `timed` is False where it is not known when events came: then none is taken for a repeat.
    """

    def __init__(self, settings: AsteriskSettings, *, timed: bool = True) -> None:
        self._met = met = Acquaintance(Naming(settings))
        self._timeline = Timeline()
        self._clock_told = False
        self._repeats = Repeats() if timed else None
        by_variables = settings.presentation is PresentationSource.CHANNELVARS
        self._presentation = Presentations() if by_variables else None
        self._handlers: dict[str, Callable[[Frame, datetime], Told]] = {
            "AgentConnect": partial(waits.on_agent_connect, met),
            "AttendedTransfer": partial(moves.on_attended, met),
            "BlindTransfer": partial(moves.on_blind, met),
            "BridgeEnter": self._bridge_enter,
            "BridgeLeave": self._bridge_leave,
            "CEL": partial(waits.on_cel, met),
            "ConfbridgeJoin": partial(waits.on_conference, met),
            "DialBegin": self._dial_begin,
            "DialEnd": self._dial_end,
            "DialState": self._dial_state,
            "Hangup": self._hangup,
            "HangupRequest": self._hangup_request,
            "Hold": self._hold,
            "Newchannel": self._newchannel,
            "Newexten": partial(waits.on_newexten, met, ivr_contexts=settings.ivr_contexts),
            "Newstate": self._newstate,
            "OriginateResponse": partial(moves.on_originated, met),
            "ParkedCall": partial(moves.on_parked, met),
            "Pickup": partial(moves.on_pickup, met),
            "QueueCallerJoin": partial(waits.on_queue_join, met),
            "QueueCallerLeave": partial(waits.on_queue_leave, met),
            "Rename": self._rename,
            "SoftHangupRequest": self._soft_hangup,
            "UnParkedCall": partial(moves.on_unparked, met),
            "Unhold": self._unhold,
            "UserEvent": partial(noting.on_user_event, met),
            "VarSet": partial(waits.on_varset, met, link=settings.recording_link),
        }

    @property
    def stamped(self) -> bool:
        """Whether the PBX tells when its events happened (timestampevents)."""
        return self._timeline.stamped

    @property
    def seq(self) -> int:
        """Number of the last event translated; whoever tells of others beside us counts on."""
        return self._met.seq

    @seq.setter
    def seq(self, value: int) -> None:
        self._met.seq = value

    def translate(self, frame: Frame, at: datetime) -> Sequence[Input]:
        """Return what an event means, nothing for one that does not matter.

        `at` is when it arrived; the event's own Timestamp header wins where timestampevents is on.
        Time never goes backwards.
        """
        handler = self._handlers.get(frame.name)
        if handler is None:
            return NOTHING
        self._met.seq += 1
        if self._repeats is not None and self._repeats.told(frame, at):
            return NOTHING
        timeline = self._timeline
        at = timeline.place(frame, at)
        if timeline.stamped and not self._clock_told:
            self._clock_told = True
            return (ClockTold(at=at), *handler(frame, at))
        if self._presentation is not None and self._presentation.doubtful:
            return (*self._presentation.later(frame, at, self._met.seq), *handler(frame, at))
        return handler(frame, at)

    def snapshot(self, at: datetime, requested_seq: int, frames: Iterable[Frame]) -> Snapshot:
        """Return the lists taken after a login as one input."""
        tells = self._presentation is not None
        found = read_snapshot(self._met.naming, at, requested_seq, frames, tells_presentation=tells)
        for entry in found.channels:
            if not self._met.is_gone(entry.channel):
                self._met.introduce(entry.channel)
        return found

    def _newchannel(self, frame: Frame, at: datetime) -> Told:
        get = frame.get
        uid = self._met.introduce(get("Uniqueid"))
        identity = self._met.naming.identity(get("Channel"))
        tells = self._presentation
        return (
            ChannelCreated(
                at=at,
                seq=self._met.seq,
                channel=uid,
                linkedid=self._met.same(get("Linkedid") or uid),
                identity=identity,
                state=STATES.get(get("ChannelStateDesc"), ChannelState.OTHER),
                number=known(get("CallerIDNum")),
                caller_name=name_of(get("CallerIDName")),
                exten=get("Exten"),
                withheld=tells.at_start(frame, identity) if tells is not None else None,
                since=epoch_of(uid),
            ),
        )

    def _rename(self, frame: Frame, at: datetime) -> Told:
        identity = self._met.naming.identity(frame.get("Newname"))
        uid = frame.get("Uniqueid")
        return (ChannelRenamed(at=at, seq=self._met.seq, channel=uid, identity=identity),)

    def _newstate(self, frame: Frame, at: datetime) -> Told:
        uid, news = self._met.meet(frame, at)
        state = STATES.get(frame.get("ChannelStateDesc"), ChannelState.OTHER)
        return (*news, ChannelStateChanged(at=at, seq=self._met.seq, channel=uid, state=state))

    def _dial_begin(self, frame: Frame, at: datetime) -> Told:
        uid, news = self._met.meet(frame, at)
        dest, dest_met = self._met.meet(frame, at, "Dest")
        began = DialBegan(
            at=at,
            seq=self._met.seq,
            channel=uid,
            dest=dest,
            exten=frame.get("Exten"),
            number=dialled_number(frame.get("DialString")),
        )
        return (*news, *dest_met, began)

    def _dial_state(self, frame: Frame, at: datetime) -> Told:
        if frame.get("DialStatus") != "RINGING":
            return NOTHING
        return (DialAlerted(at=at, seq=self._met.seq, dest=frame.get("DestUniqueid")),)

    def _dial_end(self, frame: Frame, at: datetime) -> Told:
        forward = known(frame.rare("Forward"))
        return (
            DialEnded(
                at=at,
                seq=self._met.seq,
                dest=frame.get("DestUniqueid"),
                answered=frame.get("DialStatus") == "ANSWER",
                forward=self._met.naming.folded(forward_number(forward)) if forward else "",
            ),
        )

    def _bridge_enter(self, frame: Frame, at: datetime) -> Told:
        uid, news = self._met.meet(frame, at)
        entered = BridgeEntered(
            at=at,
            seq=self._met.seq,
            channel=uid,
            bridge=frame.get("BridgeUniqueid"),
            kind=bridge_kind(frame),
        )
        return (*news, entered)

    def _bridge_leave(self, frame: Frame, at: datetime) -> Told:
        uid, news = self._met.meet(frame, at)
        left = BridgeLeft(
            at=at,
            seq=self._met.seq,
            channel=uid,
            bridge=frame.get("BridgeUniqueid"),
            kind=bridge_kind(frame),
        )
        return (*news, left)

    def _hold(self, frame: Frame, at: datetime) -> Told:
        uid, news = self._met.meet(frame, at)
        return (*news, HoldChanged(at=at, seq=self._met.seq, channel=uid, held=True))

    def _unhold(self, frame: Frame, at: datetime) -> Told:
        uid, news = self._met.meet(frame, at)
        return (*news, HoldChanged(at=at, seq=self._met.seq, channel=uid, held=False))

    def _hangup_request(self, frame: Frame, at: datetime) -> Told:
        uid, news = self._met.meet(frame, at)
        asked = HangupRequested(
            at=at,
            seq=self._met.seq,
            channel=uid,
            cause=number_of(frame.get("Cause")),
            tech_cause=number_of(frame.rare("TechCause")),
        )
        return (*news, asked)

    def _soft_hangup(self, frame: Frame, at: datetime) -> Told:
        uid, news = self._met.meet(frame, at)
        return (*news, HangupRequested(at=at, seq=self._met.seq, channel=uid, soft=True))

    def _hangup(self, frame: Frame, at: datetime) -> Told:
        uid, news = self._met.meet(frame, at)
        self._met.dismiss(uid)
        ended = ChannelHungUp(
            at=at,
            seq=self._met.seq,
            channel=uid,
            cause=number_of(frame.get("Cause")),
            tech_cause=number_of(frame.rare("TechCause")),
        )
        return (*news, ended)
