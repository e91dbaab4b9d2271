"""Which calls of several PBXs are one: a tree, the call that dialled at its root."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.core.events import CallEvent
from gateway.core.grafting import graft, seen_from
from gateway.core.ids import CallId
from gateway.core.peers import End, Ends
from gateway.core.peerview import PeerTable, Stages
from gateway.core.record import CallRecord, CallState

# Both ends of a dialog are met within this time; the two links may be of different speed.
AT_ONCE_S: Final = 1.0


@dataclass(slots=True)
class Known:
    """A call with a leg to or from another PBX; `record` is the last one its own table told.

    `said` once it was told as a call of its own, `shown` is what was told last; `held` are events
    that wait until `due`. `rings` numbers the rings of phones behind other PBXs.
    """

    pbx: str
    record: CallRecord
    stages: Stages = ()
    said: bool = False
    merged: bool = False
    shown: CallRecord | None = None
    extra: int = 0
    held: list[CallEvent] = field(default_factory=list)
    due: float | None = None
    forget_at: float | None = None
    rings: dict[str, int] = field(default_factory=dict)


class Forest:
    """The calls that have a leg to or from another PBX, and the ends that join them."""

    def __init__(self, tables: Mapping[str, PeerTable]) -> None:
        self.tables = tables
        self.ends = Ends()
        self.known: dict[CallId, Known] = {}

    def is_concerned(self, record: CallRecord) -> bool:
        """Whether a call came from another PBX, or went to one."""
        if record.id in self.known or self.ends.get(record.pbx, record.linkedid) is not None:
            return True
        return bool(self.ends.of(record.id))

    def note(self, record: CallRecord) -> Known:
        """Keep what the call's own table says of it now."""
        known = self.known.get(record.id)
        if known is None:
            known = self.known[record.id] = Known(pbx=record.pbx, record=record)
            root = self.ends.get(record.pbx, record.linkedid)
            if root is not None:
                self.ends.give(root, record.id)
        known.record = record
        stages = self.tables[record.pbx].stages(record.id)
        if stages is not None:
            known.stages = stages
        return known

    def place(self, end: End) -> None:
        """Find out which call an end belongs to, if its table knows."""
        call = self.tables[end.pbx].call_of(end.channel)
        if call is None:
            return
        self.ends.give(end, call)
        if call not in self.known:
            record = self.tables[end.pbx].record(call)
            if record is not None:
                self.note(record).said = not end.root

    def resume(self, known: Known, ends: Collection[End]) -> None:
        """Take over a call of an earlier run; two ends of one dialog find each other again."""
        call = known.record.id
        self.known[call] = known
        known.stages = self.tables[known.pbx].stages(call) or ()
        for end in ends:
            self.ends.add(end)
            self.ends.give(end, call)
            if end.dialog:
                self.ends.tell(end, end.dialog)

    def forget(self, call: CallId) -> None:
        """Let go of a call that is over."""
        self.known.pop(call, None)
        for end in self.ends.of(call):
            self.ends.forget(end)

    def parent(self, known: Known) -> Known | None:
        """Return the call that this one is part of.

        A call is part of the one whose leg led to it. Where that leg ended up in another call of
        the other PBX, the call that dialled it was taken over there.
        """
        for end in self.ends.of(known.record.id):
            other = end.other
            over_there = self.known.get(other.call) if other is not None and other.call else None
            if other is None or over_there is None:
                continue
            taken_over = other.root and not is_root(other, over_there)
            if is_root(end, known) or taken_over:
                return over_there
        return None

    def top(self, known: Known) -> Known:
        """Return the call that tells of this one: itself, if it is part of no other."""
        seen = {known.record.id}
        while True:
            parent = self.parent(known)
            if parent is None or parent.record.id in seen:
                return known
            seen.add(parent.record.id)
            known = parent

    def children(self, known: Known) -> Iterator[tuple[End, Known]]:
        """Yield the calls that legs of this one led to, each with its leg."""
        for end in self.ends.of(known.record.id):
            other = end.other
            if other is None or other.call is None or is_root(end, known):
                continue
            child = self.known.get(other.call)
            if child is not None and child is not known and is_root(other, child):
                yield end, child

    def tree(self, known: Known, seen: set[CallId] | None = None) -> Iterator[Known]:
        """Yield a call and all that are part of it."""
        seen = {known.record.id} if seen is None else seen
        yield known
        for _, child in self.children(known):
            if child.record.id not in seen:
                seen.add(child.record.id)
                yield from self.tree(child, seen)

    def whole(self, known: Known, seen: frozenset[CallId] = frozenset()) -> CallRecord:
        """Return the record of a call with what became of it on other PBXs."""
        table, call = self.tables[known.pbx], known.record.id
        record = known.record if known.record.merged_into else table.record(call) or known.record
        seen |= {call}
        fars = {
            end.channel: self.whole(child, seen)
            for end, child in self.children(known)
            if child.record.id not in seen
        }
        stages = table.stages(call) or known.stages
        found = graft(record, stages, fars, sure=self._is_sure(known))
        return replace(found, revision=record.revision + known.extra)

    def _is_sure(self, known: Known) -> bool:
        """Whether it is known what became of every leg that went to another PBX, or who called."""
        stages = self.tables[known.pbx].stages(known.record.id) or known.stages
        talked = {leg.channel for stage in stages for leg in stage if leg.talked}
        return not any(
            end.doubtful or end.channel in talked or is_root(end, known)
            for end in self.ends.of(known.record.id)
            if end.other is None
        )

    def guess(self, end: End) -> End | None:
        """Return the only end that can be the other one of a dialog that was over too soon to ask.

        Same trunk, same moment, same number; one that knows of another dialog is none.
        """
        found = [
            one
            for one in self.ends.alone_towards(end.pbx)
            if one.pbx == end.peer
            and one.root is not end.root
            and not (one.dialog and end.dialog)
            and abs(one.met_at - end.met_at) < AT_ONCE_S
            and self._is_same_number(*((one, end) if end.root else (end, one)))
        ]
        settled = all(one.mute or one.dialog for one in (end, *found))
        return found[0] if len(found) == 1 and settled else None

    def _is_same_number(self, near: End, far: End) -> bool:
        """Whether what one end dialled is what was called at the other."""
        one = self.known.get(near.call) if near.call is not None else None
        two = self.known.get(far.call) if far.call is not None else None
        if one is None or two is None:
            return False
        called = seen_from(two.record.called.number or "", at=far.pbx, home=near.pbx)
        stages = self.tables[near.pbx].stages(one.record.id) or one.stages
        legs = (leg for stage in stages for leg in stage)
        return any(leg.channel == near.channel and leg.label == called for leg in legs)

    def family(self, known: Known) -> tuple[Known, ...]:
        """Return a call, its parts, and the calls of other PBXs that were taken over into it."""
        parts = tuple(self.tree(known))
        taken = (
            self.known.get(end.other.call)
            for part in parts
            for end in self.ends.of(part.record.id)
            if end.other is not None and end.other.call is not None
        )
        others = {one.record.id: one for one in taken if one is not None}
        return tuple({**{one.record.id: one for one in parts}, **others}.values())

    def is_over(self, known: Known) -> bool:
        """Whether a call has ended, here and everywhere."""
        return all(one.record.state is CallState.ENDED for one in self.family(known))


def is_root(end: End, known: Known) -> bool:
    """Whether a call came in through this end."""
    return end.root and end.channel == known.record.linkedid and end.pbx == known.pbx
