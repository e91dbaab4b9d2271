"""Statements of the hot path, compiled once per database and run on the driver itself.

SQLAlchemy's execution costs 25 µs a statement where the statement costs 5 µs; a call event needs
four of them. Everything off that path uses SQLAlchemy as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from sqlalchemy import Connection, text

from gateway.store.backend import driver_of

Value = str | bytes | int | bool | None
Parameters = Mapping[str, Value]
# Several rows go in one statement up to `EXACT`, more of them in statements of these sizes: any
# number is made of few statements, and of few texts that stay compiled.
EXACT: Final = 16
SIZES: Final = (64, 32, EXACT)

T = TypeVar("T")


class Prepared:
    """One statement with `:name` parameters; instants go in as microseconds."""

    def __init__(self, sql: str) -> None:
        self._source: Final = text(sql)
        self._compiled: dict[str, str] = {}

    def run(self, conn: Connection, parameters: Parameters) -> int:
        """Execute it and return the number of rows touched."""
        return driver_of(conn).execute(self._sql(conn), parameters).rowcount

    def many(self, conn: Connection, rows: Sequence[Parameters]) -> None:
        """Execute it once per row."""
        if rows:
            driver_of(conn).cursor().executemany(self._sql(conn), rows)

    def integer(self, conn: Connection, parameters: Parameters) -> int | None:
        """Execute it and return the number it returns, None if it returns no row."""
        row = driver_of(conn).execute(self._sql(conn), parameters).fetchone()
        return row[0] if row is not None and isinstance(row[0], int) else None

    def row(self, conn: Connection, parameters: Parameters) -> tuple[object, ...] | None:
        """Execute it and return its first row as the driver gives it, None if there is none."""
        return driver_of(conn).execute(self._sql(conn), parameters).fetchone()

    def rows(self, conn: Connection, parameters: Parameters) -> Sequence[tuple[object, ...]]:
        """Execute it and return all rows as the driver gives them."""
        return driver_of(conn).execute(self._sql(conn), parameters).fetchall()

    def _sql(self, conn: Connection) -> str:
        name = conn.dialect.name
        sql = self._compiled.get(name)
        if sql is None:
            sql = self._compiled[name] = str(self._source.compile(dialect=conn.dialect))
        return sql


class Rows:
    """A statement over any number of rows, which stand in place of `{rows}`.

    One statement for all of them: at each one the thread gives the interpreter away and has to
    wait for it again, which costs more than the statement.
    """

    def __init__(self, sql: str, *, columns: int) -> None:
        self._source: Final = sql
        self._columns: Final = columns
        self._texts: Final[dict[tuple[bool, int], str]] = {}

    def run(self, conn: Connection, rows: Sequence[Sequence[Value]]) -> int:
        """Execute it for all rows and return the number of rows touched."""
        driver = driver_of(conn)
        return sum(
            driver.execute(self._sql(conn, len(part)), _flat(part)).rowcount
            for part in in_parts(rows)
        )

    def returned(
        self, conn: Connection, rows: Sequence[Sequence[Value]]
    ) -> list[tuple[object, ...]]:
        """Execute it for all rows and return what it returns, in any order."""
        driver, found = driver_of(conn), list[tuple[object, ...]]()
        for part in in_parts(rows):
            found += driver.execute(self._sql(conn, len(part)), _flat(part)).fetchall()
        return found

    def _sql(self, conn: Connection, count: int) -> str:
        embedded = conn.dialect.name == "sqlite"
        text = self._texts.get((embedded, count))
        if text is None:
            row = f"({', '.join(('?' if embedded else '%s',) * self._columns)})"
            text = self._source.format(rows=", ".join((row,) * count))
            self._texts[embedded, count] = text
        return text


def in_parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the rows in parts of the sizes that statements are kept for."""
    start = 0
    for size in SIZES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size
    if start < len(rows):
        yield rows[start:]


def _flat(rows: Sequence[Sequence[Value]]) -> list[Value]:
    return [value for row in rows for value in row]


def upsert_rows(
    table: str,
    columns: Sequence[str],
    *,
    key: Sequence[str],
    changes: Sequence[str] | None = None,
    where: str = "",
    returning: str = "",
) -> Rows:
    """Return the same as `upsert` for several rows; of one key there must be one row only.

    Of a row that is there only the columns in `changes` are replaced, by default all.
    """
    kept = key if changes is None else [name for name in columns if name not in changes]
    text = _upsert(
        table, columns, key=key, kept=kept, where=where, returning=returning, values="{rows}"
    )
    return Rows(text, columns=len(columns))


def upsert(
    table: str,
    columns: Sequence[str],
    *,
    key: Sequence[str],
    where: str = "",
    returning: str = "",
) -> Prepared:
    """Return INSERT that replaces the row with the same key, where `where` (if any) allows it."""
    values = f"({', '.join(f':{name}' for name in columns)})"
    return Prepared(
        _upsert(table, columns, key=key, kept=key, where=where, returning=returning, values=values)
    )


def _upsert(
    table: str,
    columns: Sequence[str],
    *,
    key: Sequence[str],
    kept: Sequence[str],
    where: str,
    returning: str,
    values: str,
) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in kept)
    action = f"DO UPDATE SET {changes}" if changes else "DO NOTHING"
    parts = [
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}",  # noqa: S608 (our names)
        f"ON CONFLICT ({', '.join(key)}) {action}",
        f"WHERE {where}" if where else "",
        f"RETURNING {returning}" if returning else "",
    ]
    return " ".join(part for part in parts if part)
