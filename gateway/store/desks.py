"""Hot-desking: a phone that somebody signs in to for a while, and what calls of it were theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, insert, or_, select, update

from gateway.core.errors import UsageError
from gateway.store.credentials import IDLE
from gateway.store.schema import sessions, user_extensions, users
from gateway.store.schema_people import desk_extensions

EVERYWHERE: Final = ""


class TakenError(UsageError):
    """Somebody else has the phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDesk:
    """A phone that `login` holds now; pbx "" means on every PBX."""

    login: str
    pbx: str
    extension: str
    from_at: datetime
    until_at: datetime


def sit(
    conn: Connection,
    login: str,
    *,
    pbx: str,
    extension: str,
    session: str | None,
    now: datetime,
    until: datetime,
    take_over: bool = False,
) -> None:
    """Sign somebody in to a phone, away from the one held before.

    `session` is a session's hash: with it ends the hold. Raises TakenError if the phone is
    somebody's own, or held by somebody else unless `take_over`.
    """
    own = user_extensions.c
    here = or_(own.pbx == pbx, own.pbx == EVERYWHERE) if pbx else own.pbx == own.pbx
    owners = conn.execute(select(own.login).where(own.extension == extension, here)).scalars().all()
    if login in owners:
        raise UsageError("This telephone is yours already.", remedy="Nothing needs to be done.")
    if owners:
        raise TakenError(
            "This telephone belongs to a colleague.",
            remedy="Sign in to a telephone that is nobody's own, or ask an administrator.",
        )
    held = _held(now).where(desk_extensions.c.extension == extension)
    others = [row for row in conn.execute(held) if row.login != login and _same(row.pbx, pbx)]
    if others and not take_over:
        raise TakenError(
            "Somebody else is signed in to this telephone.",
            remedy='Ask them to sign out of it, or send "take_over": true.',
        )
    _end(conn, desk_extensions.c.id.in_([row.id for row in others]), now)
    leave(conn, login, now=now)
    conn.execute(
        insert(desk_extensions).values(
            login=login,
            pbx=pbx,
            extension=extension,
            session=session,
            from_at=now,
            until_at=until,
        )
    )


def leave(conn: Connection, login: str, *, now: datetime) -> int:
    """Sign somebody out of the phones they hold; return of how many."""
    return _end(conn, desk_extensions.c.login == login, now)


def held_desks(conn: Connection, now: datetime) -> tuple[HeldDesk, ...]:
    """Return the phones held now: session and user still valid."""
    return tuple(
        HeldDesk(
            login=row.login,
            pbx=row.pbx,
            extension=row.extension,
            from_at=row.from_at,
            until_at=row.until_at,
        )
        for row in conn.execute(_held(now))
    )


def settle_desks(conn: Connection, now: datetime) -> int:
    """Write down the end of holds whose session has ended; return of how many."""
    desk = desk_extensions.c
    return _end(conn, desk.id.not_in(select(_held(now).subquery().c.id)), now)


def forget_desks(conn: Connection, before: datetime) -> int:
    """Forget who sat where before the calls of then are forgotten; return of how many rows."""
    desk = desk_extensions.c
    return conn.execute(desk_extensions.delete().where(desk.to_at < before)).rowcount


def _held(now: datetime) -> Select[tuple[object, ...]]:
    desk = desk_extensions.c
    alive = exists().where(
        sessions.c.hash == desk.session,
        sessions.c.expires_at > now,
        sessions.c.seen_at > now - IDLE,
    )
    return (
        select(desk_extensions)
        .join(users, users.c.login == desk.login)
        .where(
            desk.to_at.is_(None),
            desk.until_at > now,
            users.c.disabled.is_(False),
            or_(desk.session.is_(None), alive),
        )
        .order_by(desk.id)
    )


def _end(conn: Connection, which: ColumnElement[bool], now: datetime) -> int:
    desk = desk_extensions.c
    return conn.execute(
        update(desk_extensions).where(and_(which, desk.to_at.is_(None))).values(to_at=now)
    ).rowcount


def _same(one: str, other: str) -> bool:
    return EVERYWHERE in {one, other} or one == other


def places(desks: Sequence[HeldDesk], login: str) -> tuple[tuple[str, str], ...]:
    """Return the (pbx, extension) pairs that somebody holds."""
    return tuple((desk.pbx, desk.extension) for desk in desks if desk.login == login)
