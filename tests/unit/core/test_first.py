"""What an agent is told before saying anything: the first thing, and the signs with reasons."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.desk import MARTA, START, inbound

from gateway.core.cues import Severity, cues
from gateway.core.first import FirstKind, first
from gateway.core.handoff import Handoff, together
from gateway.core.history import Background, MissedCustomer, Promise
from gateway.core.record import MatchKind, Outcome, Transfer, TransferType
from gateway.core.situation import Fault, Situation

CALM = replace(MARTA, at_risk=False, vip=False, formality="formal")
NOW = START + timedelta(seconds=10)


def situation(**changes: object) -> Situation:
    """Return Marta's call ten seconds in, nothing known against us."""
    plain = Situation(record=inbound(), now=NOW, contact=CALM, match=MatchKind.EXACT)
    return replace(plain, **changes)  # type: ignore[arg-type]


def promise(hours: float) -> Promise:
    """Return a call-back promised for so many hours from now."""
    return Promise(
        id="p-1",
        contact_id="c-1",
        e164=None,
        text="Storno",
        due_at=NOW + timedelta(hours=hours),
        made_by="luca",
        made_at=START - timedelta(days=1),
    )


def missed(minutes: float, outcome: Outcome = Outcome.ABANDONED) -> MissedCustomer:
    """Return that they called so many minutes ago and nobody answered."""
    at = NOW - timedelta(minutes=minutes)
    return MissedCustomer(
        id="m-1",
        contact_id="c-1",
        e164="+393331234567",
        attempts=1,
        first_at=at,
        last_at=at,
        longest_wait_s=250.0,
        last_outcome=outcome,
    )


def test_broken_promise_is_apologised_for_in_the_customers_form() -> None:
    """The sentence is ready to be said as it stands."""
    seen = situation(background=Background(promises=(promise(-17),)))
    told = first(seen)
    assert (told.kind, told.cause) == (FirstKind.APOLOGISE, "promise_broken")
    assert told.title == "Prima cosa: scusarsi"
    assert told.sentence is not None
    assert told.sentence.startswith("Ci scusi: dovevamo richiamarla")
    friend = replace(seen, contact=replace(CALM, formality="tu"))
    assert (first(friend).sentence or "").startswith("Scusaci: dovevamo richiamarti")
    foreign = replace(seen, contact=replace(CALM, language="en"))
    assert (first(foreign).sentence or "").startswith("I am sorry: we promised")
    assert first(foreign).title == "Prima cosa: scusarsi"


def test_apology_made_is_not_asked_for_again() -> None:
    """Until we are at fault anew."""
    seen = situation(background=Background(promises=(promise(-17),)))
    assert first(replace(seen, apologised_at=NOW)).kind is FirstKind.NOTHING
    earlier = replace(seen, apologised_at=NOW - timedelta(days=3))
    assert first(earlier).kind is FirstKind.APOLOGISE


def test_note_is_the_title_and_an_apology_the_sentence() -> None:
    """Hand-off and apology: both are said."""
    note = together((Handoff(at=NOW, by="anna", reason="Card refused since nine"),))
    told = first(situation(handover=note, background=Background(promises=(promise(-1),))))
    assert told.kind is FirstKind.HANDOFF
    assert told.title == "Card refused since nine"
    assert (told.sentence or "").startswith("Ci scusi: dovevamo")
    assert told.cause == "promise_broken"


def test_note_without_fault_says_that_nothing_need_be_repeated() -> None:
    """The opening that a hand-off is for."""
    note = together((Handoff(at=NOW, by="anna", reason="Card refused"),))
    told = first(situation(handover=note))
    assert "non deve ripetere" in (told.sentence or "")
    assert told.cause == "note"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, FirstKind.NOTHING),
        ({"contact": replace(CALM, vip=True)}, FirstKind.VIP),
        ({"contact": None, "match": MatchKind.SEVERAL, "candidates": 4}, FirstKind.WHO),
        ({"match": MatchKind.COMPANY}, FirstKind.WHO),
        ({"contact": replace(CALM, at_risk=True)}, FirstKind.LISTEN),
        ({"background": Background(promises=(promise(2),))}, FirstKind.PROMISE),
        ({"background": Background(missed=missed(22))}, FirstKind.APOLOGISE),
        (
            {"background": Background(missed=replace(missed(22), closed_attempts=1))},
            FirstKind.NOTHING,
        ),
        ({"contact": None, "match": MatchKind.NONE}, FirstKind.NOTHING),
    ],
)
def test_first_thing_follows_from_what_is_known(
    changes: dict[str, object], kind: FirstKind
) -> None:
    """One imperative, and the one that costs most to forget."""
    assert first(situation(**changes)).kind is kind


