"""The tables, the same on SQLite and PostgreSQL.

Instants are integer microseconds since 1970 UTC (`Instant`): they compare and index alike in both
databases, no driver can shift them by a time zone, and a datetime survives the round trip exactly.
Identifiers are text. Structured values (records, tags, fields, scopes) are JSON text that only the
repositories read; what is searched has a column of its own. Enumerations are their values as text.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
    literal_column,
    text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Return microseconds since 1970 UTC of an aware datetime."""
    return (at - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Read what `to_micros` wrote, as aware UTC."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as integer microseconds since 1970 UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse a naive datetime (TypeError) by subtracting an aware one."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give aware UTC back."""
        return None if value is None else from_micros(value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

ROW_ID = BigInteger().with_variant(Integer(), "sqlite")
UUID_TEXT = String(36)

# `no` is what other tables refer to: it grows, so their rows land on few pages, where the random
# `id` would touch another page each.
calls = Table(
    "calls",
    metadata,
    Column("no", ROW_ID, primary_key=True),
    Column("id", UUID_TEXT, nullable=False, unique=True),
    Column("pbx", String, nullable=False),
    Column("linkedid", String, nullable=False),
    Column("direction", String(8), nullable=False),
    Column("state", String(8), nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("merged_into", UUID_TEXT),
    Column("queue", String),
    Column("outcome", String(16)),
    Column("contact_id", String),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("change", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
    # the call table's own state of a live call, None once it has ended
    Column("table_state", LargeBinary),
)
Index("ix_calls_change", calls.c.change)
Index("ix_calls_started_at_no", calls.c.started_at, calls.c.no)
Index(
    "ix_calls_live",
    calls.c.pbx,
    sqlite_where=calls.c.state == "live",
    postgresql_where=calls.c.state == "live",
)

call_channels = Table(
    "call_channels",
    metadata,
    Column("pbx", String, primary_key=True),
    Column("uniqueid", String, primary_key=True),
    Column("call_no", ForeignKey("calls.no", ondelete="CASCADE"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

# Who took part: `extension` for our own people, `number` (E.164, else as seen) for anybody.
call_parties = Table(
    "call_parties",
    metadata,
    Column("party", String, primary_key=True),
    Column("kind", String(9), primary_key=True),
    Column("call_no", ForeignKey("calls.no", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),
    # the id in the CSV file or CRM it came from; `crm` is that CRM's name, "" for our own directory
    Column("crm", String, nullable=False, server_default=text("''")),
    Column("ref", String),
    Column("kind", String(8), nullable=False, server_default="person"),
    Column("name", String),
    Column("company", String),
    # the entry of the company that a person belongs to
    Column("company_id", UUID_TEXT),
    Column("email", String),
    Column("language", String),
    Column("formality", String),
    Column("owner", String),
    Column("tags", Text, nullable=False, server_default="[]"),
    Column("vip", Boolean, nullable=False, server_default=false()),
    Column("at_risk", Boolean, nullable=False, server_default=false()),
    Column("url", String),
    Column("fields", Text, nullable=False, server_default="{}"),
    # the same person in further CRMs: [[crm, ref, url], …]
    Column("refs", Text, nullable=False, server_default="[]"),
    Column("change", BigInteger, nullable=False),
    Column("deleted_at", Instant),
)
Index("ix_contacts_change", contacts.c.change)
Index("uq_contacts_crm_ref", contacts.c.crm, contacts.c.ref, unique=True)
Index(
    "ix_contacts_company_id",
    contacts.c.company_id,
    sqlite_where=contacts.c.company_id.is_not(None),
    postgresql_where=contacts.c.company_id.is_not(None),
)

contact_numbers = Table(
    "contact_numbers",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("raw", String, nullable=False),
    # the key it is found by: E.164, a range as `+39021234*`, or `~` and the digits of a number
    # that has no E.164 form (gateway/core/forms.py)
    Column("e164", String, index=True),
    Column("label", String),
    Column("extension", String),
)

users = Table(
    "users",
    metadata,
    Column("login", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", String),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# `pbx` "" means: on every PBX. `source` is `people` (command line, API) or `configuration`.
user_extensions = Table(
    "user_extensions",
    metadata,
    Column("pbx", String, primary_key=True),
    Column("extension", String, primary_key=True),
    Column("login", ForeignKey("users.login", ondelete="CASCADE"), primary_key=True, index=True),
    Column("source", String(13), nullable=False, server_default=text("'people'")),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("login", ForeignKey("users.login", ondelete="CASCADE"), nullable=False, index=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("label", String, nullable=False, server_default=text("''")),
    # JSON list, None = everything the user's role may
    Column("scopes", Text),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("used_at", Instant),
    # the id of the token by which it was asked for: revoking that one revokes this one
    Column("made_with", String(12)),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("login", ForeignKey("users.login", ondelete="CASCADE"), nullable=False, index=True),
    # the token it was opened with: revoking that ends the session
    Column("token_id", ForeignKey("api_tokens.id", ondelete="CASCADE"), index=True),
    Column("embedded", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

# `due_at`: for pending rows when to try, for leased ones when the lease runs out.
outbox = Table(
    "outbox",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("key", UUID_TEXT, nullable=False, unique=True),
    Column("call_id", UUID_TEXT, nullable=False),
    Column("connector", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("state", String(9), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    # what decides whether a newer record may replace the one that waits
    Column("complete", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("record", Text),
    Column("attempts", Integer, nullable=False),
    Column("ambiguous", Boolean, nullable=False),
    Column("lease_owner", String),
    Column("cause", Text),
    Column("first_attempt_at", Instant),
    Column("last_attempt_at", Instant),
    Column("external_id", String),
    Column("url", String),
    Column("settled_at", Instant),
    # who retried or dropped it by hand, last
    Column("acted", String(8)),
    Column("acted_by", String),
    Column("acted_at", Instant),
)
# Literals, not parameters: SQLite uses a partial index only for the very same expression.
UNSETTLED = outbox.c.state.in_([literal_column("'pending'"), literal_column("'leased'")])
Index(
    "ix_outbox_due",
    outbox.c.connector,
    outbox.c.due_at,
    sqlite_where=UNSETTLED,
    postgresql_where=UNSETTLED,
)
Index("ix_outbox_call_id", outbox.c.call_id)
Index("ix_outbox_state_id", outbox.c.state, outbox.c.id)

# What people asked of a PBX, kept 24 h: a request is done once however often it arrives. No number
# is stored; `fingerprint` only tells a repetition from another request under the same key.
control_requests = Table(
    "control_requests",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("login", String, nullable=False),
    Column("key", String, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("pbx", String, nullable=False),
    Column("channel", String),
    Column("call_id", UUID_TEXT),
    Column("state", String(9), nullable=False),
    Column("node", String, nullable=False),
    Column("cause", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)
Index("uq_control_requests_login", control_requests.c.login, control_requests.c.key, unique=True)
Index("ix_control_requests_state_node", control_requests.c.state, control_requests.c.node)
Index("ix_control_requests_created_at", control_requests.c.created_at)

link_gaps = Table(
    "link_gaps",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("pbx", String, nullable=False),
    Column("from_at", Instant, nullable=False),
    # None while the link is still down
    Column("to_at", Instant),
    Column("source", String, nullable=False),
    Column("recovered", Integer, nullable=False),
    Column("unknown", Boolean, nullable=False),
)
Index("ix_link_gaps_pbx_from_at", link_gaps.c.pbx, link_gaps.c.from_at)

# One row per change-number sequence (`calls`, `contacts`).
counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
