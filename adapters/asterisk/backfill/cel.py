"""CEL rows told as the same inputs that AMI gives, so that the same reducer decides.

What CEL does not tell outright is read out of what it does: who dialled a leg from the running
Dial or Queue, who hung up from `hangupsource`, hold from the music that the other side hears.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.asterisk.backfill.channels import DIALLERS, NOWHERE, Seen, by_channel
from adapters.asterisk.backfill.dialling import Diallers
from adapters.asterisk.backfill.menus import APPLICATIONS
from adapters.asterisk.backfill.order import hoisted, overtaken, presumed, requests
from adapters.asterisk.backfill.rows import CelRow
from adapters.asterisk.naming import Naming, forward_number
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.waits import menu_name
from adapters.asterisk.words import epoch_of, number_of
from gateway.core.inputs import (
    Application,
    ApplicationStarted,
    AttendedTransferred,
    BlindTransferred,
    BridgeEntered,
    BridgeKind,
    BridgeLeft,
    ChannelCreated,
    ChannelHungUp,
    ChannelKind,
    ChannelState,
    ChannelStateChanged,
    DialAlerted,
    DialBegan,
    DialEnded,
    DialFailed,
    HangupRequested,
    HoldChanged,
    Input,
    OriginateAnswered,
    Parked,
    PickedUp,
    QueueJoined,
    QueueLeft,
    QueueRefused,
    Unparked,
)

_AT_ONCE: Final = timedelta(milliseconds=100)


class CelTelling:
    """Tells the rows of calls that belong together; `rows` in the order Asterisk wrote them."""

    def __init__(self, settings: AsteriskSettings, naming: Naming, rows: Sequence[CelRow]) -> None:
        self._settings = settings
        self._naming = naming
        self._rows = hoisted(rows)
        self._seen = by_channel(naming, rows)
        self._diallers = Diallers(self._seen, rows)
        self._requests = requests(self._rows, self._seen)
        self._overtaken = overtaken(self._rows, self._seen)
        self._bridges: dict[str, str] = {}
        self._holders: dict[str, str] = {}
        self._presumed = presumed(self._rows, self._seen)
        self._known: set[str] = set()
        self._handlers: dict[str, Callable[[CelRow], Iterator[Input]]] = {
            "CHAN_START": self._start,
            "ANSWER": self._answer,
            "APP_START": self._app_start,
            "APP_END": self._app_end,
            "BRIDGE_ENTER": self._enter,
            "BRIDGE_EXIT": self._exit,
            "BLINDTRANSFER": self._blind,
            "ATTENDEDTRANSFER": self._attended,
            "PICKUP": self._pickup,
            "PARK_START": self._park,
            "PARK_END": self._unpark,
            "FORWARD": self._forward,
            "STREAM_BEGIN": self._music,
            "STREAM_END": self._silence,
            "HANGUP": self._hangup,
            "CHAN_END": self._gone,
        }

    def inputs(self) -> Iterator[Input]:
        """Yield what the rows mean, in their order."""
        for index, row in enumerate(self._rows):
            for uid in self._requests.get(index, ()):
                if uid in self._known:
                    cause = number_of(self._cause(uid))
                    yield HangupRequested(at=row.at, seq=row.no, channel=uid, cause=cause)
            for uid in self._overtaken.get(index, ()):
                yield DialEnded(at=row.at, seq=row.no, dest=uid, answered=False)
            for run in self._presumed.get(index, ()):
                yield from self._meet(run)
                yield from self._started(replace(run, at=row.at, no=row.no), refused=False)
            handler = self._handlers.get(row.event)
            if handler is None:
                continue
            if row.event != "CHAN_START":
                yield from self._meet(row)
            yield from handler(row)

    # Channels

    def _meet(self, row: CelRow) -> Iterator[Input]:
        """Tell of a channel whose beginning is not among the rows."""
        if row.uniqueid in self._known or not row.uniqueid:
            return
        self._known.add(row.uniqueid)
        yield ChannelCreated(
            at=row.at,
            seq=row.no,
            channel=row.uniqueid,
            linkedid=row.linkedid or row.uniqueid,
            identity=self._seen[row.uniqueid].identity,
            state=ChannelState.UP,
            number=row.number,
            caller_name=row.caller_name,
            exten=row.exten,
            begin=False,
            since=epoch_of(row.linkedid),
        )

    def _start(self, row: CelRow) -> Iterator[Input]:
        if row.uniqueid in self._known:
            return
        self._known.add(row.uniqueid)
        seen = self._seen[row.uniqueid]
        called = row.exten in NOWHERE or not seen.is_party
        yield ChannelCreated(
            at=row.at,
            seq=row.no,
            channel=row.uniqueid,
            linkedid=row.linkedid or row.uniqueid,
            identity=seen.identity,
            state=ChannelState.DOWN if called else ChannelState.RING,
            number=row.number,
            caller_name=row.caller_name,
            exten="s" if seen.is_party and called else row.exten,
        )
        if seen.was_dialled:
            yield from self._dial(row, seen)

    def _dial(self, row: CelRow, seen: Seen) -> Iterator[Input]:
        dialler = self._diallers.of(seen)
        yield DialBegan(
            at=row.at,
            seq=row.no,
            channel=dialler.channel,
            dest=row.uniqueid,
            exten=dialler.exten,
            number=dialler.number,
        )
        if seen.rang:
            yield DialAlerted(at=row.at, seq=row.no, dest=row.uniqueid)

    def _answer(self, row: CelRow) -> Iterator[Input]:
        yield ChannelStateChanged(
            at=row.at, seq=row.no, channel=row.uniqueid, state=ChannelState.UP
        )
        seen = self._seen[row.uniqueid]
        if seen.was_dialled:
            yield DialEnded(at=row.at, seq=row.no, dest=row.uniqueid, answered=True)
        if row.is_root and seen.was_dialled and seen.goes_to:
            yield OriginateAnswered(at=row.at, seq=row.no, channel=row.uniqueid, exten=seen.goes_to)

    # Applications

    def _app_start(self, row: CelRow) -> Iterator[Input]:
        end = self._diallers.end_of(row)
        if row.app in APPLICATIONS:
            refused = row.app == "Queue" and self._in_vain(row, end)
            yield from self._started(row, refused=refused)
        elif row.app in DIALLERS and self._in_vain(row, end):
            yield DialFailed(at=row.at, seq=row.no, channel=row.uniqueid)

    def _in_vain(self, row: CelRow, end: CelRow | None) -> bool:
        """Whether an application that dials ended at once and dialled nobody."""
        if end is None or end.at - row.at >= _AT_ONCE:
            return False
        return not self._diallers.dialled_by(row, end)

    def _started(self, row: CelRow, *, refused: bool) -> Iterator[Input]:
        application = APPLICATIONS[row.app]
        subject = row.data.partition(",")[0]
        if application is Application.MENU:
            subject = menu_name(row.context, self._settings.ivr_contexts)
        yield ApplicationStarted(
            at=row.at,
            seq=row.no,
            channel=row.uniqueid,
            application=application,
            subject=subject,
            exten=row.exten,
        )
        if application is Application.QUEUE:
            if refused:
                yield QueueRefused(at=row.at, seq=row.no, channel=row.uniqueid)
            else:
                yield QueueJoined(at=row.at, seq=row.no, channel=row.uniqueid, queue=subject)

    def _app_end(self, row: CelRow) -> Iterator[Input]:
        for uid in self._diallers.in_vain(row):
            # A Dial that is over rings nobody any more; its legs may tell their ends later.
            yield DialEnded(at=row.at, seq=row.no, dest=uid, answered=False)
        if row.app == "Queue":
            queue = row.data.partition(",")[0]
            yield QueueLeft(at=row.at, seq=row.no, channel=row.uniqueid, queue=queue)

    # Bridges

    def _enter(self, row: CelRow) -> Iterator[Input]:
        bridge = row.extra.get("bridge_id", "")
        self._bridges[row.uniqueid] = bridge
        yield BridgeEntered(
            at=row.at, seq=row.no, channel=row.uniqueid, bridge=bridge, kind=_kind(row)
        )

    def _exit(self, row: CelRow) -> Iterator[Input]:
        bridge = row.extra.get("bridge_id", "")
        if self._bridges.get(row.uniqueid) == bridge:
            del self._bridges[row.uniqueid]
        yield BridgeLeft(
            at=row.at, seq=row.no, channel=row.uniqueid, bridge=bridge, kind=_kind(row)
        )

    def _music(self, row: CelRow) -> Iterator[Input]:
        """Whoever hears music in a conversation is held by the other side (Asterisk 22)."""
        if "class" not in row.extra or row.uniqueid not in self._bridges:
            return
        holder = self._other_side(row.uniqueid)
        if holder:
            self._holders[row.uniqueid] = holder
            yield HoldChanged(at=row.at, seq=row.no, channel=holder, held=True)

    def _silence(self, row: CelRow) -> Iterator[Input]:
        holder = self._holders.pop(row.uniqueid, "")
        if holder:
            yield HoldChanged(at=row.at, seq=row.no, channel=holder, held=False)

    def _other_side(self, uid: str) -> str:
        """Return the extension on the other side of a bridge, through relays."""
        passed: set[str] = set()
        todo = [self._bridges[uid]]
        while todo:
            bridge = todo.pop()
            passed.add(bridge)
            for other, where in self._bridges.items():
                if where != bridge or other == uid:
                    continue
                identity = self._seen[other].identity
                if identity.kind is ChannelKind.EXTENSION:
                    return other
                if identity.kind is ChannelKind.RELAY:
                    todo += [
                        place
                        for half, place in self._bridges.items()
                        if half != other
                        and self._seen[half].identity.relay == identity.relay
                        and place not in passed
                    ]
        return ""

    # Transfers

    def _blind(self, row: CelRow) -> Iterator[Input]:
        yield BlindTransferred(
            at=row.at,
            seq=row.no,
            transferer=row.uniqueid,
            transferee=row.extra.get("transferee_channel_uniqueid", ""),
            exten=row.extra.get("extension", ""),
        )

    def _attended(self, row: CelRow) -> Iterator[Input]:
        yield AttendedTransferred(
            at=row.at,
            seq=row.no,
            first=row.uniqueid,
            second=row.extra.get("channel2_uniqueid", ""),
            transferee=row.extra.get("transferee_channel_uniqueid", ""),
        )

    def _pickup(self, row: CelRow) -> Iterator[Input]:
        picker = row.extra.get("pickup_channel_uniqueid") or self._named(
            row.extra.get("pickup_channel", "")
        )
        yield PickedUp(at=row.at, seq=row.no, channel=picker, target=row.uniqueid)

    def _park(self, row: CelRow) -> Iterator[Input]:
        parker = self._naming.device(row.extra.get("parker_dial_string", ""))
        yield Parked(at=row.at, seq=row.no, channel=row.uniqueid, parker=parker)

    def _unpark(self, row: CelRow) -> Iterator[Input]:
        retriever = self._named(row.extra.get("retriever", ""))
        if retriever:
            yield Unparked(at=row.at, seq=row.no, channel=row.uniqueid, retriever=retriever)

    def _forward(self, row: CelRow) -> Iterator[Input]:
        """Asterisk names who dialled, and the phone is the one that was redirected (302)."""
        forward = forward_number(row.extra.get("forward", ""))
        leg = self._diallers.redirected(row)
        if leg:
            yield DialEnded(at=row.at, seq=row.no, dest=leg, answered=False, forward=forward)

    def _named(self, name: str) -> str:
        if not name:
            return ""
        return next((uid for uid, seen in self._seen.items() if seen.identity.name == name), "")

    # Ends

    def _cause(self, uid: str) -> str:
        row = self._seen[uid].hangup
        return row.extra.get("hangupcause", "") if row is not None else ""

    def _hangup(self, row: CelRow) -> Iterator[Input]:
        if row.is_root and "hangupsource" in row.extra:
            # The PBX's own part: that nobody else asked is then known, too.
            yield HangupRequested(at=row.at, seq=row.no, channel=row.uniqueid, soft=True)
        cause = number_of(row.extra.get("hangupcause", ""))
        yield ChannelHungUp(at=row.at, seq=row.no, channel=row.uniqueid, cause=cause)

    def _gone(self, row: CelRow) -> Iterator[Input]:
        if self._seen[row.uniqueid].hangup is None:
            yield ChannelHungUp(at=row.at, seq=row.no, channel=row.uniqueid)


def _kind(row: CelRow) -> BridgeKind:
    if row.app == "ConfBridge":
        return BridgeKind.CONFERENCE
    if row.extra.get("bridge_technology") == "holding_bridge":
        return BridgeKind.PARKING
    return BridgeKind.ORDINARY
