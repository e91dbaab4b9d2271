"""Teams, phones for a day, second factors, company sign-in, the set-up link and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW = (
    "audit_log",
    "setup_links",
    "oidc_identities",
    "recovery_codes",
    "totp_secrets",
    "desk_extensions",
    "user_teams",
)


def upgrade() -> None:
    """Create the tables; extensions so far were given by people."""
    op.add_column(
        "user_extensions",
        sa.Column("source", sa.String(13), nullable=False, server_default=sa.text("'people'")),
    )
    op.create_table(
        "user_teams",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        _owner("user_teams"),
        sa.PrimaryKeyConstraint("team", "login", name=op.f("pk_user_teams")),
    )
    op.create_index("ix_user_teams_login", "user_teams", ["login"])
    op.create_table(
        "desk_extensions",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("pbx", sa.String(), nullable=False),
        sa.Column("extension", sa.String(), nullable=False),
        sa.Column("session", sa.String(64)),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("to_at", sa.BigInteger()),
        _owner("desk_extensions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_extensions")),
    )
    op.create_index("ix_desk_extensions_login", "desk_extensions", ["login"])
    op.create_index("ix_desk_extensions_extension", "desk_extensions", ["extension", "pbx"])
    _second_factors()
    _doors()
    op.create_table(
        "audit_log",
        sa.Column("no", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_actor_no", "audit_log", ["actor", "no"])
    op.create_index("ix_audit_log_subject_no", "audit_log", ["subject", "no"])


def downgrade() -> None:
    """Drop the tables; the audit log goes with them."""
    for table in NEW:
        op.drop_table(table)
    op.drop_column("user_extensions", "source")


def _second_factors() -> None:
    op.create_table(
        "totp_secrets",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.Column("last_step", sa.Integer(), nullable=False, server_default=sa.text("0")),
        _owner("totp_secrets"),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_totp_secrets")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        _owner("recovery_codes"),
        sa.PrimaryKeyConstraint("login", "hash", name=op.f("pk_recovery_codes")),
    )


def _doors() -> None:
    op.create_table(
        "oidc_identities",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        _owner("oidc_identities"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_oidc_identities")),
    )
    op.create_index("ix_oidc_identities_login", "oidc_identities", ["login"])
    op.create_table(
        "setup_links",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_setup_links")),
    )


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["login"], ["users.login"], name=op.f(f"fk_{table}_login"), ondelete="CASCADE"
    )
