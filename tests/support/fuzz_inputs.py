"""Any input that the call table may be told, about a handful of channels that meet often."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from support.fuzz_bytes import Choices
from support.recorded import at

from gateway.core import inputs
from gateway.core.elsewhere import TakenElsewhere
from gateway.core.inputs import (
    Application,
    BridgeKind,
    ChannelKind,
    ChannelState,
    Identity,
    Input,
)

CHANNELS: Final = tuple(f"1795290000.{number}" for number in range(1, 9))
BRIDGES: Final = ("b1", "b2", "b3")
NUMBERS: Final = ("0612345678", "1001", "1002", "+393331234567", "", "anonymous", "s", "700")
IDENTITIES: Final = (
    Identity(name="PJSIP/carrier-1", kind=ChannelKind.TRUNK, party="carrier"),
    Identity(name="PJSIP/1001-2", kind=ChannelKind.EXTENSION, party="1001"),
    Identity(name="PJSIP/1002-3", kind=ChannelKind.EXTENSION, party="1002"),
    Identity(name="Local/1@q-4;1", kind=ChannelKind.RELAY, relay="Local/1@q-4", half=1, target="1"),
    Identity(name="Local/1@q-4;2", kind=ChannelKind.RELAY, relay="Local/1@q-4", half=2, target="1"),
    Identity(name="PJSIP/branch-5", kind=ChannelKind.TRUNK, party="branch", prefix="branch"),
    Identity(name="Recorder/x-6", kind=ChannelKind.NOBODY),
)
CAUSES: Final = (None, 16, 17, 19, 21, 26, 0, 3, 34)
QUEUES: Final = ("support", "sales")
STATES: Final = tuple(ChannelState)


class Stream:
    """Makes one input after the other; `seq` and time never go backwards."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._seq = 0
        self._at = at(0)

    def next(self) -> Input:
        """Return the next input that the bytes ask for."""
        self._seq += 1
        self._at += timedelta(milliseconds=(0, 0, 1, 40, 900, 2_500)[self._choices.byte() % 6])
        return self._choices.one_of(_MAKERS)(self, self._choices)

    def _created(self, one: Choices) -> Input:
        channel = one.one_of(CHANNELS)
        return inputs.ChannelCreated(
            at=self._at,
            seq=self._seq,
            channel=channel,
            linkedid=one.one_of((channel, *CHANNELS[:3])),
            identity=one.one_of(IDENTITIES),
            state=one.one_of(STATES),
            number=one.one_of(NUMBERS),
            exten=one.one_of(NUMBERS),
            withheld=one.one_of((None, True, False)),
            begin=one.byte() % 8 != 0,
        )

    def _renamed(self, one: Choices) -> Input:
        return inputs.ChannelRenamed(
            at=self._at,
            seq=self._seq,
            channel=one.one_of(CHANNELS),
            identity=one.one_of(IDENTITIES),
        )

    def _state(self, one: Choices) -> Input:
        return inputs.ChannelStateChanged(
            at=self._at, seq=self._seq, channel=one.one_of(CHANNELS), state=one.one_of(STATES)
        )

    def _dial(self, one: Choices) -> Input:
        return inputs.DialBegan(
            at=self._at,
            seq=self._seq,
            channel=one.one_of(("", *CHANNELS)),
            dest=one.one_of(CHANNELS),
            exten=one.one_of(NUMBERS),
            number=one.one_of(NUMBERS),
        )

    def _alerted(self, one: Choices) -> Input:
        return inputs.DialAlerted(at=self._at, seq=self._seq, dest=one.one_of(CHANNELS))

    def _dial_ended(self, one: Choices) -> Input:
        return inputs.DialEnded(
            at=self._at,
            seq=self._seq,
            dest=one.one_of(CHANNELS),
            answered=one.byte() % 2 == 0,
            forward=one.one_of(("", "", "1002", "0612345678")),
        )

    def _dial_failed(self, one: Choices) -> Input:
        return inputs.DialFailed(at=self._at, seq=self._seq, channel=one.one_of(CHANNELS))

    def _entered(self, one: Choices) -> Input:
        return inputs.BridgeEntered(
            at=self._at,
            seq=self._seq,
            channel=one.one_of(CHANNELS),
            bridge=one.one_of(BRIDGES),
            kind=one.one_of(tuple(BridgeKind)),
        )

    def _left(self, one: Choices) -> Input:
        return inputs.BridgeLeft(
            at=self._at,
            seq=self._seq,
            channel=one.one_of(CHANNELS),
            bridge=one.one_of(BRIDGES),
            kind=one.one_of(tuple(BridgeKind)),
        )

    def _conference(self, one: Choices) -> Input:
        return inputs.ConferenceJoined(
            at=self._at, seq=self._seq, channel=one.one_of(CHANNELS), bridge=one.one_of(BRIDGES)
        )

    def _relay(self, one: Choices) -> Input:
        return inputs.RelayJoined(
            at=self._at, seq=self._seq, one=one.one_of(CHANNELS), two=one.one_of(CHANNELS)
        )

    def _hold(self, one: Choices) -> Input:
        return inputs.HoldChanged(
            at=self._at, seq=self._seq, channel=one.one_of(CHANNELS), held=one.byte() % 2 == 0
        )

    def _request(self, one: Choices) -> Input:
        return inputs.HangupRequested(
            at=self._at,
            seq=self._seq,
            channel=one.one_of(CHANNELS),
            soft=one.byte() % 2 == 0,
            cause=one.one_of(CAUSES),
        )

    def _hung_up(self, one: Choices) -> Input:
        return inputs.ChannelHungUp(
            at=self._at, seq=self._seq, channel=one.one_of(CHANNELS), cause=one.one_of(CAUSES)
        )

    def _elsewhere(self, one: Choices) -> Input:
        party = one.one_of(("", "1001"))
        channel = one.one_of(CHANNELS)
        return TakenElsewhere(at=self._at, seq=self._seq, channel=channel, party=party)

    def _application(self, one: Choices) -> Input:
        return inputs.ApplicationStarted(
            at=self._at,
            seq=self._seq,
            channel=one.one_of(CHANNELS),
            application=one.one_of(tuple(Application)),
            subject=one.one_of(QUEUES),
            exten=one.one_of(NUMBERS),
        )

    def _queue(self, one: Choices) -> Input:
        make = one.one_of((inputs.QueueJoined, inputs.QueueLeft, inputs.QueueAnswered))
        return make(
            at=self._at, seq=self._seq, channel=one.one_of(CHANNELS), queue=one.one_of(QUEUES)
        )

    def _refused(self, one: Choices) -> Input:
        return inputs.QueueRefused(at=self._at, seq=self._seq, channel=one.one_of(CHANNELS))

    def _picked_up(self, one: Choices) -> Input:
        return inputs.PickedUp(
            at=self._at, seq=self._seq, channel=one.one_of(CHANNELS), target=one.one_of(CHANNELS)
        )

    def _parked(self, one: Choices) -> Input:
        return inputs.Parked(
            at=self._at,
            seq=self._seq,
            channel=one.one_of(CHANNELS),
            parker=one.one_of(("", "1001", "1002")),
        )

    def _unparked(self, one: Choices) -> Input:
        return inputs.Unparked(
            at=self._at,
            seq=self._seq,
            channel=one.one_of(CHANNELS),
            retriever=one.one_of(CHANNELS),
        )

    def _blind(self, one: Choices) -> Input:
        return inputs.BlindTransferred(
            at=self._at,
            seq=self._seq,
            transferer=one.one_of(CHANNELS),
            transferee=one.one_of(CHANNELS),
            exten=one.one_of(NUMBERS),
        )

    def _attended(self, one: Choices) -> Input:
        return inputs.AttendedTransferred(
            at=self._at,
            seq=self._seq,
            first=one.one_of(CHANNELS),
            second=one.one_of(CHANNELS),
            transferee=one.one_of(("", *CHANNELS)),
        )

    def _originated(self, one: Choices) -> Input:
        if one.byte() % 2:
            return inputs.OriginateFailed(
                at=self._at,
                seq=self._seq,
                kind=one.one_of(tuple(ChannelKind)),
                party=one.one_of(("1001", "")),
                exten=one.one_of(NUMBERS),
            )
        return inputs.OriginateAnswered(
            at=self._at, seq=self._seq, channel=one.one_of(CHANNELS), exten=one.one_of(NUMBERS)
        )

    def _presentation(self, one: Choices) -> Input:
        return inputs.PresentationTold(
            at=self._at, seq=self._seq, channel=one.one_of(CHANNELS), withheld=one.byte() % 2 == 0
        )

    def _snapshot(self, one: Choices) -> Input:
        listed = {one.one_of(CHANNELS): None for _ in range(one.byte() % 5)}
        return inputs.Snapshot(
            at=self._at,
            requested_seq=max(0, self._seq - one.byte() % 4),
            channels=tuple(
                inputs.SnapshotChannel(
                    channel=channel,
                    linkedid=one.one_of((channel, *CHANNELS[:2])),
                    identity=one.one_of(IDENTITIES),
                    state=one.one_of(STATES),
                    number=one.one_of(NUMBERS),
                    exten=one.one_of(NUMBERS),
                    bridge=one.one_of(("", *BRIDGES)),
                )
                for channel in listed
            ),
            bridges=tuple(
                inputs.SnapshotBridge(bridge=bridge, kind=one.one_of(tuple(BridgeKind)))
                for bridge in BRIDGES
            ),
            queues=(
                inputs.SnapshotQueueCaller(channel=one.one_of(CHANNELS), queue=one.one_of(QUEUES)),
            ),
        )

    def _down(self, _: Choices) -> Input:
        return inputs.LinkDown(at=self._at)

    def _restarted(self, _: Choices) -> Input:
        return inputs.PbxRestarted(at=self._at)

    def _answer(self, one: Choices) -> Input:
        return inputs.QueryAnswer(
            at=self._at,
            query_id=one.one_of(CHANNELS),
            value=one.one_of((None, "", "allowed", "prohib_not_screened")),
        )

    def _tick(self, _: Choices) -> Input:
        return inputs.Tick(at=self._at)


_MAKERS: Final[tuple[Callable[[Stream, Choices], Input], ...]] = (
    *([Stream._created] * 5),
    *([Stream._dial] * 4),
    *([Stream._entered] * 4),
    *([Stream._left] * 2),
    *([Stream._hung_up] * 2),
    Stream._renamed,
    Stream._elsewhere,
    Stream._state,
    Stream._alerted,
    Stream._dial_ended,
    Stream._dial_failed,
    Stream._conference,
    Stream._relay,
    Stream._hold,
    Stream._request,
    Stream._application,
    Stream._queue,
    Stream._refused,
    Stream._picked_up,
    Stream._parked,
    Stream._unparked,
    Stream._blind,
    Stream._attended,
    Stream._originated,
    Stream._presentation,
    Stream._snapshot,
    Stream._down,
    Stream._restarted,
    Stream._answer,
    Stream._tick,
)
