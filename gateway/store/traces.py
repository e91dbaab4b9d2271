"""Traces that deleted rows leave in a database: its log, and pages that nobody uses any more."""

import sqlite3
from contextlib import closing
from typing import Final

from sqlalchemy import text

from gateway.store.backend import backend_for
from gateway.store.erasure_registry import TABLES
from gateway.store.failures import explain

# While it waits for readers nobody can write: rather try again.
_PATIENCE_S: Final = 0.2


def wipe_traces(url: str) -> bool:
    """Leave nothing of deleted rows; False if a reader is in the way, so try again. Blocks.

    SQLite overwrites deleted rows (`secure_delete`), but the pages of before stay in the log until
    it is emptied. PostgreSQL keeps them until VACUUM. Raises StoreError.
    """
    backend = backend_for(url)
    try:
        if backend.path is not None:
            with closing(sqlite3.connect(backend.path, timeout=_PATIENCE_S)) as conn:
                busy, *_ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                return not busy
        engine = backend.engine(read_only=False, connections=1)
        try:
            with engine.connect() as connection:  # in driver autocommit, as VACUUM wants it
                connection.execute(text("SET statement_timeout = 0"))
                for name, kept in TABLES.items():
                    if kept.personal:
                        connection.execute(text(f"VACUUM {name}"))
        finally:
            engine.dispose()
    except backend.driver_errors as error:
        raise explain(error) from error
    return True
