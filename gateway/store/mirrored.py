"""Entries of the directory that follow records of a CRM. Functions over an open transaction.

The CRM is the master of what it tells: an entry made from a record gets its name, company, e-mail,
owner and numbers again whenever the record changes there, and keeps what only people here know
(tags, marks, language, free fields, numbers under labels of their own). An entry that was here
before, from a file or by hand, is never changed: it only gets a reference to the record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Final

from sqlalchemy import Connection

from gateway.core.contact import Contact
from gateway.store.contact_merge import Told
from gateway.store.contact_rows import load_any
from gateway.store.contacts import Saved, change_numbers, delete_contact, save_contacts
from gateway.store.mirrored_links import own_id, same_entries, with_reference, without_reference
from gateway.store.mirrored_rows import (
    Bond,
    PersonRow,
    drop_rows,
    find_rows,
    mark_seen,
    save_rows,
)

_TOLD: Final = frozenset({"company", "company_id", "email", "owner", "url"})
# What CRMs call numbers; people's own labels are others.
_LABELS: Final = frozenset({"phone", "mobile", "home", "work", "fax", "other", "assistant"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """A record of a CRM as an entry with `crm` and `ref`; `company_ref` is its company's record.

    The entry's id and company_id are found when it is absorbed.
    """

    entry: Contact
    company_ref: str | None = None

    @property
    def ref(self) -> str:
        """The record's id in its CRM."""
        return self.entry.ref or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorbed:
    """What a batch did to the directory."""

    added: int = 0
    changed: int = 0
    linked: int = 0
    removed: int = 0

    def __add__(self, other: "Absorbed") -> "Absorbed":
        """Return both together."""
        return Absorbed(
            added=self.added + other.added,
            changed=self.changed + other.changed,
            linked=self.linked + other.linked,
            removed=self.removed + other.removed,
        )

    @property
    def any(self) -> bool:
        """Whether the directory is another now."""
        return any((self.added, self.changed, self.linked, self.removed))


NOTHING: Final = Absorbed()


def absorb(conn: Connection, crm: str, found: Sequence[Mirrored], *, sweep: int) -> Absorbed:
    """Make the directory say what the records say; the same again changes nothing."""
    whole = {one.ref: one for one in found}
    rows = find_rows(conn, crm, whole)
    same = {ref for ref, row in rows.items() if row.digest == digest(whole[ref])}
    told = {ref: one for ref, one in whole.items() if ref not in same}
    if told:
        done, away = _follow(conn, crm, told, rows, sweep)
    else:
        done, away = NOTHING, set()
    mark_seen(conn, crm, same | away, sweep=sweep)
    return done


def forget(conn: Connection, crm: str, refs: Iterable[str], *, at: datetime) -> Absorbed:
    """Take out what the CRM has no more: the mirror's own entries go, others lose the reference.

    An entry that people changed since the mirror wrote it is no longer the mirror's own.
    """
    rows = find_rows(conn, crm, refs)
    entries, buried = _entries(conn, rows.values())
    changes = change_numbers(conn, list(entries))
    kept: dict[str, Contact] = {}
    gone: list[str] = []
    removed = 0
    for ref, row in rows.items():
        if row.contact_id in buried:
            continue  # erased by people here: the row keeps it away
        gone.append(ref)
        entry = kept.get(row.contact_id) or entries.get(row.contact_id)
        if entry is None:
            continue
        removed += 1
        if row.bond is Bond.MIRRORED and changes[entry.id] == row.change:
            delete_contact(conn, entry.id, at=at)
        else:
            kept[entry.id] = without_reference(entry, crm, ref)
    save_contacts(conn, list(kept.values()))
    drop_rows(conn, crm, gone)
    return Absorbed(removed=removed)


def digest(one: Mirrored) -> str:
    """Return what tells this state of a record from any other."""
    entry = one.entry
    numbers = [(each.raw, each.e164, each.label, each.extension) for each in entry.numbers]
    texts = (entry.name, entry.company, entry.email, entry.language, entry.owner, entry.url)
    whole = repr((entry.kind.value, texts, one.company_ref, entry.tags, numbers))
    return blake2b(whole.encode(errors="replace"), digest_size=16).hexdigest()


