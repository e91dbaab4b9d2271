"""The tables about people beside `users`: teams, phones for a day, second factors, the audit log.

What is kept of the people who work here: their login, the phones they sat at (as long as the calls
they took there, 90 days), the time of their last code, their number at the company's identity
provider (until the user is deleted). The audit log keeps who did what for 12 months; it names
staff by login, calls and contacts by id, never a caller's number or name.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from gateway.store.schema import ROW_ID, Instant, metadata


def _login(*, key: bool = False, index: bool = False) -> Column[str]:
    owner = ForeignKey("users.login", ondelete="CASCADE")
    return Column("login", String, owner, primary_key=key, nullable=False, index=index)


# Who belongs to which team beside what the configuration says ([[team]] members).
user_teams = Table(
    "user_teams",
    metadata,
    Column("team", String, primary_key=True),
    _login(key=True, index=True),
)

# Phones that somebody signed in to for a while. `session` is a session's hash: with it ends the
# hold; without one (an API token) it ends at `until_at`. `to_at` None: held now.
desk_extensions = Table(
    "desk_extensions",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    _login(index=True),
    Column("pbx", String, nullable=False),
    Column("extension", String, nullable=False),
    Column("session", String(64)),
    Column("from_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),
    Column("to_at", Instant),
)
Index("ix_desk_extensions_extension", desk_extensions.c.extension, desk_extensions.c.pbx)

# `secret` is sealed with the key in the data directory; `confirmed_at` None: shown, not yet proved.
# `last_step` is the step of the last code taken: no code counts twice.
totp_secrets = Table(
    "totp_secrets",
    metadata,
    _login(key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("last_step", Integer, nullable=False, server_default=text("0")),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    _login(key=True),
    Column("hash", String(64), primary_key=True),
    Column("used_at", Instant),
)

oidc_identities = Table(
    "oidc_identities",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    _login(index=True),
    Column("linked_at", Instant, nullable=False),
)

setup_links = Table(
    "setup_links",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

# `hash` covers the row and the hash of the row before it.
audit_log = Table(
    "audit_log",
    metadata,
    Column("no", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)
Index("ix_audit_log_actor_no", audit_log.c.actor, audit_log.c.no)
Index("ix_audit_log_subject_no", audit_log.c.subject, audit_log.c.no)
