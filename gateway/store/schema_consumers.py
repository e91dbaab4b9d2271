"""What other systems that follow our calls need: webhooks they registered, and calls that are gone.

A tombstone holds no personal data: the id of a call, which nothing leads back from. It is kept 400
days (`gateway.store.tombstones.KEPT`). Secrets of webhooks are sealed (`gateway.store.sealing`).
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from gateway.store.schema import UUID_TEXT, Instant, metadata

call_tombstones = Table(
    "call_tombstones",
    metadata,
    # of the same sequence as the calls' own change numbers
    Column("change", BigInteger, primary_key=True, autoincrement=False),
    Column("call_id", UUID_TEXT, nullable=False),
    Column("reason", String(9), nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_call_tombstones_at", call_tombstones.c.at)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),
    # what its effects in the outbox are stored under
    Column("connector", String, nullable=False, unique=True),
    Column("url", String, nullable=False),
    Column("label", String, nullable=False),
    # JSON list of event types
    Column("types", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    # the secret before, which signs too until then
    Column("former", LargeBinary),
    Column("former_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String, nullable=False),
)
