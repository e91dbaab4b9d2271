"""Webhooks registered over the API, and tombstones of erased calls."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "call_tombstones",
        sa.Column("change", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("call_id", sa.String(36), nullable=False),
        sa.Column("reason", sa.String(9), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("change", name=op.f("pk_call_tombstones")),
    )
    op.create_index("ix_call_tombstones_at", "call_tombstones", ["at"])
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("former", sa.LargeBinary()),
        sa.Column("former_until", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("connector", name=op.f("uq_webhooks_connector")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("webhooks")
    op.drop_table("call_tombstones")
