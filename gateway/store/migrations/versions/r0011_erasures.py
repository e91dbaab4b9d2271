"""Calls that were erased, found by their id among all that are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "ix_call_tombstones_erased",
        "call_tombstones",
        ["call_id"],
        sqlite_where=sa.text("reason = 'erased'"),
        postgresql_where=sa.text("reason = 'erased'"),
    )


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_call_tombstones_erased", table_name="call_tombstones")
