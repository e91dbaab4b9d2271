"""One PBX: inputs go through the call table; what it says goes to the desk, then to the store."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from gateway.core.events import Anomaly, CallAmended, CallEnded, CallEvent, Query
from gateway.core.ids import CallId
from gateway.core.inputs import Input, LinkDown, Snapshot, Tick
from gateway.core.ports import Effect, LinkPhase, LinkState, PbxSource
from gateway.core.record import CallRecord, ContactRef
from gateway.core.table import CallTable
from gateway.runtime.recorder import Recorder, is_final

log = structlog.get_logger(__name__)


class Desk(Protocol):
    """What the pipeline needs of the desk; both calls are synchronous and never raise."""

    def handle(self, event: CallEvent) -> None:
        """Push what agents must see because of this event."""

    def contact_for(self, record: CallRecord) -> ContactRef | None:
        """Match the outside party in the local mirror."""


class GapLog(Protocol):
    """Where times without a link are noted."""

    def opened(self, pbx: str, at: datetime) -> None:
        """Note that from `at` on calls are unknown."""

    def closed(self, pbx: str, at: datetime) -> None:
        """Note that from `at` on calls are known again."""


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
    ) -> None:
        self.pbx = pbx
        self.table = table
        self._desk = desk
        self._recorder = recorder
        self._effects = effects
        self._gaps = gaps
        self._lines = lines
        self._source: PbxSource | None = None
        self._contacts: dict[CallId, ContactRef | None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._deadline: datetime | None = None
        self._last_at: datetime | None = None
        self.link: LinkState | None = None
        self.first_snapshot_done = False
        self.events = 0

    def restore(self, states: Iterable[bytes]) -> None:
        """Take the live calls of an earlier run back; the next snapshot says which still are."""
        self.table.restore(states)
        for record in self.table.live():
            self._contacts[record.id] = self._desk.contact_for(record)

    def live(self) -> tuple[CallRecord, ...]:
        """Return the records of the calls that are up, with their contacts."""
        return tuple(self._complete(record) for record in self.table.live())

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
            self.first_snapshot_done = True

    def emit(self, item: Input) -> None:
        """Apply one input and hand on what comes out, the pop first."""
        self.events += 1
        self._last_at = item.at
        if isinstance(item, LinkDown):
            self._gaps.opened(self.pbx, item.at)
        elif isinstance(item, Snapshot):
            self._gaps.closed(self.pbx, item.at)
            self.first_snapshot_done = True
        for output in self.table.apply(item):
            if isinstance(output, CallEvent):
                self._hand_on(output)
            elif isinstance(output, Query):
                if self._source is not None:
                    self._source.ask(output)
            elif isinstance(output, Anomaly):
                log.debug("call.anomaly", pbx=self.pbx, kind=output.kind, channel=output.channel)
        self._set_timer()

    def _hand_on(self, event: CallEvent) -> None:
        event = replace(event, record=self._complete(event.record, fresh=_looks_again(event)))
        self._desk.handle(event)
        final = is_final(event)
        state = None if final else self.table.dump(event.record.id)
        self._recorder.mark(event, state=state, effects=self._effects(event))
        if final:
            self._contacts.pop(event.record.id, None)
            self._canonical_line(event)

    def _complete(self, record: CallRecord, *, fresh: bool = False) -> CallRecord:
        """Add what the PBX does not know: the contact, and the name of the line called."""
        contact = self._contacts.get(record.id)
        if contact is None and (fresh or record.id not in self._contacts):
            contact = self._contacts[record.id] = self._desk.contact_for(record)
        line = self._lines.get(record.called.e164 or "") if self._lines else None
        if contact is None and line is None:
            return record
        return replace(record, contact=contact, line=line)

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
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._deadline = deadline
        if deadline is not None and self._last_at is not None:
            delay = max(0.0, (deadline - self._last_at).total_seconds())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick, deadline)

    def _tick(self, deadline: datetime) -> None:
        self._timer = None
        self._deadline = None
        self.emit(Tick(at=deadline))


def _looks_again(event: CallEvent) -> bool:
    """Tell whether to look again: a contact may have been created while they spoke."""
    return isinstance(event, CallEnded | CallAmended)
