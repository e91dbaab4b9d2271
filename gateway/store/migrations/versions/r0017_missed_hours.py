"""Which attempts of a missed customer came while nobody was there to answer."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was missed before counts as missed while open."""
    op.add_column(
        "missed_customers",
        sa.Column("closed_attempts", sa.Integer(), nullable=False, server_default="0"),
    )
    op.add_column("missed_customers", sa.Column("calendar", sa.String()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("missed_customers", "calendar")
    op.drop_column("missed_customers", "closed_attempts")
