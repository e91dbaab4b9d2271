"""Recorded streams as a bad line delivers them: events told again, late, or not at all."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from support.invariants import Witness
from support.recorded import PLAN, recording, settings

from adapters.asterisk.codec import Frame, Framer
from adapters.asterisk.replay import first_epoch, read_index
from adapters.asterisk.translate import WANTED, Translator
from gateway.core.events import CallEvent
from gateway.core.ids import CallId
from gateway.core.inputs import LinkDown, Snapshot, Tick
from gateway.core.record import CallRecord
from gateway.core.table import CallTable

Heard = tuple[datetime, Frame]
LATEST_S = 2.0


def heard(name: str, *, stamped: bool = False) -> list[Heard]:
    """Return the events of a recording with their arrival; `stamped` as with timestampevents."""
    ami, idx = recording(name)
    zero = first_epoch(ami)
    framer = Framer(WANTED)
    found: list[Heard] = []
    for segment in read_index(idx, ami):
        at = zero + timedelta(seconds=segment.at_s)
        found.extend((at, frame) for frame in framer.feed(segment.data))
    if not stamped:
        return found
    return [
        (at, stamp(frame, at + timedelta(microseconds=number)))
        for number, (at, frame) in enumerate(found)
    ]


def stamp(frame: Frame, at: datetime) -> Frame:
    """Return an event with the Timestamp header that `timestampevents` adds."""
    head, rest = frame.raw.split(b"\r\n", 1)
    raw = head + f"\r\nTimestamp: {at.timestamp():.6f}\r\n".encode() + rest
    return Frame(frame.name, raw, frame.end)


def told_again(events: list[Heard], seed: int, *, share: float = 0.2) -> list[Heard]:
    """Return a stream in which some events come a second time, up to two seconds late."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
    again = [
        (at + timedelta(seconds=chance.uniform(0, LATEST_S)), frame)
        for at, frame in events
        if chance.random() < share
    ]
    return sorted([*events, *again], key=lambda event: event[0])


def out_of_order(events: list[Heard], seed: int, *, share: float = 0.2) -> list[Heard]:
    """Return a stream in which some events arrive up to two seconds later than they happened."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
    late = [
        (at + timedelta(seconds=chance.uniform(0, LATEST_S)), frame)
        if chance.random() < share
        else (at, frame)
        for at, frame in events
    ]
    return sorted(late, key=lambda event: event[0])


def follow(events: Iterable[Heard], *, lost: bool = False) -> dict[CallId, CallRecord]:
    """Return every call's last record; `lost`: at the end a snapshot shows that nothing is up.

    Raises AssertionError if what is said on the way contradicts itself.
    """
    translator, table, witness = Translator(settings()), CallTable("pbx", PLAN), Witness()
    found: dict[CallId, CallRecord] = {}
    at: datetime | None = None
    for at, frame in events:
        for item in translator.translate(frame, at):
            witness.saw(item)
            told = table.apply(item)
            witness.heard(told)
            for said in told:
                if isinstance(said, CallEvent):
                    found[said.record.id] = said.record
    if at is None:
        return found
    end = at + timedelta(seconds=3)
    last = [LinkDown(at=end), Snapshot(at=end, requested_seq=translator.seq, channels=())]
    for item in (*(last if lost else ()), Tick(at=end + timedelta(seconds=10))):
        told = table.apply(item)
        witness.heard(told)
        for said in told:
            if isinstance(said, CallEvent):
                found[said.record.id] = said.record
    return found
