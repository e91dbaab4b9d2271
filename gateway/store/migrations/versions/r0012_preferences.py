"""How somebody wants their pages."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "preferences",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=8)),
        sa.Column("theme", sa.String(length=8)),
        sa.Column("sound", sa.Boolean(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("notifications", sa.Boolean(), nullable=False),
        sa.Column("single_keys", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["login"],
            ["users.login"],
            name=op.f("fk_preferences_login_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_preferences")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("preferences")
