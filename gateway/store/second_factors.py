"""Second factors at rest: sealed TOTP secrets, the step of the last code, hashed recovery codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.core.errors import UsageError
from gateway.store.schema_people import recovery_codes, totp_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTotp:
    """A secret as it is stored; one that is not `confirmed` asks for nothing yet."""

    sealed: bytes
    confirmed: bool


def get_totp(conn: Connection, login: str) -> StoredTotp | None:
    """Return somebody's second factor."""
    row = conn.execute(select(totp_secrets).where(totp_secrets.c.login == login)).first()
    if row is None:
        return None
    return StoredTotp(sealed=row.secret, confirmed=row.confirmed_at is not None)


def begin_totp(conn: Connection, login: str, sealed: bytes, *, now: datetime) -> None:
    """Store a secret that is still to be proved; UsageError if one was proved before."""
    found = get_totp(conn, login)
    if found is not None and found.confirmed:
        raise UsageError(
            "A second factor is set up already.", remedy="Remove it first, with a valid code."
        )
    remove_totp(conn, login)
    conn.execute(insert(totp_secrets).values(login=login, secret=sealed, created_at=now))


def confirm_totp(
    conn: Connection, login: str, *, sealed: bytes, step: int, codes: Iterable[str], now: datetime
) -> bool:
    """Ask for codes from now on; False if the secret was replaced or confirmed meanwhile."""
    column = totp_secrets.c
    mine = (column.login == login) & (column.secret == sealed) & column.confirmed_at.is_(None)
    changed = update(totp_secrets).where(mine).values(confirmed_at=now, last_step=step)
    if not conn.execute(changed).rowcount:
        return False
    conn.execute(delete(recovery_codes).where(recovery_codes.c.login == login))
    conn.execute(insert(recovery_codes), [{"login": login, "hash": code} for code in codes])
    return True


def take_step(conn: Connection, login: str, step: int) -> bool:
    """Use up a code's step; False if it or a later one was used before (RFC 6238 section 5.2)."""
    column = totp_secrets.c
    mine = (column.login == login) & (column.last_step < step)
    return bool(conn.execute(update(totp_secrets).where(mine).values(last_step=step)).rowcount)


def take_recovery_code(conn: Connection, login: str, hashed: str, *, now: datetime) -> bool:
    """Use up a recovery code; False if there is no such code, or not any more."""
    column = recovery_codes.c
    mine = (column.login == login) & (column.hash == hashed) & column.used_at.is_(None)
    return bool(conn.execute(update(recovery_codes).where(mine).values(used_at=now)).rowcount)


def enrolled(conn: Connection) -> frozenset[str]:
    """Return the logins that are asked for a code."""
    query = select(totp_secrets.c.login).where(totp_secrets.c.confirmed_at.is_not(None))
    return frozenset(conn.execute(query).scalars())


def recovery_codes_left(conn: Connection, login: str) -> int:
    """Return how many recovery codes somebody can still use."""
    column = recovery_codes.c
    query = select(func.count()).where(column.login == login, column.used_at.is_(None))
    return int(conn.execute(query).scalar_one())


def remove_totp(conn: Connection, login: str) -> bool:
    """Forget somebody's second factor and recovery codes; False if there was none."""
    conn.execute(delete(recovery_codes).where(recovery_codes.c.login == login))
    return bool(conn.execute(delete(totp_secrets).where(totp_secrets.c.login == login)).rowcount)
