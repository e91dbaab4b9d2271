"""Who is chosen where several entries of a CRM have the number, and how numbers are written."""

import pytest

from crm_sync.connectors.parties import national, number_forms, user_of
from crm_sync.connectors.people import Entity, Person, choose, match_of, named
from gateway.core.record import MatchKind


def one(entity: Entity, number: str, company: str | None = None) -> Person:
    """Return an entry."""
    return Person(entity=entity, id=number, company=company)


ANNA = one(Entity.PERSON, "1", "9")
BRUNO = one(Entity.PERSON, "2", "9")
CARLA = one(Entity.PERSON, "3", "8")
LEAD = one(Entity.LEAD, "4")
VERDI = one(Entity.COMPANY, "9")
NERI = one(Entity.COMPANY, "8")


@pytest.mark.parametrize(
    ("people", "chosen", "match"),
    [
        ([], None, MatchKind.NONE),
        ([ANNA], ANNA, MatchKind.EXACT),
        ([ANNA, VERDI], ANNA, MatchKind.EXACT),
        ([ANNA, LEAD], ANNA, MatchKind.EXACT),
        ([LEAD, VERDI], LEAD, MatchKind.EXACT),
        ([VERDI], VERDI, MatchKind.COMPANY),
        ([ANNA, BRUNO, VERDI], VERDI, MatchKind.COMPANY),
        ([ANNA, BRUNO], None, MatchKind.SEVERAL),
        ([ANNA, CARLA, VERDI], None, MatchKind.SEVERAL),
        ([VERDI, NERI], None, MatchKind.SEVERAL),
    ],
)
def test_tie_is_nobodys_and_a_company_stands_for_its_people(
    people: list[Person], chosen: Person | None, match: MatchKind
) -> None:
    """A call on the wrong record is worse than one on none."""
    assert choose(people) == chosen
    assert match_of(choose(people), several=bool(people)) is match


@pytest.mark.parametrize(
    ("reference", "read"),
    [
        ("person:003A", (Entity.PERSON, "003A")),
        ("company:12", (Entity.COMPANY, "12")),
        ("res.partner,17", None),
        ("person:", None),
        ("17", None),
    ],
)
def test_reference_of_another_making_names_nobody(
    reference: str, read: tuple[Entity, str] | None
) -> None:
    """A connector that was changed under the same name must not write to strangers."""
    assert named(reference) == read


def test_numbers_are_asked_for_as_people_write_them() -> None:
    """Italy keeps the zero of the area code, Germany writes it only at home."""
    assert national("+390612345678") == "0612345678"
    assert number_forms("+390612345678")[:2] == ("+390612345678", "0612345678")
    assert number_forms("+4930123456") == (
        "+4930123456",
        "030123456",
        "+49 30 123456",
        "030 123456",
        "+49 30123456",
        "4930123456",
        "004930123456",
        "30123456",
    )


def test_extension_of_one_pbx_goes_before_the_same_of_another() -> None:
    """Two offices may both have a 1002."""
    users = {"1002": "anna", "hq:1002": "bruno"}
    assert user_of(users, "hq", "1002") == "bruno"
    assert user_of(users, "branch", "1002") == "anna"
    assert user_of(users, "hq", None) is None
