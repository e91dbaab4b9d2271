"""Calls between PBXs of ours: what each one's table says becomes one call (DESIGN: Identity).

Every PBX has a call table of its own and is followed by itself. Here, above the tables, the two
ends of a SIP dialog find each other, and the call that came in through a trunk of `peers` becomes
part of the one that dialled it. Pure like the tables: `now` is a monotonic time, given.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.core.events import (
    CallAmended,
    CallEnded,
    CallEvent,
    CallMerged,
    CallStarted,
    CallUpdated,
    LegAlerting,
    LegAnswered,
    LegClosed,
    LegDialled,
)
from gateway.core.grafting import seen_from
from gateway.core.ids import CallId
from gateway.core.peers import End
from gateway.core.peertree import Forest, Known
from gateway.core.peerview import PeerTable
from gateway.core.phones import PhoneDoes, SeenPhone
from gateway.core.record import CallRecord, CallState, EndKind

# So long a call from another PBX waits for the one it belongs to before it is told on its own, and
# a call that is over for what the other PBX has still to say of its end.
HOLD_S: Final = 0.3
# Late facts come within 2 s of an end; a call is remembered a little longer.
REMEMBERED_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One event to be handed on; `aside`: only the store must know, nobody was told of the call.

    `alone`: the call came from a PBX of ours that tells of it itself, so no CRM must hear of it
    twice.
    """

    event: CallEvent
    aside: bool = False
    alone: bool = False


