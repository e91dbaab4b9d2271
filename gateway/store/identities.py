"""Who somebody is at the company's identity provider: bound by `sub`, never by mail or name."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from gateway.core.errors import UsageError
from gateway.store.schema import users
from gateway.store.schema_people import oidc_identities


def login_of(conn: Connection, *, issuer: str, subject: str) -> str | None:
    """Return the login bound to a subject, None if nobody's or if that user is disabled."""
    identity = oidc_identities.c
    query = (
        select(identity.login)
        .join(users, users.c.login == identity.login)
        .where(identity.issuer == issuer, identity.subject == subject, users.c.disabled.is_(False))
    )
    return conn.execute(query).scalar()


def is_bound(conn: Connection, *, issuer: str, subject: str) -> bool:
    """Tell whether a subject is bound to anybody, disabled or not."""
    identity = oidc_identities.c
    query = select(identity.login).where(identity.issuer == issuer, identity.subject == subject)
    return conn.execute(query).first() is not None


def has_identity(conn: Connection, login: str, *, issuer: str) -> bool:
    """Tell whether a user is bound to an account of a provider."""
    identity = oidc_identities.c
    query = select(identity.login).where(identity.issuer == issuer, identity.login == login)
    return conn.execute(query).first() is not None


def bound_logins(conn: Connection) -> frozenset[str]:
    """Return the logins that sign in by the identity provider."""
    return frozenset(conn.execute(select(oidc_identities.c.login)).scalars())


def bind_identity(
    conn: Connection, login: str, *, issuer: str, subject: str, now: datetime
) -> None:
    """Bind a subject to a user; UsageError if either is bound elsewhere at this provider."""
    identity = oidc_identities.c
    taken = select(identity.login).where(
        identity.issuer == issuer, (identity.subject == subject) | (identity.login == login)
    )
    if conn.execute(taken).first() is not None:
        raise UsageError(
            "This user or this account of the identity provider is bound already.",
            remedy="Ask an administrator to look at both.",
        )
    conn.execute(
        insert(oidc_identities).values(issuer=issuer, subject=subject, login=login, linked_at=now)
    )
