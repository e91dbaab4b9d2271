"""Who was erased and is to stay away: keyed hashes, which lead to nobody without the key.

The key lies in the data directory, apart from the database and its backups. A hash is kept until
somebody lets the person in again.
"""

from sqlalchemy import Column, Index, String, Table

from gateway.store.schema import Instant, metadata

kept_away = Table(
    "kept_away",
    metadata,
    Column("hash", String(64), primary_key=True),
    # drawn by lot at the erasure: what was hashed of one person is let in together
    Column("together", String(32), nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_kept_away_together", kept_away.c.together)
