"""What was ticked off on a card, so that nobody apologises twice."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "ticks",
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.String(length=36)),
        sa.Column("e164", sa.String()),
        sa.PrimaryKeyConstraint("call_id", "kind", name=op.f("pk_ticks")),
    )
    op.create_index("ix_ticks_contact_id_at", "ticks", ["contact_id", "at"])
    op.create_index("ix_ticks_e164_at", "ticks", ["e164", "at"])
    op.create_index("ix_ticks_at", "ticks", ["at"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("ticks")
