"""Turns what a database driver raises into a `StoreError` with cause and remedy for a person."""

import sqlite3
from types import MappingProxyType

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.core.errors import StoreCause, StoreError

_WORDS = MappingProxyType(
    {
        StoreCause.FULL: (
            "The disk of the database is full; nothing was stored.",
            "Free space on that volume; what waits is stored as soon as there is room.",
        ),
        StoreCause.READ_ONLY: (
            "The database cannot be written to.",
            (
                "Let the service user write to the database file and its folder, and check that "
                "the file system is not mounted read-only."
            ),
        ),
        StoreCause.LOCKED: (
            "Another program keeps the database locked.",
            "Close the program that has it open for writing (a database browser, a copy job).",
        ),
        StoreCause.CORRUPT: (
            "The database file is damaged.",
            (
                "Stop the service, keep the damaged file aside and put the last backup in its "
                "place; `filodiretto db check` tells what is wrong."
            ),
        ),
        StoreCause.IO: (
            "The disk of the database failed to read or write; nothing was stored.",
            "Look at the kernel log and the state of the disk, and at file size limits and quotas.",
        ),
        StoreCause.UNREACHABLE: (
            "The database cannot be reached.",
            (
                "Check that it runs, that `[database] url` is right and that the folder or host is "
                "reachable by the service user."
            ),
        ),
        StoreCause.SCHEMA: (
            "The tables of the database are not the ones this version needs.",
            "Run `filodiretto db upgrade`.",
        ),
        StoreCause.CONFLICT: (
            "The change contradicts what is stored already.",
            "Read the current state and try again.",
        ),
        StoreCause.OVERLOADED: (
            "The database cannot keep up; the request was not taken.",
            "Try again in a moment; if it stays so, look at the load and speed of the disk.",
        ),
        StoreCause.CLOSED: (
            "The store is closing; nothing was stored.",
            "Try again when the service is up.",
        ),
        StoreCause.OTHER: (
            "The database refused the request.",
            "Run `filodiretto db check`; the log names the driver's error.",
        ),
    }
)

# Primary result codes, https://www.sqlite.org/rescode.html
_SQLITE = MappingProxyType(
    {
        1: StoreCause.SCHEMA,  # SQLITE_ERROR: with our fixed statements, a table or column missing
        5: StoreCause.LOCKED,
        6: StoreCause.LOCKED,
        8: StoreCause.READ_ONLY,
        10: StoreCause.IO,
        11: StoreCause.CORRUPT,
        13: StoreCause.FULL,
        14: StoreCause.UNREACHABLE,
        19: StoreCause.CONFLICT,
        26: StoreCause.CORRUPT,
    }
)

# SQLSTATE, whole or its class, PostgreSQL appendix A
_POSTGRES = MappingProxyType(
    {
        "53100": StoreCause.FULL,
        "25006": StoreCause.READ_ONLY,
        "55P03": StoreCause.LOCKED,
        "57014": StoreCause.OVERLOADED,
        "40001": StoreCause.LOCKED,
        "40P01": StoreCause.LOCKED,
        "42P01": StoreCause.SCHEMA,
        "42703": StoreCause.SCHEMA,
        "08": StoreCause.UNREACHABLE,
        "23": StoreCause.CONFLICT,
        "28": StoreCause.UNREACHABLE,
        "3D": StoreCause.UNREACHABLE,
        "53": StoreCause.OVERLOADED,
        "57": StoreCause.UNREACHABLE,
        "58": StoreCause.IO,
        "XX": StoreCause.CORRUPT,
    }
)


# The database as a whole is out of order: nothing is wrong with the work, it may be tried again.
OUTAGES = frozenset(
    {
        StoreCause.FULL,
        StoreCause.READ_ONLY,
        StoreCause.LOCKED,
        StoreCause.IO,
        StoreCause.UNREACHABLE,
    }
)


def store_error(cause: StoreCause, *, detail: str = "") -> StoreError:
    """Return the error for a cause, with the words an administrator reads."""
    message, remedy = _WORDS[cause]
    return StoreError(message, remedy=remedy, cause=cause, detail=detail)


def is_driver_error(error: BaseException) -> bool:
    """Tell whether the database said this, and not the work that used it."""
    return isinstance(error, SQLAlchemyError | sqlite3.Error) or hasattr(error, "sqlstate")


def explain(error: BaseException) -> StoreError:
    """Return the StoreError for what SQLAlchemy, sqlite3 or psycopg raised."""
    if isinstance(error, StoreError):
        return error
    original = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(original, sqlite3.Error):
        return _explain_sqlite(original)
    if hasattr(original, "sqlstate"):
        return _explain_postgres(original)
    return store_error(StoreCause.OTHER, detail=type(original).__name__)


def _explain_sqlite(error: sqlite3.Error) -> StoreError:
    # errors of the binding itself (a wrong type, a closed connection) carry no code
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return store_error(StoreCause.OTHER, detail=type(error).__name__)
    cause = _SQLITE.get(code & 0xFF, StoreCause.OTHER)
    return store_error(cause, detail=getattr(error, "sqlite_errorname", str(code)))


def _explain_postgres(error: BaseException) -> StoreError:
    state: str | None = getattr(error, "sqlstate", None)
    if state is None:
        # psycopg itself refused what it was to send (U+0000 in a text): one request is wrong, not
        # the database. Anything else broke the connection before the server could answer.
        refused = any(one.__name__ == "DataError" for one in type(error).__mro__)
        cause = StoreCause.OTHER if refused else StoreCause.UNREACHABLE
        return store_error(cause, detail=type(error).__name__)
    cause = _POSTGRES.get(state) or _POSTGRES.get(state[:2], StoreCause.OTHER)
    return store_error(cause, detail=state)
