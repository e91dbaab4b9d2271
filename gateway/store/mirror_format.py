"""What the mirror's file looks like inside; another layout needs another VERSION."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from gateway.core.contact import (
    PREFIX_MARK,
    Contact,
    ContactKind,
    ContactNumber,
    CrmReference,
)
from gateway.core.forms import LOOSE_MARK, search_key
from gateway.core.marks import Mark, MarkKind
from gateway.store.schema import from_micros, to_micros

APPLICATION_ID: Final = 0x46444D52  # "FDMR"
VERSION: Final = 2

# The number as an integer makes the index half as large; leading zeros cannot occur in E.164. The
# keys of ranges and of numbers without E.164 form lie above all numbers. `words` serves searching
# by name; a table of our own, because what is erased must leave no trace in it.
TABLES: Final = f"""
CREATE TABLE contacts (id INTEGER PRIMARY KEY, contact_id TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE numbers (
    e164 INTEGER NOT NULL, contact INTEGER NOT NULL, PRIMARY KEY (e164, contact)
) WITHOUT ROWID;
CREATE TABLE marks (
    key INTEGER NOT NULL, kind TEXT NOT NULL, e164 TEXT NOT NULL, contact_id TEXT, reason TEXT,
    set_by TEXT NOT NULL, set_at INTEGER NOT NULL, PRIMARY KEY (key, kind)
) WITHOUT ROWID;
CREATE TABLE words (
    word TEXT NOT NULL, contact INTEGER NOT NULL, PRIMARY KEY (word, contact)
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
RANGES: Final = 10**18
LOOSE: Final = 2 * 10**18
_DIGITS: Final = 17
_WORD: Final = re.compile(r"\w+")
_WORD_LIMIT: Final = 40
_WORDS_LIMIT: Final = 24


def number_key(key: str) -> int | None:
    """Return the place in the index of a number, a range or a number without E.164 form.

    None for what is none of them.
    """
    mark, digits, base = key[:1], key[1:], 0
    if mark == LOOSE_MARK:
        base = LOOSE
    elif mark != "+":
        return None
    elif digits.endswith(PREFIX_MARK):
        digits, base = digits[:-1], RANGES
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _DIGITS:
        return None
    return base + int(digits)


def words_of(*texts: str | None) -> set[str]:
    """Return the words of texts as they are searched: lower case, without accents."""
    found: set[str] = set()
    for text in texts:
        if text:
            plain = text.lower() if text.isascii() else _unaccented(text)
            found.update(word[:_WORD_LIMIT] for word in _WORD.findall(plain)[:_WORDS_LIMIT])
    return found


def _unaccented(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one))


def contact_words(contact: Contact) -> set[str]:
    """Return the words under which an entry is found."""
    return words_of(contact.name, contact.company, contact.ref, contact.email)


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
            [
                (number.raw, number.e164, number.label, number.extension)
                for number in contact.numbers
            ],
            contact.company_id,
            [(one.crm, one.ref, one.url) for one in contact.references],
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
            ContactNumber(raw=raw, e164=e164, label=label, extension=extension)
            for raw, e164, label, extension in values[14]
        ),
        company_id=values[15],
        references=tuple(CrmReference(crm=crm, ref=ref, url=url) for crm, ref, url in values[16]),
    )


def mark_row(mark: Mark) -> tuple[int, str, str, str | None, str | None, str, int] | None:
    """Return the row of a mark, None if its number has no place in the index."""
    key = number_key(mark.e164)
    if key is None:
        return None
    at = to_micros(mark.at)
    return key, mark.kind.value, mark.e164, mark.contact_id, mark.reason, mark.by, at


def mark_from(row: Sequence[Any]) -> Mark:
    """Read what `mark_row` wrote, without its key."""
    kind, e164, contact_id, reason, set_by, set_at = row
    return Mark(
        kind=MarkKind(kind),
        e164=e164,
        by=set_by,
        at=from_micros(set_at),
        contact_id=contact_id,
        reason=reason,
    )


def index_keys(numbers: Iterable[ContactNumber]) -> set[int]:
    """Return the keys under which an entry is found."""
    found = (search_key(number) for number in numbers)
    keys = (number_key(key) for key in found if key is not None)
    return {key for key in keys if key is not None}
