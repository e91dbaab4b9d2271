"""Wrap-ups, contacts by other channels, promises, and customers who wait to be called back."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UUID = sa.String(length=36)
NEW = ("missed_withheld", "missed_customers", "promises", "interactions", "wrap_ups")


def upgrade() -> None:
    """Create the tables, and the indexes by which a timeline is read in pages."""
    _create_wrap_ups()
    _create_interactions()
    _create_promises()
    _create_missed()
    op.create_index("ix_contacts_email", "contacts", [sa.text("lower(email)")])
    op.create_index(
        "ix_calls_contact_id_started_at_no",
        "calls",
        ["contact_id", "started_at", "no"],
        sqlite_where=sa.text("contact_id IS NOT NULL"),
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.drop_index("ix_calls_contact_id", "calls")


def downgrade() -> None:
    """Drop them: what people said of calls stays in the calls' records."""
    op.create_index("ix_calls_contact_id", "calls", ["contact_id"])
    op.drop_index("ix_calls_contact_id_started_at_no", "calls")
    op.drop_index("ix_contacts_email", "contacts")
    for table in NEW:
        op.drop_table(table)


def _create_wrap_ups() -> None:
    op.create_table(
        "wrap_ups",
        sa.Column("call_id", UUID, nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("disposition", sa.String()),
        sa.Column("note", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_wrap_ups_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "login", name=op.f("pk_wrap_ups")),
        sqlite_with_rowid=False,
    )


def _create_interactions() -> None:
    op.create_table(
        "interactions",
        sa.Column("id", UUID, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String()),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", UUID),
        sa.Column("e164", sa.String()),
        sa.Column("email", sa.String()),
        sa.Column("subject", sa.Text()),
        sa.Column("summary", sa.Text()),
        sa.Column("agent", sa.String()),
        sa.Column("url", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interactions")),
    )
    for key in ("contact_id", "e164", "email"):
        op.create_index(f"ix_interactions_{key}_at_id", "interactions", [key, "at", "id"])


def _create_promises() -> None:
    op.create_table(
        "promises",
        sa.Column("id", UUID, nullable=False),
        sa.Column("contact_id", UUID),
        sa.Column("e164", sa.String()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("assignee", sa.String()),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_in", UUID),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("settled_by", sa.String()),
        sa.Column("told_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    for key in ("contact_id", "e164"):
        op.create_index(f"ix_promises_{key}_made_at_id", "promises", [key, "made_at", "id"])
    op.create_index("ix_promises_due_at_id", "promises", ["due_at", "id"])
    untold = sa.text("told_at IS NULL AND settled_at IS NULL")
    op.create_index(
        "ix_promises_untold",
        "promises",
        ["due_at"],
        sqlite_where=untold,
        postgresql_where=untold,
    )


def _create_missed() -> None:
    op.create_table(
        "missed_customers",
        sa.Column("id", UUID, nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("contact_id", UUID),
        sa.Column("e164", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("waited_s", sa.Float(), nullable=False),
        sa.Column("longest_wait_s", sa.Float(), nullable=False),
        sa.Column("queues", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("last_call", UUID),
        sa.Column("last_outcome", sa.String(length=16)),
        sa.Column("claimed_by", sa.String()),
        sa.Column("claimed_at", sa.BigInteger()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", UUID),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_customers")),
        sa.UniqueConstraint("customer", name=op.f("uq_missed_customers_customer")),
    )
    still = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_missed_customers_open",
        "missed_customers",
        ["last_at"],
        sqlite_where=still,
        postgresql_where=still,
    )
    op.create_index("ix_missed_customers_closed_at", "missed_customers", ["closed_at"])
    op.create_table(
        "missed_withheld",
        sa.Column("call_id", UUID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_missed_withheld")),
    )
    op.create_index("ix_missed_withheld_at", "missed_withheld", ["at"])
