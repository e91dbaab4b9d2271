"""Who is calling: decides between the directory entries that carry the caller's number.

Pure: the mirror or a CRM delivers the hits, this module ranks them and says why. It never chooses
between people (CRM rule 3) and never matches a withheld or a short number (RELIABILITY rule 19).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from gateway.core.numbers import PhoneNumber
from gateway.core.record import ContactRef, MatchKind


class ContactKind(StrEnum):
    """Whether an entry is a human being or an organisation."""

    PERSON = "person"
    COMPANY = "company"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNumber:
    """One number of an entry: as written, E.164 if it has one, and where it rings."""

    raw: str
    e164: str | None = None
    label: str = "phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """An entry of the directory; `id` is ours, `ref` its id in the CSV file or in `crm`."""

    id: str
    ref: str | None = None
    kind: ContactKind = ContactKind.PERSON
    name: str | None = None
    company: str | None = None
    email: str | None = None
    language: str | None = None
    formality: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    vip: bool = False
    at_risk: bool = False
    url: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    crm: str | None = None
    numbers: tuple[ContactNumber, ...] = ()

    @property
    def display_name(self) -> str | None:
        """The name of the person, else of the company."""
        return self.name or self.company


class StepCode(StrEnum):
    """Every decision a match can take, for the catalogues of other languages."""

    NO_NUMBER = "no_number"
    WITHHELD = "withheld"
    NOT_E164 = "not_e164"
    E164 = "e164"
    HITS = "hits"
    NO_HIT = "no_hit"
    ONE_PERSON = "one_person"
    PERSON_OVER_COMPANY = "person_over_company"
    SEVERAL_PEOPLE = "several_people"
    ONE_COMPANY = "one_company"
    SEVERAL_COMPANIES = "several_companies"


ENGLISH: Final[Mapping[StepCode, str]] = {
    StepCode.NO_NUMBER: "No number was sent, so nobody is looked up.",
    StepCode.WITHHELD: "The caller withheld the number: withheld numbers match nobody.",
    StepCode.NOT_E164: "{raw} is an extension, a short code or no telephone number here: "
    "it is never looked up in the directory.",
    StepCode.E164: "{raw} is {e164} in international form.",
    StepCode.HITS: "The directory has {people} people and {companies} companies with {e164}.",
    StepCode.NO_HIT: "Nobody in the directory has {e164}.",
    StepCode.ONE_PERSON: "{name} is the only entry with this number.",
    StepCode.PERSON_OVER_COMPANY: "{name} is the only person with this number: a person goes "
    "before a company.",
    StepCode.SEVERAL_PEOPLE: "{people} people share this number: none of them is chosen.",
    StepCode.ONE_COMPANY: "Only a company has this number: {name}.",
    StepCode.SEVERAL_COMPANIES: "{companies} companies share this number: none of them is chosen.",
}


class Step(str):
    """One decision as an English sentence, with its code and facts for other languages."""

    __slots__ = ("args", "code")

    code: StepCode
    args: Mapping[str, str | int]

    def __new__(cls, code: StepCode, **args: str | int) -> Self:
        """Write the sentence of `code` with its facts."""
        step = super().__new__(cls, ENGLISH[code].format(**args))
        step.code = code
        step.args = args
        return step


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchResult:
    """What the directory says about a number.

    `contact` is set for exact and company; `candidates` are those between whom only a person may
    choose (several), people first. `steps` explain it, in the order of deciding.
    """

    kind: MatchKind
    contact: Contact | None = None
    candidates: tuple[Contact, ...] = ()
    steps: tuple[str, ...] = ()

    def reference(self) -> ContactRef | None:
        """Return what the call record keeps; None unless there is one contact to name."""
        contact = self.contact
        if contact is None:
            return None
        return ContactRef(
            id=contact.id,
            ref=contact.ref,
            name=contact.display_name,
            match=self.kind,
            crm=contact.crm,
            url=contact.url,
        )


def look_up_key(number: PhoneNumber) -> str | None:
    """Return the E.164 form to look up, None for a number that must not be looked up."""
    return None if number.withheld else number.e164


def match(number: PhoneNumber, hits: Sequence[Contact]) -> MatchResult:
    """Decide who `number` is, given the entries found by `look_up_key(number)`."""
    e164 = look_up_key(number)
    if e164 is None:
        return MatchResult(kind=MatchKind.NONE, steps=(_why_not_looked_up(number),))
    reading = Step(StepCode.E164, raw=number.raw or e164, e164=e164)
    entries = tuple({contact.id: contact for contact in hits}.values())
    if not entries:
        missing = Step(StepCode.NO_HIT, e164=e164)
        return MatchResult(kind=MatchKind.NONE, steps=(reading, missing))
    people = tuple(entry for entry in entries if entry.kind is ContactKind.PERSON)
    companies = tuple(entry for entry in entries if entry.kind is not ContactKind.PERSON)
    found = Step(StepCode.HITS, people=len(people), companies=len(companies), e164=e164)
    kind, contact, decision = _decide(people, companies)
    return MatchResult(
        kind=kind,
        contact=contact,
        candidates=() if contact is not None else people + companies,
        steps=(reading, found, decision),
    )


def _why_not_looked_up(number: PhoneNumber) -> Step:
    if number.withheld:
        return Step(StepCode.WITHHELD)
    if number.raw is None:
        return Step(StepCode.NO_NUMBER)
    return Step(StepCode.NOT_E164, raw=number.raw)


def _decide(
    people: tuple[Contact, ...], companies: tuple[Contact, ...]
) -> tuple[MatchKind, Contact | None, Step]:
    if len(people) > 1:
        return MatchKind.SEVERAL, None, Step(StepCode.SEVERAL_PEOPLE, people=len(people))
    if people:
        code = StepCode.PERSON_OVER_COMPANY if companies else StepCode.ONE_PERSON
        return MatchKind.EXACT, people[0], Step(code, name=_named(people[0]))
    if len(companies) > 1:
        several = Step(StepCode.SEVERAL_COMPANIES, companies=len(companies))
        return MatchKind.SEVERAL, None, several
    return MatchKind.COMPANY, companies[0], Step(StepCode.ONE_COMPANY, name=_named(companies[0]))


def _named(contact: Contact) -> str:
    return contact.display_name or contact.ref or contact.id