def test_faults_come_worst_first() -> None:
    """Of several apologies the gravest is said."""
    twice = tuple(
        Transfer(type=TransferType.BLIND, from_party="1001", to_party=to, completed=True, at=START)
        for to in ("1002", "1003")
    )
    days = tuple(START - timedelta(hours=hours) for hours in (2, 30))
    seen = situation(
        record=inbound(transfers=twice),
        waiting_since=NOW - timedelta(seconds=200),
        background=Background(promises=(promise(-1),), missed=missed(22), inbound=days),
    )
    assert seen.faults() == (
        Fault.PROMISE_BROKEN,
        Fault.BOUNCED,
        Fault.GAVE_UP,
        Fault.SEVERAL_CALLS,
        Fault.LONG_WAIT,
    )


def test_third_call_in_three_days_counts_this_one_and_no_older_ones() -> None:
    """Two calls this week and one a month ago are no third call."""
    hours = (2, 30, 200)
    seen = situation(
        background=Background(inbound=tuple(START - timedelta(hours=one) for one in hours))
    )
    assert seen.recent_calls == 3
    (cue,) = [cue for cue in cues(seen) if cue.kind == "several_calls"]
    assert cue.args == {"calls": 3, "days": 3}


def test_call_itself_in_the_history_is_counted_once() -> None:
    """The store may have the live call already."""
    own = situation().record.started_at
    assert own is not None
    assert situation(background=Background(inbound=(own,))).recent_calls == 1


def test_cues_carry_their_reasons_most_severe_first() -> None:
    """Each proves itself; three of them are seen at a glance."""
    seen = situation(
        contact=replace(MARTA, language="de"),
        background=Background(promises=(promise(-17),), missed=missed(22)),
        waiting_since=NOW - timedelta(seconds=130),
    )
    found = cues(seen)
    assert [cue.kind for cue in found] == [
        "at_risk",
        "promise_broken",
        "gave_up",
        "long_wait",
        "vip",
        "language",
        "form_of_address",
    ]
    assert [cue.severity for cue in found[:3]] == [Severity.RISK, Severity.RISK, Severity.WARN]
    assert found[2].args["waited_s"] == 250.0
    assert found[3].args == {"waited_s": 130.0}
    assert found[5].args == {"language": "de"}


def test_unknown_caller_has_no_cues() -> None:
    """Nothing is said of whom nothing is known."""
    assert cues(situation(contact=None, match=MatchKind.NONE)) == ()


def test_line_of_another_language_is_answered_in_it() -> None:
    """Nobody knows the caller, but they dialled the English number."""
    seen = situation(contact=None, match=MatchKind.COMPANY, line_language="en")
    assert first(seen).sentence == "Hello, who am I speaking with?"


def test_greeting_of_the_line_is_what_to_say_where_nothing_else_is() -> None:
    """Each brand answers in its own way."""
    told = first(situation(), greeting="Officine Riva, buongiorno.")
    assert (told.kind, told.sentence) == (FirstKind.NOTHING, "Officine Riva, buongiorno.")


def test_call_while_nobody_was_there_is_a_fact_and_no_fault() -> None:
    """Who called at night is not told that we let them wait, nor is anybody here."""
    night = replace(missed(22), closed_attempts=1)
    seen = situation(background=Background(missed=night))
    told = {cue.kind: cue.severity for cue in cues(seen)}
    assert told["called_closed"] is Severity.PLAIN
    assert not {"gave_up", "not_answered"} & told.keys()
    assert seen.faults() == ()
