"""The entries that came from CRMs, and the state of each mirror."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "crm_people",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("contact_id", sa.String(36), nullable=False),
        sa.Column("bond", sa.String(8), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("sweep", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "ref", name=op.f("pk_crm_people")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_crm_people_contact_id", "crm_people", ["contact_id"])
    op.create_index("ix_crm_people_crm_sweep", "crm_people", ["crm", "sweep"])
    op.create_table(
        "crm_mirrors",
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("walk", sa.Text()),
        sa.Column("mark", sa.Text()),
        sa.Column("sweep", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("seen", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("sweep_began_at", sa.BigInteger()),
        sa.Column("swept_at", sa.BigInteger()),
        sa.Column("polled_at", sa.BigInteger()),
        sa.Column("wanted", sa.String(16), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("crm", name=op.f("pk_crm_mirrors")),
    )


def downgrade() -> None:
    """Drop the tables: the next sweep would find everything again."""
    op.drop_table("crm_mirrors")
    op.drop_table("crm_people")
