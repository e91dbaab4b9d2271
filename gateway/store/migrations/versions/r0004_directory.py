"""Companies that people belong to, further CRM references, and what people say about numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("contacts", sa.Column("company_id", sa.String(length=36)))
    op.add_column(
        "contacts",
        sa.Column("refs", sa.Text(), nullable=False, server_default="[]"),
    )
    op.create_index(
        "ix_contacts_company_id",
        "contacts",
        ["company_id"],
        sqlite_where=sa.text("company_id IS NOT NULL"),
        postgresql_where=sa.text("company_id IS NOT NULL"),
    )
    op.create_table(
        "number_marks",
        sa.Column("e164", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("contact_id", sa.String(length=36)),
        sa.Column("reason", sa.String()),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("e164", "kind", name=op.f("pk_number_marks")),
    )
    op.create_index("ix_number_marks_change", "number_marks", ["change"])
    op.create_index("ix_number_marks_contact_id", "number_marks", ["contact_id"])


def downgrade() -> None:
    """Drop them: contacts stay, without their companies."""
    op.drop_table("number_marks")
    op.drop_index("ix_contacts_company_id", "contacts")
    op.drop_column("contacts", "refs")
    op.drop_column("contacts", "company_id")
