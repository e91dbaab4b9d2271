"""What the mirror's file looks like inside; another layout needs another VERSION."""

from collections.abc import Iterable
from typing import Final

import orjson

from gateway.core.matching import Contact, ContactKind, ContactNumber

APPLICATION_ID: Final = 0x46444D52  # "FDMR"
VERSION: Final = 1

# The number as an integer makes the index half as large; leading zeros cannot occur in E.164.
TABLES: Final = f"""
CREATE TABLE contacts (id INTEGER PRIMARY KEY, contact_id TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE numbers (
    e164 INTEGER NOT NULL, contact INTEGER NOT NULL, PRIMARY KEY (e164, contact)
) WITHOUT ROWID;
CREATE TABLE state (last_change INTEGER NOT NULL);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
"""
INDEX: Final = "CREATE UNIQUE INDEX contacts_by_id ON contacts (contact_id)"
LOOK_UP: Final = (
    "SELECT c.contact_id, c.body FROM numbers n JOIN contacts c ON c.id = n.contact "
    "WHERE n.e164 = ? ORDER BY n.contact LIMIT 50"
)


def number_key(e164: str) -> int | None:
    """Return the key of a number in the index, None for what is no E.164 number."""
    digits = e164[1:]
    if (
        e164[:1] != "+"
        or not (digits.isascii() and digits.isdigit())
        or len(digits) > len("9" * 18)
    ):
        return None
    return int(digits)


def encode(contact: Contact) -> bytes:
    """Return the body of an entry; a list, because the names of its values never change."""
    return orjson.dumps(
        [
            contact.ref,
            contact.kind,
            contact.name,
            contact.company,
            contact.email,
            contact.language,
            contact.formality,
            contact.owner,
            contact.tags,
            contact.vip,
            contact.at_risk,
            contact.url,
            contact.fields,
            contact.crm,
            [(number.raw, number.e164, number.label) for number in contact.numbers],
        ]
    )


def decode(contact_id: str, body: bytes) -> Contact:
    """Read what `encode` wrote."""
    values = orjson.loads(body)
    return Contact(
        id=contact_id,
        ref=values[0],
        kind=ContactKind(values[1]),
        name=values[2],
        company=values[3],
        email=values[4],
        language=values[5],
        formality=values[6],
        owner=values[7],
        tags=tuple(values[8]),
        vip=values[9],
        at_risk=values[10],
        url=values[11],
        fields=values[12],
        crm=values[13],
        numbers=tuple(
            ContactNumber(raw=raw, e164=e164, label=label) for raw, e164, label in values[14]
        ),
    )


def index_keys(numbers: Iterable[ContactNumber]) -> set[int]:
    """Return the keys under which an entry is found."""
    keys = (number_key(number.e164) for number in numbers if number.e164 is not None)
    return {key for key in keys if key is not None}
