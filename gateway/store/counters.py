"""Change numbers and small named values.

A change number grows with every change of a kind of row; whoever remembers the last one he saw can
ask for what changed since. Drawing one locks the counter until the transaction ends, so numbers
become visible in their order, with several writers too.
"""

from sqlalchemy import Connection, select

from gateway.store.prepared import Prepared, upsert
from gateway.store.schema import meta

_NEXT = Prepared(
    "INSERT INTO counters (name, value) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value"
)
_LAST = Prepared("SELECT value FROM counters WHERE name = :name")
_SET_META = upsert("meta", ("key", "value"), key=("key",))


def next_change(conn: Connection, name: str, *, count: int = 1) -> int:
    """Draw `count` change numbers of a sequence (`calls`, `contacts`) and return the last."""
    return _NEXT.integer(conn, {"name": name, "count": count}) or 0


def last_change(conn: Connection, name: str) -> int:
    """Return the last change number drawn, 0 if none was."""
    return _LAST.integer(conn, {"name": name}) or 0


def get_meta(conn: Connection, key: str) -> str | None:
    """Return a named value, None if it was never set."""
    return conn.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def set_meta(conn: Connection, key: str, value: str) -> None:
    """Set a named value."""
    _SET_META.run(conn, {"key": key, "value": value})
