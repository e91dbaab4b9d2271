"""What the card tells beside who it is: at once what is at hand, then what the store knows."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.desk import (
    LUCA,
    MARTA,
    START,
    DeskBench,
    alerting,
    answered,
    closed,
    dialled,
    inbound,
)

from gateway.core.events import CallEnded, CallEvent, CallUpdated, CloseReason
from gateway.core.handoff import Handoff
from gateway.core.history import Background, MissedCustomer, Promise, TimelineItem, TimelineKind
from gateway.core.history import Channel as By
from gateway.core.record import CallState, Outcome, Party, Presentation
from gateway.desk.house import CalledLine, House
from gateway.desk.pops import PopDesk, Recall
from gateway.store.ticks import APOLOGISE, Tick

PROMISE = Promise(
    id="p-1",
    contact_id="c-1",
    e164=None,
    text="Storno fattura 2214",
    due_at=START - timedelta(hours=17),
    made_by="luca",
    made_at=START - timedelta(days=2),
)
MISSED = MissedCustomer(
    id="m-1",
    contact_id="c-1",
    e164="+393331234567",
    attempts=2,
    first_at=START - timedelta(hours=5),
    last_at=START - timedelta(minutes=22),
    longest_wait_s=250.0,
    last_outcome=Outcome.ABANDONED,
    claimed_by="luca",
)
MAIL = TimelineItem(
    kind=TimelineKind.INTERACTION, id="i-1", at=START - timedelta(days=1), channel=By.MAIL
)
PAST = Background(items=(MAIL,), promises=(PROMISE,), missed=MISSED)


class Told:
    """A store that answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str | None]] = []
        self.waiting: list[Recall] = []

    def ask(self, contact: str | None, e164: str | None, now: datetime, tell: Recall) -> None:
        """Keep the question."""
        assert now.tzinfo is not None
        self.asked.append((contact, e164))
        self.waiting.append(tell)


@pytest.fixture(name="told")
def a_store() -> Told:
    """Give a store that answers when told."""
    return Told()


@pytest.fixture(name="bench")
def a_bench(told: Told) -> DeskBench:
    """Give a desk with a house, a store and hands that can do two things."""
    bench = DeskBench()
    line = CalledLine(label="Assistenza", greeting="Officine Riva, buongiorno.", language="it")
    bench.desk = PopDesk(
        bench.hub,
        bench.roster.who_has,
        bench.directory.find,
        overseers=bench.roster.overseers,
        past=told.ask,
        house=House(language="it", lines={"Assistenza": line}),
        actions=lambda _pbx, _extension, talks: ("hangup", "transfer") if talks else ("decline",),
    )
    return bench


async def test_call_itself_is_none_of_the_last_contacts(bench: DeskBench, told: Told) -> None:
    """The store has it already when the past is asked for."""
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    own = replace(MAIL, kind=TimelineKind.CALL, id=str(record.id), channel=By.CALL)
    told.waiting.pop()(replace(PAST, items=(own, MAIL)), None)
    pop = (await bench.sent("anna"))[-1]
    assert [item["id"] for item in pop["data"]["timeline"]] == ["i-1"]


async def test_past_arrives_after_the_pop_and_completes_it(bench: DeskBench, told: Told) -> None:
    """Who it is waits for nothing; what was before comes in the next frame."""
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    (pop,) = await bench.sent("anna")
    assert pop["data"]["timeline"] == []
    assert pop["data"]["first"]["kind"] == "listen"
    told.waiting.pop()(PAST, None)
    (pop,) = await bench.sent("anna")
    assert pop["type"] == "pop.updated"
    data = pop["data"]
    assert data["first"]["kind"] == "apologise"
    assert data["first"]["cause"] == "promise_broken"
    assert data["first"]["title"] == "A rischio. Prima cosa: scusarsi"
    assert data["first"]["sentence"].startswith("Ci scusi")
    assert [item["kind"] for item in data["open"]] == ["promise", "missed"]
    assert [item["id"] for item in data["timeline"]] == ["i-1"]
    kinds = [cue["kind"] for cue in data["cues"]]
    assert kinds[:3] == ["at_risk", "promise_broken", "gave_up"]


