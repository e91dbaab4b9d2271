"""What is kept of a card from one ring to the next is never behind what it was made of."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Final

import orjson
import pytest
from support.desk import MARTA, START, inbound

from gateway.core.handoff import Handoff
from gateway.core.history import (
    Background,
    Channel,
    MissedCustomer,
    Promise,
    TimelineItem,
    TimelineKind,
)
from gateway.core.matching import MatchResult
from gateway.core.provenance import Attestation, Provenance
from gateway.core.record import Direction, MatchKind, Seconds, Transfer, TransferType
from gateway.core.situation import Situation
from gateway.desk.briefing import Briefer
from gateway.desk.composition import compose
from gateway.desk.house import CalledLine, House
from gateway.desk.tracked import Calls, Pop, Tracked
from gateway.store.ticks import APOLOGISE, Tick

SOON: Final = START + timedelta(seconds=30)
WAITED: Final = START - timedelta(minutes=5)
MOVE: Final = Transfer(type=TransferType.BLIND, from_party="1", to_party="2", completed=True)
PROMISE: Final = Promise(
    id="p-1", contact_id="c-1", e164=None, text="x", due_at=SOON, made_by="luca", made_at=START
)
MISSED: Final = MissedCustomer(
    id="m-1", contact_id="c-1", e164="+39", attempts=1, first_at=WAITED, last_at=WAITED
)
EARLIER: Final = TimelineItem(
    kind=TimelineKind.CALL, id="c", at=WAITED, channel=Channel.CALL, pbx="hq", extensions=("1002",)
)
KNOWN: Final = MatchResult(kind=MatchKind.EXACT, contact=MARTA)
Change = Callable[[Tracked], None]


def record(**changes: object) -> Change:
    """Return what brings a call to another record."""

    def change(tracked: Tracked) -> None:
        tracked.record = replace(tracked.record, **changes)  # type: ignore[arg-type]  # any field

    return change


def known(name: str, value: object) -> Change:
    """Return what brings the desk to know something else of a call."""
    return lambda tracked: setattr(tracked, name, value)


CHANGES: Final[dict[str, Change]] = {
    "result": known("result", KNOWN),
    "pending": known("pending", value=True),
    "past": known("past", Background(items=(EARLIER,))),
    "promise": known("past", Background(promises=(PROMISE,))),
    "missed": known("past", Background(missed=MISSED)),
    "calls before": known("past", Background(inbound=(WAITED, START - timedelta(minutes=9)))),
    "note": known("handoffs", (Handoff(at=START, by="sara", reason="r", said=("s",)),)),
    "provenance": known("provenance", Provenance(attestation=Attestation.FAILED)),
    "apology": known("apology", Tick(kind=APOLOGISE, by="anna", at=START)),
    "wait": known("waiting_since", WAITED),
    "wait until the answer": record(seconds=Seconds(wait=130.0)),
    "line": record(line="Assistenza"),
    "hand-overs": record(transfers=(MOVE, MOVE)),
    "queue": record(queue="Vendite"),
}


@pytest.mark.parametrize("first", CHANGES)
@pytest.mark.parametrize("second", CHANGES)
def test_card_tells_all_that_is_new_of_a_call(first: str, second: str) -> None:
    """A card kept too long tells an agent something wrong about who is speaking."""
    phones = {"1001": ("anna",), "1002": ("luca",)}
    house = House(lines={"Assistenza": CalledLine(label="Assistenza", greeting="Buongiorno.")})
    briefer = Briefer(
        calls=Calls(), who_has=lambda _pbx, extension: phones.get(extension, ()), house=house
    )
    tracked = Tracked(record=inbound(), at=START)
    pop = Pop(extension="1001", ring_no=1, at=START)
    compose(tracked, pop, briefer)
    for name in (first, second):
        before = tracked.apologised_at
        CHANGES[name](tracked)
        tracked.apologised_at = START if name == "apology" else before
        tracked.at += timedelta(seconds=2)  # a wait may be a second behind
        kept = orjson.loads(b"".join(compose(tracked, pop, briefer)))
        tracked.card = None
        assert kept == orjson.loads(b"".join(compose(tracked, pop, briefer))), name
    phones["1002"] = ("sara",)
    kept = orjson.loads(b"".join(compose(tracked, pop, briefer)))
    tracked.card = None
    assert kept == orjson.loads(b"".join(compose(tracked, pop, briefer)))


def test_card_of_which_nothing_changed_is_the_same_bytes() -> None:
    """Else nothing of it would be kept, and what the test above holds would hold by itself."""
    briefer = Briefer(calls=Calls(), who_has=lambda _pbx, _extension: (), house=House())
    tracked = Tracked(record=inbound(), at=START, result=KNOWN)
    first = compose(tracked, Pop(extension="1001", ring_no=1, at=START), briefer)
    card = tracked.card
    assert card is not None
    tracked.at += timedelta(seconds=30)
    second = compose(tracked, Pop(extension="1002", ring_no=1, at=START), briefer)
    assert tracked.card is card
    # the frames of both, kept for pages that come back, hold it once
    assert [any(piece is card.data for piece in pieces) for pieces in (first, second)] == [
        True,
        True,
    ]


def test_store_that_knows_but_the_call_itself_tells_of_nothing_before() -> None:
    """It has the call already when it is asked, and a card is not made anew for that."""
    own = replace(EARLIER, id="own", at=START)
    assert Background(items=(own,), inbound=(START,)).before("own", START) == Background()
    both = Background(items=(own, EARLIER), inbound=(START, WAITED), promises=(PROMISE,))
    left = Background(items=(EARLIER,), inbound=(WAITED,), promises=(PROMISE,))
    assert both.before("own", START) == left
    assert left.before("own", None) is left


def test_all_that_cues_and_advice_are_read_from_is_looked_at() -> None:
    """Whoever adds a fact to a situation has to add it to what a kept card is compared by."""
    assert {one.name for one in fields(Situation)} == {
        *("record", "now", "contact", "match", "candidates", "background", "handover"),
        *("ignored", "waiting_since", "apologised_at", "attestation", "language", "line_language"),
    }


def test_call_of_the_other_direction_has_no_calls_before() -> None:
    """We called them: that they called thrice is no cue."""
    briefer = Briefer(calls=Calls(), who_has=lambda _pbx, _extension: (), house=House())
    past = Background(inbound=(WAITED, START - timedelta(minutes=9)))
    tracked = Tracked(record=inbound(), at=START, past=past)
    pop = Pop(extension="1001", ring_no=1, at=START)
    (cue,) = orjson.loads(b"".join(compose(tracked, pop, briefer)))["cues"]
    assert cue["kind"] == "several_calls"
    tracked.record = replace(tracked.record, direction=Direction.OUTBOUND)
    assert orjson.loads(b"".join(compose(tracked, pop, briefer)))["cues"] == []
