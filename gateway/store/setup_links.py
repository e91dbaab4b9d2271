"""The first door: a link that works once, for 15 minutes, and makes the first administrator."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from gateway.core.errors import UsageError
from gateway.store.credentials import fingerprint
from gateway.store.people import Role, User, add_user
from gateway.store.schema import users
from gateway.store.schema_people import setup_links

VALID: Final = timedelta(minutes=15)
SECRET_BYTES: Final = 32


class LinkOverError(UsageError):
    """The link was used, is too old, or never existed."""

    def __init__(self) -> None:
        super().__init__(
            "This set-up link is not valid any more: it works once, for 15 minutes.",
            remedy="Make a new one with `filodiretto setup-link`.",
        )


def has_users(conn: Connection) -> bool:
    """Tell whether anybody was ever added."""
    return conn.execute(select(users.c.login).limit(1)).first() is not None


def has_admin(conn: Connection) -> bool:
    """Tell whether an administrator can sign in."""
    query = select(users.c.login).where(
        users.c.role == Role.ADMIN.value, users.c.disabled.is_(False)
    )
    return conn.execute(query.limit(1)).first() is not None


def create_setup_link(conn: Connection, *, now: datetime) -> str:
    """Return the secret of a new link, the only valid one; UsageError if there is an admin."""
    if has_admin(conn):
        raise UsageError(
            "There is an administrator already.",
            remedy="Sign in as one, or use `filodiretto users add`.",
        )
    secret = secrets.token_urlsafe(SECRET_BYTES)
    conn.execute(delete(setup_links).where(setup_links.c.used_at.is_(None)))
    conn.execute(
        insert(setup_links).values(hash=fingerprint(secret), created_at=now, expires_at=now + VALID)
    )
    return secret


def check_setup_link(conn: Connection, secret: str, *, now: datetime) -> None:
    """Raise LinkOverError unless the link would work now."""
    link = setup_links.c
    query = select(link.hash).where(
        link.hash == fingerprint(secret), link.used_at.is_(None), link.expires_at > now
    )
    if conn.execute(query).first() is None or has_admin(conn):
        raise LinkOverError


def use_setup_link(
    conn: Connection, secret: str, user: User, *, password_hash: str, now: datetime
) -> None:
    """Make the first administrator; raises LinkOverError, or UsageError for a bad login."""
    check_setup_link(conn, secret, now=now)
    add_user(conn, user, password_hash=password_hash, now=now)
    spent = setup_links.c.hash == fingerprint(secret)
    conn.execute(update(setup_links).where(spent).values(used_at=now))
