"""From a trunk's tale to call records, and its table in the configuration."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from adapters.sip import faults
from adapters.sip.plugin import plugin
from adapters.sip.ringing import End
from adapters.sip.settings import SipSettings
from adapters.sip.translate import Ringing, Translator
from gateway.core.events import (
    CallEnded,
    CallEvent,
    LegAnswered,
    LegClosed,
    LegDialled,
    Output,
)
from gateway.core.inputs import LinkDown
from gateway.core.mystery_mark import is_placed
from gateway.core.numbers import NumberPlan
from gateway.core.provenance import Attestation, CallTraced, DiversionReason, Provenance
from gateway.core.record import CallRecord, EndedBy, EndKind, Outcome
from gateway.core.table import CallTable
from gateway.runtime import loading as configuration
from gateway.runtime.plugins import AdapterPlugin, adapter

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
GIVEN = {"name": "p", "registrar": "sip.example.com", "username": "us", "secret": "s"}


def later(seconds: float) -> datetime:
    """Return a moment after the call began."""
    return START + timedelta(seconds=seconds)


def ringing(call: str = "c@h", *, withheld: bool = False) -> Ringing:
    """Return a call that begins to ring."""
    return Ringing(
        call=call,
        number="0612345678",
        name="Studio Verdi",
        withheld=withheld,
        called="+390299990000",
        began_at=START,
    )


def story(rings: tuple[str, ...], end: End, *, withheld: bool = False) -> list[Output]:
    """Return all that the call table says of one call that rings for eight seconds."""
    table, trunk = CallTable("p", NumberPlan("IT")), Translator("p", rings)
    items = trunk.began(ringing(withheld=withheld)) + trunk.stopped("c@h", end, later(8))
    return [output for item in items for output in table.apply(item)]


def record_of(outputs: list[Output]) -> CallRecord:
    """Return the record of the call's end."""
    (ended,) = (one for one in outputs if isinstance(one, CallEnded))
    return ended.record


def test_call_id_like_those_of_our_test_calls_is_a_customers() -> None:
    """Whoever calls chooses the Call-ID: nobody may be kept out of every list by it."""
    table, trunk = CallTable("p", NumberPlan("IT")), Translator("p", ("201",))
    items = trunk.began(ringing("fdtest-1@h"))
    assert trunk.began(ringing("fdtest-1@h")) == []
    items += trunk.stopped("fdtest-1@h", End.LEFT, later(8))
    record = record_of([output for item in items for output in table.apply(item)])
    assert not is_placed(record)
    assert record.outcome is Outcome.ABANDONED


def test_answered_elsewhere_is_answered_by_nobody_knows_whom() -> None:
    """Two phones ring: that one was answered is known, which and for how long is not."""
    outputs = story(("201", "202"), End.ELSEWHERE)
    record = record_of(outputs)
    assert (record.outcome, record.answered_by) == (Outcome.ANSWERED, None)
    assert (record.complete, record.end) == (False, EndKind.UNSEEN)
    assert (record.seconds.ring, record.seconds.talk, record.ended_at) == (8.0, None, None)
    assert {one.extension for one in outputs if isinstance(one, LegClosed)} == {"201", "202"}


def test_only_phone_beside_us_is_who_answered() -> None:
    """One person, one account: the pop stays with who talks now."""
    outputs = story(("201",), End.ELSEWHERE)
    assert record_of(outputs).answered_by == "201"
    assert [one.extension for one in outputs if isinstance(one, LegAnswered)] == ["201"]
    assert not any(isinstance(one, LegClosed) for one in outputs)


@pytest.mark.parametrize(
    ("end", "outcome", "ended_by"),
    [
        (End.LEFT, Outcome.ABANDONED, EndedBy.CALLER),
        (End.NOBODY, Outcome.MISSED, EndedBy.PBX),
    ],
)
def test_unanswered_call_is_complete(end: End, outcome: Outcome, ended_by: EndedBy) -> None:
    """Who gave up, the caller or the telephone system, is told by the CANCEL."""
    record = record_of(story(("201", "202"), end))
    assert (record.outcome, record.ended_by, record.complete) == (outcome, ended_by, True)
    assert record.rung == (("201", "202"),)
    assert (record.trunk, record.caller.e164) == ("p", "+390612345678")


def test_withheld_number_stays_withheld() -> None:
    """SIP itself tells it (Privacy): the record keeps that."""
    assert record_of(story(("201",), End.LEFT, withheld=True)).caller.presentation == "withheld"


