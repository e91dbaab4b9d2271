"""What was ticked off on a card: that somebody apologised, so that nobody apologises twice.

Personal data: that a customer was apologised to. Kept as long as the facts of calls (90 days by
default), erased with the person.
"""

from sqlalchemy import Column, Index, String, Table

from gateway.store.schema import UUID_TEXT, Instant, metadata

ticks = Table(
    "ticks",
    metadata,
    Column("call_id", UUID_TEXT, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("contact_id", UUID_TEXT),
    Column("e164", String),
)
Index("ix_ticks_contact_id_at", ticks.c.contact_id, ticks.c.at)
Index("ix_ticks_e164_at", ticks.c.e164, ticks.c.at)
Index("ix_ticks_at", ticks.c.at)
