"""How trunks did: their states, their alarms, and their figures every five minutes.

No personal data: names of trunks, counts and causes. Kept as long as the facts of calls (90 days
by default).
"""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from gateway.store.schema import Instant, metadata

trunk_states = Table(
    "trunk_states",
    metadata,
    Column("pbx", String, primary_key=True),
    Column("trunk", String, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("words", Text, nullable=False),
)
Index("ix_trunk_states_at", trunk_states.c.at)

trunk_alarms = Table(
    "trunk_alarms",
    metadata,
    Column("pbx", String, primary_key=True),
    Column("trunk", String, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("ended_at", Instant),
    Column("words", Text, nullable=False),
)
Index("ix_trunk_alarms_ended_at", trunk_alarms.c.ended_at)

trunk_points = Table(
    "trunk_points",
    metadata,
    Column("pbx", String, primary_key=True),
    Column("trunk", String, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("watched_s", Float, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("inbound", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("rtt_ms", Float),
    Column("last_call_at", Instant),
)
Index("ix_trunk_points_at", trunk_points.c.at)
