"""Who is calling, and when nobody may say."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.core.marks import Mark, MarkKind, marks_of
from gateway.core.matching import (
    ENGLISH,
    ITALIAN,
    Candidacy,
    Contact,
    ContactKind,
    ContactNumber,
    CrmReference,
    Step,
    StepCode,
    look_up_key,
    match,
    say,
)
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


@pytest.mark.parametrize("extension", [None, "12"])
@pytest.mark.parametrize("one", [ANNA, BRUNO, STUDIO])
def test_one_hit_is_decided_as_the_same_hit_twice_is(one: Contact, extension: str | None) -> None:
    """Most callers have one entry, which is decided by a shorter way to the same end."""
    assert NUMBER.e164 is not None
    for known in (None, "12"):
        number = ContactNumber(raw="", e164=NUMBER.e164, extension=known)
        entry = replace(one, numbers=(number,))
        caller = replace(NUMBER, extension=extension)
        assert match(caller, (entry,)) == match(caller, (entry, entry))


def test_an_entry_that_a_crm_knows_too_is_named_as_that_crm_names_it() -> None:
    """The writer of that CRM then links the call without a search of its own."""
    linked = CrmReference(crm="odoo", ref="res.partner,7", url="https://crm.example/7")
    entry = replace(ANNA, crm=None, references=(linked,))
    reference = match(NUMBER, (entry,)).reference()
    assert reference is not None
    assert (reference.id, reference.crm, reference.ref) == (ANNA.id, "odoo", "res.partner,7")
    assert reference.url == "https://crm.example/7"


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


VERDI = "+390612345678"
SWITCHBOARD = ContactNumber(raw="06 12345678 int. 12", e164=VERDI, extension="12")
CARLA = Contact(id="5", name="Carla", numbers=(SWITCHBOARD,))
DARIO = Contact(id="6", name="Dario", numbers=(replace(SWITCHBOARD, extension="13"),))
RANGE = ContactNumber(raw="06 1234*", e164="+39061234*")
FIRM = Contact(id="7", kind=ContactKind.COMPANY, company="Verdi Spa", numbers=(RANGE,))
CHOICE = Mark(
    kind=MarkKind.CHOICE,
    e164=VERDI,
    by="anna",
    at=datetime(2026, 11, 17, 9, 0, tzinfo=UTC),
    contact_id="2",
)


def test_people_behind_a_switchboard_are_candidates_of_the_company() -> None:
    """The number says which firm calls, not who of its people."""
    result = match(NUMBER, [CARLA, STUDIO, DARIO])
    assert (result.kind, result.contact) == (MatchKind.COMPANY, STUDIO)
    assert result.candidates == (CARLA, DARIO)
    assert set(result.reasons) == {Candidacy.BEHIND_SWITCHBOARD}
    alone = match(NUMBER, [CARLA])
    assert (alone.kind, alone.contact, alone.known) == (MatchKind.SEVERAL, None, False)


def test_the_extension_behind_the_number_tells_who_it_is() -> None:
    """Some exchanges send it, and people dial it."""
    result = match(PLAN.parse("06 12345678 int. 13"), [CARLA, STUDIO, DARIO])
    assert (result.kind, result.contact) == (MatchKind.EXACT, DARIO)
    assert codes(result.steps)[-1] is StepCode.BY_EXTENSION


def test_a_range_and_another_spelling_are_maybes() -> None:
    """A direct line of a firm names the firm; a number written without its zero names nobody."""
    ranged = match(NUMBER, [], maybe=[ANNA, FIRM])
    assert (ranged.kind, ranged.contact) == (MatchKind.COMPANY, FIRM)
    assert (ranged.candidates, ranged.reasons) == ((ANNA,), (Candidacy.WRITTEN_OTHERWISE,))
    spelt = match(NUMBER, [], maybe=[ANNA])
    assert (spelt.kind, spelt.contact, spelt.candidates) == (MatchKind.SEVERAL, None, (ANNA,))
    longer = replace(FIRM, id="8", numbers=(replace(RANGE, e164="+390612345*"),))
    assert match(NUMBER, [], maybe=[FIRM, longer]).contact == longer
    twin = replace(FIRM, id="9")
    assert match(NUMBER, [], maybe=[FIRM, twin]).kind is MatchKind.SEVERAL


def test_a_choice_makes_it_exact_and_says_whose_it_was() -> None:
    """Whoever answers next is not asked again, and sees who decided."""
    marks = marks_of([CHOICE])
    result = match(NUMBER, [ANNA, BRUNO], marks=marks, chosen=BRUNO)
    assert (result.kind, result.contact, result.choice) == (MatchKind.EXACT, BRUNO, CHOICE)
    assert result.steps[-1] == "Bruno Verdi was chosen for this number by anna on 2026-11-17."
    assert say(result.steps[-1], "it").startswith("Bruno Verdi è la scelta di anna")
    gone = match(NUMBER, [ANNA, BRUNO], marks=marks, chosen=None)
    assert gone.kind is MatchKind.SEVERAL
    hidden = PhoneNumber("0612345678", VERDI, Presentation.WITHHELD)
    assert match(hidden, [], marks=marks, chosen=BRUNO).kind is MatchKind.NONE


def test_own_and_ignored_numbers_say_so() -> None:
    """A colleague's outside line is no customer; a nuisance is named as one, and still recorded."""
    own = match(NUMBER, [ANNA], own="Vendite")
    assert (own.kind, codes(own.steps)[-1]) == (MatchKind.NONE, StepCode.OWN_NUMBER)
    spam = replace(CHOICE, kind=MarkKind.IGNORED, e164="+3906*", contact_id=None, reason="spam")
    ignored = match(NUMBER, [ANNA], marks=marks_of([spam]))
    assert (ignored.kind, ignored.ignored) == (MatchKind.EXACT, spam)
    assert StepCode.IGNORED in codes(ignored.steps)
    nearer = replace(spam, e164=VERDI, reason="known")
    assert marks_of([nearer, spam]).ignored == nearer


def test_every_step_is_told_in_both_languages_with_the_same_facts() -> None:
    """A fact that one language leaves out would be missing in an explanation."""
    facts = re.compile(r"\{(\w+)\}")
    assert set(ENGLISH) == set(ITALIAN) == set(StepCode)
    for code in StepCode:
        assert set(facts.findall(ENGLISH[code])) == set(facts.findall(ITALIAN[code])), code
