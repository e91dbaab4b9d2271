"""API tokens and sessions. Only hashes are stored: who reads the database can use none of them."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from gateway.core.errors import UsageError
from gateway.store.people import Role
from gateway.store.schema import api_tokens, sessions, users

SCOPES: Final = frozenset(
    {
        "calls:read",
        "calls:write",
        "calls:dial",
        "contacts:read",
        "contacts:write",
        "events:read",
        "interactions:write",
        "outbox:read",
        "outbox:write",
        "audit:read",
        "privacy:write",
        "trunks:write",
        "admin",
    }
)
TOKEN_PREFIX: Final = "fd_"  # noqa: S105 (public: secret scanners find lost tokens by it)
SECRET_BYTES: Final = 32
IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
# Writing down every request's time would be a write per request.
TOUCH_EVERY: Final = timedelta(minutes=1)


# Made once: every open page asks each 30 s, and to put a query together costs more than it.
_TOKEN: Final = (
    select(api_tokens, users.c.name, users.c.role)
    .join(users, users.c.login == api_tokens.c.login)
    .where(
        api_tokens.c.hash == bindparam("secret"),
        api_tokens.c.revoked_at.is_(None),
        or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > bindparam("now")),
        users.c.disabled.is_(False),
    )
)
_SESSION: Final = (
    select(sessions, users.c.name, users.c.role, api_tokens.c.scopes)
    .join(users, users.c.login == sessions.c.login)
    .outerjoin(api_tokens, api_tokens.c.id == sessions.c.token_id)
    .where(
        sessions.c.hash == bindparam("secret"),
        sessions.c.expires_at > bindparam("now"),
        sessions.c.seen_at > bindparam("seen"),
        users.c.disabled.is_(False),
        api_tokens.c.revoked_at.is_(None),
        or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > bindparam("now")),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token without its secret; `scopes` None = everything the user's role may."""

    id: str
    login: str
    label: str
    scopes: frozenset[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who a valid token or session stands for.

    `credential` names it without revealing it. `expires_at` is when it ends at the latest.
    `touch_due`: it is time to write down that it was used.
    """

    login: str
    name: str
    role: Role
    scopes: frozenset[str] | None
    credential: str
    token_id: str | None
    expires_at: datetime | None
    touch_due: bool


def create_token(
    conn: Connection,
    login: str,
    *,
    now: datetime,
    scopes: Iterable[str] | None = None,
    days: int | None = None,
    label: str = "",
    made_with: str | None = None,
) -> tuple[Token, str]:
    """Store a new token and return it with its plain value, which nobody can see again.

    `made_with` is the id of the token by which it was asked for: it ends no later than that one,
    and with it.
    Raises UsageError for an unknown or disabled user, an unknown scope, or no days.
    """
    allowed = None if scopes is None else frozenset(scopes)
    if allowed is not None and (not allowed or allowed - SCOPES):
        raise UsageError("A scope is unknown.", remedy=f"Choose from: {', '.join(sorted(SCOPES))}.")
    if days is not None and days < 1:
        raise UsageError("A token must live a day at least.", remedy="Give a number of days.")
    known = select(users.c.login).where(users.c.login == login, users.c.disabled.is_(False))
    if conn.execute(known).scalar() is None:
        raise UsageError("There is no such user, or it is disabled.", remedy="List the users.")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = Token(
        id=secrets.token_hex(6),
        login=login,
        label=label,
        scopes=allowed,
        created_at=now,
        expires_at=_earlier(
            None if days is None else now + timedelta(days=days), _expiry_of(conn, made_with)
        ),
        revoked_at=None,
        used_at=None,
    )
    conn.execute(
        insert(api_tokens).values(
            id=token.id,
            login=login,
            hash=fingerprint(secret),
            label=label,
            scopes=None if allowed is None else orjson.dumps(sorted(allowed)).decode(),
            created_at=now,
            expires_at=token.expires_at,
            made_with=made_with,
        )
    )
    return token, secret


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)


def _expiry_of(conn: Connection, token_id: str | None) -> datetime | None:
    return conn.execute(select(api_tokens.c.expires_at).where(api_tokens.c.id == token_id)).scalar()


def list_tokens(conn: Connection, login: str | None = None) -> tuple[Token, ...]:
    """Return the tokens (of one user), revoked and expired ones too, oldest first."""
    query = select(api_tokens).order_by(api_tokens.c.created_at, api_tokens.c.id)
    if login is not None:
        query = query.where(api_tokens.c.login == login)
    return tuple(_token(row) for row in conn.execute(query))


def revoke_token(conn: Connection, token_id: str, *, now: datetime) -> int:
    """End a token, those made with it, and the sessions opened with any of them.

    Who found a token could have made others with it: what is taken away must not live on in them.
    Returns how many ended; raises UsageError if there is none.
    """
    valid = api_tokens.c.revoked_at.is_(None)
    known = select(api_tokens.c.id).where(api_tokens.c.id == token_id, valid)
    if conn.execute(known).first() is None:
        raise UsageError("There is no such valid token.", remedy="List them to see their ids.")
    ended = family_of(conn, token_id)
    revoked = update(api_tokens).where(api_tokens.c.id.in_(ended), valid).values(revoked_at=now)
    count = conn.execute(revoked).rowcount
    conn.execute(delete(sessions).where(sessions.c.token_id.in_(ended)))
    return count


def family_of(conn: Connection, token_id: str) -> frozenset[str]:
    """Return the ids of a token, of those made with it, of those made with these, and so on."""
    made = select(api_tokens.c.id, api_tokens.c.made_with).where(
        api_tokens.c.made_with.is_not(None)
    )
    children: dict[str, list[str]] = {}
    for row in conn.execute(made):
        children.setdefault(row.made_with, []).append(row.id)
    found: set[str] = set()
    waiting = [token_id]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(children.get(one, ()))
    return frozenset(found)


def find_token(conn: Connection, secret: str, now: datetime) -> SignedIn | None:
    """Return whom a Bearer value stands for, None unless it is valid now."""
    row = conn.execute(_TOKEN, {"secret": fingerprint(secret), "now": now}).first()
    if row is None:
        return None
    return SignedIn(
        login=row.login,
        name=row.name,
        role=Role(row.role),
        scopes=_scopes(row.scopes),
        credential=f"token:{row.id}",
        token_id=row.id,
        expires_at=row.expires_at,
        touch_due=row.used_at is None or now - row.used_at >= TOUCH_EVERY,
    )


def touch_token(conn: Connection, token_id: str, now: datetime) -> None:
    """Write down that a token was used."""
    conn.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(used_at=now))


def create_session(
    conn: Connection,
    login: str,
    *,
    now: datetime,
    token_id: str | None = None,
    embedded: bool = False,
) -> str:
    """Store a new session and return the value for its cookie (256 random bits)."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    conn.execute(
        insert(sessions).values(
            hash=fingerprint(secret),
            login=login,
            token_id=token_id,
            embedded=embedded,
            created_at=now,
            seen_at=now,
            expires_at=now + ABSOLUTE,
        )
    )
    return secret


