"""For whom the CRMs are asked beside the pop, and for whom never."""

from dataclasses import replace
from typing import Any

import pytest
from support.crm_records import MORNING, answered

from crm_sync.mirror.strangers import Strangers
from gateway.core.events import CallUpdated
from gateway.core.marks import Mark, MarkKind
from gateway.core.matching import MatchResult
from gateway.core.numbers import PhoneNumber
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    MatchKind,
    Party,
    Presentation,
)
from gateway.store.mirror import MirrorBusy

STRANGER = Party(number="3331234567", e164="+393331234567", name="X")
NOBODY = MatchResult(kind=MatchKind.NONE)
OURS = "+390299991001"


class Desk:
    """What strangers were looked up."""

    def __init__(self, result: MatchResult | None = NOBODY) -> None:
        self.result = result
        self.asked: list[str] = []
        self.strangers = Strangers(self.find, self.asked.append, self.own)

    def find(self, _number: PhoneNumber) -> MatchResult:
        """Answer as the directory."""
        if self.result is None:
            raise MirrorBusy("The local copy of the directory is being made.")
        return self.result

    def own(self, e164: str) -> str | None:
        """Know our own number."""
        return "office" if e164 == OURS else None

    def hear(self, record: CallRecord) -> list[str]:
        """Let an event of a call happen."""
        self.strangers.observe(CallUpdated(at=MORNING, record=record))
        return self.asked


RINGING = replace(answered(), state=CallState.LIVE, contact=None, caller=STRANGER)


def test_a_stranger_is_looked_up_once_for_each_call() -> None:
    """A call has dozens of events."""
    desk = Desk()
    desk.hear(RINGING)
    assert desk.hear(RINGING) == ["+393331234567"]
    assert desk.hear(replace(RINGING, id=answered("other.1").id)) == ["+393331234567"] * 2


def test_the_number_called_is_looked_up_too() -> None:
    """Whoever calls a customer back wants to see who it is."""
    called = Called(number="0612345678", e164="+390612345678")
    assert Desk().hear(replace(RINGING, direction=Direction.OUTBOUND, called=called)) == [
        "+390612345678"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": Direction.INTERNAL},
        {"state": CallState.ENDED},
        {"contact": ContactRef(id="1", name="Anna", match=MatchKind.EXACT)},
        {"caller": replace(STRANGER, presentation=Presentation.WITHHELD)},
        {"caller": Party(number="201", e164=None)},
        {"caller": Party(number=OURS, e164=OURS)},
    ],
)
def test_nobody_is_asked_about_these(changes: dict[str, Any]) -> None:
    """Known, ended, inside, withheld, short and our own numbers are no strangers."""
    assert Desk().hear(replace(RINGING, **changes)) == []


@pytest.mark.parametrize(
    "result",
    [
        MatchResult(kind=MatchKind.SEVERAL),
        replace(NOBODY, ignored=Mark(kind=MarkKind.IGNORED, e164="+39", by="anna", at=MORNING)),
        None,
    ],
)
def test_what_the_directory_knows_or_cannot_say_now_is_not_asked(
    result: MatchResult | None,
) -> None:
    """Ties are an agent's to choose; a busy directory will know at the next call."""
    assert Desk(result).hear(RINGING) == []
