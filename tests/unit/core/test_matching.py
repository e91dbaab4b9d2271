"""Who is calling, and when nobody may say."""

import pytest

from gateway.core.matching import Contact, ContactKind, Step, StepCode, look_up_key, match
from gateway.core.numbers import NumberPlan, PhoneNumber
from gateway.core.record import ContactRef, MatchKind, Presentation

PLAN = NumberPlan("IT")
NUMBER = PLAN.parse("0612345678")
ANNA = Contact(id="1", ref="C-1", name="Anna Verdi", company="Studio Verdi", url="https://x/1")
BRUNO = Contact(id="2", name="Bruno Verdi", company="Studio Verdi")
STUDIO = Contact(id="3", kind=ContactKind.COMPANY, company="Studio Verdi")
OTHER = Contact(id="4", kind=ContactKind.COMPANY, company="Bianchi Srl")


def codes(steps: tuple[str, ...]) -> list[StepCode]:
    """Return the codes of the steps, which other languages use."""
    return [step.code for step in steps if isinstance(step, Step)]


def test_one_person_is_exact_and_the_record_names_them() -> None:
    """The common case: one card, opened by name."""
    result = match(NUMBER, [ANNA])
    assert result.kind is MatchKind.EXACT
    assert result.contact is ANNA
    assert result.candidates == ()
    assert result.reference() == ContactRef(
        id="1", ref="C-1", name="Anna Verdi", match=MatchKind.EXACT, url="https://x/1"
    )
    assert codes(result.steps) == [StepCode.E164, StepCode.HITS, StepCode.ONE_PERSON]


def test_one_person_goes_before_the_company_with_the_same_number() -> None:
    """A small firm and its owner share the number; the person is the one who calls."""
    for hits in ([ANNA, STUDIO], [STUDIO, ANNA], [OTHER, STUDIO, ANNA]):
        result = match(NUMBER, hits)
        assert (result.kind, result.contact) == (MatchKind.EXACT, ANNA)
        assert codes(result.steps)[-1] is StepCode.PERSON_OVER_COMPANY


def test_two_people_are_several_and_nobody_is_chosen() -> None:
    """Opening the wrong person's record would be a breach, so a human chooses."""
    result = match(NUMBER, [STUDIO, BRUNO, ANNA])
    assert result.kind is MatchKind.SEVERAL
    assert result.contact is None
    assert result.candidates == (BRUNO, ANNA, STUDIO)
    assert result.reference() is None
    assert codes(result.steps)[-1] is StepCode.SEVERAL_PEOPLE


def test_only_a_company_is_a_company_match() -> None:
    """A switchboard number tells where from, not who."""
    result = match(NUMBER, [STUDIO])
    assert (result.kind, result.contact) == (MatchKind.COMPANY, STUDIO)
    reference = result.reference()
    assert reference is not None
    assert (reference.name, reference.match) == ("Studio Verdi", MatchKind.COMPANY)


def test_two_companies_are_several() -> None:
    """A shared reception desk belongs to none of its tenants."""
    result = match(NUMBER, [STUDIO, OTHER])
    assert (result.kind, result.contact) == (MatchKind.SEVERAL, None)
    assert result.candidates == (STUDIO, OTHER)


def test_the_same_entry_found_twice_is_one() -> None:
    """A contact may list one number as phone and as mobile."""
    assert match(NUMBER, [ANNA, ANNA]).kind is MatchKind.EXACT


def test_nobody_with_the_number_is_none() -> None:
    """An unknown caller is unknown, with the reason."""
    result = match(NUMBER, [])
    assert (result.kind, result.contact, result.candidates) == (MatchKind.NONE, None, ())
    assert result.steps == (
        "0612345678 is +390612345678 in international form.",
        "Nobody in the directory has +390612345678.",
    )
    assert result.reference() is None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (PLAN.parse("anonymous"), StepCode.WITHHELD),
        (PhoneNumber("0612345678", "+390612345678", Presentation.WITHHELD), StepCode.WITHHELD),
        (PLAN.parse(None), StepCode.NO_NUMBER),
        (PLAN.parse("112"), StepCode.NOT_E164),
        (PLAN.parse("201"), StepCode.NOT_E164),
    ],
)
def test_withheld_and_short_numbers_match_nobody_whatever_was_found(
    number: PhoneNumber, code: StepCode
) -> None:
    """A hit by accident must not open a card (RELIABILITY rule 19)."""
    result = match(number, [ANNA])
    assert (result.kind, result.contact) == (MatchKind.NONE, None)
    assert codes(result.steps) == [code]
    assert look_up_key(number) is None
