"""The tables of what was between us and a customer, beside the calls themselves.

Personal data, kept as long as the calls they belong to (90 days by default): `wrap_ups` hold what
agents wrote of a call and go with its row; `interactions` hold subject and summary of a contact by
another channel with the customer's number or address, `promises` what was promised to whom,
`missed_customers` who waits to be called back (made anew from the calls at any time; closed items
may be dropped at once). `missed_withheld` counts calls without a number and holds nothing personal;
it is dropped after 30 days. Erasing a person removes their rows of each.
"""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    func,
    text,
)

from gateway.store.schema import UUID_TEXT, Instant, calls, contacts, metadata

# One per agent and call. `edits` counts how often it was written: with the call's own revision it
# gives the revision of the record that is sent.
wrap_ups = Table(
    "wrap_ups",
    metadata,
    Column("call_id", ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("login", String, primary_key=True),
    Column("disposition", String),
    Column("note", Text),
    Column("at", Instant, nullable=False),
    Column("edits", Integer, nullable=False),
    sqlite_with_rowid=False,
)

interactions = Table(
    "interactions",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),
    Column("source", String, nullable=False),
    Column("external_id", String),
    Column("channel", String(8), nullable=False),
    Column("direction", String(8), nullable=False),
    Column("at", Instant, nullable=False),
    Column("contact_id", UUID_TEXT),
    Column("e164", String),
    Column("email", String),
    Column("subject", Text),
    Column("summary", Text),
    Column("agent", String),
    Column("url", Text),
)
Index("ix_interactions_contact_id_at_id", *(interactions.c[n] for n in ("contact_id", "at", "id")))
Index("ix_interactions_e164_at_id", *(interactions.c[n] for n in ("e164", "at", "id")))
Index("ix_interactions_email_at_id", *(interactions.c[n] for n in ("email", "at", "id")))

# `told_at`: when its assignee was told that it is due; None: not yet.
promises = Table(
    "promises",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),
    Column("contact_id", UUID_TEXT),
    Column("e164", String),
    Column("text", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("assignee", String),
    Column("made_by", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_in", UUID_TEXT),
    Column("state", String(9), nullable=False),
    Column("settled_at", Instant),
    Column("settled_by", String),
    Column("told_at", Instant),
)
Index(
    "ix_promises_contact_id_made_at_id", *(promises.c[n] for n in ("contact_id", "made_at", "id"))
)
Index("ix_promises_e164_made_at_id", *(promises.c[n] for n in ("e164", "made_at", "id")))
Index("ix_promises_due_at_id", promises.c.due_at, promises.c.id)
Index(
    "ix_promises_untold",
    promises.c.due_at,
    sqlite_where=text("told_at IS NULL AND settled_at IS NULL"),
    postgresql_where=text("told_at IS NULL AND settled_at IS NULL"),
)

# `customer` is `Customer.key`; `queues` and `lines` are JSON lists.
missed_customers = Table(
    "missed_customers",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),
    Column("customer", String, nullable=False, unique=True),
    Column("contact_id", UUID_TEXT),
    Column("e164", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tried", Integer, nullable=False),
    Column("messages", Integer, nullable=False),
    Column("waited_s", Float, nullable=False),
    Column("longest_wait_s", Float, nullable=False),
    Column("queues", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("last_call", UUID_TEXT),
    Column("last_outcome", String(16)),
    Column("claimed_by", String),
    Column("claimed_at", Instant),
    Column("closed_at", Instant),
    Column("closed_by", UUID_TEXT),
    Column("closed_attempts", Integer, nullable=False, server_default="0"),
    Column("calendar", String),
)
Index(
    "ix_missed_customers_open",
    missed_customers.c.last_at,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)
Index("ix_missed_customers_closed_at", missed_customers.c.closed_at)

missed_withheld = Table(
    "missed_withheld",
    metadata,
    Column("call_id", UUID_TEXT, primary_key=True),
    Column("at", Instant, nullable=False),
)
Index("ix_missed_withheld_at", missed_withheld.c.at)

# Entries by address, and the calls of one entry by time: a timeline reads a page, not everything.
Index("ix_contacts_email", func.lower(contacts.c.email))
Index(
    "ix_calls_contact_id_started_at_no",
    calls.c.contact_id,
    calls.c.started_at,
    calls.c.no,
    sqlite_where=calls.c.contact_id.is_not(None),
    postgresql_where=calls.c.contact_id.is_not(None),
)
