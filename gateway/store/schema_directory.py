"""What people say about numbers: whose one is, and which are to be ignored.

Personal data: a telephone number with the login of who spoke of it. Kept until taken back, a choice
until its contact is deleted; a mark taken back loses all but its number's place in the changes.
"""

from sqlalchemy import BigInteger, Column, Index, String, Table

from gateway.store.schema import UUID_TEXT, Instant, metadata

# `e164` with a `*` at its end stands for every number that begins so.
number_marks = Table(
    "number_marks",
    metadata,
    Column("e164", String, primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("contact_id", UUID_TEXT),
    Column("reason", String),
    Column("set_by", String, nullable=False),
    Column("set_at", Instant, nullable=False),
    # None while it holds
    Column("revoked_at", Instant),
    # from the same sequence as the changes of contacts, so that mirrors follow both
    Column("change", BigInteger, nullable=False),
)
Index("ix_number_marks_change", number_marks.c.change)
Index("ix_number_marks_contact_id", number_marks.c.contact_id)