def _follow(
    conn: Connection,
    crm: str,
    told: Mapping[str, Mirrored],
    rows: Mapping[str, PersonRow],
    sweep: int,
) -> tuple[Absorbed, set[str]]:
    """Write new and changed records; return what that did and which are kept away by people."""
    known = {ref: rows[ref] for ref in told if ref in rows}
    entries, buried = _entries(conn, known.values())
    away = {ref for ref, row in known.items() if row.contact_id in buried}
    fresh = [one for ref, one in told.items() if ref not in known]
    linked = same_entries(conn, crm, [one.entry for one in fresh])
    linked |= {
        ref: entries[row.contact_id]
        for ref, row in known.items()
        if row.bond is Bond.LINKED and row.contact_id in entries
    }
    ours = [one for ref, one in told.items() if ref not in linked and ref not in away]
    ids = {one.ref: _id_of(crm, one, known) for one in ours}
    homes = _homes(conn, crm, ours, {**ids, **{ref: each.id for ref, each in linked.items()}})
    edited = _edited(conn, known)
    saved = save_contacts(
        conn,
        [
            replace(one.entry, id=ids[one.ref], company_id=homes.get(one.company_ref or ""))
            for one in ours
        ],
        told=Told(attributes=_TOLD, labels=_LABELS),
    )
    _refer(conn, told, linked)
    bonds = {ref: Bond.EDITED if ref in edited else Bond.MIRRORED for ref in ids}
    owners = {**ids, **{ref: entry.id for ref, entry in linked.items()}}
    bonds |= dict.fromkeys(linked, Bond.LINKED)
    changes = change_numbers(conn, sorted(set(owners.values())))
    new_rows = [
        PersonRow(
            ref=ref,
            contact_id=owner,
            bond=bonds[ref],
            digest=_settled(told[ref], homes, linked=ref in linked),
            change=changes.get(owner, 0),
            sweep=sweep,
        )
        for ref, owner in owners.items()
    ]
    save_rows(conn, crm, new_rows)
    done = Absorbed(
        added=saved.count(Saved.IMPORTED),
        changed=saved.count(Saved.UPDATED),
        linked=sum(1 for ref in linked if ref not in known),
    )
    return done, away


def _entries(conn: Connection, rows: Iterable[PersonRow]) -> tuple[dict[str, Contact], set[str]]:
    """Return the entries of rows, and the ids of those that were deleted."""
    entries: dict[str, Contact] = {}
    buried: set[str] = set()
    load_any(conn, sorted({row.contact_id for row in rows}), entries, buried)
    return entries, buried


def _id_of(crm: str, one: Mirrored, known: Mapping[str, PersonRow]) -> str:
    row = known.get(one.ref)
    return own_id(crm, one.ref) if row is None else row.contact_id


def _edited(conn: Connection, known: Mapping[str, PersonRow]) -> set[str]:
    """Return the records whose entry people changed since the mirror wrote it."""
    changes = change_numbers(conn, sorted({row.contact_id for row in known.values()}))
    return {
        ref
        for ref, row in known.items()
        if row.bond is Bond.EDITED or changes.get(row.contact_id) != row.change
    }


def _homes(
    conn: Connection, crm: str, ours: Sequence[Mirrored], here: Mapping[str, str]
) -> dict[str, str]:
    """Return our ids of the companies that people belong to, as far as they are known."""
    wanted = {one.company_ref for one in ours if one.company_ref is not None}
    elsewhere = find_rows(conn, crm, wanted - here.keys())
    homes = {ref: row.contact_id for ref, row in elsewhere.items()}
    return homes | {ref: here[ref] for ref in wanted if ref in here}


def _refer(conn: Connection, told: Mapping[str, Mirrored], linked: Mapping[str, Contact]) -> None:
    entries: dict[str, Contact] = {}
    for ref, entry in linked.items():
        so_far = entries.get(entry.id, entry)
        entries[entry.id] = with_reference(so_far, told[ref].entry)
    save_contacts(conn, list(entries.values()))


def _settled(one: Mirrored, homes: Mapping[str, str], *, linked: bool) -> str:
    """Return the record's digest, "" while its company is not here yet: it is read again then."""
    missing = one.company_ref is not None and one.company_ref not in homes
    return "" if missing and not linked else digest(one)