class Peering:
    """Joins the calls of several tables; every method returns what is to be handed on, in order.

    `tables` are those of the PBXs that are followed, by name; `keepers` the PBXs whose own history
    is read after a gap, so that a call is told in the end even if its link was down.
    """

    def __init__(
        self, tables: Mapping[str, PeerTable], *, keepers: Collection[str] = frozenset()
    ) -> None:
        self.forest = Forest(tables)
        self._keepers = keepers
        self._up: set[str] = set()

    def link(self, pbx: str, *, up: bool) -> None:
        """Note whether a PBX can be heard; what happens there meanwhile nobody can tell."""
        if up:
            self._up.add(pbx)
            return
        self._up.discard(pbx)
        for end in self.forest.ends.alone_towards(pbx):
            end.doubtful = True

    def met(
        self, pbx: str, channel: str, *, name: str, peer: str, root: bool, now: float
    ) -> End | None:
        """Note a channel to or from another PBX; returns it if its Call-ID must be asked for.

        `root`: it called us, so the PBX's call begins with it.
        """
        if peer == pbx or peer not in self.forest.tables:
            return None
        end = self.forest.ends.get(pbx, channel)
        if end is None:
            end = End(pbx=pbx, channel=channel, name=name, peer=peer, root=root, met_at=now)
            end.doubtful = peer not in self._up
            self.forest.ends.add(end)
        return None if end.dialog else end

    def placed(self, pbx: str, channel: str, *, at: datetime, now: float) -> list[Said]:
        """Note to which call a channel belongs, once its table knows."""
        end = self.forest.ends.get(pbx, channel)
        if end is None or end.call is not None:
            return []
        self.forest.place(end)
        return self._join(end, at, now)

    def told(self, pbx: str, channel: str, dialog: str, *, at: datetime, now: float) -> list[Said]:
        """Take a channel's SIP Call-ID; its other end may be known."""
        end = self.forest.ends.get(pbx, channel)
        if end is None or end.dialog or not dialog:
            return []
        other = self.forest.ends.tell(end, dialog)
        if other is None:
            return []
        for one in (end, other):
            self.forest.place(one)
        return self._join(end, at, now)

    def untold(self, pbx: str, channel: str, *, at: datetime, now: float) -> list[Said]:
        """Note that a channel was gone before its Call-ID was told: busy takes a few ms."""
        end = self.forest.ends.get(pbx, channel)
        if end is None or end.dialog or end.other is not None:
            return []
        end.mute = True
        return self._guess(end, at, now)

    def gone(self, pbx: str, channel: str) -> None:
        """Note that a channel is gone; one that never belonged to a call is forgotten."""
        end = self.forest.ends.get(pbx, channel)
        if end is not None and end.call not in self.forest.known:
            self.forest.ends.forget(end)

    def take(self, event: CallEvent, now: float) -> list[Said]:
        """Take what a table said of a call."""
        if not self.forest.is_concerned(event.record):
            return [Said(event=event)]
        known = self.forest.note(event.record)
        if isinstance(event, CallMerged):
            return self._merged(known, event, now)
        top = self.forest.top(known)
        if top is not known and known.merged:
            return self._of_part(top, known, event, now)
        waits = known.due is not None or self._must_wait(known, event, now)
        if top is known and not waits:
            return self._own(known, event, now)
        known.held.append(event)
        if top is not known:
            return self._absorb(top, known, event.at, now)
        known.due = known.due or now + HOLD_S
        return []

    def tick(self, now: float) -> list[Said]:
        """Let go of what has waited long enough."""
        said: list[Said] = []
        for call, known in list(self.forest.known.items()):
            if known.due is not None and known.due <= now:
                said += self._release(known, now)
            if known.forget_at is not None and known.forget_at <= now:
                self.forest.forget(call)
        return said

    def next_due(self) -> float | None:
        """Return when `tick` has something to do."""
        times = [
            time
            for known in self.forest.known.values()
            for time in (known.due, known.forget_at)
            if time is not None
        ]
        return min(times, default=None)

    def is_part(self, call: CallId) -> bool:
        """Whether a call is told as part of another one."""
        known = self.forest.known.get(call)
        return known is not None and self.forest.top(known) is not known

    def whole(self, record: CallRecord) -> CallRecord:
        """Return the record of a call with what became of it on other PBXs."""
        known = self.forest.known.get(record.id)
        return record if known is None else self.forest.whole(known)

    def phones(self, record: CallRecord) -> list[SeenPhone]:
        """Return the phones that ring or have the customer in a whole call, wherever they are."""
        found = list(self.forest.tables[record.pbx].phones(record.id))
        top = self.forest.known.get(record.id)
        for part in self.forest.tree(top) if top is not None else ():
            if top is not None and part is not top:
                there = self.forest.tables[part.pbx].phones(part.record.id)
                found += [_seen(top, part, phone) for phone in there]
        return found

    def parts(self, call: CallId) -> tuple[Known, ...]:
        """Return what a restart needs to know of a call: itself and all its parts."""
        known = self.forest.known.get(call)
        return () if known is None else tuple(self.forest.tree(known))

    def ends(self, call: CallId) -> tuple[End, ...]:
        """Return the ends of a call."""
        return self.forest.ends.of(call)

    def end(self, pbx: str, channel: str) -> End | None:
        """Return the end that a channel is, None if it leads to no PBX that is followed."""
        return self.forest.ends.get(pbx, channel)

    def resume(self, known: Known, ends: Collection[End]) -> None:
        """Take over a call of an earlier run, with its ends."""
        self.forest.resume(known, ends)

    def _must_wait(self, known: Known, event: CallEvent, now: float) -> bool:
        """Whether the other PBX has probably something to say about this call at once."""
        if isinstance(event, CallStarted):
            root = self.forest.ends.get(known.pbx, known.record.linkedid)
            return root is not None and root.other is None and root.peer in self._up
        if not isinstance(event, CallEnded):
            return False
        return self._is_unfinished(known) or any(
            end.other is None and not end.doubtful and now - end.met_at < HOLD_S
            for end in self.forest.ends.of(known.record.id)
            if not end.root
        )

    def _is_unfinished(self, known: Known) -> bool:
        return any(
            part is not known and part.record.state is CallState.LIVE and part.pbx in self._up
            for part in self.forest.tree(known)
        )

    def _own(self, known: Known, event: CallEvent, now: float) -> list[Said]:
        known.said, known.shown = True, self.forest.whole(known)
        self._let_go(known, now)
        return [Said(event=replace(event, record=known.shown), alone=self._is_alone(known))]

    def _is_alone(self, known: Known) -> bool:
        """Whether the other PBX tells, or will tell, of the same call itself."""
        root = self.forest.ends.get(known.pbx, known.record.linkedid)
        return root is not None and (root.peer in self._up or root.peer in self._keepers)

    def _release(self, known: Known, now: float) -> list[Said]:
        root = self.forest.ends.get(known.pbx, known.record.linkedid)
        if root is not None and known.held and not known.said:
            joined = self._guess(root, known.held[0].at, now)
            if joined:
                return joined
        known.due, held, known.held = None, known.held, []
        said: list[Said] = []
        for event in held:
            part = self.forest.known.get(event.record.id, known)
            if part is known:
                said += self._own(known, event, now)
            else:
                said += self._of_part(known, part, event, now)
        return said

    def _of_part(self, top: Known, part: Known, event: CallEvent, now: float) -> list[Said]:
        """Tell what happened in a part as something that happened to the whole."""
        if top.due is not None:
            if top.record.state is CallState.LIVE:
                top.held.append(event)
                return []
            return [] if self._is_unfinished(top) else self._release(top, now)
        if top.record.state is not CallState.LIVE or not isinstance(
            event, LegDialled | LegAlerting | LegAnswered | LegClosed
        ):
            return self._changed(top, event.at, now)
        top.shown = self.forest.whole(top)
        told = replace(
            event,
            record=top.shown,
            extension=seen_from(event.extension, at=part.pbx, home=top.pbx),
            ring_no=_ring_no(top, part, event.extension, event.ring_no),
        )
        return [Said(event=told)]

    def _changed(self, top: Known, at: datetime, now: float) -> list[Said]:
        """Say what is new about the whole, if anything is."""
        record = self.forest.whole(top)
        if record.state is CallState.ENDED:
            self._let_go(top, now)
        if not top.said or top.due is not None or record == top.shown:
            return []
        if record.state is CallState.LIVE:
            top.shown = record
            return [Said(event=CallUpdated(at=at, record=record))]
        top.extra += 1
        top.shown = self.forest.whole(top)
        return [Said(event=CallAmended(at=at, record=top.shown), alone=self._is_alone(top))]

    def _let_go(self, top: Known, now: float) -> None:
        """Forget a call and its parts once all of them are over and late facts are in."""
        if self.forest.is_over(top):
            for part in self.forest.family(top):
                part.forget_at = now + REMEMBERED_S

    def _join(self, end: End, at: datetime, now: float) -> list[Said]:
        """Make one call of two; which one goes on is told by where each end stands."""
        ends = (end, end.other) if end.other is not None else ()
        for one in ends:
            known = self.forest.known.get(one.call) if one.call is not None else None
            top = self.forest.top(known) if known is not None else None
            if known is not None and top is not None and top is not known and not known.merged:
                return self._absorb(top, known, at, now)
        return []

    def _guess(self, end: End, at: datetime, now: float) -> list[Said]:
        """Join the halves of a call that was over too soon, if there is no doubt which they are."""
        other = self.forest.guess(end) if end.other is None else None
        if other is None:
            return []
        self.forest.ends.pair(end, other)
        return self._join(end, at, now)

    def _absorb(self, top: Known, part: Known, at: datetime, now: float) -> list[Said]:
        part.merged, part.due = True, None
        held, part.held = part.held, []
        merger = _merger(part.record, top.record.id, at)
        said = [Said(event=merger, aside=not part.said)]
        if part.said:
            said += self._announce(top, part, at)
        for event in held:
            of = self.forest.known.get(event.record.id, part)
            said += self._of_part(top, of, event, now)
        return said + self._changed(top, at, now)

    def _announce(self, top: Known, part: Known, at: datetime) -> list[Said]:
        """Offer the phones of a part the pop of the whole: theirs has just been closed."""
        if top.record.state is not CallState.LIVE or top.due is not None:
            return []
        phones = self.forest.tables[part.pbx].phones(part.record.id)
        caller = part.record.caller.number
        if caller and not any(one is part for one in self.forest.tree(top)):
            # Its own initiator now talks in the other PBX's call, without having been rung.
            phones = (SeenPhone(extension=caller, ring_no=0, does=PhoneDoes.TALKS),)
        top.shown = record = self.forest.whole(top)
        return [Said(event=_seen(top, part, phone).told(record, at)) for phone in phones]

    def _merged(self, known: Known, event: CallMerged, now: float) -> list[Said]:
        """Follow a merger inside one PBX: what went on at others goes with it."""
        forest = self.forest
        survivor = forest.note(forest.tables[known.pbx].record(event.into) or event.record)
        parts = [child for _, child in forest.children(known)]
        moved = forest.ends.of(known.record.id)
        for end in moved:
            forest.ends.give(end, event.into)
        top = forest.top(survivor)
        known.forget_at, known.due, known.held = now + REMEMBERED_S, None, []
        said: list[Said] = []
        if not known.merged:
            known.merged = True
            record = replace(event.record, merged_into=top.record.id)
            merger = CallMerged(at=event.at, record=record, into=top.record.id)
            said.append(Said(event=merger, aside=not known.said))
        if top is survivor:
            survivor.said = True
        elif not survivor.merged:
            said += self._absorb(top, survivor, event.at, now)
        for part in parts:
            said += self._announce(top, part, event.at)
        for end in moved:
            said += self._join(end, event.at, now)
        return said


def _seen(top: Known, part: Known, phone: SeenPhone) -> SeenPhone:
    """Return a phone of a part as the whole call names it and counts its rings."""
    return replace(
        phone,
        extension=seen_from(phone.extension, at=part.pbx, home=top.pbx),
        ring_no=_ring_no(top, part, phone.extension, phone.ring_no),
    )


def _ring_no(top: Known, part: Known, extension: str, ring_no: int) -> int:
    """Return the number of a phone's ring within the whole call; 0 stays: it was never dialled."""
    if not ring_no:
        return 0
    label = seen_from(extension, at=part.pbx, home=top.pbx)
    key = f"{part.record.id} {extension} {ring_no}"
    if key not in top.rings:
        top.rings[key] = top.rings[label] = top.rings.get(label, 0) + 1
    return top.rings[key]


def _merger(record: CallRecord, into: CallId, at: datetime) -> CallMerged:
    """Return how a call ends that turned out to be part of another one."""
    ended = replace(
        record,
        state=CallState.ENDED,
        end=record.end or EndKind.SEEN,
        ended_at=record.ended_at or at,
        merged_into=into,
        outcome=None,
        ended_by=None,
    )
    return CallMerged(at=at, record=ended, into=into)
