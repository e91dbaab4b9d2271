"""One PBX: inputs go through the call table; what it says goes to the desk, then to the store."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

import structlog

from gateway.core.attendance import AttendanceInput
from gateway.core.events import Anomaly, CallEnded, CallEvent, CallUpdated, Query
from gateway.core.ids import CallId
from gateway.core.inputs import Input, LinkDown, Snapshot, Tick
from gateway.core.phones import SeenPhone
from gateway.core.ports import Effect, LinkPhase, LinkState, PbxSource
from gateway.core.record import CallRecord, ContactRef, Direction, with_contact, with_line
from gateway.core.stall import CaughtUp, Stalled
from gateway.core.table import CallTable
from gateway.runtime.recorder import Recorder, is_final

log = structlog.get_logger(__name__)
# Every input lets the table forget what it is time to forget, and of that nobody is told. For a
# table that hears nothing a timer comes this late: one that kept up, with four things a call, would
# only wake the loop (800 times a second at 200 calls/s).
LATE_S: Final = 0.25
_GAPS: Final = frozenset({LinkDown, Stalled, CaughtUp, Snapshot})


class Desk(Protocol):
    """What the pipeline needs of the desk; its calls are synchronous and never raise."""

    def handle(self, event: CallEvent, *, test: bool = False) -> None:
        """Push what agents must see because of this event, of a `test` the pops alone."""

    def contact_for(self, record: CallRecord) -> ContactRef | None:
        """Return who the outside party is, from the local mirror."""


class GapLog(Protocol):
    """Where times without a link are noted."""

    def opened(self, pbx: str, at: datetime) -> None:
        """Note that from `at` on calls are unknown."""

    def closed(self, pbx: str, at: datetime) -> None:
        """Note that from `at` on calls are known again."""


class Meeting(Protocol):
    """Where calls between this PBX and others of ours become one (`runtime.junction`)."""

    def before(self, pbx: str, item: Input) -> bool:
        """Hear an input before the call table; True if it is not meant for that."""

    def after(self, pbx: str, item: Input) -> None:
        """Hear an input after the call table."""

    def take(self, event: CallEvent) -> None:
        """Hand on what the call table said, or what it means for a call of several PBXs."""

    def state(self, record: CallRecord) -> bytes:
        """Return what a restart needs of a live call."""

    def recalled(self, record: CallRecord) -> CallRecord:
        """Return a call found in the PBX's history, incomplete if it went on at another one."""

    def came_over(self, record: CallRecord) -> bool:
        """Whether a call came in from another PBX that is followed."""

    def keep(self, pbx: str, states: Iterable[bytes]) -> None:
        """Keep the states of an earlier run until every PBX has given its own."""


class Screen(Protocol):
    """Who knows which calls are no customer's but our own mystery calls."""

    def takes(self, event: CallEvent) -> bool:
        """Whether this is one: then neither the store nor any observer hears of it."""


