"""Which numbers may be dialled for somebody, and in which form they reach the dialplan."""

import pytest

from gateway.core.dialable import DeniedError, DialRules, DialStyle, destination
from gateway.core.errors import UsageError
from gateway.core.numbers import NumberPlan

ITALY = NumberPlan("IT")


@pytest.mark.parametrize(
    ("text", "to", "e164"),
    [
        ("+39 06 1234 5678", "+390612345678", "+390612345678"),
        ("06 12345678", "0612345678", "+390612345678"),
        ("333-1234567", "3331234567", "+393331234567"),
        ("tel:+393331234567", "+393331234567", "+393331234567"),
        ("1001", "1001", None),
        ("112", "112", None),
        ("848800800", "848800800", "+39848800800"),
    ],
)
def test_ordinary_number_is_dialled_as_written(text: str, to: str, e164: str | None) -> None:
    """What people and pages write is cleaned, not reinterpreted."""
    goal = destination(text, ITALY, DialRules())
    assert (goal.to, goal.e164) == (to, e164)


@pytest.mark.parametrize(
    "text",
    [
        "+41446681800",
        "0041446681800",
        "+18765551234",
        "+881612345678",
        "+442079460958",
        "899123456",
        "+39899123456",
        "144123456",
        "1782345678",
        "892424",
    ],
)
def test_costly_number_is_denied_with_the_way_to_allow_it(text: str) -> None:
    """Abroad, premium, personal and satellite numbers and premium short codes (rule 21)."""
    with pytest.raises(DeniedError) as caught:
        destination(text, ITALY, DialRules())
    assert "pbx.control.allow" in caught.value.remedy


@pytest.mark.parametrize(
    "text",
    ["", "+", "*8", "#31#0612345678", "abc", "1234567", "+123", "1001,2", "1001\r\nX: y", "1 & 2"],
)
def test_what_is_no_number_is_not_dialled(text: str) -> None:
    """Service codes could switch forwards, and other signs could mean anything to a dialplan."""
    with pytest.raises(UsageError):
        destination(text, ITALY, DialRules())


@pytest.mark.parametrize(
    ("allow", "text"),
    [
        ("international", "+41446681800"),
        ("+41", "+41446681800"),
        ("premium", "899123456"),
        ("+39899", "899123456"),
        ("premium", "892424"),
    ],
)
def test_administrator_can_allow_what_is_denied(allow: str, text: str) -> None:
    """By kind or by prefix."""
    assert destination(text, ITALY, DialRules(allow=(allow,))).to == text


def test_permission_for_abroad_is_none_for_premium_numbers_there() -> None:
    """Premium numbers abroad are what fraud lives from."""
    rules = DialRules(allow=("international",))
    with pytest.raises(DeniedError):
        destination("+41900123456", ITALY, rules)
    assert destination("+41900123456", ITALY, DialRules(allow=("+41",))).e164 == "+41900123456"


@pytest.mark.parametrize(
    ("style", "prefix", "text", "to"),
    [
        (DialStyle.TYPED, "", "+390612345678", "+390612345678"),
        (DialStyle.NATIONAL, "", "+390612345678", "0612345678"),
        (DialStyle.E164, "", "0612345678", "+390612345678"),
        (DialStyle.TYPED, "9", "+390612345678", "90612345678"),
        (DialStyle.TYPED, "9", "90612345678", "90612345678"),
        (DialStyle.NATIONAL, "0", "+41446681800", "00041446681800"),
        (DialStyle.TYPED, "9", "1001", "1001"),
    ],
)
def test_outside_numbers_are_written_as_the_dialplan_wants_them(
    style: DialStyle, prefix: str, text: str, to: str
) -> None:
    """A prefix for outside lines is put before what a desk phone would dial, once."""
    plan = NumberPlan("IT", outside_prefix=prefix or None)
    rules = DialRules(allow=("international",), style=style, outside_prefix=prefix)
    assert destination(text, plan, rules).to == to


def test_keypad_form_holds_digits_only() -> None:
    """A consultation is dialled in tones, and there is no key for a plus."""
    rules = DialRules(allow=("international",))
    assert destination("+390612345678", ITALY, rules).keys == "0612345678"
    assert destination("+41446681800", ITALY, rules).keys == "0041446681800"


def test_country_of_the_pbx_decides_what_abroad_is() -> None:
    """A branch in Switzerland calls Switzerland."""
    assert destination("+41446681800", NumberPlan("CH"), DialRules()).e164 == "+41446681800"
    with pytest.raises(DeniedError):
        destination("+390612345678", NumberPlan("CH"), DialRules())
