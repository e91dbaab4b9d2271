"""Entries that were in the directory before a CRM was: found again and given a reference."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from gateway.core.contact import Contact, ContactKind, CrmReference
from gateway.store.contact_rows import load_contacts, parts
from gateway.store.contacts import contact_id
from gateway.store.schema import contact_numbers, contacts


def own_id(crm: str, ref: str) -> str:
    """Return our id of an entry that is made from a record."""
    return contact_id(crm=crm, ref=ref, name=None, company=None, number=None)


def same_entries(conn: Connection, crm: str, fresh: Sequence[Contact]) -> dict[str, Contact]:
    """Return, by record, the entry that is the same person or company for certain.

    It has the record's id from a file or from earlier, or it is the only one that came from
    elsewhere with the same kind, the same name and one of the same numbers.
    """
    refs = {own_id(crm, one.ref or ""): one.ref or "" for one in fresh}
    found = {refs[entry.id]: entry for entry in load_contacts(conn, sorted(refs))}
    for part in parts([ref for ref in refs.values() if ref not in found]):
        query = select(contacts.c.id).where(contacts.c.crm == crm, contacts.c.ref.in_(part))
        ids = list(conn.execute(query).scalars())
        found.update((entry.ref or "", entry) for entry in load_contacts(conn, ids))
    rest = [one for one in fresh if one.ref not in found]
    near = _by_number(conn, crm, rest)
    for one in rest:
        keys = [number.e164 for number in one.numbers if number.e164 is not None]
        others = {entry.id: entry for key in keys for entry in near.get(key, ())}
        same = [entry for entry in others.values() if _is_same(one, entry)]
        if len(same) == 1:
            found[one.ref or ""] = same[0]
    return found


def with_reference(entry: Contact, record: Contact) -> Contact:
    """Return the entry with a reference to the record, and nothing else changed."""
    crm, ref = record.crm or "", record.ref or ""
    if entry.crm == crm and entry.ref == ref:
        return entry
    others = tuple(one for one in entry.references if (one.crm, one.ref) != (crm, ref))
    mine = CrmReference(crm=crm, ref=ref, url=record.url)
    return replace(entry, references=(*others, mine))


def without_reference(entry: Contact, crm: str, ref: str) -> Contact:
    """Return the entry without what named the record."""
    if entry.crm == crm and entry.ref == ref:
        return replace(entry, crm=None, ref=None, url=None)
    others = tuple(one for one in entry.references if (one.crm, one.ref) != (crm, ref))
    return replace(entry, references=others)


def _by_number(conn: Connection, crm: str, fresh: Iterable[Contact]) -> dict[str, list[Contact]]:
    """Return the entries from elsewhere that have any of the numbers, by number."""
    wanted = {number.e164 for one in fresh for number in one.numbers if number.e164 is not None}
    ids: set[str] = set()
    for part in parts(sorted(wanted)):
        query = (
            select(contacts.c.id)
            .join(contact_numbers, contact_numbers.c.contact_id == contacts.c.id)
            .where(contact_numbers.c.e164.in_(part), contacts.c.crm != crm)
        )
        ids.update(conn.execute(query).scalars())
    found: dict[str, list[Contact]] = {}
    for entry in load_contacts(conn, sorted(ids)):
        for e164 in {number.e164 for number in entry.numbers} & wanted:
            found.setdefault(e164 or "", []).append(entry)
    return found


def _is_same(one: Contact, other: Contact) -> bool:
    return one.kind is other.kind and bool(_words(one)) and _words(one) == _words(other)


def _words(entry: Contact) -> frozenset[str]:
    """Return the words of a name, in no order: files and CRMs turn them round."""
    company = entry.kind is ContactKind.COMPANY
    shown = (entry.company or entry.name) if company else entry.name
    return frozenset((shown or "").casefold().replace(",", " ").split())
