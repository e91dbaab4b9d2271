"""How the pop asks the mirror: at most three statements, none of them without need.

The first is the number itself. What people say about numbers, and other ways to find one, are asked
only where the directory has any.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from gateway.core.contact import Contact
from gateway.core.forms import other_keys, prefix_keys
from gateway.core.marks import NO_MARKS, Marks, marks_of
from gateway.store.mirror_format import LOOK_UP, LOOSE, RANGES, decode, mark_from, number_key

_CHOSEN: Final = "SELECT contact_id, body FROM contacts WHERE contact_id = ?"
_MARKS: Final = "SELECT kind, e164, contact_id, reason, set_by, set_at FROM marks WHERE key IN (%s)"
_MAYBE: Final = (
    "SELECT DISTINCT c.contact_id, c.body FROM numbers n JOIN contacts c ON c.id = n.contact "
    "WHERE n.e164 IN (%s) LIMIT 50"
)
_PREFIX_LENGTHS: Final = (
    "SELECT DISTINCT length(CAST({column} - {base} AS TEXT)) FROM {table} "
    "WHERE {column} >= {base} AND {column} < {end}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What there is to ask for at all: how long ranges and marked prefixes are, in digits."""

    range_lengths: tuple[int, ...] = ()
    mark_lengths: tuple[int, ...] = ()
    has_marks: bool = False


def take_inventory(conn: sqlite3.Connection) -> Inventory:
    """Return what a mirror holds besides plain numbers; for any thread but the loop's."""
    ranges = _PREFIX_LENGTHS.format(column="e164", table="numbers", base=RANGES, end=LOOSE)
    marks = _PREFIX_LENGTHS.format(column="key", table="marks", base=RANGES, end=LOOSE)
    return Inventory(
        range_lengths=tuple(row[0] for row in conn.execute(ranges)),
        mark_lengths=tuple(row[0] for row in conn.execute(marks)),
        has_marks=conn.execute("SELECT 1 FROM marks LIMIT 1").fetchone() is not None,
    )


class MirrorReader:
    """The questions of one connection; `inventory` is taken anew after each change."""

    def __init__(self, conn: sqlite3.Connection, inventory: Inventory) -> None:
        self.conn: Final = conn
        self.inventory = inventory

    def hits(self, e164: str) -> tuple[Contact, ...]:
        """Return the entries with the very number."""
        rows = self.conn.execute(LOOK_UP, (number_key(e164),)).fetchall()
        return tuple([decode(contact_id, body) for contact_id, body in rows])

    def marks(self, e164: str) -> Marks:
        """Return what people say about the number."""
        if not self.inventory.has_marks:
            return NO_MARKS
        keys = _keys((e164, *prefix_keys(e164, self.inventory.mark_lengths)))
        rows = self.conn.execute(_MARKS % _places(keys), keys).fetchall()
        return marks_of([mark_from(row) for row in rows])

    def chosen(self, contact_id: str) -> Contact | None:
        """Return an entry by its id."""
        rows = self.conn.execute(_CHOSEN, (contact_id,)).fetchall()
        return decode(*rows[0]) if rows else None

    def maybe(self, e164: str) -> tuple[Contact, ...]:
        """Return the entries that have the number in another form, or a range that covers it."""
        keys = _keys((*prefix_keys(e164, self.inventory.range_lengths), *other_keys(e164)))
        rows = self.conn.execute(_MAYBE % _places(keys), keys).fetchall()
        return tuple([decode(contact_id, body) for contact_id, body in rows])


def _keys(keys: tuple[str, ...]) -> list[int]:
    return [key for key in map(number_key, keys) if key is not None]


def _places(keys: list[int]) -> str:
    return ",".join("?" * len(keys))
