"""How trunks did."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "trunk_states",
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("trunk", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", "trunk", "at", name=op.f("pk_trunk_states")),
    )
    op.create_index("ix_trunk_states_at", "trunk_states", ["at"])
    op.create_table(
        "trunk_alarms",
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("trunk", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", "trunk", "kind", "since", name=op.f("pk_trunk_alarms")),
    )
    op.create_index("ix_trunk_alarms_ended_at", "trunk_alarms", ["ended_at"])
    op.create_table(
        "trunk_points",
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("trunk", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("watched_s", sa.Float(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("inbound", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("rtt_ms", sa.Float()),
        sa.Column("last_call_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("pbx", "trunk", "at", name=op.f("pk_trunk_points")),
    )
    op.create_index("ix_trunk_points_at", "trunk_points", ["at"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("trunk_points")
    op.drop_table("trunk_alarms")
    op.drop_table("trunk_states")
