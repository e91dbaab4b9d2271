"""Who a number is according to the store itself: slower than the mirror, never behind it.

For what comes after the pop, for other processes and for administrators who ask why.
"""

from dataclasses import replace
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from gateway.core.contact import Contact
from gateway.core.forms import LOOSE_MARK, other_keys, prefix_keys
from gateway.core.match_steps import Step, StepCode
from gateway.core.matching import MatchResult, look_up_key, match
from gateway.core.numbers import NumberPlan, PhoneNumber
from gateway.core.record import MatchKind
from gateway.store.contact_rows import load_contacts
from gateway.store.contacts import HITS_LIMIT, find_contacts, get_contact
from gateway.store.marks import find_marks
from gateway.store.mirror import Own, no_own_numbers
from gateway.store.schema import contact_numbers

_RANGES: Final = range(4, 15)
_ALIKE: Final = 6
_MARKS: Final = " -/.()"


def find(conn: Connection, number: PhoneNumber, own: Own = no_own_numbers) -> MatchResult:
    """Say who the number is, explaining each step, as the mirror would."""
    e164 = look_up_key(number)
    if e164 is None:
        return match(number, ())
    ours = own(e164)
    if ours is not None:
        return match(number, (), own=ours)
    marks = find_marks(conn, e164)
    if marks.choice is not None and marks.choice.contact_id is not None:
        chosen = get_contact(conn, marks.choice.contact_id)
        if chosen is not None:
            return match(number, (), marks=marks, chosen=chosen)
    hits = find_contacts(conn, e164)
    maybe = () if hits else find_maybe(conn, e164)
    return match(number, hits, maybe=maybe, marks=marks)


def find_maybe(conn: Connection, e164: str) -> tuple[Contact, ...]:
    """Return the entries that have the number in another form, or a range that covers it."""
    keys = (*prefix_keys(e164, _RANGES), *other_keys(e164))
    query = select(contact_numbers.c.contact_id).where(contact_numbers.c.e164.in_(keys))
    ids = conn.execute(query.distinct().limit(HITS_LIMIT)).scalars()
    return tuple(load_contacts(conn, list(ids)))


def explain(
    conn: Connection, written: str, plan: NumberPlan, own: Own = no_own_numbers
) -> MatchResult:
    """Say who would be shown for a number as somebody writes it, and if nobody, why not."""
    number = plan.parse(written)
    result = find(conn, number, own)
    e164 = look_up_key(number)
    if result.kind is not MatchKind.NONE or e164 is None or own(e164) is not None:
        return result
    return with_reasons(conn, result, e164)


def with_reasons(conn: Connection, result: MatchResult, e164: str) -> MatchResult:
    """Add to a result without anybody why not; reads all numbers, so it is not for a pop."""
    return replace(result, steps=(*result.steps, *_why_not(conn, e164)))


def _why_not(conn: Connection, e164: str) -> tuple[Step, ...]:
    forms = ", ".join(key.lstrip(LOOSE_MARK) for key in other_keys(e164))
    digits = e164[-_ALIKE:]
    alike = select(contact_numbers.c.raw, func.count().over()).where(_ends_in(digits)).limit(1)
    found = conn.execute(alike).first()
    if found is None:
        ending = Step(StepCode.NOTHING_ALIKE, digits=digits)
    else:
        ending = Step(StepCode.ENDS_ALIKE, count=found[1], digits=digits, written=found[0])
    return (Step(StepCode.FORMS, forms=forms or "-"), Step(StepCode.NOT_IN_RANGES), ending)


def _ends_in(digits: str) -> ColumnElement[bool]:
    """Which numbers end so, or say so somewhere in what cannot be read (`tel. 06 1234 (casa)`)."""
    squeezed: ColumnElement[str] = contact_numbers.c.raw
    for mark in _MARKS:
        squeezed = func.replace(squeezed, mark, "")
    key = contact_numbers.c.e164
    return or_(key.like(f"%{digits}"), and_(key.is_(None), squeezed.like(f"%{digits}%")))
