"""Which record of a CRM belongs to which entry of the directory: the rows of `crm_people`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, func, select, update

from gateway.store.contact_rows import parts
from gateway.store.prepared import upsert
from gateway.store.schema import contacts
from gateway.store.schema_mirrored import crm_people

_SAVE = upsert("crm_people", tuple(crm_people.c.keys()), key=("crm", "ref"))


class Bond(StrEnum):
    """What an entry is to the record: see `schema_mirrored`."""

    MIRRORED = "mirrored"
    EDITED = "edited"
    LINKED = "linked"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One row; `digest` is "" while something about the record could not be resolved."""

    ref: str
    contact_id: str
    bond: Bond
    digest: str
    change: int
    sweep: int


def find_rows(conn: Connection, crm: str, refs: Iterable[str]) -> dict[str, PersonRow]:
    """Return the known ones of these records."""
    known: dict[str, PersonRow] = {}
    for part in parts(sorted(set(refs))):
        query = select(crm_people).where(crm_people.c.crm == crm, crm_people.c.ref.in_(part))
        for row in conn.execute(query).mappings():
            known[row["ref"]] = PersonRow(
                ref=row["ref"],
                contact_id=row["contact_id"],
                bond=Bond(row["bond"]),
                digest=row["digest"],
                change=row["change"],
                sweep=row["sweep"],
            )
    return known


def save_rows(conn: Connection, crm: str, rows: Sequence[PersonRow]) -> None:
    """Insert or replace rows."""
    _SAVE.many(
        conn,
        [
            {
                "crm": crm,
                "ref": row.ref,
                "contact_id": row.contact_id,
                "bond": row.bond.value,
                "digest": row.digest,
                "change": row.change,
                "sweep": row.sweep,
            }
            for row in rows
        ],
    )


def drop_rows(conn: Connection, crm: str, refs: Sequence[str]) -> None:
    """Delete rows."""
    for part in parts(refs):
        conn.execute(delete(crm_people).where(crm_people.c.crm == crm, crm_people.c.ref.in_(part)))


def mark_seen(conn: Connection, crm: str, refs: Iterable[str], *, sweep: int) -> None:
    """Note that a sweep saw these records."""
    for part in parts(sorted(refs)):
        statement = update(crm_people).where(
            crm_people.c.crm == crm, crm_people.c.ref.in_(part), crm_people.c.sweep < sweep
        )
        conn.execute(statement.values(sweep=sweep))


def stale_refs(conn: Connection, crm: str, *, sweep: int, limit: int) -> list[str]:
    """Return some records that a sweep has not seen and whose entry was not erased here."""
    query = (
        select(crm_people.c.ref)
        .join(contacts, contacts.c.id == crm_people.c.contact_id)
        .where(crm_people.c.crm == crm, crm_people.c.sweep < sweep, contacts.c.deleted_at.is_(None))
        .limit(limit)
    )
    return list(conn.execute(query).scalars())


def count_rows(conn: Connection, crm: str, *, before_sweep: int | None = None) -> int:
    """Return how many records of a CRM the directory has, or of those not seen by a sweep."""
    query = select(func.count()).select_from(crm_people).where(crm_people.c.crm == crm)
    if before_sweep is not None:
        query = query.where(crm_people.c.sweep < before_sweep)
    return conn.execute(query).scalar_one()
