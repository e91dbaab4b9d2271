"""What the desk remembers of a call: its last record, whose pops are open, who is the caller."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.core.handoff import Handoff
from gateway.core.history import Background
from gateway.core.ids import CallId
from gateway.core.matching import MatchResult
from gateway.core.numbers import PhoneNumber
from gateway.core.provenance import Provenance
from gateway.core.record import CallRecord, CallState, ContactRef, Direction
from gateway.desk.frames import encode_data
from gateway.desk.index import Index
from gateway.desk.shown import shown
from gateway.store.ticks import Tick

LIVE_LIMIT: Final = 20_000
ENDED_LIMIT: Final = 1_000

PopKey = tuple[str, int]
# Seqs by user, of nobody; most calls are told to few, and many to none.
NOBODY: Final[Mapping[str, int]] = {}


def _nobody() -> Mapping[str, int]:
    return NOBODY


@dataclass(slots=True)
class Pop:
    """One ring of one extension; the seqs are those of its last frames, by user.

    `told` tells the data of the last one from any other; `head` begins it, while the phone rings.
    """

    extension: str
    ring_no: int
    at: datetime
    offered: Mapping[str, int] = field(default_factory=_nobody)
    answered: Mapping[str, int] = field(default_factory=_nobody)
    answered_at: datetime | None = None
    told: int = 0
    head: bytes = b""


@dataclass(slots=True)  # not frozen, which would double the time to make one: never changed
class Card:
    """The part of a pop's `data` that stays from one ring of a call to the next, as JSON.

    `of` is all that it was made of at `at` but for time; `long` whether they had waited long by
    then, `moves` whether time alone may change it.
    """

    at: datetime
    of: tuple[object, ...]
    long: bool
    moves: bool
    data: bytes


@dataclass(slots=True)
class Tracked:
    """One call. `number` is what was looked up, `result` what the directory said.

    `pending` means that the directory was busy and the answer is still to come, `chosen` that a
    person said who it is. `past` is None until the store has told it, `past_of` whose it was asked
    for. `waiting_since` is when a queue was entered, None once somebody answered. `test`: a mystery
    call of our own. `provenance`: where the network says that it comes from.
    """

    record: CallRecord
    at: datetime
    number: PhoneNumber | None = None
    result: MatchResult | None = None
    pending: bool = False
    chosen: bool = False
    pops: dict[PopKey, Pop] = field(default_factory=dict)
    handoffs: tuple[Handoff, ...] = ()
    test: bool = False
    provenance: Provenance | None = None
    past: Background | None = None
    past_of: tuple[str | None, str | None] | None = None
    apologised_at: datetime | None = None
    apology: Tick | None = None
    waiting_since: datetime | None = None
    names: tuple[str, ...] = ()
    told: Mapping[str, int] = field(default_factory=_nobody)
    _shown: tuple[CallRecord, ContactRef | None, bytes] | None = None
    _seen: tuple[CallRecord, ContactRef | None, tuple[str, ...]] | None = None
    _named: tuple[MatchResult, ContactRef | None] | None = None
    card: Card | None = None
    live: bool = False

    def shown(self) -> bytes:
        """Return the record as pages are shown it, made once however many frames carry it."""
        contact, last = self.contact, self._shown
        if last is not None and last[0] is self.record and last[1] is contact:
            return last[2]
        data = encode_data(shown(self.record, contact))
        self._shown = (self.record, contact, data)
        return data

    def unseen(self, users: Collection[str]) -> Collection[str]:
        """Return those of some `users` whom the record as it is was not shown, and note them."""
        contact, last = self.contact, self._seen
        if last is None or last[0] is not self.record or last[1] is not contact:
            self._seen = (self.record, contact, tuple(users))
            return users
        news = [user for user in users if user not in last[2]]
        if news:
            self._seen = (self.record, contact, (*last[2], *news))
        return news

    def rest(self) -> None:
        """Let go of what was only needed to tell an event: of a quiet call the record is enough."""
        record = self.record
        answered = record.answered_by is not None
        if answered or not self.pops:
            self._shown = None
        if answered or record.state is CallState.ENDED:
            self.card = None  # until then one phone rings after the other
        if self._seen is not None and self._seen[0] is not record:
            self._seen = None

    @property
    def contact(self) -> ContactRef | None:
        """Return who the outside party is, for the record."""
        result, named = self.result, self._named
        if result is None:
            return None
        if named is None or named[0] is not result:
            self._named = named = (result, result.reference())
        return named[1]

    def pop(self, extension: str, ring_no: int, at: datetime) -> Pop:
        """Return the pop of a ring, made when it is first heard of."""
        known = self.pops.get((extension, ring_no))
        if known is None:
            known = self.pops[extension, ring_no] = Pop(extension=extension, ring_no=ring_no, at=at)
        return known


class Calls:
    """The calls of the desk: all live ones and the last thousand that ended.

    An ended call stays for late facts (they come within 2 s) and for the store to ask who it was.
    """

    def __init__(self) -> None:
        self._live: OrderedDict[CallId, Tracked] = OrderedDict()
        self._ended: OrderedDict[CallId, Tracked] = OrderedDict()
        # who of ours is on the line with somebody from outside, and who those are
        self._busy: Index[tuple[str, str]] = Index()
        self._customers: Index[str] = Index()
        self._last: Tracked | None = None

    def live(self) -> tuple[Tracked, ...]:
        """Return the live calls, oldest first."""
        return tuple(self._live.values())

    def get(self, call: CallId) -> Tracked | None:
        """Return a live or recently ended call."""
        last = self._last
        if last is not None and last.record.id is call:
            return last  # the events of a call come together, and ids are dear to look up by
        self._last = self._live.get(call) or self._ended.get(call)
        return self._last

    def follow(self, record: CallRecord, at: datetime, known: Tracked | None) -> Tracked:
        """Return the call of a record, brought up to date; new calls begin to be live."""
        tracked = known
        if tracked is None:
            tracked = Tracked(record=record, at=at)
            if record.state is CallState.ENDED:
                self.end(tracked)
            else:
                self._begin(tracked)
            _wait(tracked)
            return tracked
        before, tracked.at = tracked.record, at
        # of equal ones the first stays: what was made of it is known by it
        if record is not before and record != before:
            tracked.record = record
            if tracked.live and (record.answered_by or before.answered_by) is not None:
                self._seat(tracked, before)
            _wait(tracked)
        return tracked

    def know(self, tracked: Tracked) -> None:
        """Note who the outside party of a live call is, to find those who talk with the same."""
        if not tracked.live:
            return
        names = _names_of(tracked)
        if names == tracked.names:
            return
        self._forget(tracked)
        tracked.names = names
        for name in names:
            self._customers.add(name, tracked)

    def of_same_customer(self, tracked: Tracked) -> tuple[Tracked, ...]:
        """Return the live calls with the same person, company or number, oldest first."""
        if self._customers.are_only(tracked.names, tracked):
            return (tracked,)
        found: dict[CallId, Tracked] = {}
        for name in tracked.names:
            for one in self._customers.of(name):
                found.setdefault(one.record.id, one)
        return tuple(found.values())

    def _forget(self, tracked: Tracked) -> None:
        for name in tracked.names:
            self._customers.remove(name, tracked)

    def with_customer(self, pbx: str, extension: str) -> tuple[Tracked, ...]:
        """Return the live calls with the outside in which an extension is the one who talks."""
        return self._busy.of((pbx, extension))

    def _seat(self, tracked: Tracked, before: CallRecord) -> None:
        seat, old = _seat_of(tracked.record), _seat_of(before)
        if old is not None and old != seat:
            self._busy.remove(old, tracked)
        if seat is not None:
            self._busy.add(seat, tracked)

    def _begin(self, tracked: Tracked) -> None:
        self._live[tracked.record.id] = tracked
        tracked.live = True
        seat = _seat_of(tracked.record)
        if seat is not None:
            self._busy.add(seat, tracked)
        if len(self._live) > LIVE_LIMIT:
            self.end(next(iter(self._live.values())))

    def end(self, tracked: Tracked) -> None:
        """Move a call to the ended ones."""
        call = tracked.record.id
        self._live.pop(call, None)
        tracked.live = False
        seat = _seat_of(tracked.record)
        if seat is not None:
            self._busy.remove(seat, tracked)
        self._forget(tracked)
        self._ended[call] = tracked
        if len(self._ended) > ENDED_LIMIT:
            self._ended.popitem(last=False)
            self._last = None

    def forget_ended(self) -> None:
        """Let go of the calls that are over."""
        self._ended.clear()
        self._last = None


def _seat_of(record: CallRecord) -> tuple[str, str] | None:
    """Return which extension talks with the outside in this call; None if none does."""
    if record.direction is Direction.INTERNAL or record.answered_by is None:
        return None
    talker = record.caller.number if record.direction is Direction.OUTBOUND else record.final_talker
    return None if talker is None else (record.pbx, talker)


def _wait(tracked: Tracked) -> None:
    """Keep since when somebody waits in a queue for the first answer."""
    record = tracked.record
    if record.answered_by is not None or record.queue is None:
        tracked.waiting_since = None
    elif tracked.waiting_since is None:
        tracked.waiting_since = tracked.at


def _names_of(tracked: Tracked) -> tuple[str, ...]:
    """Return what the outside party is known by: person, company, number; () if withheld."""
    number, result = tracked.number, tracked.result
    if number is None or number.withheld:
        return ()
    names = [number.e164] if number.e164 is not None else []  # "+…", unlike those below
    contact = result.contact if result is not None else None
    if contact is not None:
        names.append(f"contact:{contact.id}")
        if contact.company:
            names.append(f"company:{contact.company.casefold()}")
    return tuple(names)
