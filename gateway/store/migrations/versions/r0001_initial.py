"""The first tables: calls, directory, people, outbox, bookkeeping."""

import sqlalchemy as sa
from alembic import op

from gateway.core.errors import UsageError

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNSETTLED = sa.text("state IN ('pending', 'leased')")
LIVE = sa.text("state = 'live'")


def upgrade() -> None:
    """Create every table."""
    _create_calls()
    _create_call_channels()
    _create_call_parties()
    _create_contacts()
    _create_contact_numbers()
    _create_users()
    _create_user_extensions()
    _create_api_tokens()
    _create_sessions()
    _create_outbox()
    _create_link_gaps()
    _create_counters()
    _create_meta()


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("no", ROW_ID, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("linkedid", sa.String(), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("merged_into", sa.String(length=36)),
        sa.Column("queue", sa.String()),
        sa.Column("outcome", sa.String(length=16)),
        sa.Column("contact_id", sa.String()),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("table_state", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_calls")),
        sa.UniqueConstraint("id", name=op.f("uq_calls_id")),
    )
    op.create_index("ix_calls_change", "calls", ["change"])
    op.create_index("ix_calls_contact_id", "calls", ["contact_id"])
    op.create_index("ix_calls_live", "calls", ["pbx"], sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index("ix_calls_started_at_no", "calls", ["started_at", "no"])


def _create_call_channels() -> None:
    op.create_table(
        "call_channels",
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("uniqueid", sa.String(), nullable=False),
        sa.Column("call_no", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["call_no"], ["calls.no"], name=op.f("fk_call_channels_call_no"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pbx", "uniqueid", name=op.f("pk_call_channels")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_call_channels_call_no"), "call_channels", ["call_no"])


def _create_call_parties() -> None:
    op.create_table(
        "call_parties",
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("call_no", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["call_no"], ["calls.no"], name=op.f("fk_call_parties_call_no"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("party", "kind", "call_no", name=op.f("pk_call_parties")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_call_parties_call_no"), "call_parties", ["call_no"])


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("crm", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("ref", sa.String()),
        sa.Column("kind", sa.String(length=8), server_default="person", nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("company", sa.String()),
        sa.Column("email", sa.String()),
        sa.Column("language", sa.String()),
        sa.Column("formality", sa.String()),
        sa.Column("owner", sa.String()),
        sa.Column("tags", sa.Text(), server_default="[]", nullable=False),
        sa.Column("vip", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at_risk", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("url", sa.String()),
        sa.Column("fields", sa.Text(), server_default="{}", nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index("ix_contacts_change", "contacts", ["change"])
    op.create_index("uq_contacts_crm_ref", "contacts", ["crm", "ref"], unique=True)


def _create_contact_numbers() -> None:
    op.create_table(
        "contact_numbers",
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("raw", sa.String(), nullable=False),
        sa.Column("e164", sa.String()),
        sa.Column("label", sa.String()),
        sa.Column("extension", sa.String()),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
            name=op.f("fk_contact_numbers_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", "position", name=op.f("pk_contact_numbers")),
    )
    op.create_index(op.f("ix_contact_numbers_e164"), "contact_numbers", ["e164"])


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String()),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_users")),
    )


def _create_user_extensions() -> None:
    op.create_table(
        "user_extensions",
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("extension", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["login"], ["users.login"], name=op.f("fk_user_extensions_login"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pbx", "extension", "login", name=op.f("pk_user_extensions")),
    )
    op.create_index(op.f("ix_user_extensions_login"), "user_extensions", ["login"])


def _create_api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("scopes", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.Column("used_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["login"], ["users.login"], name=op.f("fk_api_tokens_login"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_tokens_hash")),
    )
    op.create_index(op.f("ix_api_tokens_login"), "api_tokens", ["login"])


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("token_id", sa.String(length=12)),
        sa.Column("embedded", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["login"], ["users.login"], name=op.f("fk_sessions_login"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_tokens.id"], name=op.f("fk_sessions_token_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_login"), "sessions", ["login"])
    op.create_index(op.f("ix_sessions_token_id"), "sessions", ["token_id"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ambiguous", sa.Boolean(), nullable=False),
        sa.Column("lease_owner", sa.String()),
        sa.Column("cause", sa.Text()),
        sa.Column("first_attempt_at", sa.BigInteger()),
        sa.Column("last_attempt_at", sa.BigInteger()),
        sa.Column("external_id", sa.String()),
        sa.Column("url", sa.String()),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("acted", sa.String(length=8)),
        sa.Column("acted_by", sa.String()),
        sa.Column("acted_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_call_id", "outbox", ["call_id"])
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["connector", "due_at"],
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    )
    op.create_index("ix_outbox_state_id", "outbox", ["state", "id"])


def _create_link_gaps() -> None:
    op.create_table(
        "link_gaps",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger()),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recovered", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_gaps")),
    )
    op.create_index("ix_link_gaps_pbx_from_at", "link_gaps", ["pbx", "from_at"])


def _create_counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def _create_meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )


def downgrade() -> None:
    """Refuse: there is nothing before the first revision but an empty database."""
    raise UsageError(
        "There is nothing before the first revision of the tables.",
        remedy="Remove the database instead, or restore a backup.",
    )
