"""How somebody wants their pages: nothing of people outside, kept until the user is deleted."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table

from gateway.store.schema import metadata

# `language` and `theme` null: as the browser says.
preferences = Table(
    "preferences",
    metadata,
    Column("login", String, ForeignKey("users.login", ondelete="CASCADE"), primary_key=True),
    Column("language", String(8)),
    Column("theme", String(8)),
    Column("sound", Boolean, nullable=False),
    Column("volume", Integer, nullable=False),
    Column("notifications", Boolean, nullable=False),
    Column("single_keys", Boolean, nullable=False),
)
