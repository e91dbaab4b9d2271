"""Earlier calls of somebody who came into the directory later: found, and given their contact.

Functions over an open transaction, in pages so small that calls which go on do not wait. Doing it
again changes nothing: a call that names a person keeps them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from gateway.core.contact import PREFIX_MARK
from gateway.core.matching import MatchResult
from gateway.core.numbers import PhoneNumber
from gateway.core.record import (
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    MatchKind,
    Presentation,
)
from gateway.store.calls import NUMBER, put_record, put_records
from gateway.store.counters import get_meta, set_meta
from gateway.store.look_up import find
from gateway.store.mirror import Own, no_own_numbers
from gateway.store.records import decode_if_readable
from gateway.store.schema import call_parties, calls, contact_numbers, contacts

# About 0.1 ms of processor a call: a page holds nobody up.
PAGE: Final = 100
STEP: Final = 1_000
_IN_RANGE_LIMIT: Final = 5_000
_META: Final = "contacts.adopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """One page: the records that got a contact, and the call to go on after, None at the end."""

    records: tuple[CallRecord, ...]
    next: int | None


def adopted_until(conn: Connection) -> int:
    """Return up to which change of the directory earlier calls have been given to it."""
    return int(get_meta(conn, _META) or 0)


def set_adopted_until(conn: Connection, change: int) -> None:
    """Remember how far it has come."""
    set_meta(conn, _META, str(change))


def numbers_due(conn: Connection, *, after: int, until: int) -> list[str]:
    """Return the numbers, of entries changed between two numbers, that have calls without them."""
    changed = (
        contacts.c.change > after,
        contacts.c.change <= until,
        contacts.c.deleted_at.is_(None),
    )
    numbers = (
        select(contact_numbers.c.e164)
        .join(contacts, contacts.c.id == contact_numbers.c.contact_id)
        .where(*changed)
        .distinct()
    )
    loose = exists().where(
        call_parties.c.party == contact_numbers.c.e164,
        *_open(contacts.c.id),
    )
    found = list(conn.execute(numbers.where(loose)).scalars())
    ranges = numbers.where(contact_numbers.c.e164.like(f"%{PREFIX_MARK}"))
    for key in list(conn.execute(ranges).scalars()):
        found.extend(_in_range(conn, key))
    return [e164 for e164 in dict.fromkeys(found) if e164]


def adopt(conn: Connection, e164: str, *, after: int = 0, own: Own = no_own_numbers) -> Adopted:
    """Give the ended calls with a number, a page of them, to whom the number is certain to belong.

    Nobody is chosen among several, and a choice for later calls says nothing of earlier ones.
    """
    result = find(conn, PhoneNumber(e164, e164), own)
    reference = result.reference()
    if reference is None or result.choice is not None:
        return Adopted(records=(), next=None)
    rows = conn.execute(
        select(calls.c.no, calls.c.record)
        .select_from(call_parties)
        .where(
            call_parties.c.party == e164,
            call_parties.c.call_no > after,
            *_open(reference.id),
        )
        .order_by(call_parties.c.call_no)
        .limit(PAGE)
    ).all()
    records = tuple(_adopted([row.record for row in rows], e164, reference))
    put_records(conn, records)
    return Adopted(records=records, next=rows[-1].no if len(rows) == PAGE else None)


def give(conn: Connection, record: CallRecord, result: MatchResult) -> CallRecord:
    """Give one call the contact that somebody chose for it, and return its new record."""
    given = replace(record, contact=result.reference(), revision=record.revision + 1)
    put_record(conn, given)
    return given


def _open(contact_id: object) -> tuple[ColumnElement[bool], ...]:
    """Which parties belong to an ended call that does not name this contact."""
    return (
        call_parties.c.kind == NUMBER,
        calls.c.no == call_parties.c.call_no,
        or_(calls.c.contact_id.is_(None), calls.c.contact_id != contact_id),
        and_(calls.c.state == CallState.ENDED.value, calls.c.merged_into.is_(None)),
    )


def _in_range(conn: Connection, key: str) -> list[str]:
    prefix = key.removesuffix(PREFIX_MARK)
    query = (
        select(call_parties.c.party)
        .where(
            call_parties.c.party >= prefix,
            call_parties.c.party < prefix + ":",  # the character behind 9
            call_parties.c.kind == NUMBER,
            calls.c.no == call_parties.c.call_no,
            calls.c.contact_id.is_(None),
        )
        .distinct()
        .limit(_IN_RANGE_LIMIT)
    )
    return list(conn.execute(query).scalars())


def _adopted(written: list[str], e164: str, reference: ContactRef) -> Iterator[CallRecord]:
    for text in written:
        record = decode_if_readable(text)
        if record is not None and _may_adopt(record, e164, reference):
            yield replace(record, contact=reference, revision=record.revision + 1)


def _may_adopt(record: CallRecord, e164: str, reference: ContactRef) -> bool:
    if record.outside_number != e164:
        return False
    hidden = record.caller.presentation is Presentation.WITHHELD
    if hidden and record.direction is Direction.INBOUND:
        return False
    known = record.contact
    if known is None:
        return True
    # where only the company was known, the person is news; who is named otherwise stays
    return known.match is MatchKind.COMPANY and reference.match is MatchKind.EXACT