class Pipeline:
    """Owns the call table of one PBX; everything here runs on the event loop's thread."""

    def __init__(
        self,
        pbx: str,
        table: CallTable,
        *,
        desk: Desk,
        recorder: Recorder,
        effects: Callable[[CallEvent], Sequence[Effect]],
        gaps: GapLog,
        lines: Mapping[str, str],
        observers: Sequence[Callable[[CallEvent], None]] = (),
        meeting: Meeting | None = None,
    ) -> None:
        self.pbx = pbx
        self._meeting = meeting
        self.table = table
        self._desk = desk
        self._recorder = recorder
        self._effects = effects
        self._gaps = gaps
        self._lines = lines
        self._observers = list(observers)
        self._listeners: dict[type[Input], list[Callable[[Input], None]]] = {}
        self.screen: Screen | None = None
        self._source: PbxSource | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: datetime | None = None
        self._due = 0.0
        self._last_at: datetime | None = None
        self.link: LinkState | None = None
        self.settled = False
        self.events = 0

    def restore(self, states: Iterable[bytes], *, now: datetime) -> None:
        """Take the live calls of an earlier run back; the next snapshot says which still are."""
        if self._meeting is not None:
            self._meeting.keep(self.pbx, states)
            return
        self.table.restore(states)
        self.greet(((one, self.table.phones(one.id)) for one in self.table.live()), now)

    def greet(self, calls: Iterable[tuple[CallRecord, Iterable[SeenPhone]]], now: datetime) -> None:
        """Show the desk the calls that were up before a restart, and the phones in them."""
        for record, phones in calls:
            named = self._named(record)
            self._desk.handle(CallUpdated(at=now, record=named))
            for phone in phones:
                self._desk.handle(phone.told(named, now))

    def ask(self, query: Query) -> None:
        """Ask the PBX; the answer comes as a `QueryAnswer`."""
        if self._source is not None:
            self._source.ask(query)

    def attach(
        self,
        *,
        listener: Callable[[Input], None],
        hears: Collection[type[Input]],
        observer: Callable[[CallEvent], None] | None = None,
    ) -> None:
        """Let somebody else hear these inputs, before the call table, and what the table says."""
        for kind in hears:
            self._listeners.setdefault(kind, []).append(listener)
        if observer is not None:
            self._observers.append(observer)

    async def run(self, source: PbxSource) -> None:
        """Follow the PBX until cancelled."""
        self._source = source
        try:
            await source.run(self.emit)
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def report(self, state: LinkState) -> None:
        """Keep the link's state; readiness waits for the first success or failure."""
        self.link = state
        if state.phase in {LinkPhase.DOWN, LinkPhase.REFUSED, LinkPhase.UP}:
            self.settled = True

    @property
    def is_up(self) -> bool:
        """Whether the PBX is followed at this moment."""
        return self.link is not None and self.link.phase is LinkPhase.UP

    def emit(self, item: Input) -> None:
        """Apply one input and hand on what comes out, the pop first."""
        self.events += 1
        for listener in self._listeners.get(type(item), ()):
            listener(item)
        if isinstance(item, AttendanceInput):
            return
        if self._meeting is not None and self._meeting.before(self.pbx, item):
            return
        self._last_at = item.at
        if type(item) in _GAPS:
            self._note_gap(item)
        for output in self.table.apply(item):
            if isinstance(output, CallEvent):
                self._told(output)
            elif isinstance(output, Query):
                self.ask(output)
            elif isinstance(output, Anomaly):
                log.debug("call.anomaly", pbx=self.pbx, kind=output.kind, channel=output.channel)
        if self._meeting is not None:
            self._meeting.after(self.pbx, item)
        self._set_timer()

    def _note_gap(self, item: Input) -> None:
        if isinstance(item, LinkDown):
            self._gaps.opened(self.pbx, item.at)
        elif isinstance(item, Stalled):
            self._gaps.opened(self.pbx, item.since)
        elif isinstance(item, CaughtUp):
            self._gaps.closed(self.pbx, item.at)
        elif isinstance(item, Snapshot):
            self._gaps.closed(self.pbx, item.at)
            self.settled = True

    def live_ids(self) -> frozenset[CallId]:
        """Return the calls that are followed now."""
        return self.table.live_ids()

    async def caught_up(self) -> None:
        """Return when the calls that are over by now are durable, or cannot be."""
        await self._recorder.caught_up()

    def dressed(self, record: CallRecord) -> CallRecord:
        """Name the line and the contact of a record that did not come from the table."""
        if self._meeting is not None:
            record = self._meeting.recalled(record)
        record = self._named(record)
        contact = self._desk.contact_for(record)
        return record if contact is None else with_contact(record, contact)

    def is_half(self, record: CallRecord) -> bool:
        """Whether the call came from another PBX of ours, which tells of it."""
        return self._meeting is not None and self._meeting.came_over(record)

    def _told(self, event: CallEvent) -> None:
        if self._meeting is not None:
            self._meeting.take(event)
        else:
            self.hand_on(event)

    def _state(self, record: CallRecord) -> bytes:
        if self._meeting is not None:
            return self._meeting.state(record)
        return self.table.dump(record.id)

    def hand_on(self, event: CallEvent, *, aside: bool = False, alone: bool = False) -> None:
        """Tell desk, store and CRM what happened.

        `aside`: only the store; `alone`: another PBX of ours tells the CRM of this call.
        """
        named = self._named(event.record)
        if named is not event.record:
            event = event.with_record(named)
        if self.screen is not None and self.screen.takes(event):
            if not aside:
                self._desk.handle(event, test=True)
            return
        if not aside:
            self._desk.handle(event)
        contact = self._desk.contact_for(event.record)
        if contact is not None:
            event = event.with_record(with_contact(event.record, contact))
        state = None if is_final(event) else partial(self._state, event.record)
        effects = () if alone else self._effects(event)
        channels = self.table.channels(event.record.id)
        self._recorder.mark(event, state=state, effects=effects, channels=channels)
        for observer in self._observers:
            observer(event)
        self._canonical_line(event)

    def _named(self, record: CallRecord) -> CallRecord:
        """Name the line that was called, as the administrator wrote it."""
        called = record.called
        if not self._lines or record.direction is not Direction.INBOUND:
            return record
        line = self._lines.get(called.e164 or "") or self._lines.get(called.number or "")
        return record if line is None else with_line(record, line)

    def _canonical_line(self, event: CallEvent) -> None:
        if isinstance(event, CallEnded):
            record = event.record
            log.info(
                "call.ended",
                pbx=self.pbx,
                call_id=str(record.id),
                direction=record.direction.value,
                outcome=record.outcome.value if record.outcome else None,
                answered_by=record.answered_by,
                talk_s=record.seconds.talk,
                matched=record.contact is not None,
            )

    def _set_timer(self) -> None:
        deadline = self.table.next_deadline()
        if deadline == self._deadline:
            return
        self._deadline = deadline
        if deadline is None or self._last_at is None:
            return  # a timer that finds nothing to wait for does nothing
        loop = asyncio.get_running_loop()
        self._due = loop.time() + max(0.0, (deadline - self._last_at).total_seconds())
        late = self._due + LATE_S
        if self._timer is None or self._timer.when() > late:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_at(late, self._tick)

    def _tick(self) -> None:
        self._timer = None
        deadline = self._deadline
        if deadline is None:
            return
        loop = asyncio.get_running_loop()
        late = loop.time() - self._due
        if late < 0.0:
            self._timer = loop.call_at(self._due + LATE_S, self._tick)
            return
        self._deadline = None
        self.emit(Tick(at=deadline + timedelta(seconds=late)))