async def test_store_is_asked_once_for_all_rings_of_a_call(bench: DeskBench, told: Told) -> None:
    """Twenty phones of a queue are one question."""
    record = inbound(rung=(("1001", "1002"),))
    for extension in ("1001", "1002"):
        bench.desk.handle(dialled(record, extension))
        bench.desk.handle(alerting(record, extension))
    assert told.asked == [("c-1", "+393331234567")]


async def test_call_that_rings_nobody_of_ours_is_not_asked_about(
    bench: DeskBench, told: Told
) -> None:
    """A call through a phone without a user would read for nobody."""
    bench.desk.handle(dialled(inbound(queue=None), "1099"))
    assert told.asked == []


async def test_withheld_caller_has_no_past(bench: DeskBench, told: Told) -> None:
    """Nothing is looked up of whoever hides the number."""
    hidden = Party(number="anonymous", presentation=Presentation.WITHHELD)
    bench.desk.handle(dialled(inbound(caller=hidden), "1001"))
    (pop,) = await bench.sent("anna")
    assert told.asked == []
    assert pop["data"]["first"]["kind"] == "nothing"


async def test_apology_made_is_shown_and_no_longer_asked_for(bench: DeskBench, told: Told) -> None:
    """One click, for everybody who sees the card after."""
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    told.waiting.pop()(PAST, None)
    tick = Tick(kind=APOLOGISE, by="anna", at=START + timedelta(seconds=30))
    bench.desk.tick(record.id, tick)
    data = (await bench.sent("anna"))[-1]["data"]
    assert data["first"]["kind"] == "listen"
    assert data["first"]["done"] == {
        "kind": "apologise",
        "by": "anna",
        "at": "2026-11-21T09:00:30.000Z",
    }
    assert [said["kind"] for said in data["said"]] == ["apology_made"]


async def test_what_was_said_already_is_listed(bench: DeskBench) -> None:
    """Identity and answers that came with the call are not asked for again."""
    record = inbound(rung=(("1001",),))
    menu = Handoff(at=START, said=("Codice cliente 4711",), verified=True)
    bench.desk.handle(CallUpdated(at=START, record=record))
    bench.desk.note(record.id, menu)
    bench.desk.handle(dialled(record, "1001"))
    said = (await bench.sent("anna"))[-1]["data"]["said"]
    assert [(one["kind"], one["text"], one["by"]) for one in said] == [
        ("identity_verified", None, None),
        ("told", "Codice cliente 4711", None),
    ]


async def test_colleague_with_the_same_customer_is_named(bench: DeskBench, told: Told) -> None:
    """Two people of one company call about the same thing at the same time."""
    first = inbound("1.1", rung=(("1002",),), answered_by="1002", final_talker="1002")
    bench.desk.handle(answered(first, "1002"))
    colleague = replace(MARTA, id="c-2", name="Paolo Sala")
    bench.directory.entries["+393337654321"] = (colleague,)
    second = inbound("1.2", caller=Party(number="3337654321", e164="+393337654321"))
    bench.desk.handle(dialled(second, "1001"))
    (pop,) = [frame for frame in await bench.sent("anna") if frame["type"] == "pop.offered"]
    assert pop["data"]["colleagues"] == [
        {"login": LUCA.login, "extension": "1002", "why": "talking", "call_id": str(first.id)}
    ]
    told.waiting[-1](replace(PAST, promises=()), None)
    on_it = (await bench.sent("anna"))[-1]["data"]["colleagues"]
    assert [(one["login"], one["why"]) for one in on_it] == [
        ("luca", "talking"),
        ("luca", "claimed"),
    ]
    bench.desk.handle(CallEnded(at=START, record=replace(first, state=CallState.ENDED)))
    bench.desk.handle(alerting(second, "1001"))
    on_it = (await bench.sent("anna"))[-1]["data"]["colleagues"]
    assert [one["why"] for one in on_it] == ["claimed"]


