"""Whose turn a job is that one node does at a time; names of jobs and nodes, nobody's data."""

from sqlalchemy import Column, String, Table

from gateway.store.schema import Instant, metadata

turns = Table(
    "turns",
    metadata,
    Column("job", String, primary_key=True),
    Column("owner", String, nullable=False),
    # without being held again until then it is anybody's
    Column("until", Instant, nullable=False),
)
