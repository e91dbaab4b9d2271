"""What people say about numbers: whose one is (a choice between several), which are ignored.

Functions over an open transaction. A mark takes its change number from the same sequence as the
contacts, so that a mirror that follows one follows the other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, distinct, func, select, update

from gateway.core.forms import prefix_keys
from gateway.core.marks import Mark, MarkKind, Marks, marks_of
from gateway.store.counters import next_change
from gateway.store.prepared import upsert
from gateway.store.schema import call_parties, contact_numbers, to_micros
from gateway.store.schema_directory import number_marks

_COUNTER: Final = "contacts"
_LONGEST: Final = range(2, 15)
_SAVE = upsert(
    "number_marks",
    ("e164", "kind", "contact_id", "reason", "set_by", "set_at", "revoked_at", "change"),
    key=("e164", "kind"),
)
HOLDS: Final = number_marks.c.revoked_at.is_(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkChange:
    """A mark as it stands after change `number`; None if it was taken back."""

    number: int
    e164: str
    kind: MarkKind
    mark: Mark | None


def set_mark(conn: Connection, mark: Mark) -> None:
    """Remember a mark; one of the same kind on the same number is replaced."""
    _SAVE.run(
        conn,
        {
            "e164": mark.e164,
            "kind": mark.kind.value,
            "contact_id": mark.contact_id,
            "reason": mark.reason,
            "set_by": mark.by,
            "set_at": to_micros(mark.at),
            "revoked_at": None,
            "change": next_change(conn, _COUNTER),
        },
    )


def revoke_mark(conn: Connection, e164: str, kind: MarkKind, *, at: datetime) -> bool:
    """Take a mark back; False if there is none that holds."""
    changed = conn.execute(
        update(number_marks)
        .where(number_marks.c.e164 == e164, number_marks.c.kind == kind.value, HOLDS)
        .values(
            revoked_at=at,
            contact_id=None,
            reason=None,
            set_by="",
            change=next_change(conn, _COUNTER),
        )
    )
    return changed.rowcount > 0


def revoke_choices(conn: Connection, contact_id: str, *, at: datetime) -> None:
    """Take back every choice of an entry that is deleted."""
    query = select(number_marks.c.e164).where(number_marks.c.contact_id == contact_id, HOLDS)
    for e164 in list(conn.execute(query).scalars()):
        revoke_mark(conn, e164, MarkKind.CHOICE, at=at)


def find_marks(conn: Connection, e164: str) -> Marks:
    """Return what holds for a number."""
    keys = (e164, *prefix_keys(e164, _LONGEST))
    query = select(number_marks).where(number_marks.c.e164.in_(keys), HOLDS)
    return marks_of([mark_of(row) for row in conn.execute(query).mappings()])


def list_marks(
    conn: Connection, kind: MarkKind, *, after: str = "", limit: int = 50
) -> tuple[list[Mark], str | None]:
    """Return a page of marks by number, and the number to go on after, None on the last page."""
    query = (
        select(number_marks)
        .where(number_marks.c.kind == kind.value, number_marks.c.e164 > after, HOLDS)
        .order_by(number_marks.c.e164)
        .limit(limit + 1)
    )
    found = [mark_of(row) for row in conn.execute(query).mappings()]
    return found[:limit], found[limit - 1].e164 if len(found) > limit else None


def covered(conn: Connection, key: str) -> tuple[int, int]:
    """Return how many entries, and how many calls that are kept, a number or range covers."""
    contact, party = contact_numbers.c, call_parties.c
    begins = key.removesuffix("*")
    entries = select(func.count(distinct(contact.contact_id))).where(
        contact.e164.startswith(begins, autoescape=True)
    )
    calls = select(func.count()).where(
        party.kind == "number", party.party.startswith(begins, autoescape=True)
    )
    return conn.execute(entries).scalar_one(), conn.execute(calls).scalar_one()


def mark_changes(conn: Connection, *, after: int, until: int, limit: int) -> list[MarkChange]:
    """Return marks changed after one number and up to another, oldest first, at most `limit`."""
    query = (
        select(number_marks)
        .where(number_marks.c.change > after, number_marks.c.change <= until)
        .order_by(number_marks.c.change)
        .limit(limit)
    )
    return [
        MarkChange(
            number=row["change"],
            e164=row["e164"],
            kind=MarkKind(row["kind"]),
            mark=mark_of(row) if row["revoked_at"] is None else None,
        )
        for row in conn.execute(query).mappings()
    ]


def mark_of(row: RowMapping) -> Mark:
    """Return the mark of a row."""
    return Mark(
        kind=MarkKind(row["kind"]),
        e164=row["e164"],
        by=row["set_by"],
        at=row["set_at"],
        contact_id=row["contact_id"],
        reason=row["reason"],
    )
