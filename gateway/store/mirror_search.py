"""Searching the local copy of the directory by words and by the beginning of a number.

On a connection and in a thread of its own: a search may take a while, the pop never waits for it.
"""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.core.contact import Contact
from gateway.core.errors import UsageError
from gateway.core.forms import calling_code
from gateway.store.mirror_format import LOOSE, RANGES, decode, words_of

_LONGEST: Final = 15
_NATIONAL: Final = 3
_END: Final = "\U0010ffff"
_STEPS: Final = 10_000
PATIENCE_S: Final = 3.0
WORDS_LIMIT: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for: `text` begins words of the entry, `prefix` (`+3906*`) a number of it.

    `after` is the place to go on behind.
    """

    text: str = ""
    prefix: str | None = None
    after: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of entries; `next` is the place to go on behind, None on the last page."""

    entries: tuple[Contact, ...]
    next: int | None = None


class TooBroadError(UsageError):
    """So many entries fit that the search takes too long."""

    def __init__(self) -> None:
        super().__init__("Too many entries fit.", remedy="Search for more letters or digits.")


def search(path: Path, wanted: Search) -> Found:
    """Return a page of what fits; for a worker thread.

    Raises TooBroadError after 3 s and sqlite3.Error if there is no copy that can be read.
    """
    conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        deadline = time.monotonic() + PATIENCE_S
        conn.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        return _search(conn, wanted)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise TooBroadError from error
        raise
    finally:
        conn.close()


def _search(conn: sqlite3.Connection, wanted: Search) -> Found:
    conditions, values = _conditions(wanted)
    if not conditions:
        return Found(entries=())
    query = (
        "SELECT c.id, c.contact_id, c.body FROM contacts c WHERE c.id > ? AND "  # noqa: S608
        + " AND ".join(conditions)
        + " ORDER BY c.id LIMIT ?"
    )
    rows = conn.execute(query, (wanted.after, *values, wanted.limit + 1)).fetchall()
    page = rows[: wanted.limit]
    return Found(
        entries=tuple(decode(contact_id, body) for _, contact_id, body in page),
        next=page[-1][0] if len(rows) > wanted.limit else None,
    )


def _conditions(wanted: Search) -> tuple[list[str], list[str | int]]:
    conditions: list[str] = []
    values: list[str | int] = []
    for word in sorted(words_of(wanted.text), key=len, reverse=True)[:WORDS_LIMIT]:
        conditions.append("c.id IN (SELECT contact FROM words WHERE word >= ? AND word < ?)")
        values += [word, word + _END]
    if wanted.prefix is not None:
        spans = _spans(wanted.prefix)
        between = " OR ".join(["(e164 >= ? AND e164 < ?)"] * len(spans))
        conditions.append(f"c.id IN (SELECT contact FROM numbers WHERE {between})")  # noqa: S608
        values += [edge for span in spans for edge in span]
    return conditions, values


def _spans(prefix: str) -> list[tuple[int, int]]:
    """Return from where to where the numbers lie that begin so, one span for each length.

    Among them ranges, and what has no E.164 form: those lie above, by the digits as written.
    """
    digits = prefix.strip("+*")
    places = {(0, digits), (RANGES, digits), (LOOSE, digits)}
    national = digits[len(calling_code(f"+{digits}")) :].lstrip("0")
    if len(national) >= _NATIONAL:
        places.add((LOOSE, national))
    return sorted(
        (base + int(written) * 10**more, base + (int(written) + 1) * 10**more)
        for base, written in places
        for more in range(max(0, _LONGEST - len(written)) + 1)
    )
