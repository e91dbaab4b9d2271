"""What people and the dialplan leave with a call: one row for each author.

Personal data: a colleague's words about a caller. Kept as long as the facts of calls (90 days by
default), erased with the call.
"""

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from gateway.store.schema import UUID_TEXT, Instant, calls, metadata

# No foreign key: a note may be durable a moment before the call that it belongs to.
handoffs = Table(
    "handoffs",
    metadata,
    Column("call_id", UUID_TEXT, primary_key=True),
    # login, "" for the dialplan
    Column("author", String, primary_key=True),
    Column("extension", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("verified", Boolean, nullable=False),
    # JSON: reason, done, wants, note, said
    Column("words", Text, nullable=False),
)
Index("ix_handoffs_at", handoffs.c.at)

# A note follows the call it was left with into the one that this became part of.
Index(
    "ix_calls_merged_into",
    calls.c.merged_into,
    sqlite_where=calls.c.merged_into.is_not(None),
    postgresql_where=calls.c.merged_into.is_not(None),
)
