"""The board: every channel, bridge and call the table knows, and what it has to say."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from gateway.core.calls import Call
from gateway.core.channels import Bridge, Channel
from gateway.core.events import (
    Anomaly,
    CallAmended,
    CallStarted,
    CallUpdated,
    Output,
)
from gateway.core.ids import CallId, call_id
from gateway.core.inputs import BridgeKind, ChannelKind
from gateway.core.numbers import NumberPlan
from gateway.core.projection import project
from gateway.core.record import CallRecord

if TYPE_CHECKING:
    from gateway.core.stall import Stall

LATE: Final = timedelta(seconds=2)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
# Channels whose Hangup was lost and that no snapshot swept away: the oldest ones go.
MAX_CHANNELS: Final = 50_000
# A channel that is gone is not taken for a new one when its first event comes again.
REMEMBERED: Final = 8_192


class Board:
    """State shared by all rules of one table; `out` collects what the current input causes."""

    def __init__(self, pbx: str, plan: NumberPlan, *, presentation_query: str = "") -> None:
        self.pbx = pbx
        self.plan = plan
        self.presentation_query = presentation_query
        self.channels: dict[str, Channel] = {}
        self.gone: dict[str, Channel] = {}
        self.calls: dict[CallId, Call] = {}
        self.by_linkedid: dict[str, Call] = {}
        self.bridges: dict[str, Bridge] = {}
        self.conferences: dict[str, None] = {}
        self.relays: dict[str, list[str]] = {}
        self.unseen: dict[str, list[str]] = {}
        self.hangups_told = False
        # When the stream began, or came back after a loss: what was told before is lost.
        self.resumed_at = _NEVER
        # When the stream was lost, until a snapshot says what is still up.
        self.lost_at: datetime | None = None
        self.resuming = True
        # Whether calls are known from what a process had stored that is gone, which may have
        # heard more of them than it told.
        self.restored = False
        self.stall: Stall | None = None
        self.out: list[Output] = []
        # Of calls that are up nothing is said: only how they end is of interest.
        self.terse = False
        self.todo: list[Call] = []
        # Roots given anew by a PBX whose clock was set back, and what tells the later call apart.
        self.renewed: dict[str, str] = {}
        self.former: dict[str, str] = {}
        # What may be forgotten, and when; the rules look at it before each input.
        self.due: deque[tuple[datetime, Call | Channel | str]] = deque()
        # A plain dict takes ever longer to find its oldest key while keys go at that end.
        self._buried: OrderedDict[str, int] = OrderedDict()

    # -- looking up

    def channel(self, uid: str) -> Channel | None:
        """Return a channel that is up, or that went within the last two seconds."""
        return self.channels.get(uid) or self.gone.get(uid)

    def other_half(self, half: Channel) -> Channel | None:
        """Return the other half of a relay while it is up."""
        for uid in self.relays.get(half.relay, ()):
            if uid != half.uid:
                return self.channels.get(uid)
        return None

    def is_buried(self, uid: str) -> bool:
        """Whether a channel of this id is known to be over."""
        return uid in self.gone or uid in self._buried

    def mark_of(self, uid: str) -> int:
        """Return what the first event of a channel that is or was up showed; 0: not known."""
        channel = self.channels.get(uid)
        return channel.mark if channel is not None else self._buried.get(uid, 0)

    def call_of(self, linkedid: str) -> Call | None:
        """Return the call that a linkedid leads to."""
        return self.by_linkedid.get(linkedid)

    # -- keeping

    def add(self, channel: Channel) -> None:
        """Keep a new channel; a relay's halves find each other."""
        self.channels[channel.uid] = channel
        if channel.kind is ChannelKind.RELAY:
            halves = self.relays.setdefault(channel.relay, [])
            if channel.uid not in halves:
                halves.append(channel.uid)
        if len(self.channels) > MAX_CHANNELS:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        for uid in self.channels:
            channel = self.channels[uid]
            if channel.call is None or channel.call.ended:
                self.remove(channel)
                return

    def remove(self, channel: Channel, at: datetime | None = None) -> None:
        """Take a channel that is over out of everything; with `at` it stays known for 2 s."""
        channel.hung_up = True
        self.channels.pop(channel.uid, None)
        self._unrelay(channel)
        self.leave(channel)
        self._bury(channel.uid, channel.mark)
        if at is not None:
            self.gone[channel.uid] = channel
            self.due.append((at + LATE, channel))
        elif channel.call is not None:
            channel.call.disown(channel.uid)

    def _unrelay(self, channel: Channel) -> None:
        halves = self.relays.get(channel.relay) if channel.relay else None
        if halves is not None and channel.uid in halves:
            halves.remove(channel.uid)
            if not halves:
                del self.relays[channel.relay]

    def rename(self, channel: Channel) -> None:
        """Note again what halves of relays there are after a channel became something else."""
        if channel.kind is ChannelKind.RELAY:
            halves = self.relays.setdefault(channel.relay, [])
            if channel.uid not in halves:
                halves.append(channel.uid)

    def forget_relay(self, channel: Channel) -> None:
        """Take a channel out of its relay, before it becomes something else."""
        self._unrelay(channel)

    def forget(self, uid: str) -> None:
        """Make room for another channel of the same id, and for a call that begins with it."""
        self.gone.pop(uid, None)
        self._buried.pop(uid, None)
        self.by_linkedid.pop(uid, None)

    def renew(self, root: str, shown: str) -> None:
        """Have the next call of this root told apart by what its first channel shows."""
        self.renewed[root] = shown
        if len(self.renewed) > REMEMBERED:
            del self.renewed[next(iter(self.renewed))]

    def _bury(self, uid: str, mark: int = 0) -> None:
        self._buried[uid] = mark or self._buried.get(uid, 0)
        if len(self._buried) > REMEMBERED:
            self._buried.popitem(last=False)

    def attach(self, channel: Channel, call: Call) -> None:
        """Make a channel part of a call."""
        if channel.call is not None and channel.call is not call:
            channel.call.disown(channel.uid)
        channel.call = call
        if channel.uid not in call.channels:
            call.channels.append(channel.uid)

    # -- bridges

    def enter(self, channel: Channel, bridge_id: str, kind: BridgeKind) -> Bridge:
        """Put a channel into a bridge, out of any other."""
        bridge = self.bridges.get(bridge_id)
        if bridge is None:
            bridge = self.bridges[bridge_id] = Bridge(bridge_id, kind)
            if bridge_id in self.conferences:
                bridge.kind = BridgeKind.CONFERENCE
        if channel.bridge is not bridge:
            self.leave(channel)
            channel.bridge = bridge
            bridge.members[channel.uid] = channel
        return bridge

    def leave(self, channel: Channel) -> Bridge | None:
        """Take a channel out of its bridge and return that; empty bridges are forgotten."""
        bridge = channel.bridge
        if bridge is None:
            return None
        channel.bridge = None
        channel.past_bridge = bridge.id
        bridge.members.pop(channel.uid, None)
        if not bridge.members:
            self.bridges.pop(bridge.id, None)
            self.conferences.pop(bridge.id, None)
        return bridge

    # -- calls

    def new_call(self, root: str, at: datetime) -> Call:
        """Begin a call whose first channel is `root`."""
        call = Call(call_id(self.pbx, root, self.renewed.get(root, "")), root, at)
        self.calls[call.id] = call
        self.by_linkedid[root] = call
        return call

    def live(self) -> Iterator[Call]:
        """Yield the announced calls that are up."""
        return (call for call in self.calls.values() if call.born and not call.ended)

    def bury_call(self, call: Call, at: datetime) -> None:
        """Keep an ended call for two seconds of late facts; a straggler never begins it anew."""
        self.due.append((at + LATE, call))
        if call.born:
            self._bury(call.root)

    def drop_call(self, call: Call) -> None:
        """Forget a call and whatever still points to it."""
        if self.calls.get(call.id) is call:
            del self.calls[call.id]
        for linkedid in call.linkedids:
            if self.by_linkedid.get(linkedid) is call:
                del self.by_linkedid[linkedid]
                if call.born:
                    self._bury(linkedid)
        for uid in call.channels:
            channel = self.channels.get(uid) or self.gone.get(uid)
            if channel is not None and channel.call is call:
                channel.call = None
                channel.leg = None

    def deadline(self) -> datetime | None:
        """Return when something may be forgotten."""
        return self.due[0][0] if self.due else None

    def sweep(self, at: datetime) -> None:
        """Forget what is two seconds old."""
        due = self.due
        while due and due[0][0] <= at:
            _, item = due.popleft()
            if isinstance(item, Call):
                self.drop_call(item)
            elif isinstance(item, str):
                self.unseen.pop(item, None)
            elif self.gone.get(item.uid) is item:
                del self.gone[item.uid]
                if item.call is not None:
                    item.call.disown(item.uid)

    def note_unseen(self, bridge_id: str, uid: str, at: datetime) -> list[str]:
        """Note that a channel left a bridge nobody saw it enter; return all who did."""
        leavers = self.unseen.setdefault(bridge_id, [])
        if not leavers:
            self.due.append((at + LATE, bridge_id))
        if uid not in leavers:
            leavers.append(uid)
        return leavers

    def is_extension_number(self, number: str) -> bool:
        """Whether a number is short enough to be one of ours."""
        return number.isdigit() and len(number) > 1 and self.plan.parse(number).e164 is None

    def refresh_later(self, call: Call) -> None:
        """Have a call's conversation looked at once the current rule is through."""
        self.todo.append(call)

    # -- saying

    def project(self, call: Call) -> CallRecord:
        """Return the record of a call as it stands."""
        return project(self, call)

    def tells(self, call: Call) -> bool:
        """Whether what happens in a call that is up is said."""
        return call.born and not self.terse

    def started(self, call: Call, at: datetime) -> None:
        """Announce a call; one that nobody heard of while it was up is over unheard."""
        if not call.born and not call.ended:
            call.born = True
            if not self.terse:
                self.out.append(CallStarted(at=at, record=project(self, call)))

    def updated(self, call: Call, at: datetime, record: CallRecord | None = None) -> None:
        """Say that a live call's record changed in a way worth showing: to `record` if given."""
        if self.tells(call) and not call.ended:
            self.out.append(CallUpdated(at=at, record=record or project(self, call)))

    def amended(self, call: Call, at: datetime) -> None:
        """Say what a late fact changed in an ended call, if it did."""
        if not call.born or not call.ended or call.final is None or call.merged_into is not None:
            return
        record = project(self, call)
        if record != call.final:
            call.revision += 1
            call.final = project(self, call)
            self.out.append(CallAmended(at=at, record=call.final))

    def anomaly(self, at: datetime, kind: str, channel: str = "") -> None:
        """Note that the stream contradicts itself."""
        self.out.append(Anomaly(at=at, kind=kind, channel=channel))
