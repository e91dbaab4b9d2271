"""Mystery calls."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "mystery_runs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("trunk", sa.String(), nullable=False),
        sa.Column("test", sa.String(), nullable=False),
        sa.Column("script", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("arrived", sa.String(length=36)),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mystery_runs")),
    )
    op.create_index("ix_mystery_runs_trunk", "mystery_runs", ["pbx", "trunk", "started_at"])
    op.create_index("ix_mystery_runs_started_at", "mystery_runs", ["started_at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("mystery_runs")
