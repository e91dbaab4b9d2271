"""Whoever's phone rings or has the customer sees the same card after a restart of the daemon."""

from collections.abc import Iterable

import pytest
from support.recorded import NAMES, OWN_NAMES, PLAN, inputs_of

from gateway.core.events import (
    CallEnded,
    CallEvent,
    CallMerged,
    LegAlerting,
    LegAnswered,
    LegClosed,
    LegDialled,
    Output,
)
from gateway.core.ids import CallId
from gateway.core.phones import PhoneDoes
from gateway.core.table import CallTable

# What a gap hides no events tell.
WHOLE = [name for name in (*NAMES, *OWN_NAMES) if not name.startswith("gap-")]
Card = tuple[CallId, str, int]
DOES = {
    LegDialled: PhoneDoes.DIALLED,
    LegAlerting: PhoneDoes.ALERTS,
    LegAnswered: PhoneDoes.TALKS,
}
# A card outlives its phone by the moment until the PBX tells that a hand-over was made, and a
# consultation's card is forgotten at a restart (Leg.consulted).
RINGS = {PhoneDoes.DIALLED, PhoneDoes.ALERTS}


def keep(cards: dict[Card, PhoneDoes], outputs: Iterable[Output]) -> None:
    """Follow the cards on the pages as the desk does."""
    for one in outputs:
        if isinstance(one, LegDialled | LegAlerting | LegAnswered):
            cards[one.record.id, one.extension, one.ring_no] = DOES[type(one)]
        elif isinstance(one, LegClosed):
            cards.pop((one.record.id, one.extension, one.ring_no), None)
        elif isinstance(one, CallEnded | CallMerged):
            for card in [card for card in cards if card[0] == one.record.id]:
                del cards[card]


@pytest.mark.parametrize("name", WHOLE)
def test_restart_at_any_event_shows_the_same_ringing_phones(name: str) -> None:
    """An agent who opens the page again while the phone rings must see who is calling."""
    before, cards, calls = CallTable("pbx", PLAN), dict[Card, PhoneDoes](), set[CallId]()
    for item in inputs_of(name):
        outputs = before.apply(item)
        keep(cards, outputs)
        calls |= {one.record.id for one in outputs if isinstance(one, CallEvent)}
        after = CallTable("pbx", PLAN)
        after.restore([before.dump(call) for call in calls])
        found = {
            (record.id, phone.extension, phone.ring_no): phone.does
            for record in after.live()
            for phone in after.phones(record.id)
        }
        ringing = {card: does for card, does in cards.items() if does in RINGS}
        assert {card: does for card, does in found.items() if does in RINGS} == ringing
        talking = {card for card, does in found.items() if does is PhoneDoes.TALKS}
        assert talking <= {card for card, does in cards.items() if does is PhoneDoes.TALKS}