def find_session(conn: Connection, secret: str, now: datetime) -> SignedIn | None:
    """Return whom a cookie stands for, None unless its session, user and token are valid now."""
    asked = {"secret": fingerprint(secret), "now": now, "seen": now - IDLE}
    row = conn.execute(_SESSION, asked).first()
    if row is None:
        return None
    return SignedIn(
        login=row.login,
        name=row.name,
        role=Role(row.role),
        scopes=_scopes(row.scopes),
        credential=f"session:{row.hash[:12]}",
        token_id=row.token_id,
        expires_at=row.expires_at,
        touch_due=now - row.seen_at >= TOUCH_EVERY,
    )


def touch_session(conn: Connection, secret: str, now: datetime) -> None:
    """Put the idle limit of a session off."""
    mine = sessions.c.hash == fingerprint(secret)
    conn.execute(update(sessions).where(mine).values(seen_at=now))


def end_session(conn: Connection, secret: str) -> None:
    """Sign one session out."""
    conn.execute(delete(sessions).where(sessions.c.hash == fingerprint(secret)))


def end_other_sessions(conn: Connection, login: str, *, keep: str | None) -> int:
    """Sign somebody out everywhere but in the session whose secret is kept; return how many."""
    others = delete(sessions).where(sessions.c.login == login)
    if keep is not None:
        others = others.where(sessions.c.hash != fingerprint(keep))
    return conn.execute(others).rowcount


def forget_stale_sessions(conn: Connection, now: datetime) -> int:
    """Delete sessions past their limits; return how many."""
    stale = or_(sessions.c.expires_at <= now, sessions.c.seen_at <= now - IDLE)
    return conn.execute(delete(sessions).where(stale)).rowcount


def fingerprint(secret: str) -> str:
    """Return what is stored of a secret; it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _scopes(stored: str | None) -> frozenset[str] | None:
    return None if stored is None else frozenset(orjson.loads(stored))


def _token(row: Row[tuple[object, ...]]) -> Token:
    return Token(
        id=row.id,
        login=row.login,
        label=row.label,
        scopes=_scopes(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
