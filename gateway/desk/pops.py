"""From call events to what agents and supervisors see, at once: nothing here waits for anything."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from gateway.core.events import (
    CallEnded,
    CallEvent,
    CallMerged,
    CallNoted,
    CallUpdated,
    CloseReason,
    LegAlerting,
    LegAnswered,
    LegClosed,
    LegDialled,
)
from gateway.core.handoff import Handoff, with_note
from gateway.core.history import Background
from gateway.core.ids import CallId
from gateway.core.matching import MatchResult
from gateway.core.numbers import PhoneNumber
from gateway.core.provenance import CallTraced
from gateway.core.record import CallRecord, CallState, ContactRef, Direction, EndedBy
from gateway.desk.briefing import Actions, Briefer
from gateway.desk.composition import compose, parts_of, written
from gateway.desk.frames import Data, Frame, encode_frame
from gateway.desk.house import House
from gateway.desk.hub import Hub
from gateway.desk.matcher import Find, Late, Later, Matcher, parties
from gateway.desk.seating import seat
from gateway.desk.shown import extensions_of
from gateway.desk.tracked import NOBODY, Calls, Pop, Tracked
from gateway.store.mirror import MirrorBusy
from gateway.store.ticks import Tick

log = structlog.get_logger(__name__)

UPDATED: Final = "pop.updated"
NEVER: Final = datetime.fromtimestamp(0, UTC)
OF_NOBODY: Final = (None, None)
WhoHas = Callable[[str, str], Sequence[str]]
Recall = Callable[[Background, datetime | None], None]
# (contact id, E.164, now, who is told): what was before, and when somebody last apologised
AskPast = Callable[[str | None, str | None, datetime, Recall], None]


class PopDesk:
    """Turns the events of all PBXs into `pop.*` and `call.*` frames (DESIGN section 6).

    `who_has(pbx, extension)` names the users that an extension belongs to, `overseers(record)`
    those that oversee a call, `find` asks the local directory and may raise MirrorBusy: then the
    pop goes out without a contact and `later(number, tell)` brings it, for a `pop.updated`; so
    does `past` with what was between us and the customer. `actions` tells what can be done from
    here. Owned by the event loop; every method returns at once and none raises.
    """

    def __init__(
        self,
        hub: Hub,
        who_has: WhoHas,
        find: Find,
        *,
        overseers: Callable[[CallRecord], frozenset[str]] = lambda _record: frozenset(),
        later: Later | None = None,
        past: AskPast | None = None,
        house: House | None = None,
        actions: Actions = lambda _pbx, _extension, _answered: (),
    ) -> None:
        self._hub = hub
        self._who_has = who_has
        self._overseers = overseers
        self._matcher = Matcher(find, later)
        self._past = past
        self._calls = Calls()
        self._suppress_ignored = house is not None and house.suppress_ignored
        self._briefer = Briefer(
            calls=self._calls, who_has=self._who_has, house=house or House(), actions=actions
        )
        hub.add_snapshot(self.snapshot)

    def handle(self, event: CallEvent, *, test: bool = False) -> None:
        """Tell everybody concerned about an event; a failure is logged, never raised.

        Of a `test`, a mystery call, people get the pops alone, and at its end that it was one.
        """
        try:
            known = self._calls.get(event.record.id)
            before = known.record if known is not None else None
            tracked = self._calls.follow(event.record, event.at, known)
            if test:
                tracked.test = True
            if tracked.record is not before:
                self._read(tracked, before, event)
            self._dispatch(tracked, event)
            # that a call has changed by an answer is told at once
            if tracked.record is before or not isinstance(event, LegAnswered):
                tracked.rest()
        except Exception:
            log.exception("desk.event_failed", event_type=type(event).__name__)

    def contact_for(self, record: CallRecord) -> ContactRef | None:
        """Return who the outside party of a call is, for the record that is stored and sent."""
        tracked = self._calls.get(record.id)
        if tracked is None:
            tracked = Tracked(record=record, at=NEVER)
            self._matcher.match(tracked, self._found)
        if tracked.pending:
            self._matcher.retry(tracked)
            self._know(tracked)
        return tracked.contact

    def live_calls(self) -> tuple[CallRecord, ...]:
        """Return the records of the calls that are up, oldest first."""
        return tuple(tracked.record for tracked in self._calls.live())

    def snapshot(self, user: str) -> list[Frame]:
        """Return the frames that show a fresh page what goes on for a user, with their old seq."""
        frames: list[Frame] = []
        for tracked in self._calls.live():
            seq = tracked.told.get(user)
            if seq is not None and user in self._audience(tracked):
                frames.append(encode_frame(seq, "call.updated", tracked.at, tracked.shown()))
            for pop in tracked.pops.values():
                if user in pop.offered and user in self._owners(tracked, pop.extension):
                    data = compose(tracked, pop, self._briefer, about=self._about(tracked))
                    frames += _pop_frames(pop, user, data)
        return frames

    def note(self, call: CallId, handoff: Handoff) -> None:
        """Leave a note with a call that is up: whoever is offered it from now on sees it at once.

        Those whose page shows it now, or shows a consultation about it, are told as well.
        """
        tracked = self._calls.get(call)
        if tracked is not None:
            tracked.handoffs = with_note(tracked.handoffs, handoff)
            self._renew(tracked)
            for other in self._calls.live():
                if other.pops and self._about(other) is tracked:
                    self._renew(other)

    def tick(self, call: CallId, tick: Tick) -> None:
        """Show that the first thing was done, so that nobody does it again."""
        tracked = self._calls.get(call)
        if tracked is not None:
            tracked.apology, tracked.apologised_at = tick, tick.at
            self._renew(tracked)

    def choose(self, call: CallId, result: MatchResult) -> None:
        """Show that a person said who is in a call; the directory is not asked about it again."""
        tracked = self._calls.get(call)
        if tracked is not None:
            tracked.result, tracked.chosen, tracked.pending = result, True, False
            self._show_match(tracked)

    def look_again(self, call: CallId, late: Late | None = None) -> PhoneNumber | None:
        """Ask the directory anew about a call, if it is still up: somebody has changed it.

        Returns the number if the directory cannot say at once; `late` is what it said of it then.
        """
        tracked = self._calls.get(call)
        if tracked is None or tracked.record.state is CallState.ENDED:
            return None
        try:
            if self._matcher.again(tracked, late):
                self._show_match(tracked)
        except MirrorBusy:
            return tracked.number
        return None

    def look_who(self, at: datetime) -> None:
        """Let the cards of a phone that changed hands follow it: desks are shared."""
        for tracked in seat(self._calls, self._owners, self._send, at):
            self._learn(tracked)

    def forget(self) -> None:
        """Forget the calls that are over: somebody in them was erased."""
        self._calls.forget_ended()

    def show_again(self, record: CallRecord, at: datetime) -> None:
        """Tell the pages of an ended call whose record was amended beside the calls."""
        tracked = self._calls.get(record.id) or Tracked(record=record, at=at)
        tracked.record = record
        self._tell(tracked, "call.updated")

    def _read(self, tracked: Tracked, before: CallRecord | None, event: CallEvent) -> None:
        """Take in a record that is another than before."""
        if before is not None and parties(before) == parties(tracked.record):
            if tracked.waiting_since is not None and tracked.past_of is None:
                self._learn(tracked)
            return  # most events change nothing of who it is
        asked = tracked.number
        self._matcher.match(tracked, self._found)
        self._know(tracked)
        if before is None or not isinstance(event, CallUpdated):
            return
        # the PBX told late whether the number may be shown, or whom a click called
        if asked != tracked.number or before.caller != tracked.record.caller:
            self._renew(tracked)

    def _know(self, tracked: Tracked) -> None:
        self._calls.know(tracked)
        if tracked.waiting_since is not None:
            self._learn(tracked)  # there is time until a phone rings

    def _learn(self, tracked: Tracked) -> None:
        """Have the store tell what was between us and the customer, once for each of them."""
        number, result = tracked.number, tracked.result
        if self._past is None or number is None:
            return
        contact = result.contact.id if result is not None and result.contact is not None else None
        whose = (contact, number.e164)
        if whose in (tracked.past_of, OF_NOBODY):  # as nearly always
            return
        if number.withheld and not tracked.chosen:
            return
        tracked.past_of, call = whose, tracked.record.id

        def recall(past: Background, apologised_at: datetime | None) -> None:
            known = self._calls.get(call)
            if known is not None and known.past_of == whose:
                if past.items or past.inbound:
                    past = past.before(str(call), known.record.started_at)
                known.past, made = past, known.apologised_at
                if apologised_at is not None and (made is None or made < apologised_at):
                    known.apologised_at = apologised_at
                self._renew(known)

        self._past(*whose, tracked.at, recall)

    def _about(self, tracked: Tracked) -> Tracked | None:
        """Return the customer's call that an internal one is about: its caller has them on hold.

        A phone that consults before it hands over places a call of its own (AMI.md, pitfall 1).
        """
        record = tracked.record
        if record.direction is not Direction.INTERNAL or record.caller.number is None:
            return None
        held = self._calls.with_customer(record.pbx, record.caller.number)
        return held[-1] if held else None

    def _dispatch(self, tracked: Tracked, event: CallEvent) -> None:
        match event:
            case CallUpdated():
                self._tell(tracked, "call.updated")
            case LegDialled() | LegAlerting():
                self._rings(tracked, event)
            case LegAnswered():
                self._answered(tracked, tracked.pop(event.extension, event.ring_no, event.at))
            case LegClosed():
                self._closed(tracked, event)
            case CallEnded():
                self._ended(tracked)
            case CallNoted():
                self.note(event.record.id, event.handoff)
            case CallTraced():
                tracked.provenance = event.provenance
                self._renew(tracked)
            case CallMerged():
                self._join(tracked, event.into)
                self._close_all(tracked, CloseReason.TRANSFERRED, unanswered_only=False)
                self._tell(tracked, "call.merged")
                self._calls.end(tracked)
            case _:
                self._tell(tracked, "call.updated")

    def _join(self, tracked: Tracked, into: CallId) -> None:
        """Let what was told of a call go with it into the one that it became part of."""
        survivor = self._calls.get(into)
        if survivor is None or not (tracked.handoffs or tracked.provenance):
            return
        survivor.provenance = survivor.provenance or tracked.provenance
        for handoff in tracked.handoffs:
            survivor.handoffs = with_note(survivor.handoffs, handoff)
        self._renew(survivor)

    def _rings(self, tracked: Tracked, event: LegDialled | LegAlerting) -> None:
        pop = tracked.pop(event.extension, event.ring_no, event.at)
        owners = self._owners(tracked, event.extension)
        if owners:
            self._learn(tracked)
        if pop.offered:
            self._send(owners, UPDATED, tracked, pop)
        else:
            pop.offered = self._send(owners, "pop.offered", tracked, pop)
        self._tell_overseers(tracked, owners)

    def _answered(self, tracked: Tracked, pop: Pop) -> None:
        owners = self._owners(tracked, pop.extension)
        pop.answered_at = tracked.at
        if owners:
            self._learn(tracked)
        if not pop.offered:  # a pick-up or a restart: this phone never rang for it
            pop.offered = self._send(owners, "pop.offered", tracked, pop)
        pop.answered = self._send(owners, "pop.answered", tracked, pop)
        self._tell(tracked, "call.updated", users=self._audience(tracked).difference(owners))

    def _closed(self, tracked: Tracked, event: LegClosed) -> None:
        pop = tracked.pops.pop((event.extension, event.ring_no), None)
        owners = self._owners(tracked, event.extension)
        if pop is not None:
            self._send(owners, "pop.closed", tracked, pop, reason=event.reason)
        self._tell_overseers(tracked, owners)

    def _ended(self, tracked: Tracked) -> None:
        left = tracked.record.ended_by is EndedBy.CALLER
        reason = CloseReason.CALLER_LEFT if left else CloseReason.TIMEOUT
        if tracked.test:
            reason = CloseReason.TEST
        self._close_all(tracked, reason, unanswered_only=not tracked.test)
        self._tell(tracked, "call.ended")
        self._calls.end(tracked)

    def _close_all(self, tracked: Tracked, reason: CloseReason, *, unanswered_only: bool) -> None:
        for pop in tracked.pops.values():
            if not (unanswered_only and pop.answered):
                owners = self._owners(tracked, pop.extension)
                self._send(owners, "pop.closed", tracked, pop, reason=reason)
        tracked.pops.clear()

    def _found(self, call: CallId, number: PhoneNumber, result: MatchResult) -> None:
        tracked = self._calls.get(call)
        if tracked is None or tracked.number != number or not tracked.pending:
            return
        tracked.result, tracked.pending = result, False
        self._show_match(tracked)

    def _show_match(self, tracked: Tracked) -> None:
        self._calls.know(tracked)
        self._learn(tracked)
        self._renew(tracked)
        self._tell(tracked, "call.updated")

    def _renew(self, tracked: Tracked) -> None:
        for pop in tracked.pops.values():
            self._send(self._owners(tracked, pop.extension), UPDATED, tracked, pop)

    def _owners(self, tracked: Tracked, extension: str) -> tuple[str, ...]:
        owners = tuple(self._who_has(tracked.record.pbx, extension))
        return owners if len(owners) <= 1 else tuple(dict.fromkeys(owners))

    def _audience(self, tracked: Tracked) -> frozenset[str]:
        record, who_has = tracked.record, self._who_has
        overseers, extensions = self._overseers(record), extensions_of(record)
        if not extensions:
            return overseers
        return overseers.union(*[who_has(record.pbx, extension) for extension in extensions])

    def _send(
        self,
        users: Sequence[str],
        event_type: str,
        tracked: Tracked,
        pop: Pop,
        *,
        reason: CloseReason | None = None,
    ) -> Mapping[str, int]:
        if not users:
            return NOBODY
        result = tracked.result
        if self._suppress_ignored and result is not None and result.ignored is not None:
            return NOBODY
        about, last = self._about(tracked), reason is not None
        parts = parts_of(tracked, pop, self._briefer, about=about, last=last)
        told, pop.told = pop.told, hash((parts, reason))  # nearly all hashed before
        if told == pop.told and event_type == UPDATED and pop.offered.keys() >= set(users):
            return NOBODY  # a phone tells twice that it rings
        encoded = written(tracked, pop, parts, reason)
        return self._hub.publish_encoded(users, event_type, encoded, tracked.at)

    def _tell_overseers(self, tracked: Tracked, owners: Sequence[str]) -> None:
        """One ring of a queue concerns its phone and who watches, not each other member's page."""
        overseers = self._overseers(tracked.record)
        if overseers:
            self._tell(tracked, "call.updated", users=overseers.difference(owners))

    def _tell(
        self, tracked: Tracked, event_type: str, *, users: frozenset[str] | None = None
    ) -> None:
        audience: Collection[str] = self._audience(tracked) if users is None else users
        if audience and event_type == "call.updated":
            audience = tracked.unseen(audience)
        if audience and not tracked.test:
            sent = self._hub.publish_encoded(audience, event_type, tracked.shown(), tracked.at)
            tracked.told = {**tracked.told, **sent}


def _pop_frames(pop: Pop, user: str, data: Data) -> list[Frame]:
    frames = [encode_frame(pop.offered[user], "pop.offered", pop.at, data)]
    if user in pop.answered:
        frames.append(encode_frame(pop.answered[user], "pop.answered", pop.answered_at, data))
    return frames
