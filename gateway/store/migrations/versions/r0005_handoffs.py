"""What people and the dialplan leave with a call for whoever takes it over."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    """Create the table, and find the calls that became part of another."""
    op.create_table(
        "handoffs",
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("extension", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "author", name=op.f("pk_handoffs")),
    )
    op.create_index("ix_handoffs_at", "handoffs", ["at"])
    op.create_index(
        "ix_calls_merged_into",
        "calls",
        ["merged_into"],
        sqlite_where=MERGED,
        postgresql_where=MERGED,
    )


def downgrade() -> None:
    """Drop the table and the index."""
    op.drop_index("ix_calls_merged_into", "calls")
    op.drop_table("handoffs")
