"""What drivers raise, in words."""

import sqlite3

import psycopg
import pytest
from psycopg import errors as postgres
from sqlalchemy.exc import InvalidRequestError, OperationalError

from gateway.core.errors import StoreCause, StoreError
from gateway.store.failures import OUTAGES, explain, store_error


def sqlite_error(code: int, name: str) -> sqlite3.Error:
    """Return an error as sqlite3 raises it."""
    error = sqlite3.OperationalError("+390612345678")
    error.sqlite_errorcode = code
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL, "SQLITE_FULL"), StoreCause.FULL),
        (sqlite_error(sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"), StoreCause.IO),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"), StoreCause.LOCKED),
        (sqlite_error(sqlite3.SQLITE_READONLY_DBMOVED, "X"), StoreCause.READ_ONLY),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN, "SQLITE_CANTOPEN"), StoreCause.UNREACHABLE),
        (sqlite_error(sqlite3.SQLITE_CORRUPT_INDEX, "SQLITE_CORRUPT_INDEX"), StoreCause.CORRUPT),
        (sqlite_error(sqlite3.SQLITE_NOTADB, "SQLITE_NOTADB"), StoreCause.CORRUPT),
        (sqlite_error(sqlite3.SQLITE_TOOBIG, "SQLITE_TOOBIG"), StoreCause.OTHER),
        (sqlite3.ProgrammingError("closed"), StoreCause.OTHER),
        (psycopg.OperationalError("connection lost"), StoreCause.UNREACHABLE),
        (psycopg.DataError("text fields cannot contain NUL"), StoreCause.OTHER),
        (postgres.DiskFull(), StoreCause.FULL),
        (postgres.ReadOnlySqlTransaction(), StoreCause.READ_ONLY),
        (postgres.AdminShutdown(), StoreCause.UNREACHABLE),
        (postgres.DeadlockDetected(), StoreCause.LOCKED),
        (postgres.QueryCanceled(), StoreCause.OVERLOADED),
        (postgres.UndefinedTable(), StoreCause.SCHEMA),
        (postgres.UniqueViolation(), StoreCause.CONFLICT),
        (InvalidRequestError("x"), StoreCause.OTHER),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_drivers_error_gets_a_cause_and_a_remedy(error: Exception, cause: StoreCause) -> None:
    """The same whether SQLAlchemy wrapped it or not, and without any value from the data."""
    wrapped = OperationalError("INSERT", {"number": "+390612345678"}, error, hide_parameters=True)
    for found in (explain(error), explain(wrapped)):
        assert found.cause is cause
        assert found.message.endswith(".")
        assert found.remedy.endswith(".")
        assert "+39" not in f"{found} {found.remedy} {found.detail}"
        assert found.detail


def test_our_own_error_stays_what_it_is() -> None:
    """A repository may have said already what is wrong."""
    error = store_error(StoreCause.CLOSED)
    assert explain(error) is error


@pytest.mark.parametrize("cause", list(StoreCause))
def test_every_cause_has_words(cause: StoreCause) -> None:
    """A new cause without words would be a KeyError in the middle of an outage."""
    error = store_error(cause)
    assert isinstance(error, StoreError)
    assert error.message
    assert error.remedy


def test_only_trouble_of_the_whole_database_is_an_outage() -> None:
    """A conflict or a bug in one work must not sink its neighbours."""
    assert StoreCause.CONFLICT not in OUTAGES
    assert StoreCause.OTHER not in OUTAGES
    assert StoreCause.FULL in OUTAGES
