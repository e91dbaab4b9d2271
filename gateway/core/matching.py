"""Who is calling: decides between the directory entries that carry the caller's number.

Pure: the mirror or a CRM delivers the hits, this module ranks them and says why. It never chooses
between people (CRM rule 3) and never matches a withheld or a short number (RELIABILITY rule 19).
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.core.contact import Contact, ContactKind, ContactNumber, CrmReference
from gateway.core.marks import NO_MARKS, Mark, Marks
from gateway.core.match_steps import ENGLISH, ITALIAN, Step, StepCode, say
from gateway.core.numbers import PhoneNumber
from gateway.core.record import ContactRef, MatchKind
from gateway.core.values import value

__all__ = [
    "ENGLISH",
    "ITALIAN",
    "Candidacy",
    "Contact",
    "ContactKind",
    "ContactNumber",
    "CrmReference",
    "MatchResult",
    "Step",
    "StepCode",
    "look_up_key",
    "match",
    "say",
]


class Candidacy(StrEnum):
    """Why an entry is a candidate, the likeliest first."""

    PERSON = "person"
    COMPANY = "company"
    BEHIND_SWITCHBOARD = "behind_switchboard"
    IN_RANGE = "in_range"
    WRITTEN_OTHERWISE = "written_otherwise"


_ORDER: Final = tuple(Candidacy)


@value
class MatchResult:
    """What the directory says about a number.

    `contact` is set for exact and company; `candidates` are those between whom only a person may
    choose, the likeliest first, and `reasons` why each of them is one. `steps` explain it, in the
    order of deciding. `choice`: somebody chose the contact for this number. `ignored`: the number
    is on the ignore list, whoever has it.
    """

    kind: MatchKind
    contact: Contact | None = None
    candidates: tuple[Contact, ...] = ()
    reasons: tuple[Candidacy, ...] = ()
    steps: tuple[str, ...] = ()
    choice: Mark | None = None
    ignored: Mark | None = None

    @property
    def known(self) -> bool:
        """Whether we know who it is; else it is a maybe, or nobody."""
        return self.kind is MatchKind.EXACT

    def reference(self) -> ContactRef | None:
        """Return what the call record keeps; None unless there is one contact to name.

        An entry of our own directory that a CRM knows too is named as that CRM names it, so that a
        call is written to the right record without a search.
        """
        contact = self.contact
        if contact is None:
            return None
        if contact.crm is None and contact.references:
            linked = contact.references[0]
            return ContactRef(
                id=contact.id,
                ref=linked.ref,
                name=contact.display_name,
                match=self.kind,
                crm=linked.crm,
                url=linked.url or contact.url,
            )
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


def match(
    number: PhoneNumber,
    hits: Sequence[Contact],
    *,
    maybe: Sequence[Contact] = (),
    marks: Marks = NO_MARKS,
    chosen: Contact | None = None,
    own: str | None = None,
) -> MatchResult:
    """Decide who `number` is, given the entries found by `look_up_key(number)`.

    `maybe` are entries found by other forms of the number or by a range, asked for only without
    hits; `chosen` is the entry of `marks.choice`, None if it is gone. `own` names the line if the
    number is one of ours, which match nobody.
    """
    e164 = look_up_key(number)
    if e164 is None:
        return MatchResult(kind=MatchKind.NONE, steps=(_why_not_looked_up(number),))
    reading: tuple[str, ...] = (Step(StepCode.E164, raw=number.raw or e164, e164=e164),)
    if own is not None:
        ours = Step(StepCode.OWN_NUMBER, e164=e164, name=own or e164)
        return MatchResult(kind=MatchKind.NONE, steps=(*reading, ours))
    if marks.ignored is not None:
        reading += (_ignored(e164, marks.ignored),)
    if marks.choice is not None and chosen is not None:
        return MatchResult(
            kind=MatchKind.EXACT,
            contact=chosen,
            steps=(*reading, _chosen(chosen, marks.choice)),
            choice=marks.choice,
            ignored=marks.ignored,
        )
    if not hits:
        decided = _maybe(e164, maybe)
    elif len(hits) == 1 and number.extension is None and _is_plain(hits[0]):
        decided = _only(e164, hits[0])
    else:
        decided = _Hits(number, e164, hits).decide()
    return MatchResult(
        kind=decided.kind,
        contact=decided.contact,
        candidates=tuple(contact for contact, _ in decided.candidates),
        reasons=tuple(reason for _, reason in decided.candidates),
        steps=reading + decided.steps,
        ignored=marks.ignored,
    )


@value
class _Decision:
    kind: MatchKind
    contact: Contact | None = None
    candidates: tuple[tuple[Contact, Candidacy], ...] = ()
    steps: tuple[Step, ...] = ()


def _is_plain(contact: Contact) -> bool:
    """Whether it is a person without a number behind a switchboard, as most are."""
    if contact.kind is not ContactKind.PERSON:
        return False
    return all(one.extension is None for one in contact.numbers)


def _only(e164: str, contact: Contact) -> _Decision:
    """Return what `_Hits` would, of the one hit that most callers have."""
    found = Step(StepCode.HITS, people=1, companies=0, e164=e164)
    step = Step(StepCode.ONE_PERSON, name=_named(contact))
    return _Decision(kind=MatchKind.EXACT, contact=contact, steps=(found, step))


class _Hits:
    """The entries that carry the very number, each of them once."""

    def __init__(self, number: PhoneNumber, e164: str, hits: Sequence[Contact]) -> None:
        self._e164 = e164
        self._extension = number.extension
        entries = tuple({contact.id: contact for contact in hits}.values())
        self._people = tuple(one for one in entries if one.kind is ContactKind.PERSON)
        self._companies = tuple(one for one in entries if one.kind is not ContactKind.PERSON)

    def decide(self) -> _Decision:
        """Return who it is, or between whom somebody must choose."""
        people, companies = self._people, self._companies
        found = Step(StepCode.HITS, people=len(people), companies=len(companies), e164=self._e164)
        called = tuple(one for one in people if self._extension and self._at_extension(one))
        if len(called) == 1:
            by = Step(
                StepCode.BY_EXTENSION, name=_named(called[0]), extension=self._extension or ""
            )
            return _Decision(kind=MatchKind.EXACT, contact=called[0], steps=(found, by))
        behind = tuple(one for one in people if self._is_behind(one))
        direct = tuple(one for one in people if one not in behind)
        if len(direct) == 1:
            code = StepCode.PERSON_OVER_COMPANY if companies else StepCode.ONE_PERSON
            if behind:
                code = StepCode.PERSON_OVER_COMPANY
            step = Step(code, name=_named(direct[0]))
            return _Decision(kind=MatchKind.EXACT, contact=direct[0], steps=(found, step))
        return self._undecided(found, direct, behind)

    def _undecided(
        self, found: Step, direct: tuple[Contact, ...], behind: tuple[Contact, ...]
    ) -> _Decision:
        companies = self._companies
        candidates = _as(Candidacy.PERSON, direct) + _as(Candidacy.COMPANY, companies)
        hidden = _as(Candidacy.BEHIND_SWITCHBOARD, behind)
        if direct:
            step = Step(StepCode.SEVERAL_PEOPLE, people=len(direct))
            return _several(candidates + hidden, found, step)
        switchboard = (Step(StepCode.BEHIND_SWITCHBOARD, people=len(behind)),) if behind else ()
        if len(companies) == 1:
            only = Step(StepCode.ONE_COMPANY, name=_named(companies[0]))
            return _Decision(
                kind=MatchKind.COMPANY,
                contact=companies[0],
                candidates=hidden,
                steps=(found, only, *switchboard),
            )
        if companies:
            many = Step(StepCode.SEVERAL_COMPANIES, companies=len(companies))
            return _several(candidates + hidden, found, many, *switchboard)
        return _several(hidden, found, *switchboard)

    def _at_extension(self, contact: Contact) -> bool:
        return any(
            one.e164 == self._e164 and one.extension == self._extension for one in contact.numbers
        )

    def _is_behind(self, contact: Contact) -> bool:
        """Whether the entry has the number only as a switchboard with an extension behind it."""
        same = [one for one in contact.numbers if one.e164 == self._e164]
        return bool(same) and all(one.extension for one in same)


def _maybe(e164: str, found: Sequence[Contact]) -> _Decision:
    """Decide between entries that have not this number but its range, or its like."""
    missing = Step(StepCode.NO_HIT, e164=e164)
    entries = tuple({contact.id: contact for contact in found}.values())
    if not entries:
        return _Decision(kind=MatchKind.NONE, steps=(missing,))
    ranged = sorted(
        ((_range_of(one, e164), one) for one in entries if _range_of(one, e164)),
        key=lambda pair: len(pair[0]),
        reverse=True,
    )
    alike = tuple(one for one in entries if not _range_of(one, e164))
    others = _as(Candidacy.WRITTEN_OTHERWISE, alike)
    steps: tuple[Step, ...] = (missing,)
    if alike:
        steps = (missing, Step(StepCode.WRITTEN_OTHERWISE, count=len(alike)))
    if not ranged:
        return _several(others, *steps)
    nearest = tuple(one for text, one in ranged if text == ranged[0][0])
    candidates = _as(Candidacy.IN_RANGE, tuple(one for _, one in ranged)) + others
    if len(nearest) > 1:
        step = Step(StepCode.SEVERAL_RANGES, e164=e164, companies=len(nearest))
        return _several(candidates, *steps, step)
    owner = nearest[0]
    step = Step(StepCode.IN_RANGE, e164=e164, range=ranged[0][0], name=_named(owner))
    if owner.kind is not ContactKind.COMPANY:
        return _several(candidates, *steps, step)
    rest = tuple(pair for pair in candidates if pair[0] is not owner)
    return _Decision(kind=MatchKind.COMPANY, contact=owner, candidates=rest, steps=(*steps, step))


def _several(candidates: tuple[tuple[Contact, Candidacy], ...], *steps: Step) -> _Decision:
    ordered = tuple(sorted(candidates, key=lambda pair: _ORDER.index(pair[1])))
    return _Decision(kind=MatchKind.SEVERAL, candidates=ordered, steps=steps)


def _as(reason: Candidacy, entries: tuple[Contact, ...]) -> tuple[tuple[Contact, Candidacy], ...]:
    return tuple((entry, reason) for entry in entries)


def _range_of(contact: Contact, e164: str) -> str:
    return max((one.e164 or "" for one in contact.numbers if one.covers(e164)), default="", key=len)


def _why_not_looked_up(number: PhoneNumber) -> Step:
    if number.withheld:
        return Step(StepCode.WITHHELD)
    if number.raw is None:
        return Step(StepCode.NO_NUMBER)
    return Step(StepCode.NOT_E164, raw=number.raw)


def _ignored(e164: str, mark: Mark) -> Step:
    return Step(StepCode.IGNORED, e164=e164, date=_date(mark.at), reason=mark.reason or "-")


def _chosen(contact: Contact, mark: Mark) -> Step:
    return Step(StepCode.CHOSEN, name=_named(contact), by=mark.by, date=_date(mark.at))


def _date(at: datetime) -> str:
    return at.date().isoformat()


def _named(contact: Contact) -> str:
    return contact.display_name or contact.ref or contact.id