def test_call_that_rings_on_while_the_link_is_away_is_taken_up_again() -> None:
    """The registration was lost for a while: the call and its pop go on."""
    table, trunk = CallTable("p", NumberPlan("IT")), Translator("p", ("201",))
    for item in trunk.began(ringing()):
        table.apply(item)
    table.apply(LinkDown(at=later(1)))
    table.apply(trunk.snapshot(later(2)))
    assert [record.state for record in table.live()] == ["live"]
    outputs = [
        output for item in trunk.stopped("c@h", End.LEFT, later(5)) for output in table.apply(item)
    ]
    assert record_of(outputs).outcome is Outcome.ABANDONED
    assert table.live() == ()


def test_name_with_markup_and_line_breaks_is_shown_as_plain_text() -> None:
    """Who writes his own name may write anything: it stays one line of text."""
    table, trunk = CallTable("p", NumberPlan("IT")), Translator("p", ("201",))
    evil = replace(ringing(), name="<script>alert(1)</script>\r\nX: y\x00\u202e")
    for item in trunk.began(evil):
        table.apply(item)
    assert [one.caller.name for one in table.live()] == ["<script>alert(1)</script> X: y"]


def test_end_of_an_unknown_call_means_nothing() -> None:
    """A child may tell again what its predecessor told."""
    trunk = Translator("p", ("201",))
    trunk.began(ringing())
    assert trunk.began(ringing()) == []
    trunk.stopped("c@h", End.LEFT, START)
    assert trunk.stopped("c@h", End.LEFT, START) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"registrar": ""}, "needs a registrar"),
        ({"username": ""}, "username is missing"),
        ({"secret": None}, "exactly one of secret"),
        ({"secret": "CHANGE_ME"}, "placeholder"),
        ({"listen": "0.0.0.0:0"}, "fixed port"),
        ({"listen": "5060"}, "fixed port"),
        ({"registrar": "a:b"}, "a name, and a port"),
        ({"allow_from": ["everybody"]}, "no address or network"),
        ({"plain_cancel": "maybe"}, "abandoned"),
        ({"registrar": "[2001:db8::1]:5060"}, "an IPv4 address"),
        ({"rings": ["201"], "colour": "red"}, "Extra inputs"),
    ],
)
def test_wrong_table_is_refused_with_words(change: dict[str, object], said: str) -> None:
    """What cannot work is said before anything is registered."""
    given = {key: value for key, value in {**GIVEN, **change}.items() if value is not None}
    with pytest.raises(ValidationError, match=said):
        SipSettings.model_validate(given)


def test_trunk_without_registration_needs_only_addresses() -> None:
    """Many carriers send calls to an address they know."""
    table = SipSettings.model_validate({"name": "p", "allow_from": ["192.0.2.0/24"]})
    assert (table.server, table.password()) == (("", 0), "")


def test_trunk_of_this_kind_stands_beside_the_pbxs() -> None:
    """Calls come from it as from a PBX; the other trunks only say how numbers are read."""
    loaded = configuration.parse(
        {
            "trunk": [
                {"kind": "sip", **GIVEN},
                {"name": "munich", "pbx": "p", "country": "DE"},
            ]
        }
    )
    assert [(one.kind, one.name, one.country) for one in loaded.pbxs] == [("sip", "p", "IT")]
    assert [one.name for one in loaded.settings.trunk] == ["munich"]


def test_plugin_is_what_the_product_asks_of_an_adapter() -> None:
    """Entry points are not typed: that the protocol is kept is said here, for mypy."""
    checked: AdapterPlugin = plugin
    assert adapter(checked.kind) is checked


def test_refusals_have_cause_and_remedy_in_both_languages() -> None:
    """Every dead end answers a person."""
    for status in (0, 401, 403, 404, 407, 408, 480, 503, 606):
        fault = faults.of_status(status)
        said = (fault.cause, fault.remedy, fault.cause_it, fault.remedy_it)
        assert all(text.endswith(".") for text in said)
        assert fault.refused is (status in {401, 403, 404, 407})


def test_where_a_call_comes_from_is_told_before_any_phone_rings() -> None:
    """The pop has it from its first frame; the record is the same as without."""
    table, trunk = CallTable("p", NumberPlan("IT")), Translator("p", ("201",))
    told = Provenance(
        attestation=Attestation.FAILED,
        diverted_from="02 1234567",
        diverted_reason=DiversionReason.BUSY,
    )
    items = trunk.began(replace(ringing(), provenance=told))
    outputs = [output for item in items for output in table.apply(item)]
    kinds = [type(output) for output in outputs]
    assert kinds.index(CallTraced) < kinds.index(LegDialled)
    traced = next(output for output in outputs if isinstance(output, CallTraced))
    assert traced.provenance == replace(told, diverted_e164="+39021234567")
    bare, other = CallTable("p", NumberPlan("IT")), Translator("p", ("201",))
    plain = [one for item in other.began(ringing()) for one in bare.apply(item)]
    last = (outputs[-1], plain[-1])
    assert isinstance(last[0], CallEvent)
    assert isinstance(last[1], CallEvent)
    assert last[0].record == last[1].record
