"""Who was erased and is to stay away."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "kept_away",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("together", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_kept_away")),
    )
    op.create_index("ix_kept_away_together", "kept_away", ["together"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("kept_away")
