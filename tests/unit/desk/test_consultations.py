"""What the page of a consulted colleague is sent, from the PBX's events on."""

import pytest
from support.desk import START, DeskBench
from support.story import TALKS, Story, consults

from gateway.core.events import CallEvent
from gateway.core.handoff import Handoff

# 1001 has the customer on hold and consults Luca's phone (C) behind a relay of the PBX.
CONSULTS = consults("1002")
ANSWERS = """
6.0 state C up
6.0 dialend C answered
6.0 enter Z C
6.0 enter Z L2
"""
COMPLETES = """
8.0 leave Y L1
8.0 enter X L1
8.0 leave Y B
8.0 attended B B
8.0 gone B
"""
CANCELS = """
8.0 leave Z C
8.0 gone C
8.0 gone L2
8.0 leave Y L1
8.0 leave Y B
8.0 enter X B
8.0 gone L1
"""
RINGS_OUT = "9.0 dialend C\n9.0 gone C cause=0\n9.0 gone L2\n9.0 leave Y B\n9.0 enter X B\n"
ENDS = "20.0 bye A\n20.0 leave X A\n20.0 gone A\n"
# The same by the phone itself: a call of its own (O), joined with the first one.
OWN_CALL = """
4.0 new O PJSIP/1001-4 Ring num=1001 exten=1002
4.1 new C PJSIP/1002-3 Down of=O exten=s
4.1 dial O C exten=1002 number=1002
4.2 rings C
6.0 dialend C answered
6.0 enter Z C
6.0 enter Z O
"""
JOINED = """
8.0 attended B O
8.0 leave X B
8.0 leave Z C
8.0 enter X C
8.0 gone B
8.0 gone O
"""
HUNG_UP = "8.0 bye C\n8.0 leave Z C\n8.0 gone C\n8.0 gone O\n"

NOTE = Handoff(at=START, by="anna", extension="1001", reason="Card refused since nine")


async def frames(*parts: str) -> list[dict[str, object]]:
    """Return the pop frames that Luca is sent in the course of a story, a note with each call."""
    bench, story = DeskBench(), Story(TALKS)
    first = story.record().id
    heard = 0
    for part in ("", *parts):
        story.play(part)
        for event in story.said[heard:]:
            if isinstance(event, CallEvent):
                bench.desk.handle(event)
        heard = len(story.said)
        if not part:
            bench.desk.note(first, NOTE)
    return [frame for frame in await bench.sent("luca") if frame["type"].startswith("pop.")]


def shortened(sent: list[dict[str, object]]) -> list[str]:
    """Return the frames' types, with the reason of those that have one."""
    found: list[str] = []
    for frame in sent:
        data = frame["data"]
        assert isinstance(data, dict)
        kind = str(frame["type"]).removeprefix("pop.")
        found.append(f"{kind} {data['reason']}" if "reason" in data else kind)
    return found


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((ANSWERS, COMPLETES, ENDS), ["answered", "answered"]),
        ((ANSWERS, CANCELS, ENDS), ["answered", "closed answered_elsewhere"]),
        ((ANSWERS, ENDS), ["answered", "closed caller_left"]),
        ((RINGS_OUT, ENDS), ["closed timeout"]),
        ((ENDS,), ["closed caller_left"]),
    ],
    ids=["completed", "cancelled", "left", "unanswered", "left-ringing"],
)
async def test_card_of_a_consulted_colleague_rings_talks_and_goes(
    parts: tuple[str, ...], expected: list[str]
) -> None:
    """No card says that a phone rings which does not, or outlives what it is about."""
    sent = await frames(CONSULTS, *parts)
    assert shortened([one for one in sent if one["type"] != "pop.updated"]) == [
        "offered",
        *expected,
    ]


async def test_note_is_on_the_card_before_and_while_they_consult() -> None:
    """Whoever is asked knows what was done, and still does when the customer is theirs."""
    sent = await frames(CONSULTS, ANSWERS, COMPLETES)
    assert len(sent) >= 3
    for frame in sent:
        data = frame["data"]
        assert isinstance(data, dict)
        assert data["handoff"]["reason"] == NOTE.reason
        assert data["contact"]["name"] == "Marta Bellandi"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((JOINED, ENDS), ["offered", "answered", "closed transferred", "offered", "answered"]),
        ((HUNG_UP, ENDS), ["offered", "answered"]),
    ],
    ids=["completed", "cancelled"],
)
async def test_consultation_by_the_phone_is_a_call_of_its_own(
    parts: tuple[str, ...], expected: list[str]
) -> None:
    """Its card goes with that call, whose end says so, or becomes the customer's."""
    sent = await frames(OWN_CALL, *parts)
    assert shortened([one for one in sent if one["type"] != "pop.updated"]) == expected
