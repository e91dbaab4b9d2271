"""The directory: who has which number. Functions over an open transaction of the store.

Every change of an entry gets a number of its own from the `contacts` counter, in commit order, so
that the mirror and other nodes can ask for what is newer than what they have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import uuid5

from sqlalchemy import Connection, delete, select, text, update

from gateway.core.contact import Contact
from gateway.core.ids import NAMESPACE
from gateway.store.contact_merge import Told, merged
from gateway.store.contact_rows import (
    contact_of,
    load_any,
    load_contacts,
    load_numbers,
    number_rows,
    parts,
    row_of,
)
from gateway.store.counters import next_change
from gateway.store.marks import revoke_choices
from gateway.store.prepared import Prepared, upsert
from gateway.store.schema import contact_numbers, contacts

COUNTER: Final = "contacts"
HITS_LIMIT: Final = 50
_SAVE = upsert("contacts", tuple(contacts.c.keys()), key=("id",))
_DROP_NUMBERS = Prepared("DELETE FROM contact_numbers WHERE contact_id = :key")
_SAVE_NUMBER = upsert(
    "contact_numbers",
    tuple(contact_numbers.c.keys()),
    key=("contact_id", "position"),
)


class Saved(StrEnum):
    """What saving an entry did."""

    IMPORTED = "imported"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An entry with the number of its last change, by which lost edits are noticed."""

    contact: Contact
    change: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An entry as it stands after change `number`; None if it was deleted."""

    number: int
    contact_id: str
    contact: Contact | None


def contact_id(
    *, crm: str = "", ref: str | None, name: str | None, company: str | None, number: str | None
) -> str:
    """Return the stable id of an entry: from its id in the source, else from who and what number.

    The same file imported again finds its own entries by it.
    """
    key = ["ref", ref] if ref else ["who", name or "", company or "", number or ""]
    return str(uuid5(NAMESPACE, "\n".join(("contact", crm, *map(str, key)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What saving one entry does: how it stands before (None: it is new) and after."""

    saved: Saved
    before: Contact | None
    after: Contact


def save_contacts(
    conn: Connection, entries: Sequence[Contact], *, told: Told | None = None
) -> list[Saved]:
    """Insert or replace entries by id, or by `ref` within their CRM; say for each what was done.

    Entries with the same id in one call are saved one after the other, the last one stays. With
    `told` an entry that is there keeps what the source does not tell.
    """
    planned, buried = _plan(conn, entries, told)
    changed = {one.after.id: one.after for one in planned if one.saved is not Saved.UNCHANGED}
    fresh = {one.after.id for one in planned if one.saved is Saved.IMPORTED}
    if changed:
        _write(conn, changed, fresh - buried)
    return [one.saved for one in planned]


def preview_contacts(
    conn: Connection, entries: Sequence[Contact], *, told: Told | None = None
) -> list[Planned]:
    """Say for each entry what `save_contacts` would do, and write nothing."""
    return _plan(conn, entries, told)[0]


def _plan(
    conn: Connection, entries: Sequence[Contact], told: Told | None
) -> tuple[list[Planned], set[str]]:
    known, buried = _stored(conn, entries)
    by_ref = {(entry.crm, entry.ref): entry.id for entry in known.values() if entry.ref}
    planned: list[Planned] = []
    for entry in entries:
        own = by_ref.get((entry.crm, entry.ref or ""), entry.id)
        before = known.get(own)
        wanted = entry if own == entry.id else replace(entry, id=own)
        if before is not None and told is not None:
            wanted = merged(before, wanted, told)
        if before is None:
            saved = Saved.IMPORTED
        else:
            saved = Saved.UNCHANGED if before == wanted else Saved.UPDATED
        planned.append(Planned(saved=saved, before=before, after=wanted))
        known[own] = wanted
        if wanted.ref:
            by_ref[wanted.crm, wanted.ref] = own
    return planned, buried


def delete_contact(conn: Connection, identifier: str, *, at: datetime) -> bool:
    """Empty an entry and leave only its id as a tombstone, so that mirrors drop it too."""
    row = conn.execute(
        select(contacts.c.id).where(contacts.c.id == identifier, contacts.c.deleted_at.is_(None))
    ).first()
    if row is None:
        return False
    conn.execute(delete(contact_numbers).where(contact_numbers.c.contact_id == identifier))
    empty = row_of(Contact(id=identifier)) | {"ref": None, "crm": "", "deleted_at": at}
    (change,) = _take_changes(conn, 1)
    statement = update(contacts).where(contacts.c.id == identifier)
    conn.execute(statement.values(**empty, change=change))
    revoke_choices(conn, identifier, at=at)
    return True


def get_contact(conn: Connection, identifier: str) -> Contact | None:
    """Return one entry, None if there is none or it was deleted."""
    return next(iter(load_contacts(conn, [identifier])), None)


