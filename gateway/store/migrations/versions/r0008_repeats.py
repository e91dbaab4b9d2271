"""Requests with an Idempotency-Key and the answers they got."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "repeats",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_repeats")),
    )
    op.create_index("ix_repeats_created_at", "repeats", ["created_at"])


def downgrade() -> None:
    """Drop the table: its keys were promised for a day."""
    op.drop_table("repeats")
