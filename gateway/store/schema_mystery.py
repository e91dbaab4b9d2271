"""Mystery calls: one row for each run, with what it met, step by step.

No personal data of people outside: the numbers are our own, the caller is ourselves. Who pressed
the button and which extension answered is known of people who work here. Kept for a year.
"""

from sqlalchemy import Column, Index, String, Table, Text

from gateway.store.schema import UUID_TEXT, Instant, metadata

mystery_runs = Table(
    "mystery_runs",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),
    Column("pbx", String, nullable=False),
    Column("trunk", String, nullable=False),
    Column("test", String, nullable=False),
    # a digest of what the script says: runs of another one are not compared with
    Column("script", String(16), nullable=False),
    Column("number", String, nullable=False),
    Column("caller", String, nullable=False),
    Column("channel", String, nullable=False),
    # the call that arrived at a PBX of ours
    Column("arrived", UUID_TEXT),
    # login, "" for the schedule
    Column("by", String, nullable=False),
    Column("node", String, nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    # JSON: seconds, steps, path, words, changes
    Column("report", Text, nullable=False),
)
Index("ix_mystery_runs_trunk", mystery_runs.c.pbx, mystery_runs.c.trunk, mystery_runs.c.started_at)
Index("ix_mystery_runs_started_at", mystery_runs.c.started_at)