async def test_line_greeting_and_wait_are_on_the_card(bench: DeskBench) -> None:
    """Which of our numbers was called, how it is answered, since when they wait."""
    bench.directory.entries.clear()
    record = inbound(line="Assistenza")
    bench.desk.handle(CallUpdated(at=START, record=record))
    bench.desk.handle(dialled(record, "1001"))
    data = (await bench.sent("anna"))[-1]["data"]
    assert data["line"]["label"] == "Assistenza"
    assert data["first"]["sentence"] == "Officine Riva, buongiorno."
    assert data["waiting_since"] == "2026-11-21T09:00:00.000Z"
    bench.desk.handle(answered(replace(record, answered_by="1001"), "1001"))
    assert (await bench.sent("anna"))[-1]["data"]["waiting_since"] is None


async def test_wait_that_grows_long_while_phones_ring_is_shown_at_the_next_ring(
    bench: DeskBench,
) -> None:
    """Time passes between two rings although nothing else changes; a card that closes stays."""
    record = inbound(caller=Party(number="0299", e164="+390299", name="X"))
    bench.desk.handle(CallUpdated(at=START, record=record))

    async def cues(event: CallEvent, seconds: float) -> list[str]:
        bench.desk.handle(replace(event, at=START + timedelta(seconds=seconds)))
        return [cue["kind"] for cue in (await bench.sent("anna"))[-1]["data"]["cues"]]

    assert await cues(dialled(record, "1001", 1), 1) == []
    assert await cues(dialled(record, "1001", 2), 119) == []
    assert await cues(closed(record, "1001", CloseReason.TIMEOUT), 121) == []
    assert await cues(dialled(record, "1001", 3), 122) == ["long_wait"]
    bench.desk.handle(replace(alerting(record, "1001", 3), at=START + timedelta(seconds=122.5)))
    assert await bench.sent("anna") == []  # not drawn again for a tenth of a second
    (renewed,) = await _renewed(bench, alerting(record, "1001", 3), 125)
    assert [cue["args"]["waited_s"] for cue in renewed["data"]["cues"]] == [125.0]


async def test_promise_that_falls_due_between_two_rings_is_broken_on_the_second(
    bench: DeskBench, told: Told
) -> None:
    """What was to be done by now must be apologised for now."""
    record = inbound()
    bench.desk.handle(dialled(record, "1001", 1))
    due = replace(PROMISE, due_at=START + timedelta(seconds=5))
    told.waiting.pop()(Background(promises=(due,)), None)
    (_, before) = await bench.sent("anna")
    (after,) = await _renewed(bench, dialled(record, "1001", 2), 6)
    found = [[cue["kind"] for cue in one["data"]["cues"]] for one in (before, after)]
    assert [kinds[1] for kinds in found] == ["promise_due", "promise_broken"]


async def _renewed(bench: DeskBench, event: CallEvent, seconds: float) -> list[dict[str, Any]]:
    bench.desk.handle(replace(event, at=START + timedelta(seconds=seconds)))
    return await bench.sent("anna")


async def test_actions_are_those_possible_now(bench: DeskBench) -> None:
    """A ringing call can be declined, a talk handed over."""
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    assert (await bench.sent("anna"))[-1]["data"]["actions"] == ["decline"]
    bench.desk.handle(answered(replace(record, answered_by="1001"), "1001"))
    assert (await bench.sent("anna"))[-1]["data"]["actions"] == ["hangup", "transfer"]


async def test_contact_created_during_the_call_reaches_the_card(
    bench: DeskBench, told: Told
) -> None:
    """The agent writes the new customer down while talking."""
    bench.directory.entries.clear()
    record = inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    await bench.sent("anna")
    bench.desk.look_again(record.id)
    assert await bench.sent("anna") == []
    bench.directory.entries["+393331234567"] = (MARTA,)
    bench.desk.look_again(record.id)
    frames = await bench.sent("anna")
    assert frames[0]["data"]["contact"]["name"] == "Marta Bellandi"
    assert told.asked == [(None, "+393331234567"), ("c-1", "+393331234567")]
