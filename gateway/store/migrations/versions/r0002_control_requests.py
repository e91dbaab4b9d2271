"""What people asked of a PBX: one row for each request, so that none is done twice."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "control_requests",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("channel", sa.String()),
        sa.Column("call_id", sa.String(length=36)),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_requests")),
    )
    op.create_index("uq_control_requests_login", "control_requests", ["login", "key"], unique=True)
    op.create_index("ix_control_requests_state_node", "control_requests", ["state", "node"])
    op.create_index("ix_control_requests_created_at", "control_requests", ["created_at"])


def downgrade() -> None:
    """Drop the table: what was asked is done or forgotten."""
    op.drop_table("control_requests")
