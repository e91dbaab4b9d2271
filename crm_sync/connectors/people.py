"""Whom a call belongs to in a CRM, and who is chosen where several have the number."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.record import MatchKind


class Entity(StrEnum):
    """What a CRM's entry is; also the first part of a directory reference (`person:15`)."""

    PERSON = "person"
    LEAD = "lead"
    COMPANY = "company"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An entry of the CRM; `company` and `owner` are ids there."""

    entity: Entity
    id: str
    name: str = ""
    company: str | None = None
    owner: str | None = None


def choose(people: Sequence[Person]) -> Person | None:
    """Return the one a call is written to: people before leads before companies; a tie: nobody.

    Several people of one company that has the number too give way to it.
    """
    companies = [one for one in people if one.entity is Entity.COMPANY]
    for entity in (Entity.PERSON, Entity.LEAD, Entity.COMPANY):
        found = [one for one in people if one.entity is entity]
        if len(found) == 1:
            return found[0]
        if found:
            homes = {one.company for one in found}
            shared = [one for one in companies if {one.id} == homes]
            return shared[0] if len(shared) == 1 else None
    return None


def match_of(person: Person | None, *, several: bool) -> MatchKind:
    """Return how sure it is whom a call belongs to."""
    if person is None:
        return MatchKind.SEVERAL if several else MatchKind.NONE
    return MatchKind.COMPANY if person.entity is Entity.COMPANY else MatchKind.EXACT


def named(reference: str) -> tuple[Entity, str] | None:
    """Read a directory reference of this CRM (`person:15`), None for one of another making."""
    kind, _, number = reference.partition(":")
    return (Entity(kind), number) if kind in set(Entity) and number else None