def read_contact(conn: Connection, identifier: str) -> Stored | None:
    """Return one entry with its change number, None if there is none or it was deleted."""
    contact = get_contact(conn, identifier)
    if contact is None:
        return None
    query = select(contacts.c.change).where(contacts.c.id == identifier)
    return Stored(contact=contact, change=conn.execute(query).scalar_one())


def change_numbers(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Return the number of the last change of each of these entries."""
    found: dict[str, int] = {}
    for part in parts(ids):
        query = select(contacts.c.id, contacts.c.change).where(contacts.c.id.in_(part))
        found.update((row.id, row.change) for row in conn.execute(query))
    return found


def find_contacts(conn: Connection, e164: str, *, limit: int = HITS_LIMIT) -> tuple[Contact, ...]:
    """Return the entries that carry the number, in a stable order."""
    ids = conn.execute(
        select(contact_numbers.c.contact_id)
        .where(contact_numbers.c.e164 == e164)
        .distinct()
        .order_by(contact_numbers.c.contact_id)
        .limit(limit)
    ).scalars()
    return tuple(load_contacts(conn, list(ids)))


def list_contacts(
    conn: Connection,
    *,
    after: str = "",
    limit: int = 50,
    company_id: str | None = None,
    e164: str | None = None,
) -> tuple[tuple[Contact, ...], str | None]:
    """Return a page of entries by id, and the id to go on after, None on the last page.

    `company_id` restricts it to the people of a company, `e164` to those with a number.
    """
    query = select(contacts.c.id).where(contacts.c.id > after, contacts.c.deleted_at.is_(None))
    if company_id is not None:
        query = query.where(contacts.c.company_id == company_id)
    if e164 is not None:
        having = select(contact_numbers.c.contact_id).where(contact_numbers.c.e164 == e164)
        query = query.where(contacts.c.id.in_(having))
    ids = list(conn.execute(query.order_by(contacts.c.id).limit(limit + 1)).scalars())
    page = tuple(load_contacts(conn, ids[:limit]))
    return page, ids[limit - 1] if len(ids) > limit else None


def count_contacts(conn: Connection) -> int:
    """Return how many entries there are."""
    query = text("SELECT count(*) FROM contacts WHERE deleted_at IS NULL")
    return int(conn.execute(query).scalar_one())


def last_change(conn: Connection) -> int:
    """Return the number of the newest change, 0 if nothing was ever saved."""
    query = text("SELECT value FROM counters WHERE name = :name")
    return int(conn.execute(query, {"name": COUNTER}).scalar() or 0)


def changes(conn: Connection, *, after: int, until: int, limit: int) -> list[Change]:
    """Return entries changed after one number and up to another, oldest first, at most `limit`."""
    rows = (
        conn.execute(
            select(contacts)
            .where(contacts.c.change > after, contacts.c.change <= until)
            .order_by(contacts.c.change)
            .limit(limit)
        )
        .mappings()
        .all()
    )
    numbers = load_numbers(conn, [row["id"] for row in rows if row["deleted_at"] is None])
    return [
        Change(
            number=row["change"],
            contact_id=row["id"],
            contact=None if row["deleted_at"] is not None else contact_of(row, numbers),
        )
        for row in rows
    ]


def _stored(conn: Connection, entries: Sequence[Contact]) -> tuple[dict[str, Contact], set[str]]:
    """Return the stored entries with an id or ref of the given ones, and the ids of tombstones."""
    ids = {entry.id for entry in entries}
    known: dict[str, Contact] = {}
    buried: set[str] = set()
    load_any(conn, sorted(ids), known, buried)
    refs: dict[str, set[str]] = {}
    for entry in entries:
        if entry.ref and entry.id not in known:
            refs.setdefault(entry.crm or "", set()).add(entry.ref)
    for crm, some in refs.items():
        for part in parts(sorted(some)):
            query = select(contacts.c.id).where(contacts.c.crm == crm, contacts.c.ref.in_(part))
            others = [found for found in conn.execute(query).scalars() if found not in ids]
            load_any(conn, others, known, buried)
    return known, buried


def _write(conn: Connection, changed: Mapping[str, Contact], fresh: set[str]) -> None:
    numbers = _take_changes(conn, len(changed))
    rows = [
        row_of(entry) | {"change": number}
        for entry, number in zip(changed.values(), numbers, strict=True)
    ]
    _DROP_NUMBERS.many(conn, [{"key": identifier} for identifier in changed.keys() - fresh])
    _SAVE.many(conn, rows)
    _SAVE_NUMBER.many(conn, [row for entry in changed.values() for row in number_rows(entry)])


def _take_changes(conn: Connection, count: int) -> range:
    """Reserve change numbers; the counter's row lock makes their order the order of commits."""
    last = next_change(conn, COUNTER, count=count)
    return range(last - count + 1, last + 1)
