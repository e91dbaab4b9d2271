"""The file behind the mirror: its format, how it is made anew and how changes get into it.

Everything here runs on one thread, the mirror's own; the pop path only ever reads `LOOK_UP`.
"""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from gateway.core.contact import Contact
from gateway.core.marks import Mark
from gateway.store.contacts import Change
from gateway.store.marks import MarkChange
from gateway.store.mirror_format import (
    APPLICATION_ID,
    INDEX,
    LOOK_UP,
    TABLES,
    VERSION,
    contact_words,
    decode,
    encode,
    index_keys,
    mark_row,
    number_key,
)
from gateway.store.mirror_reader import Inventory, take_inventory

SUFFIXES: Final = ("", "-wal", "-shm", "-journal")


class MirrorFile:
    """The writing side of one mirror file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._conn: sqlite3.Connection | None = None
        self.last_change = 0

    def open(self) -> bool:
        """Open the file for changes; False if it is missing, damaged or of another version."""
        if not self._path.is_file():
            return False
        conn = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
        try:
            ours = (
                conn.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
                and conn.execute("PRAGMA user_version").fetchone()[0] == VERSION
            )
            if ours:
                _set_up(conn)
                self.last_change = conn.execute("SELECT last_change FROM state").fetchone()[0]
                conn.execute(LOOK_UP, (0,)).fetchall()
        except (sqlite3.DatabaseError, TypeError):
            ours = False
        if not ours:
            conn.close()
            return False
        self._conn = conn
        return True

    def apply(
        self, changes: Sequence[Change], last_change: int, *, marks: Sequence[MarkChange] = ()
    ) -> None:
        """Write changes in one transaction and note how far the mirror has come."""
        conn = self._connection()
        conn.execute("BEGIN IMMEDIATE")
        try:
            for change in changes:
                _replace(conn, change)
            for mark in marks:
                _replace_mark(conn, mark)
            conn.execute("UPDATE state SET last_change = ?", (last_change,))
        except BaseException:
            conn.execute("ROLLBACK")
            raise
        conn.execute("COMMIT")
        self.last_change = last_change
        if any(change.contact is None for change in changes) or any(
            change.mark is None for change in marks
        ):
            # erased people must not stay behind in the write-ahead log
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def inventory(self) -> Inventory:
        """Return what there is besides plain numbers."""
        return take_inventory(self._connection())

    def close(self) -> None:
        """Close the writing side; the file stays."""
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.close()

    def _connection(self) -> sqlite3.Connection:
        if self._conn is None:
            raise sqlite3.ProgrammingError("The mirror file is closed.")
        return self._conn


class Rebuild:
    """A mirror made anew beside the old one, which it replaces only when it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(path.name + ".new")
        _remove(self._draft)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self._draft, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        self._conn = sqlite3.connect(self._draft, isolation_level=None, check_same_thread=False)
        self._conn.execute("PRAGMA journal_mode = OFF")
        self._conn.execute("PRAGMA synchronous = OFF")
        self._conn.executescript(TABLES)
        # numbers arrive in no order: sorting them once at the end is far cheaper than random
        # inserts into a large tree
        self._conn.execute("CREATE TEMP TABLE unsorted (e164 INTEGER, contact INTEGER)")
        self._conn.execute("CREATE TEMP TABLE unsorted_words (word TEXT, contact INTEGER)")
        self._conn.execute("BEGIN")
        self._row = 0

    def add(self, contacts: Iterable[Contact]) -> None:
        """Copy entries, each of them once."""
        rows: list[tuple[int, str, bytes]] = []
        numbers: list[tuple[int, int]] = []
        words: list[tuple[str, int]] = []
        for contact in contacts:
            self._row += 1
            rows.append((self._row, contact.id, encode(contact)))
            numbers.extend((key, self._row) for key in index_keys(contact.numbers))
            words.extend((word, self._row) for word in contact_words(contact))
        self._conn.executemany("INSERT INTO contacts VALUES (?, ?, ?)", rows)
        self._conn.executemany("INSERT INTO unsorted VALUES (?, ?)", numbers)
        self._conn.executemany("INSERT INTO unsorted_words VALUES (?, ?)", words)

    def add_marks(self, marks: Iterable[Mark]) -> None:
        """Copy what people say about numbers."""
        rows = [row for row in map(mark_row, marks) if row is not None]
        self._conn.executemany("INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def seal(self, last_change: int) -> None:
        """Build the indexes and put the draft safely on disk."""
        self._conn.execute(
            "INSERT INTO numbers SELECT DISTINCT e164, contact FROM unsorted ORDER BY 1, 2"
        )
        self._conn.execute("INSERT INTO words SELECT * FROM unsorted_words ORDER BY 1, 2")
        self._conn.execute(INDEX)
        self._conn.execute("INSERT INTO state VALUES (?)", (last_change,))
        self._conn.execute("COMMIT")
        self._conn.close()
        with self._draft.open("rb+") as draft:
            os.fsync(draft.fileno())

    def replace(self) -> None:
        """Make the sealed draft the mirror; nobody may have the old file open."""
        # a write-ahead log of the old file must never be applied to the new one
        _remove(self._path)
        self._draft.replace(self._path)

    def abandon(self) -> None:
        """Throw the draft away."""
        self._conn.close()
        _remove(self._draft)


def open_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads, for one thread at a time.

    Called after the writing side is open, so that the shared memory of the log exists.
    """
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=0,
        isolation_level=None,
        check_same_thread=False,  # made here, then handed over to another thread for good
    )
    try:
        conn.execute("PRAGMA query_only = ON")
        conn.execute("PRAGMA cache_size = -16384")
        conn.execute(LOOK_UP, (0,)).fetchall()
    except BaseException:
        conn.close()
        raise
    return conn


def _set_up(conn: sqlite3.Connection) -> None:
    conn.execute("PRAGMA journal_mode = WAL")
    # the store is the truth: after a power cut the mirror may be behind, never inconsistent
    conn.execute("PRAGMA synchronous = NORMAL")
    conn.execute("PRAGMA secure_delete = ON")


def _replace(conn: sqlite3.Connection, change: Change) -> None:
    old = conn.execute(
        "SELECT id, body FROM contacts WHERE contact_id = ?", (change.contact_id,)
    ).fetchone()
    if old is not None:
        row, body = old
        before = decode(change.contact_id, body)
        keys = [(key, row) for key in index_keys(before.numbers)]
        conn.executemany("DELETE FROM numbers WHERE e164 = ? AND contact = ?", keys)
        said = [(word, row) for word in contact_words(before)]
        conn.executemany("DELETE FROM words WHERE word = ? AND contact = ?", said)
    if change.contact is None:
        conn.execute("DELETE FROM contacts WHERE contact_id = ?", (change.contact_id,))
        return
    body = encode(change.contact)
    if old is None:
        row = conn.execute(
            "INSERT INTO contacts (contact_id, body) VALUES (?, ?)", (change.contact_id, body)
        ).lastrowid
    else:
        conn.execute("UPDATE contacts SET body = ? WHERE id = ?", (body, row))
    keys = [(key, row) for key in index_keys(change.contact.numbers)]
    conn.executemany("INSERT INTO numbers VALUES (?, ?)", keys)
    said = [(word, row) for word in contact_words(change.contact)]
    conn.executemany("INSERT INTO words VALUES (?, ?)", said)


def _replace_mark(conn: sqlite3.Connection, change: MarkChange) -> None:
    key = number_key(change.e164)
    conn.execute("DELETE FROM marks WHERE key = ? AND kind = ?", (key, change.kind.value))
    row = mark_row(change.mark) if change.mark is not None else None
    if row is not None:
        conn.execute("INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _remove(path: Path) -> None:
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
