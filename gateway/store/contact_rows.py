"""How an entry of the directory lies in its two tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import orjson
from sqlalchemy import Connection, RowMapping, select

from gateway.core.contact import Contact, ContactKind, ContactNumber, CrmReference
from gateway.core.forms import LOOSE_MARK, search_key
from gateway.store.schema import contact_numbers, contacts

_IN_LIMIT: Final = 500


def load_contacts(conn: Connection, ids: Sequence[str]) -> list[Contact]:
    """Return the entries with these ids that were not deleted, in the order of ids."""
    known: dict[str, Contact] = {}
    load_any(conn, ids, known, set())
    return list(known.values())


def load_any(
    conn: Connection, ids: Sequence[str], known: dict[str, Contact], buried: set[str]
) -> None:
    """Add the entries with these ids to `known`, the ids of deleted ones to `buried`."""
    for part in parts(ids):
        query = select(contacts).where(contacts.c.id.in_(part)).order_by(contacts.c.id)
        rows = conn.execute(query).mappings().all()
        alive = [row for row in rows if row["deleted_at"] is None]
        buried.update(row["id"] for row in rows if row["deleted_at"] is not None)
        numbers = load_numbers(conn, [row["id"] for row in alive])
        known.update((row["id"], contact_of(row, numbers)) for row in alive)


def load_numbers(conn: Connection, ids: Sequence[str]) -> dict[str, list[ContactNumber]]:
    """Return the numbers of these entries, in their order."""
    found: dict[str, list[ContactNumber]] = {}
    columns = contact_numbers.c
    for part in parts(ids):
        query = (
            select(columns.contact_id, columns.raw, columns.e164, columns.label, columns.extension)
            .where(columns.contact_id.in_(part))
            .order_by(columns.contact_id, columns.position)
        )
        for owner, *values in conn.execute(query).all():
            found.setdefault(owner, []).append(_number_of(*values))
    return found


def number_rows(entry: Contact) -> list[dict[str, str | int | bool | None]]:
    """Return the rows of an entry's numbers, in their order."""
    return [
        {
            "contact_id": entry.id,
            "position": position,
            "raw": number.raw,
            "e164": search_key(number),
            "label": number.label,
            "extension": number.extension,
        }
        for position, number in enumerate(entry.numbers)
    ]


def _number_of(
    raw: str, key: str | None, label: str | None, extension: str | None
) -> ContactNumber:
    e164 = None if key is None or key.startswith(LOOSE_MARK) else key
    return ContactNumber(raw=raw, e164=e164, label=label or "phone", extension=extension)


def parts(items: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list so that each part fits into one IN (...)."""
    return (items[start : start + _IN_LIMIT] for start in range(0, len(items), _IN_LIMIT))


def row_of(entry: Contact) -> dict[str, str | int | bool | None]:
    """Return the row of an entry, but for its change number."""
    return {
        "id": entry.id,
        "crm": entry.crm or "",
        "ref": entry.ref,
        "kind": entry.kind.value,
        "name": entry.name,
        "company": entry.company,
        "company_id": entry.company_id,
        "email": entry.email,
        "language": entry.language,
        "formality": entry.formality,
        "owner": entry.owner,
        "tags": orjson.dumps(entry.tags).decode() if entry.tags else "[]",
        "vip": entry.vip,
        "at_risk": entry.at_risk,
        "url": entry.url,
        "fields": orjson.dumps(entry.fields).decode() if entry.fields else "{}",
        "refs": _refs(entry) if entry.references else "[]",
        "deleted_at": None,
    }


def _refs(entry: Contact) -> str:
    return orjson.dumps([[one.crm, one.ref, one.url] for one in entry.references]).decode()


def contact_of(row: RowMapping, numbers: Mapping[str, Sequence[ContactNumber]]) -> Contact:
    """Return the entry of a row; `numbers` by id of the entry."""
    return Contact(
        id=row["id"],
        ref=row["ref"],
        kind=ContactKind(row["kind"]),
        name=row["name"],
        company=row["company"],
        company_id=row["company_id"],
        email=row["email"],
        language=row["language"],
        formality=row["formality"],
        owner=row["owner"],
        tags=tuple(orjson.loads(row["tags"])),
        vip=row["vip"],
        at_risk=row["at_risk"],
        url=row["url"],
        fields=orjson.loads(row["fields"]),
        crm=row["crm"] or None,
        references=tuple(
            CrmReference(crm=crm, ref=ref, url=url) for crm, ref, url in orjson.loads(row["refs"])
        ),
        numbers=tuple(numbers.get(row["id"], ())),
    )
